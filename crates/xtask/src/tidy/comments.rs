//! Lines of comments are short enough to be read beside code.
//!
//! Older files have longer ones. A list says how many each may have: the number may fall and never
//! rise. `cargo xtask tidy --bless` takes mended lines out of the list.

use std::collections::BTreeMap;

use super::Finding;
use crate::tree::Source;

/// Columns of a line of a comment.
const COLUMNS_MAX: usize = 100;
/// The older files, each with the number of its long lines.
const LIST: &str = "crates/xtask/src/tidy/comments.txt";

/// Checks every Rust file.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let allowed = listed(sources);
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let (long, allowed) = (long_lines(source), allowed.get(&*source.path).copied().unwrap_or(0));
        if let Some(line) = long.get(allowed) {
            let what = format!(
                "{} comment lines have more than {COLUMNS_MAX} columns, and {allowed} may",
                long.len()
            );
            findings.push(Finding::new(format!("{}:{line}", source.path), what));
        }
    }
    findings
}

/// The list without what was mended, where something was.
pub(super) fn blessed(sources: &[Source]) -> Option<Source> {
    let before = listed(sources);
    let left = sources.iter().filter_map(|source| {
        let left = before.get(&*source.path)?.min(&long_lines(source).len()).to_owned();
        (left > 0).then_some((&*source.path, left))
    });
    let left: BTreeMap<&str, usize> = left.collect();
    let text: String = left.iter().map(|(path, number)| format!("{path} {number}\n")).collect();
    (left != before).then(|| Source { path: LIST.to_owned(), text })
}

fn listed(sources: &[Source]) -> BTreeMap<&str, usize> {
    let list = sources.iter().find(|source| source.path == LIST).map_or("", |list| &list.text);
    list.lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(path, n)| Some((path, n.parse().ok()?)))
        .collect()
}

/// The numbers, from 1, of lines that are comments and too long.
fn long_lines(source: &Source) -> Vec<usize> {
    let is_long = |line: &str| line.trim_start().starts_with("//") && line.chars().count() > COLUMNS_MAX;
    let lines = source.text.lines().enumerate();
    lines.filter(|(_, line)| is_long(line)).map(|(at, _)| at + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(list: &str, long: usize) -> [Source; 2] {
        let line = format!("// {}\n", "x".repeat(COLUMNS_MAX));
        let text = format!("// ok\nlet a = \"{}\";\n{}", "y".repeat(200), line.repeat(long));
        [Source::new("crates/a/src/b.rs", &text), Source::new(LIST, list)]
    }

    #[test]
    fn a_new_file_has_no_long_line_and_an_old_one_not_more_than_before() {
        assert_eq!(check(&tree("", 0)), []);
        let told = check(&tree("", 1));
        assert_eq!(told.len(), 1);
        assert!(told[0].place.ends_with("b.rs:3"), "{told:?}");
        assert_eq!(check(&tree("crates/a/src/b.rs 2\n", 2)), []);
        assert_eq!(check(&tree("crates/a/src/b.rs 2\n", 3)).len(), 1);
    }

    #[test]
    fn the_list_falls_and_never_rises() {
        let list = |list: &str, long| blessed(&tree(list, long)).map(|list| list.text);
        assert_eq!(list("crates/a/src/b.rs 2\n", 1).as_deref(), Some("crates/a/src/b.rs 1\n"));
        assert_eq!(list("crates/a/src/b.rs 2\n", 0).as_deref(), Some(""));
        assert_eq!(list("crates/a/src/gone.rs 2\n", 0).as_deref(), Some(""));
        assert_eq!(list("crates/a/src/b.rs 2\n", 3), None);
        assert_eq!(list("", 3), None);
    }
}
