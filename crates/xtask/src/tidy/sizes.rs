//! Budgets of files. The budget of functions is clippy's `too_many_lines`.

use super::Finding;
use crate::tree::Source;

/// A longer file holds two purposes: split it.
const FILE_LINES_MAX: usize = 500;
/// One page: prose, modules, re-exports.
const LIB_LINES_MAX: usize = 80;

/// Checks the length of every Rust file, and the shape of every `lib.rs`.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let lines = source.text.lines().count();
        let lib = source.path.ends_with("/src/lib.rs");
        let max = if lib { LIB_LINES_MAX } else { FILE_LINES_MAX };
        if lines > max {
            findings.push(Finding::new(&source.path, format!("has {lines} lines, the budget is {max}")));
        }
        if lib && !source.text.starts_with("//!") {
            findings.push(Finding::new(&source.path, "does not begin with a page of prose (`//!`)"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_over_its_budget_is_told() {
        assert_eq!(check(&[Source::new("crates/a/src/b.rs", &"\n".repeat(500))]), []);
        assert_eq!(check(&[Source::new("crates/a/src/b.rs", &"\n".repeat(501))]).len(), 1);
        assert_eq!(check(&[Source::new("crates/a/src/lib.rs", &"//! x\n".repeat(81))]).len(), 1);
    }

    #[test]
    fn a_lib_without_prose_is_told() {
        assert_eq!(check(&[Source::new("crates/a/src/lib.rs", "mod a;\n")]).len(), 1);
    }
}
