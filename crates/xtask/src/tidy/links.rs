//! Every relative link in a document leads somewhere.

use super::Finding;
use crate::tree::Source;

/// Checks `[text](target)` outside of code in every Markdown file.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_markdown()) {
        for target in targets(&source.text) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let resolved = resolve(&source.path, path);
            let below = format!("{resolved}/");
            if !sources.iter().any(|other| other.path == resolved || other.path.starts_with(&below)) {
                findings.push(Finding::new(&source.path, format!("the link to {target} leads nowhere")));
            }
        }
    }
    findings
}

/// The targets of links, outside of fenced and inline code.
fn targets(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut targets = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for prose in line.split('`').step_by(2) {
            targets.extend(prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()));
        }
    }
    targets
}

/// `target` as seen from the file `from`, relative to the root.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nothing_is_told() {
        let page = Source::new(
            "docs/A.md",
            "see [b](B.md), [c](../crates/c/), [d](https://example.org), [e](#here)",
        );
        let known = [page.clone(), Source::new("docs/B.md", ""), Source::new("crates/c/src/lib.rs", "")];
        assert_eq!(check(&known), []);
        assert_eq!(check(&[page]).len(), 2);
    }

    #[test]
    fn code_holds_no_links() {
        assert_eq!(check(&[Source::new("A.md", "```\n[a](b)\n```\n`[a](b)`\n")]), []);
    }
}
