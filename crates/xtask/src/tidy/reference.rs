//! The reference in the developers' document is what the OpenRPC document says.

use super::Finding;
use crate::api;
use crate::tree::Source;

/// Checks the reference.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    match api::stale(sources) {
        Ok(None) => Vec::new(),
        Ok(Some(page)) => {
            vec![Finding::new(page.path, "its reference is not that of docs/openrpc.json: `cargo xtask api`")]
        }
        Err(error) => vec![Finding::new("docs/LOCAL-API.md", format!("{error:#}"))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openrpc::{self, FIXTURE};

    #[test]
    fn a_reference_of_other_types_and_none_at_all_are_told() {
        let document = Source::new(openrpc::PATH, FIXTURE);
        let marks = "<!-- reference: made by `cargo xtask api` -->\n<!-- end of reference -->\n";
        for page in [marks, "none"] {
            let told = check(&[Source::new("docs/LOCAL-API.md", page), document.clone()]);
            assert_eq!(told.len(), 1, "{page}");
        }
    }
}
