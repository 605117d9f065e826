//! Tests that cannot run here say so: `SKIPPED name: reason`, on a line of the file that
//! `CONVENE_SKIPS` names.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::{in_ci, root, target_dir};

/// The file that one run's tests write to.
#[derive(Debug)]
pub(crate) struct Skips {
    path: PathBuf,
}

impl Skips {
    /// An empty file for this run.
    pub(crate) fn begin() -> Result<Self> {
        let path = target_dir().join("skipped-tests.txt");
        fs::create_dir_all(target_dir())?;
        fs::write(&path, "").with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path })
    }

    /// The value to which to set `CONVENE_SKIPS`.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The lines that tests have written, each once.
    pub(crate) fn lines(&self) -> Result<Vec<String>> {
        let mut lines: Vec<String> = fs::read_to_string(&self.path)?.lines().map(str::to_owned).collect();
        lines.sort();
        lines.dedup();
        Ok(lines)
    }
}

/// Prints the skips so that nobody misses them.
///
/// # Errors
/// In CI, when one is not listed in the skips table of `docs/TESTING.md`.
pub(crate) fn report(lines: &[String]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    eprintln!("\n!!! {} TESTS DID NOT RUN:", lines.len());
    for line in lines {
        eprintln!("!!!   {line}");
    }
    let unlisted = unlisted(lines, &fs::read_to_string(root().join("docs/TESTING.md")).unwrap_or_default());
    if in_ci() && !unlisted.is_empty() {
        bail!("skipped in CI and not listed in docs/TESTING.md: {}", unlisted.join(", "));
    }
    Ok(())
}

/// The names of skipped tests that no row of the document's skips table names as `` | `name` | ``.
fn unlisted<'a>(lines: &'a [String], document: &str) -> Vec<&'a str> {
    lines
        .iter()
        .map(|line| line.trim_start_matches("SKIPPED ").split(": ").next().unwrap_or_default().trim())
        .filter(|name| !document.lines().any(|row| row.starts_with(&format!("| `{name}` |"))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skip_that_the_table_does_not_name_is_found() {
        let lines = ["SKIPPED far::r01_direct: not root", "SKIPPED r02_https: not root"].map(str::to_owned);
        let document = "r02_https in prose\n| `far::r01_direct` | needs root |\n";
        assert_eq!(unlisted(&lines, document), ["r02_https"]);
    }
}
