//! Every package keeps the workspace's lints, and tests alone ask for what is made for them.

use std::collections::BTreeMap;

use super::Finding;
use crate::tree::Source;
use crate::workspace::Package;

/// Features that change a program for tests. A package of `crates/` that asked for one would give
/// it to users.
const TEST_FEATURES: &[&str] = &["lossy-vfs", "planted", "test-clock"];

/// Checks the manifests.
pub(super) fn check(packages: &BTreeMap<String, Package>, sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages.values() {
        let path = format!("{}/Cargo.toml", package.folder);
        let manifest = sources.iter().find(|source| source.path == path);
        if !manifest.is_some_and(|manifest| manifest.text.contains("[lints]\nworkspace = true")) {
            findings.push(Finding::new(&*path, "does not inherit the workspace's lints"));
        }
        let ours = manifest.filter(|_| package.folder.starts_with("crates/"));
        for feature in ours.iter().flat_map(|manifest| test_features(&manifest.text)) {
            findings.push(Finding::new(&*path, format!("asks for {feature}, which is for tests alone")));
        }
    }
    findings
}

/// The features for tests that a manifest asks for: of another package, or of its own by default.
fn test_features(manifest: &str) -> impl Iterator<Item = &'static str> {
    let asks = |line: &&str| line.contains("features = [") || line.starts_with("default = [");
    let lines: Vec<&str> = manifest.lines().filter(asks).collect();
    let named = move |feature: &&str| lines.iter().any(|line| line.contains(&format!("\"{feature}\"")));
    TEST_FEATURES.iter().copied().filter(named)
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
    fn a_program_that_asks_for_what_is_for_tests_is_told() {
        let told = |folder: &str, lines: &str| {
            let package = Package { name: "x".into(), folder: folder.into(), dependencies: Vec::new() };
            let manifest = format!("[lints]\nworkspace = true\n{lines}\n");
            let sources = [Source::new(&format!("{folder}/Cargo.toml"), &manifest)];
            check(&BTreeMap::from([("x".to_owned(), package)]), &sources).len()
        };
        let of_another = "convene-server = { workspace = true, features = [\"lossy-vfs\", \"test-clock\"] }";
        assert_eq!(told("crates/x", of_another), 2);
        assert_eq!(told("tests/x", of_another), 0);
        assert_eq!(told("crates/x", "[features]\ndefault = [\"planted\"]"), 1);
        assert_eq!(
            told("crates/x", "[features]\nplanted = [\"dep:convene-tests-planted\"]\ntest-clock = []"),
            0
        );
    }
}
