//! Libraries: their licences, where they come from, and which of them come in several versions,
//! against the list in `crates/xtask/libraries.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::str::SplitWhitespace;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use super::Finding;
use crate::steps::output;
use crate::tree::Source;
use crate::workspace::{cargo, root};

/// The list.
const LIST: &str = "crates/xtask/libraries.toml";
/// The lock files of cargo: that of the workspace, and that of the programs for fuzzing.
const CARGO_LOCKS: [&str; 2] = ["Cargo.lock", "tests/fuzz/Cargo.lock"];
/// The name of npm's lock files.
const NPM_LOCK: &str = "package-lock.json";
/// Where every crate comes from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";
/// The systems for which there are programs: cargo asks for nothing that these do not need.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-gnu"];

/// What libraries may be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    /// Licences under which anything may be used.
    licences: BTreeSet<String>,
    /// Licences of libraries that no program holds.
    tools: BTreeMap<String, String>,
    /// Libraries of which there is more than one version.
    versions: BTreeMap<String, BTreeSet<String>>,
}

/// One version of a library, as the file at this place locks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Library {
    place: String,
    name: String,
    version: String,
    /// An SPDX expression; `None` where the place does not tell it.
    licence: Option<String>,
}

/// The licence that each crate names, in programs, in tests and for fuzzing.
pub(super) fn licensed_crates() -> Result<Vec<Library>> {
    let all: Result<Vec<Vec<Library>>> = CARGO_LOCKS.into_iter().map(licensed_by).collect();
    Ok(all?.concat())
}

/// The licence that each crate of a lock file names.
fn licensed_by(lock: &str) -> Result<Vec<Library>> {
    let mut asked = cargo(&["metadata", "--locked", "--format-version", "1"]);
    asked.arg("--manifest-path").arg(root().join(lock).with_extension("toml"));
    asked.args(TARGETS.iter().flat_map(|target| ["--filter-platform", *target]));
    let metadata: Value = serde_json::from_str(&output(&mut asked)?)?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.context("cargo metadata has no packages")?;
    let text = |package: &Value, key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
    let library = |package: &Value| {
        let (name, version) = (text(package, "name")?, text(package, "version")?);
        let licence = Some(text(package, "license").unwrap_or_default());
        Some(Library { place: lock.to_owned(), name, version, licence })
    };
    Ok(packages.iter().filter_map(library).collect())
}

/// Checks what cargo tells of the crates, and all lock files.
pub(super) fn check(licensed: &[Library], sources: &[Source]) -> Vec<Finding> {
    let Some(list) = sources.iter().find(|source| source.path == LIST) else {
        return vec![Finding::new(LIST, "is missing")];
    };
    let list: List = match toml::from_str(&list.text) {
        Ok(list) => list,
        Err(error) => return vec![Finding::new(LIST, format!("cannot be read: {error}"))],
    };
    let mut findings = Vec::new();
    let mut locked = Vec::new();
    for source in sources {
        let read = if CARGO_LOCKS.contains(&&*source.path) {
            of_cargo(source, &mut findings)
        } else if source.file_name() == NPM_LOCK {
            of_npm(source, &mut findings)
        } else {
            continue;
        };
        match read {
            Ok(read) => locked.extend(read),
            Err(error) => findings.push(Finding::new(&*source.path, format!("cannot be read: {error:#}"))),
        }
    }
    findings.extend(licences(&list, &licensed.iter().chain(&locked).collect::<Vec<_>>()));
    findings.extend(versions(&list, &locked));
    findings
}

/// The crates of a lock file. One from elsewhere is told.
fn of_cargo(lock: &Source, findings: &mut Vec<Finding>) -> Result<Vec<Library>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
        source: Option<String>,
    }
    let Lock { package } = toml::from_str(&lock.text)?;
    let mut libraries = Vec::new();
    for Package { name, version, source } in package {
        // One without is ours.
        let Some(source) = source else { continue };
        if source != REGISTRY {
            let what = format!("{name} is from elsewhere than crates.io: {source}");
            findings.push(Finding::new(&*lock.path, what));
        }
        libraries.push(Library { place: lock.path.clone(), name, version, licence: None });
    }
    Ok(libraries)
}

/// The packages of a lock file. One that is not from npm's registry, or whose bytes are not fixed,
/// is told: whoever installs them names the registry.
fn of_npm(lock: &Source, findings: &mut Vec<Finding>) -> Result<Vec<Library>> {
    let read: Value = serde_json::from_str(&lock.text)?;
    let packages = read.get("packages").and_then(Value::as_object).context("it has no packages")?;
    let mut libraries = Vec::new();
    for (folder, about) in packages.iter().filter(|(folder, _)| !folder.is_empty()) {
        let name = folder.rsplit("node_modules/").next().unwrap_or(folder).to_owned();
        let text = |key: &str| about.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        if about.get("resolved").is_some() || about.get("link").is_some() {
            findings.push(Finding::new(&*lock.path, format!("{name} is from elsewhere than npm's registry")));
        }
        if !text("integrity").starts_with("sha512-") {
            findings.push(Finding::new(&*lock.path, format!("nothing says which bytes {name} has")));
        }
        let (version, licence) = (text("version"), Some(text("license")));
        libraries.push(Library { place: lock.path.clone(), name, version, licence });
    }
    Ok(libraries)
}

fn licences(list: &List, libraries: &[&Library]) -> Vec<Finding> {
    let mut findings = BTreeMap::new();
    let (mut named, mut tools) = (BTreeSet::new(), BTreeSet::new());
    for library in libraries {
        let Some(licence) = &library.licence else { continue };
        named.extend(licence.split([' ', '/', '(', ')']).map(str::to_owned));
        if list.tools.get(&library.name) == Some(licence) {
            tools.insert(library.name.clone());
        } else if !is_kept(licence, &list.licences) {
            let what = format!(
                "{} {} has the licence `{licence}`, which {LIST} does not name",
                library.name, library.version
            );
            findings.insert(what.clone(), Finding::new(&*library.place, what));
        }
    }
    let spare = |what: &str| Finding::new(LIST, format!("names {what}, which no library has"));
    let spare_licences = list.licences.difference(&named).map(|licence| spare(licence));
    let spare_tools = list.tools.iter().filter(|(name, _)| !tools.contains(*name));
    let spare_tools = spare_tools.map(|(name, licence)| spare(&format!("{licence} for {name}")));
    findings.into_values().chain(spare_licences).chain(spare_tools).collect()
}

fn versions(list: &List, locked: &[Library]) -> Vec<Finding> {
    let mut found: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for Library { place, name, version, .. } in locked {
        found.entry((place.as_str(), name.as_str())).or_default().insert(line_of(version));
    }
    let mut findings = Vec::new();
    for ((place, name), lines) in found.iter().filter(|(_, lines)| lines.len() > 1) {
        let listed = list.versions.get(*name);
        for line in lines.iter().filter(|line| !listed.is_some_and(|listed| listed.contains(*line))) {
            let what = format!("{name} {line} is one of several versions, which {LIST} does not name");
            findings.push(Finding::new(*place, what));
        }
    }
    for (name, listed) in &list.versions {
        let all: BTreeSet<&String> =
            found.iter().filter(|((_, known), _)| known == name).flat_map(|(_, lines)| lines).collect();
        for line in listed.iter().filter(|line| !all.contains(line)) {
            findings.push(Finding::new(LIST, format!("names {name} {line}, which no lock file has")));
        }
    }
    findings
}

/// The versions that can stand for this one: `1` or `0.2`.
fn line_of(version: &str) -> String {
    let mut parts = version.split(['.', '-', '+']);
    match (parts.next(), parts.next()) {
        (Some("0"), Some(minor)) => format!("0.{minor}"),
        (major, _) => major.unwrap_or_default().to_owned(),
    }
}

/// Whether somebody who takes these licences alone may use what this SPDX expression is about.
fn is_kept(expression: &str, licences: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    any_of(&mut words, licences) == Some(true) && words.next().is_none()
}

fn any_of(words: &mut Peekable<SplitWhitespace<'_>>, licences: &BTreeSet<String>) -> Option<bool> {
    let mut is_kept = all_of(words, licences)?;
    while words.next_if_eq(&"OR").is_some() {
        is_kept |= all_of(words, licences)?;
    }
    Some(is_kept)
}

fn all_of(words: &mut Peekable<SplitWhitespace<'_>>, licences: &BTreeSet<String>) -> Option<bool> {
    let mut is_kept = one_of(words, licences)?;
    while words.next_if_eq(&"AND").is_some() {
        is_kept &= one_of(words, licences)?;
    }
    Some(is_kept)
}

fn one_of(words: &mut Peekable<SplitWhitespace<'_>>, licences: &BTreeSet<String>) -> Option<bool> {
    let word = words.next()?;
    if word == "(" {
        let is_kept = any_of(words, licences)?;
        return words.next_if_eq(&")").map(|_| is_kept);
    }
    match words.next_if_eq(&"WITH") {
        Some(_) => words.next().map(|exception| licences.contains(&format!("{word} WITH {exception}"))),
        None => Some(licences.contains(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str =
        "licences = [\"MIT\", \"ISC\"]\n[tools]\naxe = \"MPL-2.0\"\n[versions]\nrand = [\"0.9\", \"1\"]\n";

    fn locks(crates: &str, packages: &str) -> [Source; 3] {
        let rand = |version: &str| package("rand", version, REGISTRY);
        let (rands, axe) =
            (rand("0.9.5") + &rand("1.2.3"), npm("axe", "MPL-2.0", "\"integrity\": \"sha512-A\""));
        [
            Source::new(LIST, LISTED),
            Source::new("Cargo.lock", &format!("version = 4\n{rands}{crates}")),
            Source::new("a/package-lock.json", &format!("{{\"packages\": {{\"\": {{}}, {axe}{packages}}}}}")),
        ]
    }

    fn package(name: &str, version: &str, source: &str) -> String {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n")
    }

    fn npm(name: &str, licence: &str, more: &str) -> String {
        format!("\"node_modules/{name}\": {{\"version\": \"1.0.0\", \"license\": \"{licence}\", {more}}}")
    }

    fn licensed(licence: &str) -> Library {
        let (place, name, version) = ("Cargo.lock".to_owned(), "x".to_owned(), "1.0.0".to_owned());
        Library { place, name, version, licence: Some(licence.to_owned()) }
    }

    fn told(licence: &str, crates: &str, packages: &str) -> Vec<String> {
        let findings = check(&[licensed("MIT AND ISC"), licensed(licence)], &locks(crates, packages));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_listed_is_no_finding() {
        assert_eq!(told("MIT", "", ""), [""; 0]);
        assert_eq!(told("GPL-3.0-only OR MIT", "", ""), [""; 0]);
    }

    #[test]
    fn a_licence_that_is_not_listed_is_told() {
        for licence in ["GPL-3.0-only", "", "MIT AND GPL-3.0-only", "MIT WITH x"] {
            let told = told(licence, "", "");
            assert!(told.len() == 1 && told[0].starts_with("Cargo.lock: x 1.0.0"), "{told:?}");
        }
        let other = npm("axe-other", "MPL-2.0", "\"integrity\": \"sha512-A\"");
        let told = told("MIT", "", &format!(", {other}"));
        assert!(told.len() == 1 && told[0].starts_with("a/package-lock.json: axe-other"), "{told:?}");
    }

    #[test]
    fn a_library_from_elsewhere_is_told() {
        let told_of = |source: &str| told("MIT", &package("y", "1.0.0", source), "").len();
        assert_eq!([told_of(REGISTRY), told_of("git+https://example.org/y")], [0, 1]);
        for more in [
            "\"resolved\": \"https://example.org/y.tgz\", \"integrity\": \"sha512-A\"",
            "\"integrity\": \"sha1-A\"",
        ] {
            assert_eq!(told("MIT", "", &format!(", {}", npm("y", "MIT", more))).len(), 1, "{more}");
        }
    }

    #[test]
    fn a_further_version_and_one_that_is_gone_are_told() {
        let of = |name: &str, version: &str| package(name, version, REGISTRY);
        assert_eq!(told("MIT", &of("rand", "0.8.5"), "").len(), 1);
        assert_eq!(told("MIT", &(of("y", "1.0.0") + &of("y", "2.0.0")), "").len(), 2);
        let [list, ..] = locks("", "");
        let findings = check(&[licensed("MIT AND ISC")], &[list]);
        assert_eq!(findings.len(), 3, "axe, and both of rand: {findings:?}");
    }

    #[test]
    fn expressions_are_read_as_spdx_writes_them() {
        let ours = BTreeSet::from(["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned));
        for kept in ["MIT", "MIT/GPL-2.0", "(MIT OR GPL-2.0) AND ISC", "Apache-2.0 WITH LLVM-exception OR X"]
        {
            assert!(is_kept(kept, &ours), "{kept}");
        }
        for other in ["GPL-2.0", "MIT AND X", "(MIT", "MIT)", "MIT OR", "OR", "Apache-2.0", "MIT ISC"] {
            assert!(!is_kept(other, &ours), "{other}");
        }
        assert_eq!(["0.22.1", "1.2.3-rc.1", "3+x"].map(line_of), ["0.22", "1", "3"]);
    }
}
