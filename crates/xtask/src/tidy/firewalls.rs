//! Every code by which a failure is told has its entry in the document for those who run firewalls,
//! in both languages.

use convene_model::Code;

use super::Finding;
use crate::tree::Source;

const DOCUMENT: &str = "docs/FIREWALLS.md";
/// The parts of each entry, by language and reader.
const PARTS: &[&str] = &[
    "* **English:** ",
    " **You:** ",
    " **Administrator:** ",
    "* **Deutsch:** ",
    " **Sie:** ",
    " **Administration:** ",
];

/// Compares the document's entries with the codes.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let Some(text) = sources.iter().find(|source| source.path == DOCUMENT).map(|source| &source.text) else {
        return vec![Finding::new(DOCUMENT, "is missing")];
    };
    let words = || Code::ALL.iter().map(|code| code.as_str());
    let mut findings: Vec<Finding> = words().filter_map(|word| lacking(text, word)).collect();
    let headings = text.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'));
    for heading in headings.filter(|heading| !words().any(|word| word == *heading)) {
        findings.push(Finding::new(DOCUMENT, format!("has an entry for {heading}, which is no code")));
    }
    findings
}

fn lacking(text: &str, word: &str) -> Option<Finding> {
    let Some((_, behind)) = text.split_once(&format!("### `{word}`\n")) else {
        return Some(Finding::new(DOCUMENT, format!("the code {word} needs its entry")));
    };
    let entry = behind.split("\n#").next().unwrap_or_default();
    let part = PARTS.iter().find(|part| !entry.contains(*part))?;
    Some(Finding::new(DOCUMENT, format!("the entry of {word} lacks `{}`", part.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> String {
        let entry = |code: &Code| format!("### `{code}`\n\n{}\n", PARTS.join("x"));
        Code::ALL.iter().map(entry).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_whole_document_has_no_findings() {
        assert_eq!(check(&[Source::new(DOCUMENT, &document())]), []);
    }

    #[test]
    fn what_lacks_or_is_too_much_is_told() {
        let whole = document();
        for (from, to) in [
            ("### `refused`\n", "### `other`\n"),
            ("### `not_http`\n\n* **English:** ", "### `not_http`\n\n"),
            ("### `reset`\n", "### `reset`\n\n#### "),
        ] {
            assert!(whole.contains(from), "{from}");
            assert!(!check(&[Source::new(DOCUMENT, &whole.replacen(from, to, 1))]).is_empty(), "{from}");
        }
        assert_eq!(check(&[]).len(), 1);
    }
}
