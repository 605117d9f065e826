//! The types of the client libraries, made from the document of the local API, and the trial of
//! these libraries.

mod language;
mod prose;
mod python;
mod trial;
mod typescript;

use std::fs;

use anyhow::{Context as _, Result};

use crate::openrpc::{self, Document};
use crate::tree::Source;
use crate::workspace;

use self::language::Language;
pub(crate) use self::trial::try_all;

/// The client for browsers and Node.
const TYPESCRIPT: &str = "clients/typescript";
/// The client for Python.
const PYTHON: &str = "clients/python";

/// The files that are made of the document and do not stand in the tree as they should.
pub(crate) fn stale(sources: &[Source]) -> Result<Vec<Source>> {
    let text = |path: &str| sources.iter().find(|source| source.path == path).map(|source| &source.text);
    let document = text(openrpc::PATH).with_context(|| format!("{} is missing", openrpc::PATH))?;
    let document = Document::read(document)?;
    let language = Language::of(&document)?;
    let made = [
        Source { path: format!("{TYPESCRIPT}/src/generated.ts"), text: typescript::file(&language) },
        Source { path: format!("{PYTHON}/convene_client/generated.py"), text: python::file(&language) },
    ];
    Ok(made.into_iter().filter(|made| text(&made.path) != Some(&made.text)).collect())
}

/// `cargo xtask clients`: makes anew whatever comes from the document.
pub(crate) fn write() -> Result<()> {
    let root = workspace::root();
    for made in stale(&crate::tree::read(&root)?)? {
        fs::write(root.join(&made.path), &made.text).with_context(|| made.path.clone())?;
        println!("{}: made from {}", made.path, openrpc::PATH);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openrpc::FIXTURE;

    #[test]
    fn what_was_changed_by_hand_is_stale_until_it_is_made_anew() {
        let document = Source::new(openrpc::PATH, FIXTURE);
        let paths = |made: &[Source]| made.iter().map(|made| made.path.clone()).collect::<Vec<_>>();
        let mut made = stale(std::slice::from_ref(&document)).unwrap();
        let all = ["clients/typescript/src/generated.ts", "clients/python/convene_client/generated.py"];
        assert_eq!(paths(&made), all);
        made.push(document);
        assert_eq!(stale(&made).unwrap(), []);
        made[1].text.push_str("# by hand\n");
        assert_eq!(paths(&stale(&made).unwrap()), [all[1]]);
    }

    #[test]
    fn a_document_that_is_missing_or_none_is_an_error() {
        assert!(stale(&[]).is_err());
        assert!(stale(&[Source::new(openrpc::PATH, "{}")]).is_err());
    }
}
