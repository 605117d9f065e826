//! Reading, and what goes wrong with it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use convene_model::inert;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use crate::explain::{explain, only_one};
use crate::plain::read_plain;

/// Bytes of a configuration file: far above any honest one.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

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
        /// The description of the error. It holds keys of the file, and no values but malformed
        /// ones.
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

/// A file with its text, for who finds something wrong with a value later and wants to name its
/// place.
#[derive(Debug, Clone)]
pub struct TomlFile {
    path: PathBuf,
    text: String,
}

impl TomlFile {
    /// Reads the file.
    ///
    /// # Errors
    /// [`TomlFileError::Read`].
    pub fn read(path: &Path) -> Result<Self, TomlFileError> {
        let read = || {
            let bytes = read_plain(path, FILE_BYTES_MAX)?;
            String::from_utf8(bytes).map_err(|_| io::Error::other("it is no text in UTF-8"))
        };
        let text = read().map_err(|source| TomlFileError::Read { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// Text that came from `path`.
    pub fn new(path: &Path, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Parses the text. `T` denies unknown fields.
    ///
    /// # Errors
    /// [`TomlFileError::Content`].
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, TomlFileError> {
        toml::from_str(&self.text).map_err(|error| {
            let told = || {
                let at = error.span().map_or(0, |span| span.start);
                (at, explain(error.message(), self.text.get(at..).unwrap_or_default()))
            };
            let (at, what) = self.repeated::<T>().unwrap_or_else(told);
            let (line, column) = self.line_and_column(at);
            TomlFileError::Content { path: self.path.clone(), line, column, what: inert(&what) }
        })
    }

    /// The first `[[key]]` where `T` has one table under this key.
    fn repeated<T: DeserializeOwned>(&self) -> Option<(usize, String)> {
        let table = DeTable::parse(&self.text).ok()?;
        let mut headers = table.get_ref().iter().filter(|(key, value)| {
            let before = self.text.get(..key.span().start).unwrap_or_default();
            value.get_ref().is_array() && before.ends_with("[[")
        });
        let (key, _) = headers.find(|(key, _)| takes_one_table::<T>(key.get_ref()))?;
        Some((key.span().start, only_one(key.get_ref())))
    }

    /// The place of a key as errors write it, `FILE:LINE:COLUMN`; of `["listen", "0"]` that of the
    /// first value of the list `listen`. Where the file does not hold the key, the place of what it
    /// would stand in, and in the end the file.
    pub fn place(&self, keys: &[&str]) -> String {
        let path = self.path.display();
        let Some(at) = DeTable::parse(&self.text).ok().and_then(|table| find(table.get_ref(), keys)) else {
            return path.to_string();
        };
        let (line, column) = self.line_and_column(at);
        format!("{path}:{line}:{column}")
    }

    /// Both from 1.
    fn line_and_column(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
    }
}

/// Reads a file into a type that denies unknown fields.
///
/// # Errors
/// See [`TomlFileError`].
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T, TomlFileError> {
    TomlFile::read(path)?.parse()
}

/// Reads text that came from `path`.
///
/// # Errors
/// [`TomlFileError::Content`].
pub fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, TomlFileError> {
    TomlFile::new(path, text).parse()
}

/// The text of a file that holds this.
///
/// # Errors
/// When TOML cannot hold it: it has a null, or a map whose keys are no texts.
pub fn text_of<T: Serialize>(value: &T) -> io::Result<String> {
    toml::to_string(value).map_err(io::Error::other)
}

/// An empty table is read there without a complaint, or with one of what it lacks.
fn takes_one_table<T: DeserializeOwned>(key: &str) -> bool {
    let empty = toml::Table::from_iter([(key.to_owned(), toml::Table::new().into())]);
    empty.try_into::<T>().map_or_else(|error| error.message().starts_with("missing field"), |_| true)
}

/// At which byte the last of these keys stands that is there.
fn find(table: &DeTable<'_>, keys: &[&str]) -> Option<usize> {
    let (first, rest) = keys.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == first)?;
    Some(find_in(value.get_ref(), rest).unwrap_or_else(|| key.span().start))
}

fn find_in(value: &DeValue<'_>, keys: &[&str]) -> Option<usize> {
    if let Some(table) = value.as_table() {
        return find(table, keys);
    }
    let (first, rest) = keys.split_first()?;
    let element = value.as_array()?.get(first.parse::<usize>().ok()?)?;
    Some(find_in(element.get_ref(), rest).unwrap_or_else(|| element.span().start))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only reading is tested")]
    struct Sample {
        name: Option<String>,
        listen: Option<Vec<String>>,
        #[serde(default)]
        server: Vec<Server>,
        proxy: Option<Server>,
        policy: Option<Policy>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Mode {
        Auto,
        Off,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only reading is tested")]
    struct Policy {
        mode: Option<Mode>,
        url: Option<String>,
        port: Option<u16>,
        wpad: Option<bool>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only reading is tested")]
    struct Server {
        host: String,
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
        assert_eq!(
            error("colour = 1"),
            "sample.toml:1:1: unknown key `colour`; known here: name, listen, server, proxy, policy"
        );
        assert_eq!(
            error("[sever]\nhost = \"a\""),
            "sample.toml:1:2: unknown key `sever`; did you mean `server`?"
        );
    }

    #[test]
    fn a_wrong_shape_is_told_with_the_right_spelling() {
        let one =
            "sample.toml:2:1: `[server]` is one of several here; write `[[server]]`, for each one again";
        assert_eq!(error("\n[server]\nhost = \"a\"\n"), one);
        assert_eq!(
            error("[[proxy]]\nhost = \"a\"\n[[proxy]]\nhost = \"b\"\n"),
            "sample.toml:1:3: there is only one `proxy`; write `[proxy]`, and once"
        );
        assert_eq!(
            error("name = \"a\"\n[[policy]]\nurl = \"a\"\n"),
            "sample.toml:2:3: there is only one `policy`; write `[policy]`, and once"
        );
        assert_eq!(error("[[server]]\nhost = 7\n"), "sample.toml:2:8: a text is wanted here, in quotes");
        assert_eq!(
            error("[policy]\nport = \"443\"\n"),
            "sample.toml:2:8: a number is wanted here, without quotes"
        );
        assert_eq!(
            error("[policy]\nwpad = \"true\"\n"),
            "sample.toml:2:8: true or false is wanted here, without quotes"
        );
        let list = "sample.toml:1:10: a list is wanted here, in brackets, such as [\"…\"]";
        assert_eq!(error("listen = \"0.0.0.0:443\""), list);
    }

    #[test]
    fn a_key_is_not_obeyed_by_a_terminal_and_ends_no_message() {
        assert_eq!(
            error("\"a\\u001b[31m\\nb\" = 1"),
            "sample.toml:1:1: unknown key `a [31m b`; known here: name, listen, server, proxy, policy"
        );
    }

    #[test]
    fn broken_toml_is_told_with_its_place() {
        assert!(error("name = \"a\"\nlisten = [\n").starts_with("sample.toml:"), "{}", error("listen = ["));
        assert!(error("name = []").starts_with("sample.toml:1:8: invalid type"), "{}", error("name = []"));
    }

    #[test]
    fn a_value_is_found_again() {
        let text = "name = \"a\"\nlisten = [\n  \"one\",\n  \"two\",\n]\n[[server]]\nhost = \"a\"\n[[server]]\n  host = \"b\"\n";
        let file = TomlFile::new(Path::new("sample.toml"), text);
        for (keys, place) in [
            (&["name"][..], "sample.toml:1:1"),
            (&["listen"], "sample.toml:2:1"),
            (&["listen", "1"], "sample.toml:4:3"),
            (&["server", "1", "host"], "sample.toml:9:3"),
            (&["server", "1", "ca_file"], "sample.toml:8:1"),
            (&["proxy", "url"], "sample.toml"),
        ] {
            assert_eq!(file.place(keys), place, "{keys:?}");
        }
    }

    #[test]
    fn a_text_that_was_made_is_read_again_though_a_table_stands_before_a_value() {
        #[derive(serde::Serialize)]
        struct Unordered {
            proxy: BTreeMap<&'static str, &'static str>,
            server: Vec<BTreeMap<&'static str, &'static str>>,
            name: &'static str,
        }
        let host = |host| BTreeMap::from([("host", host)]);
        let made = Unordered { proxy: host("p"), server: vec![host("a"), host("b")], name: "a \"b\"" };
        let text = text_of(&made).unwrap();
        assert!(text.contains("[[server]]") && text.contains("[proxy]"), "{text}");
        let read: toml::Table = parse(Path::new("sample.toml"), &text).unwrap();
        assert_eq!(read["server"][1]["host"].as_str(), Some("b"));
        assert_eq!(read["name"].as_str(), Some("a \"b\""));
        assert_eq!(read["proxy"]["host"].as_str(), Some("p"));
    }

    #[test]
    fn a_missing_file_is_named() {
        let missing = load::<Sample>(Path::new("/nonexistent/sample.toml")).unwrap_err().to_string();
        assert!(missing.starts_with("/nonexistent/sample.toml: "), "{missing}");
    }
}
