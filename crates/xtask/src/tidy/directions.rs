//! The directions between crates: which may name which. The table is the design's drawing, read
//! transitively.

use std::collections::BTreeMap;

use super::Finding;
use crate::workspace::Package;

/// A crate's folder below `crates/`, and the folders that it may name. A crate that stands here
/// with no right names nothing of ours.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wording", &["model"]),
    ("command-lines", &["model"]),
    ("conference", &["model"]),
    ("protocol", &["conference", "model"]),
    ("link", &["protocol", "conference", "model"]),
    ("hosting", &["link", "protocol", "conference", "event-log", "model"]),
    ("reach", &["model"]),
    ("seat", &["conference", "model"]),
    ("uplink", &["reach", "link", "protocol", "seat", "conference", "model"]),
    ("local-api", &["conference", "model"]),
    ("local-client", &["local-api", "model"]),
    ("desktop", &["local-api", "ticket"]),
    ("ticket", &[]),
    ("event-log", &["model"]),
    ("sqlite-file", &[]),
    ("event-log-sqlite", &["sqlite-file", "event-log", "model"]),
    ("event-log-jetstream", &["event-log", "model"]),
    ("proxy-auth", &["model"]),
    ("pac", &["reach", "model"]),
    ("dial", &["proxy-auth", "ticket", "reach", "model"]),
    ("toml-file", &["model"]),
    ("windows-resource", &[]),
    ("service-log", &[]),
    (
        "daemon",
        &[
            "uplink",
            "seat",
            "link",
            "protocol",
            "reach",
            "dial",
            "pac",
            "sqlite-file",
            "local-api",
            "toml-file",
            "windows-resource",
            "command-lines",
            "service-log",
            "conference",
            "model",
        ],
    ),
    (
        "server",
        &[
            "hosting",
            "conference",
            "link",
            "protocol",
            "event-log",
            "event-log-sqlite",
            "event-log-jetstream",
            "sqlite-file",
            "toml-file",
            "command-lines",
            "service-log",
            "wording",
            "model",
        ],
    ),
    ("cli", FRONTEND),
    ("tui", FRONTEND),
    // The page folds no events: it is told the state.
    (
        "web",
        &["local-client", "desktop", "local-api", "command-lines", "windows-resource", "wording", "model"],
    ),
];

/// A file layer for tests, behind a feature that no package for users has.
const LOSSY: &str = "tests/lossy-vfs";

/// Mistakes that the simulator plants in machines, behind a feature that no package for users has.
const PLANTED: &str = "tests/planted";

/// The frontends: their tests name nothing of ours beside what they name themselves.
const FRONTENDS: &[&str] = &["cli", "tui", "web"];

/// The folders that a frontend may name: everything that it shows comes from the local API.
const FRONTEND: &[&str] = &[
    "local-client",
    "desktop",
    "local-api",
    "command-lines",
    "windows-resource",
    "conference",
    "wording",
    "model",
];

/// Rooms without sockets, clocks, files and runtime.
pub(super) const PURE: &[&str] = &[
    "model",
    "wording",
    "command-lines",
    "conference",
    "protocol",
    "link",
    "hosting",
    "reach",
    "seat",
    "uplink",
    "local-api",
    "event-log",
    "proxy-auth",
];

/// Libraries that bring a socket, a file, a clock or a runtime.
const IMPURE_LIBRARIES: &[&str] = &[
    "tokio",
    "async-trait",
    "mio",
    "socket2",
    "interprocess",
    "hyper",
    "axum",
    "rusqlite",
    "native-tls",
    "rustls",
];

/// Checks the packages' dependency tables. Tests inside a crate of hands may name any pure crate
/// beside what the crate itself may name, but for frontends, which know the local API alone; tests
/// of a pure crate keep its direction, or one machine's tests would come to need another trade.
pub(super) fn check(packages: &BTreeMap<String, Package>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages.values() {
        let Some(folder) = package.folder.strip_prefix("crates/").filter(|folder| *folder != "xtask") else {
            continue;
        };
        if package.name != package_name(folder) {
            findings.push(Finding::new(
                &package.folder,
                format!("its package is to be named {}", package_name(folder)),
            ));
        }
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == folder) else {
            findings.push(Finding::new(&package.folder, "has no line in MAY_NAME of tidy/directions.rs"));
            continue;
        };
        let (pure, is_frontend) = (PURE.contains(&folder), FRONTENDS.contains(&folder));
        for dependency in &package.dependencies {
            let ours = packages.get(&dependency.name).map(|other| other.folder.as_str());
            let named = ours.map(|path| path.strip_prefix("crates/").unwrap_or(path));
            match named {
                Some(named) if allowed.contains(&named) => {}
                Some(LOSSY | PLANTED) if !is_frontend => {}
                Some(named) if dependency.dev && !pure && !is_frontend && PURE.contains(&named) => {}
                Some(named) => {
                    findings
                        .push(Finding::new(&package.folder, format!("must not name {named}: see MAY_NAME")));
                }
                None if pure && IMPURE_LIBRARIES.contains(&dependency.name.as_str()) => {
                    let what = format!("is pure and must not name {}", dependency.name);
                    findings.push(Finding::new(&package.folder, what));
                }
                None => {}
            }
        }
    }
    findings
}

fn package_name(folder: &str) -> String {
    match folder {
        "cli" => "convene".to_owned(),
        "daemon" => "convened".to_owned(),
        _ => format!("convene-{folder}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn findings(folder: &str, names: &str, dev: bool) -> usize {
        let named = |name: &str, folder: &str| {
            let package =
                Package { name: name.to_owned(), folder: folder.to_owned(), dependencies: Vec::new() };
            (package.name.clone(), package)
        };
        let all = MAY_NAME.iter().map(|(folder, _)| *folder);
        let mut packages: BTreeMap<_, _> =
            all.map(|folder| named(&package_name(folder), &format!("crates/{folder}"))).collect();
        packages.extend([named("convene-tests-planted", PLANTED)]);
        let dependency = Dependency { name: names.to_owned(), dev };
        packages.get_mut(&package_name(folder)).expect("listed").dependencies.push(dependency);
        check(&packages).len()
    }

    #[test]
    fn a_frontend_names_the_local_api_and_no_machine_even_in_tests() {
        for frontend in FRONTENDS {
            assert_eq!(findings(frontend, "convene-local-api", false), 0, "{frontend}");
            for (machine, dev) in [("link", false), ("link", true), ("seat", true), ("server", false)] {
                let told = findings(frontend, &package_name(machine), dev);
                assert_eq!(told, 1, "{frontend} {machine}");
            }
            assert_eq!(findings(frontend, "convened", true), 1, "{frontend}");
            assert_eq!(findings(frontend, "convene-tests-planted", false), 1, "{frontend}");
        }
        assert_eq!(findings("cli", "convene-conference", false), 0);
        assert_eq!(findings("web", "convene-conference", false), 1);
    }

    #[test]
    fn what_frontends_share_names_no_machine_either() {
        for (shared, machine) in [("local-api", "link"), ("local-client", "seat"), ("desktop", "conference")]
        {
            assert_eq!(findings(shared, &package_name(machine), false), 1, "{shared}");
        }
        assert_eq!(findings("wording", "convene-conference", false), 1);
    }

    #[test]
    fn machines_of_different_trades_do_not_know_one_another_even_in_tests() {
        assert_eq!(findings("link", "convene-reach", false), 1);
        assert_eq!(findings("link", "convene-reach", true), 1);
    }

    #[test]
    fn tests_of_hands_may_name_pure_crates_but_no_other_hands() {
        assert_eq!(findings("server", "convene-reach", true), 0);
        assert_eq!(findings("server", "convene-reach", false), 1);
        assert_eq!(findings("server", "convened", true), 1);
    }

    #[test]
    fn a_pure_crate_may_not_name_a_runtime() {
        assert_eq!(findings("reach", "tokio", false), 1);
        assert_eq!(findings("daemon", "tokio", false), 0);
    }

    #[test]
    fn a_crate_without_a_line_in_the_table_is_told() {
        let package =
            Package { name: "convene-new".into(), folder: "crates/new".into(), dependencies: Vec::new() };
        assert_eq!(check(&BTreeMap::from([("convene-new".to_owned(), package)])).len(), 1);
    }
}
