//! Pure rooms stay pure: the same `clippy.toml` in each pure crate, and no word in pure code that
//! brings a clock, a socket, a file or a runtime.

use super::directions::PURE;
use super::{Finding, line_of_word};
use crate::tree::{Source, production_code};

/// Words that have no place in pure code. Addresses are data, so `std::net` as such is none of
/// them.
const IMPURE_WORDS: &[&str] = &[
    "tokio",
    "async fn",
    "std::fs",
    "std::env",
    "SystemTime::now",
    "Instant::now",
    "HashMap",
    "HashSet",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
];

/// Checks the pure crates.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = clippy_files(sources);
    for source in sources.iter().filter(|source| source.is_rust() && !source.is_test()) {
        if !in_pure_crate(&source.path) {
            continue;
        }
        let code = production_code(&source.text);
        for word in IMPURE_WORDS {
            if let Some(line) = line_of_word(&code, word) {
                let place = format!("{}:{line}", source.path);
                findings.push(Finding::new(place, format!("`{word}` in a pure room")));
            }
        }
    }
    findings
}

fn in_pure_crate(path: &str) -> bool {
    PURE.iter().any(|folder| path.starts_with(&format!("crates/{folder}/src/")))
}

fn clippy_files(sources: &[Source]) -> Vec<Finding> {
    let text =
        |path: &str| sources.iter().find(|source| source.path == path).map(|source| source.text.as_str());
    let mut findings = Vec::new();
    let Some(model) = text("crates/model/clippy.toml") else {
        return vec![Finding::new("crates/model/clippy.toml", "is missing")];
    };
    for folder in PURE {
        let path = format!("crates/{folder}/clippy.toml");
        match text(&path) {
            Some(found) if found == model => {}
            Some(_) => findings.push(Finding::new(path, "differs from crates/model/clippy.toml")),
            None => {
                findings.push(Finding::new(path, "is missing: a pure crate bans clocks and runtime there"));
            }
        }
    }
    // A crate's own file replaces the root's, so it must hold what that holds.
    for line in text(".clippy.toml").unwrap_or_default().lines().filter(|line| line.contains('=')) {
        if !model.contains(line.trim()) {
            findings.push(Finding::new(
                "crates/model/clippy.toml",
                format!("lacks a line of .clippy.toml: {line}"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> Vec<Source> {
        let lints = |folder: &&str| Source::new(&format!("crates/{folder}/clippy.toml"), "a = 1\nb = 2\n");
        PURE.iter().map(lints).chain([Source::new(".clippy.toml", "a = 1\n")]).collect()
    }

    #[test]
    fn a_pure_house_has_no_findings() {
        assert_eq!(check(&house()), []);
    }

    #[test]
    fn a_clippy_file_that_is_missing_or_differs_is_told() {
        let mut missing = house();
        missing.retain(|source| source.path != "crates/seat/clippy.toml");
        assert_eq!(check(&missing).len(), 1);
        let mut other = house();
        other[3].text.push('\n');
        assert_eq!(check(&other).len(), 1);
        let mut weaker = house();
        weaker.last_mut().expect("the root's").text.push_str("c = 3\n");
        assert_eq!(check(&weaker).len(), 1);
    }

    #[test]
    fn an_impure_word_in_pure_code_is_told() {
        for path in ["crates/link/src/pipe.rs", "crates/hosting/src/host/entry.rs"] {
            let mut house = house();
            house.push(Source::new(path, "// tokio\nfn f() { Instant::now(); }\n"));
            assert_eq!(check(&house), [Finding::new(format!("{path}:2"), "`Instant::now` in a pure room")]);
        }
    }

    #[test]
    fn tests_and_hands_are_free() {
        let mut house = house();
        house.push(Source::new("crates/link/src/tests.rs", "use std::fs;"));
        house.push(Source::new("crates/dial/src/tcp.rs", "use tokio::net;"));
        house.push(Source::new("crates/reach/src/route.rs", "use std::net::IpAddr;"));
        assert_eq!(check(&house), []);
    }
}
