//! The tree speaks of the project alone: no path, ticket or note of the place where it happened to
//! be written.

use super::Finding;
use crate::tree::Source;

/// Texts that have no place in the tree, in lower case. Written in halves, so that this file does
/// not hold them.
const FOREIGN: &[&str] = &[concat!("/wo", "rk/"), concat!("../sha", "red/"), concat!("closing", " note")];

/// Checks every text file.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.path != "Cargo.lock") {
        for (number, line) in source.text.lines().enumerate() {
            let line = line.to_lowercase();
            let found = FOREIGN.iter().copied().find(|word| line.contains(word));
            if let Some(word) = found.or_else(|| names_a_ticket(&line).then_some("the number of a ticket")) {
                findings.push(Finding::new(
                    format!("{}:{}", source.path, number + 1),
                    format!("{word} in the tree"),
                ));
            }
        }
    }
    findings
}

/// `issue`, then a number with or without `#`.
fn names_a_ticket(line: &str) -> bool {
    line.match_indices("issue").any(|(at, word)| {
        let after = line[at + word.len()..].trim_start_matches([' ', '#']);
        after.len() < line[at + word.len()..].len() && after.starts_with(|c: char| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_texts_are_told() {
        for text in [concat!("see /wo", "rk/main"), concat!("as iss", "ue 2 says"), concat!("Iss", "ue #14")]
        {
            assert_eq!(check(&[Source::new("a.rs", text)]).len(), 1, "{text}");
        }
    }

    #[test]
    fn other_issues_are_fine() {
        assert_eq!(check(&[Source::new("a.rs", "issues 2 tickets; an issuer 3; issue it again")]), []);
    }
}
