//! The notices that come with the libraries inside of a program. Most of their licences allow to
//! pass a program on only together with them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::linked::Linked;
use super::page_inside;

/// The beginnings of the names of files with licences.
const NAMES: &[&str] = &["license", "licence", "copying", "copyright", "notice", "unlicense"];

/// Folders inside of crates that hold somebody else's source.
const BUNDLED: &[(&str, &str)] = &[("rquickjs-sys", "quickjs")];

/// Every text once, below the names of the crates that it belongs to.
pub(super) fn text(programs: &[&str], target: &str) -> Result<String> {
    let Linked { crates, metadata } = Linked::of(programs, target)?;
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut without = Vec::new();
    for (one, about) in crates.iter().filter(|(one, _)| !one.is_ours) {
        let folder = metadata.folder(one)?;
        let bundled = BUNDLED.iter().filter(|(name, _)| *name == one.name);
        let mut texts = texts(&folder)?;
        for (_, inside) in bundled {
            texts.extend(self::texts(&folder.join(inside))?);
        }
        if texts.is_empty() {
            without.push(format!("{} {}: {}", one.name, one.version, about.licence));
        }
        for text in texts {
            owners.entry(text).or_default().push(format!("{} {}", one.name, one.version));
        }
    }
    for part in page_inside::parts(programs)? {
        let owner = format!("{} {}", part.name, part.version);
        let texts = texts(&part.folder).context("the page is built before its licences are told")?;
        if texts.is_empty() {
            without.push(format!("{owner}: {}", part.licence));
        }
        for text in texts {
            owners.entry(text).or_default().push(owner.clone());
        }
    }
    ensure!(!owners.is_empty(), "no library has a licence: their sources were not read");
    let mut all: Vec<(String, String)> =
        owners.into_iter().map(|(text, owners)| (owners.join(", "), text)).collect();
    all.sort();
    let mut document =
        "The programs of this package hold these libraries, under these licences.\n".to_owned();
    for (owners, text) in all {
        document.push_str(&format!("\n{}\n{owners}\n\n{text}\n", "-".repeat(78)));
    }
    if !without.is_empty() {
        document.push_str(&format!(
            "\n{}\nThese come without a text of their own:\n\n{}\n",
            "-".repeat(78),
            without.join("\n")
        ));
    }
    Ok(document)
}

fn texts(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if NAMES.iter().any(|begin| name.starts_with(begin)) && entry.file_type()?.is_file() {
            let text = String::from_utf8_lossy(&fs::read(entry.path())?).replace("\r\n", "\n");
            texts.push(text.trim_end().to_owned());
        }
    }
    texts.sort();
    texts.dedup();
    Ok(texts)
}
