//! Lines of comments are short enough to be read beside code.

use super::Finding;
use crate::tree::Source;

/// Columns of a line of a comment.
const COLUMNS_MAX: usize = 100;

/// Checks every Rust file.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        for (line, columns) in long_lines(source) {
            let what =
                format!("this comment line has {columns} columns; at most {COLUMNS_MAX} are read easily");
            findings.push(Finding::new(format!("{}:{line}", source.path), what));
        }
    }
    findings
}

/// The numbers, from 1, of lines that are comments and too long, with their columns.
fn long_lines(source: &Source) -> impl Iterator<Item = (usize, usize)> {
    let comments = source.text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"));
    comments.map(|(at, line)| (at + 1, line.chars().count())).filter(|(_, columns)| *columns > COLUMNS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_line_may_be_as_long_as_the_limit_and_no_longer() {
        let comment = format!("// {}", "x".repeat(COLUMNS_MAX - 3));
        let told = |text: &str| check(&[Source::new("crates/a/src/b.rs", text)]);
        assert_eq!(told(&format!("{comment}\nlet a = \"{}\";\n", "y".repeat(200))), []);
        let long = told(&format!("// ok\n    {comment}\n"));
        assert_eq!(long.len(), 1);
        assert!(long[0].place.ends_with("b.rs:2") && long[0].what.contains("104 columns"), "{long:?}");
    }
}
