//! Where the workspace lies and what it consists of.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The environment, read here and nowhere else. `None` where the variable is unset or empty.
pub(crate) fn environment(name: &str) -> Option<OsString> {
    std::env::vars_os().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value)
}

/// Whether this is a run of the continuous integration: what a person is asked or told there is an
/// error here.
pub(crate) fn in_ci() -> bool {
    environment("CI").is_some_and(|value| value != "0" && value != "false")
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> PathBuf {
    environment("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Where the programs lie after a build with the development profile.
pub(crate) fn bin_dir() -> PathBuf {
    target_dir().join("debug")
}

/// Where they lie after a build with the profile of releases.
pub(crate) fn release_dir() -> PathBuf {
    target_dir().join("release")
}

/// The cargo that runs us, in the workspace's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(environment("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    if in_ci() {
        // A clone that is built once has no use for what would make the next build quicker, and
        // that is the larger part of what cargo writes.
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// One package of the workspace, as cargo sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its folder, relative to the root, with `/`.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a package's dependency tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// From a `[dev-dependencies]` table: only tests see it.
    pub(crate) dev: bool,
}

/// All packages of the workspace, by name.
pub(crate) fn packages() -> Result<BTreeMap<String, Package>> {
    let output = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .output()
        .context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    parse(&serde_json::from_slice(&output.stdout).context("cargo metadata did not print JSON")?)
}

fn parse(metadata: &Value) -> Result<BTreeMap<String, Package>> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let list =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let base = text(metadata, "workspace_root").context("cargo metadata names no root")?;
    let mut packages = BTreeMap::new();
    for package in list(metadata, "packages") {
        let name = text(&package, "name").context("a package without a name")?;
        let manifest = text(&package, "manifest_path").context("a package without a manifest")?;
        let folder = Path::new(&manifest)
            .parent()
            .and_then(|folder| folder.strip_prefix(&base).ok())
            .with_context(|| format!("{manifest} lies outside of the workspace"))?;
        let dependencies = list(&package, "dependencies")
            .iter()
            .filter_map(|entry| {
                Some(Dependency {
                    name: text(entry, "name")?,
                    dev: text(entry, "kind").as_deref() == Some("dev"),
                })
            })
            .collect();
        let folder = folder.to_string_lossy().replace('\\', "/");
        packages.insert(name.clone(), Package { name, folder, dependencies });
    }
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn metadata_gives_each_package_its_folder_and_tables() {
        let metadata = json!({
            "workspace_root": "/tree",
            "packages": [{
                "name": "convene-seat", "manifest_path": "/tree/crates/seat/Cargo.toml",
                "dependencies": [{"name": "sha2", "kind": null}, {"name": "proptest", "kind": "dev"}],
            }],
        });
        let packages = parse(&metadata).expect("well-formed");
        let seat = &packages["convene-seat"];
        assert_eq!(seat.folder, "crates/seat");
        assert_eq!(seat.dependencies.iter().map(|one| one.dev).collect::<Vec<_>>(), [false, true]);
    }
}
