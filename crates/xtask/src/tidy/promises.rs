//! What SECURITY.md promises is shown by tests that exist.

use std::collections::BTreeSet;

use super::Finding;
use crate::tree::Source;

const DOCUMENT: &str = "SECURITY.md";
/// The heads of its tables.
const HEADS: [&str; 2] = ["| promised | shown by |", "|---|---|"];

/// Checks that each line of a table names tests, and that there are those.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let functions: BTreeSet<&str> =
        sources.iter().filter(|source| source.is_rust()).flat_map(|source| functions(&source.text)).collect();
    let mut findings = Vec::new();
    for document in sources.iter().filter(|source| source.path == DOCUMENT) {
        for (number, line) in (1..).zip(document.text.lines()) {
            if !line.starts_with('|') || HEADS.contains(&line) {
                continue;
            }
            let place = format!("{DOCUMENT}:{number}");
            let named: Vec<&str> = named(line).collect();
            if named.is_empty() {
                findings.push(Finding::new(&*place, "a promise without a test"));
            }
            for test in named.into_iter().filter(|test| !functions.contains(test)) {
                findings.push(Finding::new(&*place, format!("there is no test `{test}`")));
            }
        }
    }
    findings
}

/// The names in the last column of a line.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let column = line.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
    column.split('`').skip(1).step_by(2)
}

/// The names of functions in Rust source.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> usize {
        let document = format!("# Security\n\n{}\n{}\n{line}\n", HEADS[0], HEADS[1]);
        let test = "#[test]\nfn a_test() {}\n#[tokio::test]\nasync fn b_test() {}\n";
        check(&[Source::new(DOCUMENT, &document), Source::new("tests/x.rs", test)]).len()
    }

    #[test]
    fn a_promise_whose_test_is_not_there_is_told() {
        assert_eq!(told("| It holds, as `x` says. | `a_test`, `b_test` |"), 0);
        assert_eq!(told("| It holds. | `a_test`, `other` |"), 1);
        assert_eq!(told("| It holds, as `a_test` shows. | by nature |"), 1);
    }
}
