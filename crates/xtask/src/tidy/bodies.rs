//! The rooms of the operating systems hold working code: no body there is empty or says that it is
//! still to come.

use super::{Finding, line_of_word};
use crate::tree::{Source, production_code};

/// Bodies that do nothing.
const EMPTY_BODIES: &[&str] = &["", "Ok(())", "()", "Default::default()"];

/// Checks every file of an `os` room.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in
        sources.iter().filter(|source| source.is_rust() && !source.is_test() && is_os_room(&source.path))
    {
        let code = production_code(&source.text);
        for word in ["todo!", "unimplemented!", "unreachable!"] {
            if let Some(line) =
                line_of_word(&code, word.trim_end_matches('!')).filter(|_| code.contains(word))
            {
                findings
                    .push(Finding::new(format!("{}:{line}", source.path), format!("`{word}` in an os room")));
            }
        }
        for line in empty_bodies(&code) {
            findings.push(Finding::new(
                format!("{}:{line}", source.path),
                "a function that does nothing in an os room",
            ));
        }
    }
    findings
}

fn is_os_room(path: &str) -> bool {
    path.split('/').any(|part| part == "os" || part == "os.rs")
}

/// The lines, counted from 1, of functions whose body is empty.
fn empty_bodies(code: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let declaration = &code[at..];
        let named = declaration[3..].starts_with(|c: char| c.is_alphabetic() || c == '_');
        let starts_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let Some(open) = declaration.find(['{', ';']).filter(|_| named && starts_word) else { continue };
        let body = declaration[open..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
        if body.is_some_and(|(body, _)| EMPTY_BODIES.contains(&body.trim())) {
            lines.push(code[..at].matches('\n').count() + 1);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_or_promised_body_in_an_os_room_is_told() {
        for body in ["{}", "{ Ok(()) }", "{\n    // later\n}", "{ todo!() }", "{ unimplemented!(\"x\") }"] {
            let text = format!("\nfn own(path: &Path) -> io::Result<()> {body}\n");
            let findings = check(&[Source::new("crates/daemon/src/os/windows.rs", &text)]);
            assert_eq!(findings.len(), 1, "{body}");
            assert!(findings[0].place.ends_with(":2"), "{findings:?}");
        }
    }

    #[test]
    fn a_body_that_works_is_fine_and_so_is_one_elsewhere() {
        let works = "trait Own { fn own(&self); }\nfn f() -> u32 { Ok(()); g() }";
        assert_eq!(check(&[Source::new("crates/daemon/src/os.rs", works)]), []);
        assert_eq!(check(&[Source::new("crates/daemon/src/store.rs", "fn f() {}")]), []);
    }
}
