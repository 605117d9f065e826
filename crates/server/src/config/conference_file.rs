//! The description of a conference that an organizer writes.

use std::path::Path;

use convene_conference::{Description, PhasePlan, RoomNames, RoomPlan, Settings};
use convene_model::Timestamp;
use convene_model::limits::{
    HOSTS_CHARS_MAX, PHASE_MINUTES_MAX, PHASES_MAX, ROOM_NAME_CHARS_MAX, ROOMS_MAX, THEME_CHARS_MAX,
    TITLE_CHARS_MAX,
};
use convene_toml_file::TomlFile;
use serde::Deserialize;

use super::ConfigError;

/// Languages of one conference.
const LANGUAGES_MAX: usize = 8;
/// Bytes of the names of all rooms: with everything else they fit into the first entry of a log.
const ROOM_NAMES_BYTES_MAX: usize = 32 * 1024;

/// A description that was understood.
#[derive(Debug)]
pub(crate) struct ConferenceFile {
    pub(crate) description: Description,
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
    hosts: String,
    #[serde(default)]
    languages: Vec<String>,
    start: Option<toml::value::Datetime>,
    variant: Option<Variant>,
    #[serde(default)]
    room: Vec<Room>,
    #[serde(default)]
    phase: Vec<Phase>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Room {
    name: RoomNames,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Variant {
    Classic,
    Special,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phase {
    kind: String,
    minutes: u32,
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
        let refuse = |key, what| ConfigError::Value { place: file.place(&[key]), key, what };
        let start = start(written.start.as_ref()).map_err(|what| refuse("start", what))?;
        let title = title(&written.title).map_err(|what| refuse("title", what))?;
        let theme = theme(&written.theme).map_err(|what| refuse("theme", what))?;
        let hosts = hosts(&written.hosts).map_err(|what| refuse("hosts", what))?;
        let languages = languages(written.languages).map_err(|what| refuse("languages", what))?;
        let rooms = rooms(written.room).map_err(|what| refuse("room", what))?;
        let phases = phases(written.phase).map_err(|what| refuse("phase", what))?;
        let without_start = start.is_none() && !phases.is_empty();
        let warnings = [
            written.variant.map(|_| "`variant` has no effect in this version"),
            without_start
                .then_some("without a `start` the phases have no effect: the conference is open at once"),
        ];
        let warnings = warnings.into_iter().flatten().map(str::to_owned).collect();
        let settings = Settings { title, theme, hosts, languages, start };
        Ok(Self { description: Description { settings, rooms, phases }, warnings })
    }
}

fn title(written: &str) -> Result<String, &'static str> {
    let title = written.trim();
    if title.is_empty() || title.chars().count() > TITLE_CHARS_MAX || !is_line(title) {
        return Err("must be one line of 1 to 200 characters");
    }
    Ok(title.to_owned())
}

fn theme(written: &str) -> Result<String, &'static str> {
    let theme = written.trim();
    if theme.chars().count() > THEME_CHARS_MAX || !is_line(&theme.replace('\n', " ")) {
        return Err("must have at most 1,000 characters and no control characters");
    }
    Ok(theme.to_owned())
}

fn hosts(written: &str) -> Result<String, &'static str> {
    let hosts = written.trim();
    if hosts.chars().count() > HOSTS_CHARS_MAX || !is_line(hosts) {
        return Err("must be one line of at most 200 characters, such as \"The staff council\"");
    }
    Ok(hosts.to_owned())
}

fn languages(written: Vec<String>) -> Result<Vec<String>, &'static str> {
    if written.len() > LANGUAGES_MAX || !written.iter().all(|tag| is_tag(tag)) {
        return Err("must be at most 8 language tags, such as \"de\" or \"en\"");
    }
    Ok(written)
}

fn start(written: Option<&toml::value::Datetime>) -> Result<Option<Timestamp>, &'static str> {
    let start = written.map(|start| start.to_string().parse::<Timestamp>());
    start.transpose().map_err(|_| "must be a moment with its offset, such as 2026-12-01T09:00:00+01:00")
}

fn rooms(written: Vec<Room>) -> Result<Vec<RoomPlan>, &'static str> {
    let is_name = |name: &String| {
        !name.trim().is_empty() && name.chars().count() <= ROOM_NAME_CHARS_MAX && is_line(name)
    };
    let is_named = |Room { name }: &Room| {
        (1..=LANGUAGES_MAX).contains(&name.len())
            && name.keys().all(|tag| is_tag(tag))
            && name.values().all(is_name)
    };
    let names = written.iter().flat_map(|room| &room.name);
    let bytes: usize = names.map(|(tag, name)| tag.len() + name.len()).sum();
    if written.len() > ROOMS_MAX || bytes > ROOM_NAMES_BYTES_MAX || !written.iter().all(is_named) {
        return Err(
            "must be at most 50 rooms, each with a name of one line in each language, such as name = { de = \"Garten\", en = \"Garden\" }, and 32 KiB of names",
        );
    }
    Ok(written.into_iter().map(|Room { name }| RoomPlan { name }).collect())
}

fn phases(written: Vec<Phase>) -> Result<Vec<PhasePlan>, &'static str> {
    let phases: Vec<PhasePlan> = written.into_iter().map(plan).collect();
    let is_planned = |phase: &PhasePlan| {
        (1..=PHASE_MINUTES_MAX).contains(&phase.minutes) && phase.rounds > 0 && is_kind(&phase.kind)
    };
    let rounds = phases.iter().map(|phase| u64::from(phase.rounds)).sum::<u64>();
    if rounds > PHASES_MAX as u64 || !phases.iter().all(is_planned) {
        return Err(
            "must be at most 200 phases and rounds, each with a kind in one word and 1 to 1,440 minutes",
        );
    }
    Ok(phases)
}

fn is_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Whether it is one word, such as `next_steps`.
fn is_kind(kind: &str) -> bool {
    is_tag(&kind.replace('_', "-"))
}

/// Whether it has the form of a language tag (BCP 47).
fn is_tag(tag: &str) -> bool {
    (2..=35).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn plan(Phase { kind, minutes, rounds }: Phase) -> PhasePlan {
    PhasePlan { kind, minutes, rounds: rounds.unwrap_or(1) }
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
        assert_eq!((file.description.settings.title.as_str(), file.warnings.len()), ("Our next year", 0));
    }

    #[test]
    fn every_documented_key_is_taken_and_what_has_no_effect_is_said() {
        let file = parse(
            r#"
            title = "Our next year"
            theme = "What do we want to begin, keep and end?"
            hosts = " The staff council "
            languages = ["de", "en"]
            start = 2026-12-01T09:00:00+01:00
            variant = "special"
            [[room]]
            name = { de = "Garten", en = "Garden" }
            [[phase]]
            kind = "workshops"
            minutes = 45
            rounds = 2
            [[phase]]
            kind = "next_steps"
            minutes = 30
            "#,
        )
        .unwrap();
        assert_eq!(file.description.settings.hosts, "The staff council");
        assert_eq!(file.description.settings.start.unwrap().to_string(), "2026-12-01T08:00:00.000Z");
        assert_eq!(file.warnings.len(), 1, "of the variant");
        assert_eq!(file.description.rooms.len(), 1);
        assert_eq!((file.description.phases[0].minutes, file.description.phases[0].rounds), (45, 2));
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(
            parse("titel = \"a\"").unwrap_err(),
            "conference.toml:1:1: unknown key `titel`; did you mean `title`?"
        );
        assert!(parse("title = \"\"").unwrap_err().contains("title: must be one line"));
        assert!(parse(&format!("title = \"{}\"", "x".repeat(201))).unwrap_err().contains("title"));
        assert!(parse("title = \"a\"\nhosts = \"b\\nc\"").unwrap_err().contains("hosts: must be one line"));
        assert!(parse("title = \"a\"\nstart = 2026-12-01").unwrap_err().contains("start: must be a moment"));
        assert!(
            parse("title = \"a\"\n[[phase]]\nkind = \"x\"\nminutes = 0").unwrap_err().contains("phase: must")
        );
        assert!(parse("title = \"a\"\n[[room]]\nname = {}").unwrap_err().contains("room: must"));
        let named_once = parse("title = \"a\"\n[[room]]\nname = \"Garden\"").unwrap_err();
        assert!(named_once.contains("in braces, such as { de ="), "{named_once}");
        let quoted = parse("title = \"a\"\nstart = \"2026-12-01T09:00:00+01:00\"").unwrap_err();
        assert!(quoted.ends_with("a moment is wanted here, without quotes"), "{quoted}");
        assert!(parse("title = \"a\"\nlanguages = [\"not a tag\"]").unwrap_err().contains("languages"));
    }
}
