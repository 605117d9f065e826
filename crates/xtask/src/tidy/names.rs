//! Names say what a thing is. A name that fits everything says nothing.

use super::Finding;
use crate::tree::{Source, code};

const EMPTY_WORDS: &[&str] =
    &["util", "utils", "utility", "utilities", "common", "manager", "managers", "helper", "helpers", "misc"];

/// Checks the names of files and folders, and of the types and modules that Rust files declare.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        if source.file_name() == "mod.rs" {
            findings.push(Finding::new(&source.path, "a module's file is name.rs beside name/, not mod.rs"));
        }
        for part in source.path.split('/') {
            let stem = part.split('.').next().unwrap_or(part);
            if let Some(word) = empty_word(stem) {
                findings.push(Finding::new(&source.path, format!("`{word}` in a name says nothing")));
            }
        }
        if source.is_rust() {
            for name in declared(&code(&source.text)) {
                if let Some(word) = empty_word(name) {
                    findings.push(Finding::new(
                        &source.path,
                        format!("`{word}` in the name {name} says nothing"),
                    ));
                }
            }
        }
    }
    findings
}

/// The empty word inside a name in any case style.
fn empty_word(name: &str) -> Option<&'static str> {
    let mut spaced = String::new();
    for c in name.chars() {
        if c.is_uppercase() || !c.is_alphanumeric() {
            spaced.push(' ');
        }
        spaced.extend(c.to_lowercase());
    }
    spaced
        .split(|c: char| !c.is_alphanumeric())
        .find_map(|part| EMPTY_WORDS.iter().copied().find(|word| *word == part))
}

fn declared(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        if ["struct", "enum", "trait", "type", "mod"].contains(&word) {
            names.extend(words.next());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_names_are_told_in_files_folders_and_types() {
        for path in ["crates/a/src/utils.rs", "crates/a/src/net_helpers.rs", "crates/a/src/common/x.rs"] {
            assert_eq!(check(&[Source::new(path, "")]).len(), 1, "{path}");
        }
        assert_eq!(check(&[Source::new("a.rs", "pub struct LinkManager;")]).len(), 1);
        assert_eq!(check(&[Source::new("crates/a/src/mod.rs", "")]).len(), 1);
    }

    #[test]
    fn a_word_that_only_holds_one_is_fine() {
        assert_eq!(check(&[Source::new("uncommon.rs", "struct Utilisation; // a Manager")]), []);
    }
}
