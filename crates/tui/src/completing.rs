//! What Tab completes: commands and what follows them, and names behind an `@`.

use convene_model::{RoomId, inert};

use crate::sheets::{COMMANDS, TypedCommand};
use crate::state::{App, Conference, Person, beginning};
use crate::text::plain;

/// As many as fit into one line below the field.
const CANDIDATES_MAX: usize = 5;
/// Bytes of a name that are looked at behind an `@`.
const TYPED_MAX: usize = 240;

/// The ways in which what is typed may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    /// Where the part begins that is completed, in bytes.
    pub(crate) from: usize,
    /// What may stand there, best first; at least one.
    pub(crate) candidates: Vec<String>,
}

impl Completion {
    fn of(from: usize, candidates: impl Iterator<Item = String>) -> Option<Self> {
        let candidates: Vec<String> = candidates.take(CANDIDATES_MAX).collect();
        (!candidates.is_empty()).then_some(Self { from, candidates })
    }
}

/// The command that is typed, and what follows it.
pub(crate) fn typed_command(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('/').filter(|rest| !rest.starts_with('/') && !rest.contains('\n'))?;
    Some(rest.split_once(' ').unwrap_or((rest, "")))
}

/// The command of this word, or the only one that begins with it.
pub(crate) fn command_of(word: &str) -> Option<TypedCommand> {
    let mut close = COMMANDS.iter().filter(|(known, _)| known.starts_with(word) && !word.is_empty());
    let exactly = COMMANDS.iter().find(|(known, _)| *known == word);
    let only = close.next().filter(|_| close.next().is_none());
    exactly.or(only).map(|(_, command)| *command)
}

/// How the text in the field may go on.
pub(crate) fn of_composer(app: &App) -> Option<Completion> {
    let conference = app.conference.as_ref()?;
    let before = conference.composer.before();
    let Some((word, rest)) = typed_command(before) else { return of_mention(conference, before) };
    if !before.contains(' ') {
        let fitting = COMMANDS.iter().filter(|(known, _)| known.starts_with(word));
        return Completion::of(0, fitting.map(|(known, _)| format!("/{known} ")));
    }
    let from = before.len() - rest.len();
    match command_of(word)? {
        TypedCommand::Go => {
            let names = rooms(app, conference).into_iter().map(|(_, name)| name);
            Completion::of(from, fitting(rest, names))
        }
        TypedCommand::Vote => Completion::of(from, fitting(rest, options(conference))),
        TypedCommand::Language => Completion::of(from, fitting(rest, ["de", "en"].map(str::to_owned))),
        TypedCommand::Table => {
            let words = ["accept", "decline", "leave"].map(str::to_owned);
            let words = Completion::of(from, fitting(rest, words)).filter(|_| !rest.is_empty());
            words.or_else(|| of_names(conference, rest, from))
        }
        TypedCommand::Who
        | TypedCommand::Ballot
        | TypedCommand::Schedule
        | TypedCommand::Organize
        | TypedCommand::Check
        | TypedCommand::Rename
        | TypedCommand::Room
        | TypedCommand::Conferences
        | TypedCommand::Join
        | TypedCommand::Settings
        | TypedCommand::Mouse
        | TypedCommand::Retry
        | TypedCommand::Help
        | TypedCommand::Leave
        | TypedCommand::Quit => None,
    }
}

/// How a list of names may go on.
pub(crate) fn of_list(conference: &Conference, typed: &str) -> Option<Completion> {
    of_names(conference, typed, 0)
}

/// The last name of a list, which stands behind so many bytes.
fn of_names(conference: &Conference, list: &str, behind: usize) -> Option<Completion> {
    let last = list.rsplit(',').next().unwrap_or(list).trim_start();
    let names = others(conference, last).map(|person| inert(&person.name));
    let names = names.filter(|name| name != last);
    Completion::of(behind + list.len() - last.len(), names)
}

/// The name that is typed behind an `@`.
fn of_mention(conference: &Conference, before: &str) -> Option<Completion> {
    let (start, typed) = before.rsplit_once('@')?;
    let is_begun = start.chars().next_back().is_none_or(|c| c.is_whitespace() || "(„“\"'".contains(c));
    if !is_begun || typed.contains('\n') || typed.len() > TYPED_MAX {
        return None;
    }
    let names = others(conference, typed).map(|person| format!("@{} ", inert(&person.name)));
    Completion::of(start.len(), names)
}

/// Everyone else whose name begins with what was typed.
fn others<'a>(conference: &'a Conference, typed: &str) -> impl Iterator<Item = &'a Person> {
    let me = conference.me;
    beginning(&conference.people, typed).filter(move |person| Some(person.id) != me)
}

fn fitting(typed: &str, names: impl IntoIterator<Item = String>) -> impl Iterator<Item = String> {
    let wanted = plain(typed);
    names.into_iter().filter(move |name| plain(name).starts_with(&wanted) && plain(name) != wanted)
}

/// The rooms to which one may go, and how they are called.
pub(crate) fn rooms(app: &App, conference: &Conference) -> Vec<(RoomId, String)> {
    let Some(public) = conference.public() else { return Vec::new() };
    let fixed = [RoomId::PLENARY, RoomId::FOYER].into_iter();
    let open = public.rooms().iter().map(|(room, _)| room.clone());
    let back = conference.is_organizer().then_some(RoomId::ORGANIZERS);
    let rooms = fixed.chain(open).chain(back);
    rooms.map(|room| (room.clone(), inert(&app.words.room(&room, public)))).collect()
}

fn options(conference: &Conference) -> Vec<String> {
    let open = conference.public().and_then(|public| public.ballots().open());
    open.into_iter().flat_map(|(_, ballot)| ballot.options.values().map(|text| inert(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_known_by_as_much_as_is_needed() {
        assert_eq!(typed_command("/go Raum A"), Some(("go", "Raum A")));
        assert_eq!(typed_command("//go"), None, "a text that begins with a slash");
        assert_eq!(typed_command("/a\nb"), None, "nor one of several lines");
        assert_eq!(command_of("go"), Some(TypedCommand::Go));
        assert_eq!(command_of("tab"), Some(TypedCommand::Table));
        assert_eq!(command_of("ro"), Some(TypedCommand::Room));
        assert_eq!(command_of("l"), None, "/language or /leave");
        assert_eq!((command_of("x"), command_of("")), (None, None));
    }
}
