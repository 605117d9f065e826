//! Parts of documents that are made, between two marks of their name. Everything else in such a
//! document is written by hand.

use anyhow::{Context as _, Result};

/// Replaces the part of this name by what the command made.
///
/// # Errors
/// When the document has no place for it.
pub(crate) fn replace(document: &str, name: &str, command: &str, made: &str) -> Result<String> {
    let begin = format!("<!-- {name}: made by `{command}` -->\n");
    let end = format!("<!-- end of {name} -->\n");
    let parts =
        document.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, behind) = parts.with_context(|| format!("the document has no place for its {name}"))?;
    Ok(format!("{before}{begin}{made}{end}{behind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_of_the_name_is_replaced() {
        let part = |name: &str, text: &str| {
            format!("<!-- {name}: made by `tea` -->\n{text}<!-- end of {name} -->\n")
        };
        let document = format!("before\n{}between\n{}", part("cups", "old\n"), part("pots", "old\n"));
        let expected = format!("before\n{}between\n{}", part("cups", "new\n"), part("pots", "old\n"));
        assert_eq!(replace(&document, "cups", "tea", "new\n").unwrap(), expected);
        assert!(replace(&document, "cups", "coffee", "").is_err());
        assert!(replace(&document, "jugs", "tea", "").is_err());
    }
}
