//! The rules of the house that no compiler checks, as functions over the tree's text.
//!
//! Each room of this folder holds one rule and the tests that show how it fails. A finding names
//! the place and what to do.

mod bodies;
mod clients;
mod comments;
mod directions;
mod documents;
mod firewalls;
mod keys;
mod libraries;
mod links;
mod manifests;
mod names;
mod page;
mod promises;
mod purity;
mod reference;
mod rooms;
mod sentences;
mod settings;
mod sizes;
mod words;

use std::fmt;
use std::fs;

use anyhow::{Result, bail};

use crate::tree;
use crate::workspace;

/// One breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    place: String,
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// All findings in the tree as it lies on disk.
pub(crate) fn check() -> Result<Vec<Finding>> {
    let sources = tree::read(&workspace::root())?;
    let packages = workspace::packages()?;
    let mut findings = directions::check(&packages);
    findings.extend(manifests::check(&packages, &sources));
    findings.extend(libraries::check(&libraries::licensed_crates()?, &sources));
    findings.extend(purity::check(&sources));
    findings.extend(rooms::check(&sources));
    findings.extend(sizes::check(&sources));
    findings.extend(names::check(&sources));
    findings.extend(bodies::check(&sources));
    findings.extend(comments::check(&sources));
    findings.extend(links::check(&sources));
    findings.extend(documents::check(&sources));
    findings.extend(reference::check(&sources));
    findings.extend(clients::check(&sources));
    findings.extend(firewalls::check(&sources));
    findings.extend(settings::check(&sources));
    findings.extend(words::check(&sources));
    findings.extend(sentences::check(&sources));
    findings.extend(keys::check(&sources));
    findings.extend(page::check(&sources));
    findings.extend(promises::check(&sources));
    Ok(findings)
}

/// `cargo xtask tidy`: prints the findings and fails when there is one.
pub(crate) fn run() -> Result<()> {
    let findings = check()?;
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} findings", findings.len());
    }
    println!("tidy: the tree keeps its rules");
    Ok(())
}

/// `cargo xtask tidy --bless`: writes into each linked document that it was read against its source
/// as that is now.
pub(crate) fn bless() -> Result<()> {
    let sources = tree::read(&workspace::root())?;
    for document in documents::blessed(&sources) {
        fs::write(workspace::root().join(&document.path), &document.text)?;
        println!("{}: marked as read against its source", document.path);
    }
    Ok(())
}

/// Whether `word` stands in `text` with no letter, digit or `_` beside it; gives the line, counted
/// from 1.
fn line_of_word(text: &str, word: &str) -> Option<usize> {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .find(|(at, _)| {
            let before = text[..*at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
        })
        .map(|(at, _)| text[..at].matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_keeps_its_rules() {
        let findings = check().expect("the tree can be read");
        assert!(findings.is_empty(), "{}", findings.iter().map(|one| format!("\n{one}")).collect::<String>());
    }

    #[test]
    fn a_word_is_found_whole_only() {
        assert_eq!(line_of_word("a\ntokio::net", "tokio"), Some(2));
        assert_eq!(line_of_word("my_tokio", "tokio"), None);
    }
}
