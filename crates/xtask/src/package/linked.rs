//! Which crates programs are linked of, as cargo resolved and locked them for a target.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::steps::output;
use crate::workspace::cargo;

/// The crates, and where their sources lie.
#[derive(Debug)]
pub(super) struct Linked {
    pub(super) crates: BTreeMap<Crate, About>,
    pub(super) metadata: Metadata,
}

impl Linked {
    /// Asks cargo.
    pub(super) fn of(programs: &[&str], target: &str) -> Result<Self> {
        let mut tree = cargo(&["tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "depth"]);
        tree.args(["--format", "|{p}|{l}", "--target", target]);
        for program in programs {
            tree.args(["--package", program]);
        }
        let mut all = cargo(&["metadata", "--locked", "--format-version", "1", "--filter-platform", target]);
        let metadata = Metadata(serde_json::from_str(&output(&mut all)?)?);
        Ok(Self { crates: crates(&output(&mut tree)?)?, metadata })
    }
}

/// The output of `cargo metadata`.
#[derive(Debug)]
pub(super) struct Metadata(Value);

impl Metadata {
    /// Where the source of a crate lies.
    pub(super) fn folder(&self, one: &Crate) -> Result<PathBuf> {
        let packages = self.0.get("packages").and_then(Value::as_array);
        let package = packages
            .context("cargo metadata has no packages")?
            .iter()
            .find(|package| package["name"] == one.name && package["version"] == one.version);
        let manifest = package.and_then(|package| package["manifest_path"].as_str()).map(PathBuf::from);
        let folder = manifest.as_deref().and_then(std::path::Path::parent).map(PathBuf::from);
        folder.with_context(|| format!("cargo metadata does not know {}", one.name))
    }
}

/// One version of one crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    /// In this tree, not from a registry.
    pub(super) is_ours: bool,
}

/// The facts that cargo knows of a crate.
#[derive(Debug, Default)]
pub(super) struct About {
    pub(super) licence: String,
    pub(super) needs: BTreeSet<String>,
}

impl Crate {
    pub(super) fn reference(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }
}

/// Reads `DEPTH|NAME vVERSION …|LICENCE` lines; what stands below a line in greater depth is needed
/// by it.
fn crates(tree: &str) -> Result<BTreeMap<Crate, About>> {
    let mut crates: BTreeMap<Crate, About> = BTreeMap::new();
    let mut above: Vec<Crate> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = line.splitn(3, '|').collect();
        let [depth, package, licence] = parts[..] else {
            bail!("cargo tree says what we do not read: {line}")
        };
        let depth: usize = depth.parse().with_context(|| format!("no depth: {line}"))?;
        let mut words = package.split(' ');
        let name = words.next().unwrap_or_default().to_owned();
        let version = words.next().and_then(|word| word.strip_prefix('v')).context("no version")?.to_owned();
        let one = Crate { name, version, is_ours: package.contains("(/") };
        above.truncate(depth);
        if let Some(user) = above.last() {
            crates.entry(user.clone()).or_default().needs.insert(one.reference());
        }
        let licence = licence.trim_end_matches(" (*)").replace('/', " OR ");
        let about = crates.entry(one.clone()).or_default();
        if !licence.is_empty() {
            about.licence = licence;
        }
        above.push(one);
    }
    Ok(crates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_linked_is_listed_once_with_what_it_needs() {
        let tree = "0|convene v0.1.0 (/tree/crates/cli)|MIT\n1|a v1.0.0|MIT/Apache-2.0\n2|b v2.0.0|ISC\n1|b v2.0.0|ISC (*)\n";
        let crates = crates(tree).unwrap();
        let all: Vec<String> = crates.keys().map(Crate::reference).collect();
        assert_eq!(all, ["pkg:cargo/a@1.0.0", "pkg:cargo/b@2.0.0", "pkg:cargo/convene@0.1.0"]);
        let a = crates.iter().find(|(one, _)| one.name == "a").unwrap();
        assert_eq!(
            (a.1.licence.as_str(), a.1.needs.iter().next().unwrap().as_str()),
            ("MIT OR Apache-2.0", "pkg:cargo/b@2.0.0")
        );
        assert_eq!(crates.values().filter(|about| about.needs.contains("pkg:cargo/b@2.0.0")).count(), 2);
    }
}
