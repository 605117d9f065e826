//! Every package keeps the workspace's lints, and every library comes from crates.io.

use std::collections::BTreeMap;

use super::Finding;
use crate::tree::Source;
use crate::workspace::Package;

const REGISTRY: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

/// Checks the manifests and the lock file.
pub(super) fn check(packages: &BTreeMap<String, Package>, sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages.values() {
        let path = format!("{}/Cargo.toml", package.folder);
        let manifest = sources.iter().find(|source| source.path == path);
        if !manifest.is_some_and(|manifest| manifest.text.contains("[lints]\nworkspace = true")) {
            findings.push(Finding::new(path, "does not inherit the workspace's lints"));
        }
    }
    for line in sources.iter().filter(|source| source.path == "Cargo.lock").flat_map(|lock| lock.text.lines())
    {
        if line.starts_with("source = ") && line != REGISTRY {
            findings
                .push(Finding::new("Cargo.lock", format!("a library from elsewhere than crates.io: {line}")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_the_lints_is_told() {
        let package = Package { name: "x".into(), folder: "crates/x".into(), dependencies: Vec::new() };
        let packages = BTreeMap::from([("x".to_owned(), package)]);
        assert_eq!(
            check(&packages, &[Source::new("crates/x/Cargo.toml", "[lints]\nworkspace = true\n")]),
            []
        );
        assert_eq!(check(&packages, &[Source::new("crates/x/Cargo.toml", "[package]\n")]).len(), 1);
    }

    #[test]
    fn a_library_from_elsewhere_is_told() {
        let lock = format!("{REGISTRY}\nsource = \"git+https://example.org/x\"\n");
        assert_eq!(check(&BTreeMap::new(), &[Source::new("Cargo.lock", &lock)]).len(), 1);
    }
}
