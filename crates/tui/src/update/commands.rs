//! What a command that is typed behind a slash means.

use std::collections::BTreeSet;

use convene_conference::{AddRoom, AskToTable, Command, DeclineTable, Rename, Vote};
use convene_model::{Name, ParticipantId, RoomId};
use convene_wording::Language;

use super::{acts, saying};
use crate::completing::{command_of, rooms};
use crate::editor::Editor;
use crate::hints::name_problem;
use crate::message::Effect;
use crate::sheets::TypedCommand;
use crate::state::{Act, Allowed, App, Conference, Confirm, FormKind, View, named};
use crate::text::plain;
use crate::words::Tone;

/// Does what was typed. Where it cannot be done it stays in the field, and why is told.
pub(super) fn run(app: &mut App, word: &str, rest: &str, effects: &mut Vec<Effect>) {
    let Some(command) = command_of(word) else {
        return app.tell(Tone::Bad, app.say("tui-no-command"));
    };
    let rest = rest.trim();
    match meant(app, command, rest) {
        Ok(act) => {
            saying::clear(app);
            acts::perform(app, act, effects);
            if command == TypedCommand::Who {
                app.sheet.filter = Editor::new(rest);
            }
        }
        Err(why) => app.tell(Tone::Bad, why),
    }
}

/// The act that a command means, or why there is none.
fn meant(app: &App, command: TypedCommand, rest: &str) -> Result<Act, String> {
    let Some(conference) = &app.conference else { return Err(app.say("page-no-conferences")) };
    match command {
        TypedCommand::Go => go(app, conference, rest),
        TypedCommand::Table => table(app, conference, rest),
        TypedCommand::Who => Ok(Act::Show(View::People)),
        TypedCommand::Vote => vote(app, conference, rest),
        TypedCommand::Ballot => Ok(Act::Show(View::Ballot)),
        TypedCommand::Schedule => Ok(Act::Show(View::Schedule)),
        TypedCommand::Organize => Ok(Act::Show(View::Organize)),
        TypedCommand::Check => Ok(Act::Show(View::Check)),
        TypedCommand::Rename => rename(app, rest),
        TypedCommand::Room => room(app, conference, rest),
        TypedCommand::Conferences => Ok(Act::Show(View::Conferences)),
        TypedCommand::Join => Ok(Act::Show(View::Join)),
        TypedCommand::Settings => Ok(Act::Show(View::Settings)),
        TypedCommand::Language => match rest {
            "de" => Ok(Act::Speak(Language::De)),
            "en" => Ok(Act::Speak(Language::En)),
            _ => Err(app.say("tui-command-language")),
        },
        TypedCommand::Mouse => Ok(Act::UseMouse(!app.uses_mouse)),
        TypedCommand::Retry => Ok(Act::Retry),
        TypedCommand::Help => Ok(Act::Help),
        TypedCommand::Leave => Ok(leave(app)),
        TypedCommand::Quit => Ok(Act::Quit),
    }
}

fn leave(app: &App) -> Act {
    let confirm = Confirm::new(app.say("page-leave"), app.say("page-leave-text"), Act::Leave);
    Act::Ask(Box::new(confirm))
}

/// Wants something, where the rules allow it.
fn wanted(app: &App, conference: &Conference, kind: &str, command: Command) -> Result<Act, String> {
    permitted(app, &conference.may_act(kind)).map(|()| Act::Want(Box::new(command)))
}

fn permitted(app: &App, allowed: &Allowed) -> Result<(), String> {
    match allowed {
        Allowed::Yes | Allowed::NotTold => Ok(()),
        Allowed::No { code, opens } => Err(app.words.why_not(code, *opens, app.now)),
    }
}

/// To the room whose name begins like this, where there is one alone.
fn go(app: &App, conference: &Conference, rest: &str) -> Result<Act, String> {
    let wanted = plain(rest);
    let all: Vec<(RoomId, String)> =
        rooms(app, conference).into_iter().map(|(room, name)| (room, plain(&name))).collect();
    let exactly = all.iter().find(|(_, name)| *name == wanted);
    let mut close = all.iter().filter(|(_, name)| name.starts_with(&wanted) && !wanted.is_empty());
    let only = close.next().filter(|_| close.next().is_none());
    let Some((room, _)) = exactly.or(only) else { return Err(app.say("tui-command-go")) };
    permitted(app, &conference.may_act("go")).map(|()| Act::Go(room.clone()))
}

fn table(app: &App, conference: &Conference, rest: &str) -> Result<Act, String> {
    let invited = conference.invitations().into_iter().next().map(|(table, _)| table);
    match (rest, invited) {
        ("", _) => permitted(app, &conference.may_act("ask_to_table")).map(|()| Act::Fill(FormKind::Ask)),
        ("accept", Some(table)) => Ok(Act::SitDown(table)),
        ("decline", Some(table)) => {
            let decline = DeclineTable { table: Some(table) };
            wanted(app, conference, "decline_table", Command::DeclineTable(decline))
        }
        ("accept" | "decline", None) => Err(app.say("tui-not-invited")),
        ("leave", _) => wanted(app, conference, "leave_table", Command::LeaveTable),
        (names, _) => {
            let people = people(app, conference, names)?;
            wanted(app, conference, "ask_to_table", Command::AskToTable(AskToTable { people }))
        }
    }
}

/// The people of a list of names.
pub(super) fn people(
    app: &App,
    conference: &Conference,
    names: &str,
) -> Result<BTreeSet<ParticipantId>, String> {
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let meant = |name: &str| match named(&conference.people, name) {
        Some(person) => Ok(person.id),
        None => Err(app.words.with("tui-nobody", &[("person", name)])),
    };
    let people: BTreeSet<ParticipantId> = names.map(meant).collect::<Result<_, String>>()?;
    if people.is_empty() { Err(app.say("tui-ask-hint")) } else { Ok(people) }
}

/// The option of this number, or the only one that begins like this; without any the ballot is
/// shown.
fn vote(app: &App, conference: &Conference, rest: &str) -> Result<Act, String> {
    if rest.is_empty() {
        return Ok(Act::Show(View::Ballot));
    }
    let open = conference.public().and_then(|public| public.ballots().open());
    let Some((ballot, asked)) = open else { return Err(app.say("page-no-ballot-open")) };
    let typed = plain(rest);
    let number = rest.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_number = number.and_then(|at| asked.options.keys().nth(at));
    let mut close = asked.options.iter().filter(|(_, text)| plain(text).starts_with(&typed));
    let only = close.next().filter(|_| close.next().is_none()).map(|(option, _)| option);
    let exactly = asked.options.iter().find(|(_, text)| text.as_str() == rest).map(|(option, _)| option);
    let Some(option) = exactly.or(by_number).or(only) else { return Err(app.words.word("option_unknown")) };
    wanted(app, conference, "vote", Command::Vote(Vote { ballot, option: *option }))
}

fn rename(app: &App, rest: &str) -> Result<Act, String> {
    if rest.is_empty() {
        return Ok(Act::Fill(FormKind::Rename));
    }
    match rest.parse::<Name>() {
        Ok(name) => Ok(Act::Want(Box::new(Command::Rename(Rename { name })))),
        Err(problem) => Err(app.say(name_problem(problem))),
    }
}

fn room(app: &App, conference: &Conference, rest: &str) -> Result<Act, String> {
    if rest.is_empty() {
        return permitted(app, &conference.may_act("add_room")).map(|()| Act::Fill(FormKind::NewRoom));
    }
    let name = rest.to_owned();
    wanted(app, conference, "add_room", Command::AddRoom(AddRoom { name }))
}
