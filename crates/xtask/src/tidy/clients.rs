//! The types of the client libraries are what the document of the local API says.

use super::Finding;
use crate::clients;
use crate::openrpc;
use crate::tree::Source;

/// Checks what is made for each library.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    match clients::stale(sources) {
        Ok(stale) => stale
            .into_iter()
            .map(|made| Finding::new(made.path, "is not what openrpc.json says: `cargo xtask clients`"))
            .collect(),
        Err(error) => vec![Finding::new(openrpc::PATH, format!("{error:#}"))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openrpc::FIXTURE;

    #[test]
    fn types_of_another_document_and_none_at_all_are_told() {
        assert_eq!(check(&[Source::new(openrpc::PATH, FIXTURE)]).len(), 2);
        assert_eq!(check(&[]).len(), 1);
    }
}
