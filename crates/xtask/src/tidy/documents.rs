//! Documents stay beside what they describe: each names its folders, names no folder that is gone,
//! and the two that are contracts bear a mark of the source that they were last read against.

use super::Finding;
use crate::tree::Source;

const MAP: &str = "docs/ARCHITECTURE.md";
const MAP_HEADING: &str = "## Code map";

/// The folders that each document below `docs/` describes: it must name them.
const DESCRIBES: &[(&str, &[&str])] = &[
    (MAP, &[]), // its code map must name them all
    ("docs/GLOSSARY.md", &["crates/model"]),
    ("docs/STYLE.md", &["crates/xtask"]),
    ("docs/TESTING.md", &["tests/sim", "tests/system", "tests/hostile", "crates/xtask"]),
    ("docs/PROTOCOL.md", &["crates/protocol", "crates/link"]),
    ("docs/LOCAL-API.md", &["crates/local-api"]),
    ("docs/CONFERENCE.md", &["crates/conference"]),
    ("docs/FIREWALLS.md", &["crates/model", "crates/wording"]),
    ("docs/ADMIN.md", &["crates/daemon", "crates/server"]),
];

/// A word that begins with one of these is a path.
const FOLDERS: &[&str] = &["clients/", "crates/", "tests/", "packaging/", "docs/"];

/// Where decisions are kept, a page for each.
const DECISIONS: &str = "docs/adr/";

/// Contracts, and the source whose change must be followed by a look at the document.
const MARKED: &[(&str, &str)] =
    &[("docs/PROTOCOL.md", "crates/protocol/src"), ("docs/LOCAL-API.md", "docs/openrpc.json")];

/// Checks the documents against the tree.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let find = |path: &str| sources.iter().find(|source| source.path == path);
    for (document, folders) in DESCRIBES {
        let Some(text) = find(document).map(|source| &source.text) else {
            findings.push(Finding::new(*document, "is missing"));
            continue;
        };
        for folder in folders.iter().filter(|folder| !text.contains(*folder)) {
            findings.push(Finding::new(*document, format!("describes {folder} and must name it")));
        }
    }
    for source in sources.iter().filter(|source| source.is_markdown()) {
        let top = source.path.strip_prefix("docs/").is_some_and(|name| !name.contains('/'));
        if top && !DESCRIBES.iter().any(|(document, _)| *document == source.path) {
            findings
                .push(Finding::new(&source.path, "say in DESCRIBES of tidy/documents.rs what it describes"));
        }
        for folder in named_folders(&source.text).filter(|folder| !exists(sources, folder)) {
            findings.push(Finding::new(&source.path, format!("names {folder}, which does not exist")));
        }
    }
    let decisions = sources.iter().filter(|source| source.path.starts_with(DECISIONS));
    findings.extend(decisions.filter(|page| !has_status(&page.text)).map(|page| {
        Finding::new(&page.path, "say under the title `Status: …. Date: YYYY-MM-DD.`, as its neighbours do")
    }));
    let map = find(MAP).and_then(|source| source.text.split_once(MAP_HEADING)).map_or("", |(_, map)| map);
    let map = map.split("\n## ").next().unwrap_or_default();
    for folder in packages(sources).filter(|folder| !named_folders(map).any(|named| named == *folder)) {
        findings.push(Finding::new(MAP, format!("its code map must name {folder}")));
    }
    findings.extend(blessed(sources).into_iter().map(|document| {
        Finding::new(document.path, "its source has changed: read it again, then `cargo xtask tidy --bless`")
    }));
    findings
}

/// The marked documents whose mark is not that of their source, with the mark set right.
pub(super) fn blessed(sources: &[Source]) -> Vec<Source> {
    let mut changed = Vec::new();
    for (document, described) in MARKED {
        let Some(source) = sources.iter().find(|source| source.path == *document) else { continue };
        let start = format!("<!-- read against {described} ");
        let mark = format!("{start}{:016x} -->", fingerprint(sources, described));
        if source.text.lines().any(|line| line == mark) {
            continue;
        }
        let kept: Vec<&str> = source.text.lines().filter(|line| !line.starts_with(&start)).collect();
        let text = format!("{}\n\n{mark}\n", kept.join("\n").trim_end());
        changed.push(Source { path: (*document).to_owned(), text });
    }
    changed
}

/// FNV-1a over the files' names and texts, tests left out. It notices a change; it need not
/// withstand anyone.
fn fingerprint(sources: &[Source], described: &str) -> u64 {
    let below = format!("{described}/");
    sources
        .iter()
        .filter(|source| source.path == described || source.path.starts_with(&below) && !source.is_test())
        .flat_map(|source| source.path.bytes().chain(source.text.bytes()))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The folders of the packages.
fn packages(sources: &[Source]) -> impl Iterator<Item = &str> {
    sources
        .iter()
        .filter_map(|source| source.path.strip_suffix("/Cargo.toml"))
        .filter(|folder| folder.starts_with("crates/") || folder.starts_with("tests/"))
}

/// The words of a text that are paths below one of the tree's folders.
fn named_folders(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !"-_./*<".contains(c))
        .filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)))
        .filter(|word| !word.contains(['*', '<']))
        .map(|word| word.trim_end_matches(['/', '.']))
        .filter(|word| word.contains('/'))
}

/// Whether a decision says, under its title, how it stands and since when.
fn has_status(text: &str) -> bool {
    let line = text.lines().nth(2).unwrap_or_default();
    let date =
        line.strip_prefix("Status: ").and_then(|line| line.split_once(". Date: ")).map(|(_, date)| date);
    let shape =
        |date: &str| date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    date.is_some_and(|date| shape(date) == "0000-00-00.")
}

fn exists(sources: &[Source], folder: &str) -> bool {
    let below = format!("{folder}/");
    sources.iter().any(|source| source.path == folder || source.path.starts_with(&below))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> Vec<Source> {
        let mut sources: Vec<Source> =
            DESCRIBES.iter().map(|(path, folders)| Source::new(path, &folders.join(" "))).collect();
        let mut folders: Vec<&str> =
            DESCRIBES.iter().flat_map(|(_, folders)| folders.iter().copied()).collect();
        folders.sort_unstable();
        folders.dedup();
        sources[0].text = format!("{MAP_HEADING}\n`{}`", folders.join("/`, `"));
        for folder in folders {
            sources.push(Source::new(&format!("{folder}/Cargo.toml"), ""));
            sources.push(Source::new(&format!("{folder}/src/lib.rs"), "//! x"));
        }
        sources.push(Source::new("docs/openrpc.json", "{}"));
        for document in blessed(&sources) {
            sources.retain(|source| source.path != document.path);
            sources.push(document);
        }
        sources
    }

    #[test]
    fn a_house_whose_documents_are_true_has_no_findings() {
        assert_eq!(check(&house()), []);
    }

    #[test]
    fn a_package_that_the_map_does_not_name_is_told() {
        let mut house = house();
        house.push(Source::new("crates/new/Cargo.toml", ""));
        assert_eq!(check(&house), [Finding::new(MAP, "its code map must name crates/new")]);
    }

    #[test]
    fn a_folder_that_is_gone_is_told() {
        let mut house = house();
        house.push(Source::new("README.md", "see `crates/gone/src` and crates/<name>"));
        assert_eq!(check(&house).len(), 1);
    }

    #[test]
    fn a_file_that_is_gone_is_told_whichever_folder_it_was_in() {
        let mut house = house();
        house.push(Source::new("README.md", "`packaging/gone.toml` `docs/GONE.md` `docs/STYLE.md`"));
        assert_eq!(check(&house).len(), 2);
    }

    #[test]
    fn a_decision_without_status_or_date_is_told() {
        let page = |status: &str| Source::new("docs/adr/0001-a.md", &format!("# 1. A\n\n{status}\n"));
        for (status, findings) in [
            ("Status: accepted. Date: 2026-11-29.", 0),
            ("Status: replaced by ADR 2. Date: 2026-11-29.", 0),
            ("Status: accepted.", 1),
            ("Status: accepted. Date: soon.", 1),
            ("**Situation.** x", 1),
        ] {
            let mut house = house();
            house.push(page(status));
            assert_eq!(check(&house).len(), findings, "{status}");
        }
    }

    #[test]
    fn a_document_that_is_missing_or_names_nothing_is_told() {
        let mut missing = house();
        missing.retain(|source| source.path != "docs/GLOSSARY.md");
        assert_eq!(check(&missing).len(), 1);
        let mut silent = house();
        silent.iter_mut().find(|source| source.path == "docs/STYLE.md").expect("listed").text.clear();
        assert_eq!(check(&silent).len(), 1);
        let mut unknown = house();
        unknown.push(Source::new("docs/NEW.md", ""));
        assert_eq!(check(&unknown).len(), 1);
    }

    #[test]
    fn a_contract_whose_source_changed_is_told_until_it_is_blessed() {
        let mut house = house();
        let frames =
            house.iter_mut().find(|source| source.path == "crates/protocol/src/lib.rs").expect("listed");
        frames.text.push_str(" more");
        assert_eq!(check(&house).len(), 1);
        let read = blessed(&house);
        house.retain(|source| source.path != read[0].path);
        house.extend(read);
        assert_eq!(check(&house), []);
    }
}
