//! The description of a conference that an organizer writes.

use std::path::Path;

use convene_conference::Settings;
use convene_model::Timestamp;
use convene_model::limits::{THEME_CHARS_MAX, TITLE_CHARS_MAX};
use convene_toml_file::TomlFile;
use serde::Deserialize;

use super::ConfigError;

/// Languages of one conference.
const LANGUAGES_MAX: usize = 8;

/// A description that was understood.
#[derive(Debug)]
pub(crate) struct ConferenceFile {
    pub(crate) settings: Settings,
    /// Warnings about keys that stand in the file and have no effect yet.
    pub(crate) warnings: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: String,
    #[serde(default)]
    theme: String,
    #[serde(default)]
    languages: Vec<String>,
    start: Option<toml::value::Datetime>,
    variant: Option<Variant>,
    #[serde(default)]
    phase: Vec<Phase>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Variant {
    Classic,
    Special,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read so that a mistake in it is found")]
struct Phase {
    kind: String,
    minutes: Option<u32>,
    rounds: Option<u32>,
}

impl ConferenceFile {
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::checked(&TomlFile::read(path)?)
    }

    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        Self::checked(&TomlFile::new(path, text))
    }

    fn checked(file: &TomlFile) -> Result<Self, ConfigError> {
        let written: Written = file.parse()?;
        let refuse = |key, what| Err(ConfigError::Value { place: file.place(&[key]), key, what });
        let is_line = |text: &str| !text.chars().any(char::is_control);
        let title = written.title.trim().to_owned();
        if title.is_empty() || title.chars().count() > TITLE_CHARS_MAX || !is_line(&title) {
            return refuse("title", "must be one line of 1 to 200 characters");
        }
        let theme = written.theme.trim().to_owned();
        if theme.chars().count() > THEME_CHARS_MAX || !is_line(&theme.replace('\n', " ")) {
            return refuse("theme", "must have at most 1,000 characters and no control characters");
        }
        let is_tag = |tag: &String| {
            (2..=35).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        if written.languages.len() > LANGUAGES_MAX || !written.languages.iter().all(is_tag) {
            return refuse("languages", "must be at most 8 language tags, such as \"de\" or \"en\"");
        }
        let start = match written.start.map(|start| start.to_string().parse::<Timestamp>()) {
            None => None,
            Some(Ok(start)) => Some(start),
            Some(Err(_)) => {
                return refuse(
                    "start",
                    "must be a moment with its offset, such as 2026-12-01T09:00:00+01:00",
                );
            }
        };
        let mut warnings = Vec::new();
        if written.variant.is_some() {
            warnings.push("`variant` has no effect in this version".to_owned());
        }
        if !written.phase.is_empty() {
            warnings
                .push("`[[phase]]` has no effect in this version: the conference is open at once".to_owned());
        }
        Ok(Self { settings: Settings { title, theme, languages: written.languages, start }, warnings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ConferenceFile, String> {
        ConferenceFile::parse(Path::new("conference.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn only_a_title_is_required() {
        let file = parse("title = \" Our next year \"").unwrap();
        assert_eq!((file.settings.title.as_str(), file.warnings.len()), ("Our next year", 0));
    }

    #[test]
    fn every_documented_key_is_taken_and_what_has_no_effect_is_said() {
        let file = parse(
            r#"
            title = "Our next year"
            theme = "What do we want to begin, keep and end?"
            languages = ["de", "en"]
            start = 2026-12-01T09:00:00+01:00
            variant = "special"
            [[phase]]
            kind = "workshops"
            minutes = 45
            rounds = 2
            "#,
        )
        .unwrap();
        assert_eq!(file.settings.start.unwrap().to_string(), "2026-12-01T08:00:00.000Z");
        assert_eq!(file.warnings.len(), 2);
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(
            parse("titel = \"a\"").unwrap_err(),
            "conference.toml:1:1: unknown key `titel`; did you mean `title`?"
        );
        assert!(parse("title = \"\"").unwrap_err().contains("title: must be one line"));
        assert!(parse(&format!("title = \"{}\"", "x".repeat(201))).unwrap_err().contains("title"));
        assert!(parse("title = \"a\"\nstart = 2026-12-01").unwrap_err().contains("start: must be a moment"));
        assert!(parse("title = \"a\"\nlanguages = [\"not a tag\"]").unwrap_err().contains("languages"));
    }
}
