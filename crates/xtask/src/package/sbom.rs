//! The parts of which a package's programs are made, as CycloneDX 1.5: every crate that is linked,
//! and the C in them.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::linked::{About, Crate, Linked, Metadata};
use super::page_inside::{self, Part};
use crate::steps::output;
use crate::workspace::root;

/// C that lies inside of a crate: the crate, the name under which its faults are published, and the
/// macros that hold its version.
const BUNDLED: &[(&str, &str, &str, &[&str])] = &[
    ("libsqlite3-sys", "sqlite", "sqlite3/sqlite3.h", &["SQLITE_VERSION"]),
    (
        "rquickjs-sys",
        "quickjs-ng",
        "quickjs/quickjs.h",
        &["QJS_VERSION_MAJOR", "QJS_VERSION_MINOR", "QJS_VERSION_PATCH"],
    ),
];

/// The document for a package `name` that holds these programs, built for `target`. The same tree
/// gives the same bytes; it bears the time `epoch` in seconds since 1970.
pub(crate) fn document(
    name: &str,
    version: &str,
    programs: &[&str],
    target: &str,
    epoch: u64,
) -> Result<String> {
    let Linked { crates, metadata } = Linked::of(programs, target)?;
    let lock: toml::Table = fs::read_to_string(root().join("Cargo.lock"))?.parse()?;
    let mut components = crates.iter().map(|one| component(one, &lock)).collect::<Result<Vec<_>>>()?;
    components.extend(bundled(&crates, &metadata)?);
    components.extend(page_inside::parts(programs)?.iter().map(of_the_page));
    let mut dependencies: Vec<Value> =
        crates.iter().map(|one| json!({ "ref": one.0.reference(), "dependsOn": one.1.needs })).collect();
    let roots: Vec<String> = crates
        .keys()
        .filter(|one| one.is_ours && programs.contains(&one.name.as_str()))
        .map(Crate::reference)
        .collect();
    dependencies.push(json!({ "ref": name, "dependsOn": roots }));
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
fn bundled(crates: &BTreeMap<Crate, About>, metadata: &Metadata) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    for (name, known_as, header, macros) in BUNDLED {
        let Some(one) = crates.keys().find(|one| one.name == *name) else { continue };
        let text = fs::read_to_string(metadata.folder(one)?.join(header))?;
        let version = version(&text, macros).with_context(|| format!("{header} of {name} has no version"))?;
        found.push(json!({
            "type": "library", "bom-ref": format!("pkg:generic/{known_as}@{version}"), "name": known_as,
            "version": version, "purl": format!("pkg:generic/{known_as}@{version}"),
            "description": format!("compiled from the source in the crate {name}"),
        }));
    }
    Ok(found)
}

/// A library in the page.
fn of_the_page(part: &Part) -> Value {
    json!({
        "type": "library", "bom-ref": part.reference(), "name": part.name, "version": part.version,
        "licenses": [{ "expression": part.licence }], "purl": part.reference(),
        "description": "bundled into the page inside of convene-web",
    })
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
    fn a_version_is_read_from_its_macros() {
        assert_eq!(version("#define V   \"3.5\"\n", &["V"]).unwrap(), "3.5");
        assert_eq!(version("#define A 0\n#define B 16\n", &["A", "B"]).unwrap(), "0.16");
        assert_eq!(version("#define A 0\n", &["A", "B"]), None);
    }
}
