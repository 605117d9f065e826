//! What a package's programs are made of, as CycloneDX 1.5: every crate that is linked, from what cargo resolved and locked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::steps::output;
use crate::workspace::{cargo, root};

/// C that lies inside of a crate: the crate, the name under which its faults are published, and the macros that hold its version.
const BUNDLED: &[(&str, &str, &str, &[&str])] = &[
    ("libsqlite3-sys", "sqlite", "sqlite3/sqlite3.h", &["SQLITE_VERSION"]),
    (
        "rquickjs-sys",
        "quickjs-ng",
        "quickjs/quickjs.h",
        &["QJS_VERSION_MAJOR", "QJS_VERSION_MINOR", "QJS_VERSION_PATCH"],
    ),
];

/// The document for a package `name` that holds these programs, built for `target`. The same tree gives the same bytes; it bears
/// the time `epoch` in seconds since 1970.
pub(crate) fn document(
    name: &str,
    version: &str,
    programs: &[&str],
    target: &str,
    epoch: u64,
) -> Result<String> {
    let mut tree = cargo(&["tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "depth"]);
    tree.args(["--format", "|{p}|{l}", "--target", target]);
    for program in programs {
        tree.args(["--package", program]);
    }
    let crates = crates(&output(&mut tree)?)?;
    let lock: toml::Table = fs::read_to_string(root().join("Cargo.lock"))?.parse()?;
    let mut components = crates.iter().map(|one| component(one, &lock)).collect::<Result<Vec<_>>>()?;
    components.extend(bundled(&crates, target)?);
    let dependencies: Vec<Value> =
        crates.iter().map(|one| json!({ "ref": one.0.reference(), "dependsOn": one.1.needs })).collect();
    let day =
        output(Command::new("date").args(["--utc", "--date", &format!("@{epoch}"), "+%Y-%m-%dT%H:%M:%SZ"]))?;
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": day.trim(),
            "component": {
                "type": "application", "bom-ref": name, "name": name, "version": version,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            },
        },
        "components": components,
        "dependencies": dependencies,
    });
    Ok(format!("{document:#}\n"))
}

/// One version of one crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    name: String,
    version: String,
    /// In this tree, not from a registry.
    is_ours: bool,
}

#[derive(Debug, Default)]
struct About {
    licence: String,
    needs: BTreeSet<String>,
}

impl Crate {
    fn reference(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }
}

/// Reads `DEPTH|NAME vVERSION …|LICENCE` lines; what stands below a line in greater depth is needed by it.
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

fn component((one, about): (&Crate, &About), lock: &toml::Table) -> Result<Value> {
    let mut component = json!({
        "type": "library", "bom-ref": one.reference(), "name": one.name, "version": one.version,
        "licenses": [{ "expression": about.licence }],
    });
    if one.is_ours {
        return Ok(component);
    }
    let packages =
        lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock has no packages")?;
    let text = |package: &toml::Value, key| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let locked = packages.iter().find(|package| {
        text(package, "name").as_ref() == Some(&one.name)
            && text(package, "version").as_ref() == Some(&one.version)
    });
    let checksum = locked.and_then(|package| text(package, "checksum"));
    component["purl"] = one.reference().into();
    component["hashes"] = json!([{
        "alg": "SHA-256",
        "content": checksum.with_context(|| format!("Cargo.lock has no checksum of {}", one.name))?,
    }]);
    Ok(component)
}

/// The C inside of those crates, which has faults of its own.
fn bundled(crates: &BTreeMap<Crate, About>, target: &str) -> Result<Vec<Value>> {
    let mut command = cargo(&["metadata", "--locked", "--format-version", "1", "--filter-platform", target]);
    let metadata: Value = serde_json::from_str(&output(&mut command)?)?;
    let mut found = Vec::new();
    for (name, known_as, header, macros) in BUNDLED {
        let Some(one) = crates.keys().find(|one| one.name == *name) else { continue };
        let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
        let package =
            packages.iter().find(|package| package["name"] == *name && package["version"] == one.version);
        let manifest = package.and_then(|package| package["manifest_path"].as_str());
        let manifest = manifest.with_context(|| format!("cargo metadata does not know {name}"))?;
        let text = fs::read_to_string(std::path::Path::new(manifest).with_file_name(header))?;
        let version = version(&text, macros).with_context(|| format!("{header} of {name} has no version"))?;
        found.push(json!({
            "type": "library", "bom-ref": format!("pkg:generic/{known_as}@{version}"), "name": known_as,
            "version": version, "purl": format!("pkg:generic/{known_as}@{version}"),
            "description": format!("compiled from the source in the crate {name}"),
        }));
    }
    Ok(found)
}

fn version(header: &str, macros: &[&str]) -> Option<String> {
    let value = |name: &&str| {
        let line = header.lines().find_map(|line| line.strip_prefix("#define ")?.strip_prefix(name));
        line.map(|rest| rest.trim().trim_matches('"').to_owned())
    };
    Some(macros.iter().map(value).collect::<Option<Vec<_>>>()?.join("."))
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

    #[test]
    fn a_version_is_read_from_its_macros() {
        assert_eq!(version("#define V   \"3.5\"\n", &["V"]).unwrap(), "3.5");
        assert_eq!(version("#define A 0\n#define B 16\n", &["A", "B"]).unwrap(), "0.16");
        assert_eq!(version("#define A 0\n", &["A", "B"]), None);
    }
}
