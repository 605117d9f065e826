//! Which libraries of the system a program needs, and whether every system that we support has
//! them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::contents::LIBRARIES;
use crate::steps::output;

/// The packages of Debian that have what this program needs.
///
/// # Errors
/// When it needs a library, or a newer version of one, that some supported system lacks.
pub(super) fn needed(program: &Path) -> Result<BTreeSet<&'static str>> {
    let read = |what| output(Command::new("readelf").args(["--wide", what]).arg(program).env("LC_ALL", "C"));
    judge(&read("--dynamic")?, &read("--version-info")?)
        .map_err(|error| error.context(format!("{} does not start everywhere", program.display())))
}

fn judge(dynamic: &str, versions: &str) -> Result<BTreeSet<&'static str>> {
    let mut packages = BTreeSet::new();
    for line in dynamic.lines().filter(|line| line.contains("(NEEDED)")) {
        let Some(file) = line.split(['[', ']']).nth(1) else {
            bail!("readelf says what we do not read: {line}")
        };
        let Some(library) = LIBRARIES.iter().find(|library| library.file == file) else {
            bail!("it needs {file}, which has no line in package/contents.rs");
        };
        packages.insert(library.deb);
    }
    for version in versions.lines().filter_map(|line| line.split_once("Name: ")?.1.split_whitespace().next())
    {
        let Some((library, number)) =
            LIBRARIES.iter().find_map(|library| Some((library, version.strip_prefix(library.prefix)?)))
        else {
            bail!("it needs {version}, which no line in package/contents.rs allows");
        };
        let number: Vec<u32> = number.split('.').map_while(|part| part.parse().ok()).collect();
        // A word in place of a number is a feature, such as GLIBC_ABI_DT_RELR of 2.36.
        if number.is_empty() || number.as_slice() > library.newest {
            bail!("it needs {version}: `objdump -T` names the symbol that asks for it");
        }
    }
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DYNAMIC: &str = "\
 0x0000000000000001 (NEEDED)             Shared library: [libm.so.6]
 0x0000000000000001 (NEEDED)             Shared library: [libssl.so.3]
 0x000000000000000c (INIT)               0x1000";

    fn versions(name: &str) -> String {
        format!(
            "  000000: Version: 1  File: libm.so.6  Cnt: 1\n  0x0010:   Name: {name}  Flags: none  Version: 5\n"
        )
    }

    #[test]
    fn what_every_supported_system_has_may_be_needed() {
        let needed = judge(DYNAMIC, &(versions("GLIBC_2.34") + &versions("OPENSSL_3.0.0"))).unwrap();
        let expected = ["libc6 (>= 2.34)", "libssl3 (>= 3.0.0) | libssl3t64"];
        assert_eq!(needed.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_newer_version_and_another_library_are_told() {
        for newer in ["GLIBC_2.35", "GLIBC_ABI_DT_RELR", "OPENSSL_3.2.0", "OTHER_1"] {
            assert!(judge(DYNAMIC, &versions(newer)).unwrap_err().to_string().contains(newer), "{newer}");
        }
        assert!(judge(&DYNAMIC.replace("libssl.so.3", "libssl.so.1.1"), "").is_err());
    }
}
