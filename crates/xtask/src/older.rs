//! The programs of an older version, with which the system tests play.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::revision::{self, PROGRAMS, Profile};
use crate::workspace::root;

/// Where the system tests read in which folder the programs are.
pub(crate) const FOLDER: &str = "CONVENE_OLDER_BIN_DIR";
/// Names the commit by its whole hash.
const COMMIT: &str = "tests/older/COMMIT";

/// The folder with the programs, built where that was not done before.
///
/// # Errors
/// When the clone does not hold the commit, or its programs cannot be built.
pub(crate) fn programs() -> Result<PathBuf> {
    let named = fs::read_to_string(root().join(COMMIT)).with_context(|| format!("cannot read {COMMIT}"))?;
    revision::programs("older", &held(named.trim())?, Profile::Dev, &[&PROGRAMS])
}

/// The commit, where the clone holds it.
fn held(commit: &str) -> Result<String> {
    // What git says of it is less clear than this one sentence.
    revision::commit_of(commit).ok().with_context(|| {
        format!("this clone does not hold commit {commit}, which {COMMIT} names: `git fetch --unshallow` brings it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_named_by_its_whole_hash() {
        let named = fs::read_to_string(root().join(COMMIT)).unwrap();
        let commit = named.trim();
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{named}");
    }

    #[test]
    fn a_commit_that_a_shallow_clone_lacks_is_told_in_one_sentence_with_the_command_that_mends_it() {
        let commit = "0123456789012345678901234567890123456789";
        let error = format!("{:#}", held(commit).unwrap_err());
        assert!(error.starts_with(&format!("this clone does not hold commit {commit}")), "{error}");
        assert!(error.ends_with("`git fetch --unshallow` brings it"), "{error}");
    }
}
