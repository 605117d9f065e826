//! The OpenRPC document, made from the types of the local API, and the reference in the developers'
//! document, made from that.

mod forms;
mod layout;
mod reference;

use std::fs;

use anyhow::{Context as _, Result};

use crate::made_part;
use crate::openrpc::{self, Document};
use crate::steps;
use crate::tree::Source;
use crate::workspace::{self, cargo};

/// The document that holds the reference.
const PAGE: &str = "docs/LOCAL-API.md";
/// The command that makes both.
const COMMAND: &str = "cargo xtask api";

/// The page as it must be, where it is not.
pub(crate) fn stale(sources: &[Source]) -> Result<Option<Source>> {
    let text = |path: &str| {
        let source = sources.iter().find(|source| source.path == path);
        source.map(|source| source.text.as_str()).with_context(|| format!("{path} is missing"))
    };
    let page = text(PAGE)?;
    let made = with_reference(page, &Document::read(text(openrpc::PATH)?)?)?;
    Ok((made != page).then(|| Source { path: PAGE.to_owned(), text: made }))
}

/// `cargo xtask api`: makes the document of the types, and the reference of that.
pub(crate) fn write() -> Result<()> {
    let mut printing = cargo(&["run", "--quiet", "--package", "convene-local-api", "--example", "openrpc"]);
    let made = steps::output(&mut printing)?;
    // The crate holds the document that lies there, so only a whole one may take its place.
    let document = Document::read(&made)?;
    let root = workspace::root();
    let page = fs::read_to_string(root.join(PAGE)).context(PAGE)?;
    let page = with_reference(&page, &document)?;
    for (path, text) in [(openrpc::PATH, made), (PAGE, page)] {
        fs::write(root.join(path), text).context(path)?;
        println!("{path}: made from the types");
    }
    Ok(())
}

fn with_reference(page: &str, document: &Document) -> Result<String> {
    made_part::replace(page, "reference", COMMAND, &reference::reference(document))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openrpc::FIXTURE;

    #[test]
    fn a_reference_that_was_changed_by_hand_is_stale_until_it_is_made_anew() {
        let begin = format!("by hand\n<!-- reference: made by `{COMMAND}` -->\n");
        let page = format!("{begin}changed\n<!-- end of reference -->\n");
        let mut sources = vec![Source::new(PAGE, &page), Source::new(openrpc::PATH, FIXTURE)];
        let made = stale(&sources).unwrap().expect("it was changed");
        assert!(made.text.starts_with(&begin) && !made.text.contains("changed"), "{}", made.text);
        sources[0] = made;
        assert_eq!(stale(&sources).unwrap(), None);
    }

    #[test]
    fn a_page_without_a_place_and_a_document_that_is_none_are_errors() {
        let page = Source::new(PAGE, "no place");
        assert!(stale(&[page.clone(), Source::new(openrpc::PATH, FIXTURE)]).is_err());
        assert!(stale(&[page.clone(), Source::new(openrpc::PATH, "")]).is_err());
        assert!(stale(&[page]).is_err());
    }
}
