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

    #[test]
    fn a_name_takes_the_place_of_the_one_before_and_stands_outside_of_every_section() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("convene-server.toml");
        let script = format!("{}\nset_name \"$1\"", read("linux/convene-server.sh").unwrap());
        for before in [
            read("linux/convene-server.toml").unwrap(),
            "# name is missing\nname = \"old.test\"\n[tls]\nkey = \"k\"".to_owned(),
            "[tls]\nkey = \"k\"\n".to_owned(),
            String::new(),
        ] {
            fs::write(&file, &before).unwrap();
            let line = r#"name = "a\\b&c""#;
            let mut sh = Command::new("sh");
            output(sh.args(["-euc", &script, "sh", line]).env("configuration", &file)).unwrap();
            let after = fs::read_to_string(&file).unwrap();
            let table: toml::Table = after.parse().unwrap();
            assert_eq!(table["name"].as_str(), Some(r"a\b&c"), "{before}");
            let kept = before.lines().filter(|line| !line.trim_start_matches('#').starts_with("name = "));
            assert!(kept.clone().all(|line| after.contains(line)), "{before}");
        }
    }
}
