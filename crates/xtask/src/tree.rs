//! The files of the source tree, and Rust source without what only people read.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// One file of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    /// Empty, where the file is no text.
    pub(crate) text: String,
}

impl Source {
    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|kind| kind == "rs")
    }

    pub(crate) fn is_markdown(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|kind| kind == "md")
    }

    /// The file's name without folders.
    pub(crate) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether only tests are compiled from it.
    pub(crate) fn is_test(&self) -> bool {
        self.file_name() == "tests.rs" || self.path.split('/').any(|part| part == "tests")
    }
}

/// Every file below `root`, in order of path, without what git, cargo and npm keep or make
/// there: `.git` is a file in a linked worktree.
pub(crate) fn read(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let entry = entry?;
            let (path, kind, name) = (entry.path(), entry.file_type()?, entry.file_name());
            if [".git", "target", "node_modules", "dist"].iter().any(|made| name == *made) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let text = String::from_utf8(fs::read(&path)?).unwrap_or_default();
                let path = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
                sources.push(Source { path, text });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

/// Rust source with comments and the insides of literals blanked, lines kept: what remains is what
/// is compiled.
pub(crate) fn code(text: &str) -> String {
    let mut rest = text;
    let mut code = String::with_capacity(text.len());
    while let Some(first) = rest.chars().next() {
        let length = literal_length(rest).unwrap_or(0);
        if length > 0 {
            let (blanked, after) = rest.split_at(length);
            code.extend(blanked.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = after;
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            code.push_str(word);
            rest = after;
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    code
}

/// The length of the comment or literal with which `rest` begins.
fn literal_length(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_length(rest));
    }
    let plain = rest.trim_start_matches(['b', 'c']);
    let prefix = rest.len() - plain.len();
    if let Some(hashed) = plain.strip_prefix('r').filter(|_| prefix < 2) {
        let body = hashed.trim_start_matches('#');
        let hashes = &hashed[..hashed.len() - body.len()];
        if let Some(body) = body.strip_prefix('"') {
            let close = format!("\"{hashes}");
            let end = body.find(&close).map_or(body.len(), |at| at + close.len());
            return Some(rest.len() - body.len() + end);
        }
    }
    if prefix > 1 {
        return None;
    }
    match plain.chars().next()? {
        '"' => Some(prefix + quoted_length(plain, '"')),
        // A lifetime has no closing quote behind its first character.
        '\'' if plain[1..].starts_with('\\') || plain.chars().nth(2) == Some('\'') => {
            Some(prefix + quoted_length(plain, '\''))
        }
        _ => None,
    }
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

fn block_comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let tail = &rest[at..];
        let Some(next) = [tail.find("/*"), tail.find("*/")].into_iter().flatten().min() else {
            return rest.len();
        };
        let opens = tail[next..].starts_with("/*");
        at += next + 2;
        depth = if opens { depth + 1 } else { depth.saturating_sub(1) };
        if depth == 0 {
            return at;
        }
    }
}

/// [`code`] up to the tests inside the file, which stand last.
pub(crate) fn production_code(text: &str) -> String {
    let code = code(text);
    let mut end = 0;
    for line in code.split_inclusive('\n') {
        let after = code[end + line.len()..].trim_start();
        let module = after
            .lines()
            .next()
            .is_some_and(|next| next.starts_with("mod ") && next.trim_end().ends_with('{'));
        if line.trim() == "#[cfg(test)]" && module {
            break;
        }
        end += line.len();
    }
    code[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_lines_kept() {
        let text = "let a = \"tokio\"; // tokio\n/* tokio /* nested */ tokio */ let b = r#\"to\"kio\"#;\nlet c = '\"'; tokio";
        let code = code(text);
        assert_eq!(code.matches("tokio").count(), 1);
        assert_eq!(code.lines().count(), 3);
        assert!(code.contains("let b ="));
    }

    #[test]
    fn a_lifetime_is_no_literal() {
        assert_eq!(code("fn f<'a>(x: &'a str) {}"), "fn f<'a>(x: &'a str) {}");
    }

    #[test]
    fn tests_inside_a_file_are_not_production() {
        let text = "#[cfg(test)]\nmod tests;\nfn a() {}\n#[cfg(test)]\nmod more {\n fn b() {}\n}\n";
        let code = production_code(text);
        assert!(code.contains("fn a"));
        assert!(!code.contains("fn b"));
    }
}
