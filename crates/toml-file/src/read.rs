//! Reading, and what goes wrong with it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// Bytes of a configuration file: far above any honest one.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// How far a word may be from a known one, as a part of its length, to be taken for a slip of the pen.
const SLIP_PART: usize = 2;

/// Why a file gives no configuration.
#[derive(Debug)]
pub enum TomlFileError {
    /// It cannot be read.
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no TOML, or says something that is not known here.
    Content {
        /// Which.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong. It holds keys of the file, and no values but malformed ones.
        what: String,
    },
}

impl fmt::Display for TomlFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Content { path, line, column, what } => {
                write!(f, "{}:{line}:{column}: {what}", path.display())
            }
        }
    }
}

impl std::error::Error for TomlFileError {}

/// Reads a file into a type that denies unknown fields.
///
/// # Errors
/// See [`TomlFileError`].
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T, TomlFileError> {
    let read = || {
        let size = path.metadata()?.len();
        if size > FILE_BYTES_MAX {
            return Err(io::Error::other(format!("{size} bytes are no configuration")));
        }
        std::fs::read_to_string(path)
    };
    let text = read().map_err(|source| TomlFileError::Read { path: path.to_owned(), source })?;
    parse(path, &text)
}

/// Reads text that came from `path`.
///
/// # Errors
/// [`TomlFileError::Content`].
pub fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, TomlFileError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        TomlFileError::Content { path: path.to_owned(), line, column, what: inert(&explain(error.message())) }
    })
}

/// A quoted key may hold anything, and a terminal must not obey it.
fn inert(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// What serde says of an unknown field, in words that help.
fn explain(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return message.lines().next().unwrap_or_default().to_owned();
    };
    let mut quoted = rest.split('`').step_by(2);
    let unknown = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.filter(|key| !key.is_empty()).collect();
    let distance = |key: &&&str| strsim::damerau_levenshtein(unknown, key);
    match known.iter().min_by_key(distance).filter(|key| distance(key) * SLIP_PART <= unknown.len().max(2)) {
        Some(nearest) => format!("unknown key `{unknown}`; did you mean `{nearest}`?"),
        None => format!("unknown key `{unknown}`; known here: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only reading is tested")]
    struct Sample {
        name: Option<String>,
        listen: Option<Vec<String>>,
    }

    fn error(text: &str) -> String {
        parse::<Sample>(Path::new("sample.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
        assert_eq!(
            error("name = \"a\"\n\n lsiten = []\n"),
            "sample.toml:3:2: unknown key `lsiten`; did you mean `listen`?"
        );
        assert_eq!(error("colour = 1"), "sample.toml:1:1: unknown key `colour`; known here: name, listen");
    }

    #[test]
    fn a_key_is_not_obeyed_by_a_terminal_and_ends_no_message() {
        assert_eq!(
            error("\"a\\u001b[31m\\nb\" = 1"),
            "sample.toml:1:1: unknown key `a\u{fffd}[31m\u{fffd}b`; known here: name, listen"
        );
    }

    #[test]
    fn broken_toml_is_told_with_its_place() {
        assert!(error("name = \"a\"\nlisten = [\n").starts_with("sample.toml:"), "{}", error("listen = ["));
        assert!(error("name = 7").starts_with("sample.toml:1:8: invalid type"), "{}", error("name = 7"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let missing = load::<Sample>(Path::new("/nonexistent/sample.toml")).unwrap_err().to_string();
        assert!(missing.starts_with("/nonexistent/sample.toml: "), "{missing}");
    }
}
