//! The scripts that run while a package is installed or removed. Both kinds of packages are made of
//! the same functions.

use std::fs;

use anyhow::{Context, Result};

use super::contents::Package;
use crate::workspace::root;

/// A script of the parts that lie in `packaging`, with what they are told of the package in front.
pub(super) fn script(package: &Package, parts: &[&str]) -> Result<String> {
    let service = &package.service;
    let mut text = format!(
        "set -e\npackage={}\nunit={}\nsocket={}\nuser={}\nstate={}\ncheck='{}'\nconfiguration={}\n",
        package.name,
        service.unit,
        service.socket.unwrap_or_default(),
        service.user,
        service.state,
        service.check,
        service.configuration,
    );
    for part in parts {
        text.push('\n');
        text.push_str(&read(part)?);
    }
    Ok(text)
}

/// A file of `packaging`.
pub(super) fn read(name: &str) -> Result<String> {
    let path = root().join("packaging").join(name);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::steps::output;

    fn quoted(value: &str) -> Result<toml::Table> {
        let script =
            format!("{}\nprintf 'key = \"%s\"\\n' \"$(toml_text \"$1\")\"", read("linux/shared.sh")?);
        let line = output(Command::new("sh").args(["-euc", &script, "sh", value]))?;
        Ok(line.parse()?)
    }

    #[test]
    fn every_answer_becomes_a_text_of_toml() {
        for value in [
            "conference.example.org",
            r#"a"b\c|d&e'f$g`h"#,
            "two\nlines",
            r"\n",
            "\"\n[proxy]\nurl = \"x",
            "a\\\nb",
            "Grüße 🦀",
            "",
        ] {
            let table = quoted(value).unwrap();
            assert_eq!(table.len(), 1, "{value:?}");
            assert_eq!(table["key"].as_str(), Some(value));
        }
    }
}
