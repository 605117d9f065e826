//! The contents of the packages for Linux: the one list from which deb and rpm are made.

use clap::{Command, CommandFactory as _};
use convene_command_lines::{convene, convene_server, convene_tui, convene_web, convened};

/// One package.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// Paragraphs.
    pub(crate) description: &'static [&'static str],
    pub(crate) programs: &'static [Program],
    pub(crate) files: &'static [File],
    /// Folders for what administrators write.
    pub(crate) folders: &'static [&'static str],
    /// The facts that scripts of the package need to know.
    pub(crate) service: Service,
    /// Libraries and programs that are used where there are any, as Debian and Fedora call them.
    pub(crate) suggests: &'static [Suggestion],
}

/// One program, and what its manual and its completions are made of.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// 1 for what everybody calls, 8 for what only administrators do.
    pub(crate) section: char,
    pub(crate) command_line: fn() -> Command,
}

/// The service of a package.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) unit: &'static str,
    /// Holds frontends' connections while the service is exchanged.
    pub(crate) socket: Option<&'static str>,
    /// User and group, as its sysusers file makes them.
    pub(crate) user: &'static str,
    pub(crate) state: &'static str,
    /// The command that reads the configuration and tells what is wrong with it; `--config FILE`
    /// may stand behind it.
    pub(crate) check: &'static str,
    /// The configuration, where that command has to be told.
    pub(crate) configuration: &'static str,
}

/// A file that goes into a package as it is in the tree.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    /// Whether the changes of an administrator to it stay.
    pub(crate) is_configuration: bool,
}

/// A library or a program under the names of its packages.
#[derive(Debug)]
pub(crate) struct Suggestion {
    pub(crate) deb: &'static str,
    pub(crate) rpm: &'static str,
}

const fn file(from: &'static str, to: &'static str) -> File {
    File { from, to, is_configuration: false }
}

/// All packages.
pub(crate) const PACKAGES: &[Package] = &[
    Package {
        name: "convene",
        summary: "text-based Open Space conferences from behind any network",
        description: &[
            "Convene takes part in text-based Open Space conferences from networks that let almost nothing through.",
            "The service convened finds its own way to the conference server, directly or through a proxy, keeps it, and loses \
             nothing that people write. The command convene, a view for terminals and a page in the user's own browser take part by that service.",
        ],
        programs: &[
            Program { name: "convene", section: '1', command_line: convene::CommandLine::command },
            // Their manual pages take the places of those of `convene tui` and `convene web`, which
            // have the same names.
            Program { name: "convene-tui", section: '1', command_line: convene_tui::CommandLine::command },
            Program { name: "convene-web", section: '1', command_line: convene_web::CommandLine::command },
            Program { name: "convened", section: '8', command_line: convened::CommandLine::command },
        ],
        files: &[
            file("packaging/systemd/convened.service", "usr/lib/systemd/system/convened.service"),
            file("packaging/systemd/convened.socket", "usr/lib/systemd/system/convened.socket"),
            file("packaging/linux/convene.sysusers", "usr/lib/sysusers.d/convene.conf"),
            // The desktop's own triggers take these up.
            file("packaging/linux/convene.desktop", "usr/share/applications/convene.desktop"),
            file("packaging/linux/convene-link.desktop", "usr/share/applications/convene-link.desktop"),
            file("packaging/linux/convene.svg", "usr/share/icons/hicolor/scalable/apps/convene.svg"),
            File {
                from: "packaging/linux/convened.toml",
                to: "etc/convene/convened.toml",
                is_configuration: true,
            },
            File {
                from: "packaging/linux/convene-tomorrow.desktop",
                to: "etc/xdg/autostart/convene-tomorrow.desktop",
                is_configuration: true,
            },
            file("packaging/policies/policy.toml", "usr/share/doc/convene/examples/policy.toml"),
            // A domain's policies are often kept by a server with Linux.
            file("packaging/policies/Convene.admx", "usr/share/doc/convene/policies/Convene.admx"),
            file(
                "packaging/policies/de-DE/Convene.adml",
                "usr/share/doc/convene/policies/de-DE/Convene.adml",
            ),
            file(
                "packaging/policies/en-US/Convene.adml",
                "usr/share/doc/convene/policies/en-US/Convene.adml",
            ),
            file("docs/FIREWALLS.md", "usr/share/doc/convene/FIREWALLS.md"),
            file("docs/LOCAL-API.md", "usr/share/doc/convene/LOCAL-API.md"),
        ],
        folders: &["etc/convene/convened.d"],
        service: Service {
            unit: "convened.service",
            socket: Some("convened.socket"),
            user: "convene",
            state: "/var/lib/convene",
            check: "convened --check-config",
            configuration: "",
        },
        suggests: &[
            Suggestion { deb: "libgssapi-krb5-2", rpm: "krb5-libs" },
            Suggestion { deb: "libnotify-bin", rpm: "libnotify" },
        ],
    },
    Package {
        name: "convene-server",
        summary: "server of text-based Open Space conferences",
        description: &[
            "The server of Convene hosts text-based Open Space conferences: it decides what happens in them, numbers and keeps it, \
             and tells those who may know.",
            "It starts once its name is set, by which participants reach it and which stands in every join link.",
        ],
        programs: &[Program {
            name: "convene-server",
            section: '8',
            command_line: convene_server::CommandLine::command,
        }],
        files: &[
            file("packaging/systemd/convene-server.service", "usr/lib/systemd/system/convene-server.service"),
            file("packaging/linux/convene-server.sysusers", "usr/lib/sysusers.d/convene-server.conf"),
            // Its copy in /etc is made by the package's scripts, which write the name into it.
            file("packaging/linux/convene-server.toml", "usr/share/convene-server/convene-server.toml"),
        ],
        folders: &["etc/convene"],
        service: Service {
            unit: "convene-server.service",
            socket: None,
            user: "convene-server",
            state: "/var/lib/convene-server",
            check: "convene-server run --check-config",
            configuration: "/etc/convene/convene-server.toml",
        },
        suggests: &[],
    },
];

/// A library that programs may be linked with, the newest version of its symbols that they may ask
/// for, and the package of Debian and Ubuntu that has it. A library that has no line here must not
/// be needed.
pub(crate) struct Library {
    pub(crate) file: &'static str,
    /// Before the number, for example `GLIBC_`.
    pub(crate) prefix: &'static str,
    pub(crate) newest: &'static [u32],
    pub(crate) deb: &'static str,
}

/// RHEL 9 has glibc 2.34, which rules; Ubuntu 22.04 has 2.35 and Debian 12 has 2.36. All have
/// OpenSSL 3.0.
pub(crate) const LIBRARIES: &[Library] = &[
    Library { file: "libc.so.6", prefix: "GLIBC_", newest: &[2, 34], deb: "libc6 (>= 2.34)" },
    Library { file: "libm.so.6", prefix: "GLIBC_", newest: &[2, 34], deb: "libc6 (>= 2.34)" },
    Library { file: "ld-linux-x86-64.so.2", prefix: "GLIBC_", newest: &[2, 34], deb: "libc6 (>= 2.34)" },
    Library { file: "libgcc_s.so.1", prefix: "GCC_", newest: &[4, 3, 0], deb: "libgcc-s1" },
    Library {
        file: "libssl.so.3",
        prefix: "OPENSSL_",
        newest: &[3, 0, 0],
        deb: "libssl3 (>= 3.0.0) | libssl3t64",
    },
    Library {
        file: "libcrypto.so.3",
        prefix: "OPENSSL_",
        newest: &[3, 0, 0],
        deb: "libssl3 (>= 3.0.0) | libssl3t64",
    },
];

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::workspace::root;

    #[test]
    fn the_desktop_gives_a_link_of_ours_to_a_command_of_the_package() {
        let package = PACKAGES.iter().find(|package| package.name == "convene").unwrap();
        let entries = package.files.iter().filter(|file| file.to.starts_with("usr/share/applications/"));
        let entries: Vec<String> =
            entries.map(|file| fs::read_to_string(root().join(file.from)).unwrap()).collect();
        let has = |entry: &&String, line: &str| entry.lines().any(|one| one == line);
        let handler = entries.iter().find(|entry| has(entry, "MimeType=x-scheme-handler/convene;")).unwrap();
        assert!(has(&handler, "Exec=convene web --join %u") && has(&handler, "NoDisplay=true"), "{handler}");
        let shown: Vec<_> = entries.iter().filter(|entry| !has(entry, "NoDisplay=true")).collect();
        assert_eq!(shown.len(), 1, "one entry in the menu");
        assert!(has(&shown[0], "Exec=convene web"), "{}", shown[0]);
        assert!(package.programs.iter().any(|program| program.name == "convene-web"));
    }
}
