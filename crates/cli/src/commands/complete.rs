//! `convene completions`, and what its scripts ask: what may come next where somebody types.

use std::time::Duration;

use clap::{Arg, Command};
use convene_command_lines::convene::{Complete, Completions};
use convene_conference::{Public, Role, State};
use convene_local_api::{Empty, List, ListedSeat};
use convene_local_client::Introduction;
use convene_model::{ParticipantId, RoomId};
use tokio::time::timeout;

use super::conference::{place, room_name, state, takes_part};
use super::{Context, PROGRAM, list};
use crate::stop::Stop;
use crate::{output, usage};

/// Somebody who presses a key does not wait longer for what only the daemon knows.
const KNOWN_WITHIN: Duration = Duration::from_secs(1);

/// Something that may come next, and a few words about it.
struct Candidate {
    word: String,
    about: String,
}

/// Where in a command line somebody types.
struct Spot<'a> {
    command: &'a Command,
    /// The words behind the command that are no options.
    words: Vec<String>,
    /// The option whose value comes next.
    option: Option<&'a Arg>,
}

pub(super) fn completions(options: &Completions) -> Result<(), Stop> {
    Ok(output::line(options.shell.script().trim_end())?)
}

pub(super) async fn run(options: &Complete, context: &Context) -> Result<(), Stop> {
    let Some((current, before)) = options.words.split_last() else { return Ok(()) };
    let current = unquoted(current.strip_prefix('=').unwrap_or(current));
    let before: Vec<String> = before.iter().map(|word| unquoted(word)).collect();
    let root = usage::command(&context.wording);
    let spot = spot(&root, &before);
    let mut found = of_command_line(&spot, &current);
    if found.is_empty() {
        let known = timeout(KNOWN_WITHIN, of_daemon(&spot, context)).await;
        // Without a daemon there is still what does not depend on it.
        found = known.ok().and_then(Result::ok).unwrap_or_else(|| fixed(&spot, spot.words.len()));
    }
    let typed = current.to_lowercase();
    for Candidate { word, about } in found.iter().filter(|one| one.word.to_lowercase().starts_with(&typed)) {
        let [word, about] = [word, about].map(|text| output::inert(text));
        output::line(&format!("{word}\t{about}"))?;
    }
    Ok(())
}

/// A word as it is meant that a shell gives as it is typed.
fn unquoted(typed: &str) -> String {
    let (mut plain, mut quote) = (String::new(), None);
    let mut characters = typed.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None | Some('"'), '\\') => plain.extend(characters.next()),
            (_, c) => plain.push(c),
        }
    }
    plain
}

/// Follows the words that are typed already.
fn spot<'a>(root: &'a Command, before: &[String]) -> Spot<'a> {
    let mut spot = Spot { command: root, words: Vec::new(), option: None };
    let mut words = before.iter();
    while let Some(word) = words.next() {
        if word.starts_with('-') {
            let option = option(spot.command, word);
            let takes = option.is_some_and(|option| option.get_action().takes_values());
            // bash takes `--lang=de` for three words.
            if takes && !word.contains('=') && !words.any(|word| word != "=") {
                spot.option = option;
            }
        } else if let Some(below) = spot.command.find_subcommand(word).filter(|_| spot.words.is_empty()) {
            spot.command = below;
        } else {
            spot.words.push(word.clone());
        }
    }
    spot
}

fn option<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    let name = word.strip_prefix("--")?.split('=').next()?;
    command.get_arguments().find(|arg| arg.get_long() == Some(name))
}

/// What may come next by the command line alone.
fn of_command_line(spot: &Spot<'_>, current: &str) -> Vec<Candidate> {
    let about = |text: Option<&clap::builder::StyledStr>| text.map(ToString::to_string).unwrap_or_default();
    if let Some(option) = spot.option {
        return values(option);
    }
    if current.starts_with('-') {
        let options = spot.command.get_arguments().filter(|arg| !arg.is_hide_set());
        let named = options.filter_map(|arg| {
            Some(Candidate { word: format!("--{}", arg.get_long()?), about: about(arg.get_help()) })
        });
        return named.collect();
    }
    if !spot.words.is_empty() {
        return Vec::new();
    }
    let below = spot.command.get_subcommands().filter(|one| !one.is_hide_set());
    let commands =
        below.map(|one| Candidate { word: one.get_name().to_owned(), about: about(one.get_about()) });
    let values = spot.command.get_positionals().flat_map(values);
    commands.chain(values).collect()
}

/// The values that an argument is chosen of.
fn values(arg: &Arg) -> Vec<Candidate> {
    let values = arg.get_possible_values().into_iter();
    values.map(|value| Candidate { word: value.get_name().to_owned(), about: String::new() }).collect()
}

/// What may come next by what the daemon knows. It is asked as by a program that answers no
/// questions: somebody who presses a key is not asked for a login.
async fn of_daemon(spot: &Spot<'_>, context: &Context) -> Result<Vec<Candidate>, Stop> {
    if spot.option.is_some_and(|option| option.get_id() != "room") {
        return Ok(Vec::new());
    }
    let (client, mut notifications) = Introduction::new(context.sockets.clone(), PROGRAM).connect().await?;
    let seats = client.call::<List>(&Empty {}).await?.conferences;
    let mut found = of_seats(spot, &seats, context);
    let Some((conference, rest)) =
        place(&client, &spot.words, context).await.ok().filter(|_| takes(spot, "words"))
    else {
        return Ok(found);
    };
    let (watch, state) = state(&client, &mut notifications, &conference).await?;
    found.extend(of_conference(spot, &rest, &state, watch.participant, context));
    Ok(found)
}

fn takes(spot: &Spot<'_>, argument: &str) -> bool {
    spot.command.get_arguments().any(|arg| arg.get_id() == argument)
}

/// The conferences, where one comes next and there are several.
fn of_seats(spot: &Spot<'_>, seats: &[ListedSeat], context: &Context) -> Vec<Candidate> {
    let is_next = spot.words.is_empty() && spot.option.is_none();
    let there = seats.iter().filter(|seat| takes_part(seat)).count();
    let fits = |seat: &&ListedSeat| {
        if takes_part(seat) {
            there > 1 && (takes(spot, "conference") || takes(spot, "words"))
        } else {
            takes(spot, "seat")
        }
    };
    let fitting = seats.iter().filter(|_| is_next).filter(fits);
    fitting
        .map(|seat| Candidate { word: list::typed(seat, seats), about: list::title(seat, context) })
        .collect()
}

fn of_conference(
    spot: &Spot<'_>,
    rest: &[&str],
    state: &State,
    me: Option<ParticipantId>,
    context: &Context,
) -> Vec<Candidate> {
    let public = state.public();
    if spot.option.is_some() {
        return rooms(public, me, context);
    }
    match (spot.command.get_name(), rest) {
        ("go" | "who", []) | ("room", ["close"]) => rooms(public, me, context),
        ("table", ["ask", ..]) | ("organizer", ["add" | "remove"]) | ("remove", []) => {
            people(public, context)
        }
        ("table", ["accept" | "decline"]) => {
            let own = me.and_then(|me| state.own(me));
            let tables = own.into_iter().flat_map(|own| own.invitations().keys());
            tables.map(|table| named(room_name(public, table, context))).collect()
        }
        ("vote", []) => {
            let open = public.ballots().open();
            let options = open.into_iter().flat_map(|(_, ballot)| ballot.options.values());
            options.map(|option| named(option.clone())).collect()
        }
        _ => fixed(spot, rest.len()),
    }
}

fn named(word: String) -> Candidate {
    Candidate { word, about: String::new() }
}

fn rooms(public: &Public, me: Option<ParticipantId>, context: &Context) -> Vec<Candidate> {
    let leads =
        me.and_then(|me| public.participants().get(me)).is_some_and(|one| one.role == Role::Organizer);
    let fixed = [RoomId::PLENARY, RoomId::FOYER].into_iter().chain(leads.then_some(RoomId::ORGANIZERS));
    let rooms = fixed.chain(public.rooms().iter().map(|(id, _)| id.clone()));
    rooms.map(|room| named(room_name(public, &room, context))).collect()
}

/// Everybody, with the room where they stand.
fn people(public: &Public, context: &Context) -> Vec<Candidate> {
    let there = public.participants().iter().filter(|(_, one)| one.takes_part);
    let told = there.map(|(_, one)| Candidate {
        word: one.name.to_string(),
        about: room_name(public, &one.room, context),
    });
    told.collect()
}

/// The words that follow a command whatever goes on, where so many have followed already.
fn fixed(spot: &Spot<'_>, typed: usize) -> Vec<Candidate> {
    let words: &[&str] = match spot.command.get_name() {
        "room" => &["add", "close"],
        "organizer" => &["add", "remove"],
        "doors" => &["lock", "open"],
        "table" => &["ask", "accept", "decline", "leave"],
        "phase" => &["extend", "shorten", "skip"],
        "ballot" => &["open", "close"],
        _ => &[],
    };
    words.iter().filter(|_| typed == 0).map(|word| named((*word).to_owned())).collect()
}

/// The socket of a fake daemon is a file, which a pipe of Windows is not.
#[cfg(all(test, unix))]
mod tests {
    use convene_wording::Language;

    use super::super::fixture;
    use super::*;

    /// What may come behind these words.
    async fn completed(words: &[&str]) -> Vec<String> {
        let words = ["__complete", "--"].iter().chain(words).copied().collect::<Vec<_>>();
        let said = fixture::said(&words, Language::De, |fake| fake).await;
        said.lines().filter_map(|line| Some(line.split_once('\t')?.0.to_owned())).collect()
    }

    #[test]
    fn a_word_is_meant_as_the_shell_takes_it() {
        for (typed, meant) in [
            ("plain", "plain"),
            ("\"Raum A", "Raum A"),
            ("'Raum A'", "Raum A"),
            ("Raum\\ A", "Raum A"),
            ("\"a\\\"b\"c", "a\"bc"),
        ] {
            assert_eq!(unquoted(typed), meant, "{typed}");
        }
    }

    #[tokio::test]
    async fn commands_options_and_values_are_known_without_a_daemon() {
        assert_eq!(completed(&["=ta"]).await, ["tail", "table"]);
        assert_eq!(completed(&["proxy", "="]).await, ["set", "test", "help"]);
        assert_eq!(completed(&["tail", "=--f"]).await, ["--follow"]);
        assert_eq!(completed(&["--lang", "="]).await, ["de", "en"]);
        assert_eq!(completed(&["--lang", "=", "=e"]).await, ["en"], "as bash divides it");
        assert_eq!(completed(&["completions", "=f"]).await, ["fish"]);
        assert_eq!(completed(&["tail", "--wait", "="]).await, [] as [&str; 0]);
    }

    #[tokio::test]
    async fn rooms_people_and_options_are_those_of_the_conference() {
        assert_eq!(completed(&["go", "="]).await, ["Plenum", "Foyer", "Raum A"]);
        assert_eq!(completed(&["say", "--room", "=ra"]).await, ["Raum A"]);
        assert_eq!(completed(&["room", "="]).await, ["add", "close"]);
        assert_eq!(completed(&["room", "close", "=\"raum"]).await, ["Raum A"]);
        assert_eq!(completed(&["table", "ask", "Olga", "=B"]).await, ["Bernhard"]);
        assert_eq!(completed(&["table", "accept", "="]).await, ["Tisch 1"]);
        assert_eq!(completed(&["vote", "="]).await, ["Ja", "Nein"]);
        assert_eq!(completed(&["tail", "="]).await, [] as [&str; 0], "there is one conference");
    }
}
