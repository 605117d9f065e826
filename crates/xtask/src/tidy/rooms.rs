//! Inside the large crates rooms need one another in one direction only, so that each can be read
//! without those above it.
//!
//! A room is a file of `src/`, with the folder of the same name. It needs another one where its
//! code names `crate::other`. For example, `registry` may name `servers`; then neither `servers`
//! nor a room that `servers` needs may name `registry`.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::tree::{Source, production_code};

/// The crates whose rooms are checked.
const CRATES: &[&str] = &["daemon", "dial", "server", "tui"];

/// The rooms that each room needs.
type Needs<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Checks the rooms of all large crates.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    CRATES.iter().flat_map(|name| check_crate(&format!("crates/{name}/src/"), sources)).collect()
}

fn check_crate(folder: &str, sources: &[Source]) -> Vec<Finding> {
    let files: Vec<(&str, &Source)> = sources
        .iter()
        .filter(|source| source.is_rust() && !source.is_test())
        .filter_map(|source| Some((source.path.strip_prefix(folder)?, source)))
        .filter(|(path, _)| !["lib.rs", "main.rs"].contains(path))
        .collect();
    let rooms: BTreeSet<&str> = files.iter().map(|(path, _)| room_of(path)).collect();
    let mut needs = Needs::new();
    let mut findings = Vec::new();
    for (path, source) in &files {
        let room = room_of(path);
        let depth = path.matches('/').count() + 1;
        for name in names_of_the_crate(&production_code(&source.text), depth) {
            if let Some(named) = rooms.get(name.as_str()).filter(|named| **named != room) {
                needs.entry(room).or_default().insert(named);
            } else if name.starts_with(char::is_uppercase) {
                let what = format!("name {name} by its room, not by the crate's front");
                findings.push(Finding::new(&source.path, what));
            }
        }
    }
    findings.extend(circles(&needs).into_iter().map(|circle| {
        Finding::new(folder, format!("rooms need one another in a circle: {}", circle.join(" -> ")))
    }));
    findings
}

/// `task` of the file `servers/task.rs` belongs to the room `servers`.
fn room_of(path: &str) -> &str {
    let first = path.split('/').next().unwrap_or(path);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The names that code takes from the crate's root, in a file so deep below `src`: by `crate::`, or
/// by as many `super::`.
fn names_of_the_crate(code: &str, depth: usize) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for root in ["crate::".to_owned(), "super::".repeat(depth)] {
        for (at, _) in code.match_indices(&root) {
            let begins = code[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
            let deeper = code[..at].ends_with("super::") || code[at + root.len()..].starts_with("super::");
            if begins && !deeper {
                names.extend(first_names(&code[at + root.len()..]));
            }
        }
    }
    names
}

/// `a` of `a::b`, and `a` and `c` of `{a::{b}, c}`.
fn first_names(rest: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let (mut depth, mut names) = (0_usize, Vec::new());
    for (at, c) in group.char_indices() {
        let begins = at == 0 || (c == ',' && depth == 0);
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
        if begins {
            names.push(name(group[at..].trim_start_matches(|c: char| c == ',' || c.is_whitespace())));
        }
    }
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// Ways that lead back to where they began, each told once.
fn circles<'a>(needs: &Needs<'a>) -> Vec<Vec<&'a str>> {
    let (mut done, mut circles) = (BTreeSet::new(), Vec::new());
    for room in needs.keys() {
        walk(room, needs, &mut Vec::new(), &mut done, &mut circles);
    }
    circles
}

fn walk<'a>(
    room: &'a str,
    needs: &Needs<'a>,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
    circles: &mut Vec<Vec<&'a str>>,
) {
    if let Some(at) = way.iter().position(|passed| *passed == room) {
        let circle = way.iter().skip(at).copied().chain([room]);
        circles.push(circle.collect());
        return;
    }
    if done.contains(room) {
        return;
    }
    way.push(room);
    for next in needs.get(room).into_iter().flatten() {
        walk(next, needs, way, done, circles);
    }
    way.pop();
    done.insert(room);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(files: &[(&str, &str)]) -> Vec<Finding> {
        let sources: Vec<_> = files
            .iter()
            .map(|(path, text)| Source::new(&format!("crates/daemon/src/{path}"), text))
            .collect();
        check(&sources)
    }

    #[test]
    fn a_circle_is_told_with_its_way() {
        let told = findings(&[
            ("registry.rs", "use crate::servers::Wish;"),
            ("servers.rs", ""),
            ("servers/task.rs", "use crate::{logins::Logins, store};"),
            ("logins.rs", "fn f() { super::registry::g(); }"),
            ("store.rs", ""),
        ]);
        let way = "rooms need one another in a circle: logins -> registry -> servers -> logins";
        assert_eq!(told, [Finding::new("crates/daemon/src/", way)]);
    }

    #[test]
    fn one_direction_is_fine_and_so_are_tests_and_the_room_itself() {
        let told = findings(&[
            ("registry.rs", "use crate::servers::Wish;\nuse crate::registry::rules;"),
            ("servers.rs", "#[cfg(test)]\nmod tests {\n    use crate::registry;\n}"),
            ("servers/tests.rs", "use crate::registry::Registry;"),
            ("servers/task.rs", "use super::registry; // crate::registry"),
            ("lib.rs", "pub use crate::registry;"),
        ]);
        assert_eq!(told, []);
    }

    #[test]
    fn a_name_from_the_crates_front_is_told() {
        assert_eq!(findings(&[("store.rs", "fn f() -> crate::Registry {}")]).len(), 1);
    }
}
