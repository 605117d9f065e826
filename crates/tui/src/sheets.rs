//! The views that are lists of entries, most of which can be chosen. Each is made anew of what is
//! known, and nothing is kept in it.

mod ballot;
mod banners;
mod check;
mod conferences;
mod connection;
mod help;
mod letter;
mod organize;
mod people;
mod places;
mod schedule;
mod settings;
mod trouble;

use convene_model::Timestamp;

use crate::state::{Act, Allowed, App, Left, View, left, running, timed};
use crate::words::Tone;

pub(crate) use banners::{banners, ways_on};
pub(crate) use help::{COMMANDS, TypedCommand, help};
pub(crate) use letter::letter_text;
pub(crate) use people::person_menu;
pub(crate) use places::places;
pub(crate) use trouble::trouble;

/// How an entry looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Title,
    Strong,
    Plain,
    Hint,
    Good,
    Warn,
    Bad,
    /// Something that can be done.
    Button,
    /// The same, which cannot be done now.
    Off,
}

impl From<Tone> for Look {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Good => Self::Good,
            Tone::Busy => Self::Strong,
            Tone::Bad => Self::Bad,
        }
    }
}

/// One entry of a view: a paragraph, or several that its line breaks tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) look: Look,
    pub(crate) text: String,
    /// The act that follows where it is chosen.
    pub(crate) act: Option<Act>,
}

impl Entry {
    fn new(look: Look, text: impl Into<String>) -> Self {
        Self { look, text: text.into(), act: None }
    }

    fn title(text: impl Into<String>) -> Self {
        Self::new(Look::Title, text)
    }

    fn plain(text: impl Into<String>) -> Self {
        Self::new(Look::Plain, text)
    }

    fn hint(text: impl Into<String>) -> Self {
        Self::new(Look::Hint, text)
    }

    fn gap() -> Self {
        Self::new(Look::Plain, "")
    }

    fn button(label: impl Into<String>, act: Act) -> Self {
        Self { look: Look::Button, text: label.into(), act: Some(act) }
    }

    /// Something that can be done where it is allowed, and that says why not otherwise.
    fn if_allowed(app: &App, allowed: &Allowed, label: String, act: Act) -> Self {
        match allowed {
            Allowed::Yes => Self::button(label, act),
            Allowed::No { code, opens } => {
                let why = app.words.why_not(code, *opens, app.now);
                Self::new(Look::Off, format!("{label} – {why}"))
            }
            Allowed::NotTold => Self::new(Look::Off, label),
        }
    }
}

/// The entries of the view that is shown; none of the talk and of joining, which are drawn apart.
pub(crate) fn entries(app: &App) -> Vec<Entry> {
    match &app.view {
        View::Join | View::Talk => Vec::new(),
        View::Conferences => conferences::entries(app),
        View::People => people::entries(app),
        View::Schedule => schedule::entries(app),
        View::Ballot => ballot::entries(app),
        View::Organize => organize::entries(app),
        View::Check => check::entries(app),
        View::Letter(server) => letter::entries(app, server),
        View::Settings => settings::entries(app),
    }
}

/// How the way to the server is found that somebody wants to join.
pub(crate) fn joining(app: &App) -> Vec<Entry> {
    conferences::joining(app)
}

/// Which phase runs and how much of it is left, or what is to be said in its place.
pub(crate) fn phase_text(app: &App) -> String {
    let Some(conference) = &app.conference else { return String::new() };
    let now = conference.server_time(app.now);
    conference.public().map_or_else(String::new, |public| schedule::status(app, public, now))
}

/// When the phase that runs is to end.
pub(crate) fn phase_end(app: &App) -> Option<Timestamp> {
    let phases = timed(app.conference.as_ref()?.public()?);
    running(&phases)?.actual.map(|span| span.ends)
}

/// How much is left until then, by the server's clock.
pub(crate) fn left_text(app: &App, ends: Timestamp) -> String {
    let now = app.conference.as_ref().map_or(app.now, |conference| conference.server_time(app.now));
    match left(ends, now) {
        Left::Minutes(count) => app.words.count("page-left-minutes", count),
        Left::Seconds(count) => app.words.count("page-left-seconds", count),
    }
}
