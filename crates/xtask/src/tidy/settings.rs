//! The daemon reads each setting of the list and no other, and what is made of the list is current.

use super::Finding;
use crate::policies;
use crate::tree::Source;

/// Where the daemon's configuration is declared, and the structure of each section.
const DECLARED: &str = "crates/daemon/src/config.rs";

/// Checks the list against the daemon's source and against what is made of it.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let text = |path: &str| sources.iter().find(|source| source.path == path).map(|source| &source.text);
    let stale = policies::stale(sources);
    let settings = text(policies::LIST).map(|list| policies::parse(list));
    let (Ok(stale), Some(Ok(settings)), Some(declared)) = (stale, settings, text(DECLARED)) else {
        return vec![Finding::new(policies::LIST, "the list of the settings cannot be read")];
    };
    let mut findings: Vec<Finding> = stale
        .into_iter()
        .map(|made| Finding::new(made.path, "is not what the list of settings says: `cargo xtask policies`"))
        .collect();
    for section in &settings.sections {
        let mut listed: Vec<&str> = section.settings.iter().map(|setting| setting.key.as_str()).collect();
        let mut read = fields(declared, &section.key);
        listed.sort_unstable();
        read.sort_unstable();
        if listed != read {
            let what = format!("{} lists {listed:?}, and the daemon reads {read:?}", section.key);
            findings.push(Finding::new(policies::LIST, what));
        }
    }
    findings
}

/// The fields of the structure that has a section's name, as they are declared.
fn fields<'a>(declared: &'a str, section: &str) -> Vec<&'a str> {
    let mut letters = section.chars();
    let name: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let body = declared.split_once(&format!("struct {name} {{\n")).map_or("", |(_, rest)| rest);
    let body = body.split("\n}").next().unwrap_or_default();
    let lines = body.lines().map(str::trim).filter(|line| !line.starts_with(['/', '#']));
    lines
        .filter_map(|line| line.trim_start_matches("pub(crate) ").split_once(": "))
        .map(|(name, _)| name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{tree, workspace};

    #[test]
    fn a_key_that_only_one_side_knows_is_told() {
        let mut sources = tree::read(&workspace::root()).unwrap();
        assert_eq!(check(&sources), []);
        let config = sources.iter_mut().find(|source| source.path == DECLARED).unwrap();
        config.text = config.text.replacen("    wpad: Option<bool>,\n", "", 1);
        assert_eq!(check(&sources).len(), 1);
    }
}
