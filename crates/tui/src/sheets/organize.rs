//! What organizers look after: who gets in, who leads, which rooms there are, and the end.

use std::collections::BTreeMap;

use convene_conference::{CloseRoom, Command, Role, RoomNames};
use convene_local_api::AccessVerdict;
use convene_model::{ParticipantId, RoomId};

use super::people::{filter, named};
use super::{Entry, Look};
use crate::editor::Editor;
use crate::state::{Act, App, Conference, Confirm, FormKind, Person, Typed, invitations, matching};

/// People that are listed: the others are found by typing.
const LISTED_MAX: usize = 200;

pub(super) fn entries(app: &App) -> Vec<Entry> {
    let mut entries = vec![Entry::title(app.say("page-organize"))];
    let Some(conference) = &app.conference else { return entries };
    if !conference.is_organizer() {
        entries.push(Entry::plain(app.words.word("not_organizer")));
        return entries;
    }
    invite(app, conference, &mut entries);
    doors(app, conference, &mut entries);
    people(app, conference, &mut entries);
    rooms(app, conference, &mut entries);
    end(app, conference, &mut entries);
    entries
}

/// The links stand on lines of their own, where a terminal lets them be copied.
fn invite(app: &App, conference: &Conference, entries: &mut Vec<Entry>) {
    entries.push(Entry::new(Look::Strong, app.say("page-invite")));
    let known = app.seat().zip(conference.own());
    let links = known.map(|(seat, own)| invitations(own, seat, app.connection_of(&seat.server)));
    let links = links.unwrap_or_default();
    if links.is_empty() {
        entries.push(Entry::plain(app.say("page-no-links")));
    }
    for (role, link) in links {
        let is_for_organizers = role == Role::Organizer;
        let key = if is_for_organizers { "page-link-organizer" } else { "page-link-participant" };
        entries.push(Entry::plain(app.say(key)));
        entries.push(Entry::new(Look::Good, link.to_string()));
        if is_for_organizers {
            entries.push(Entry::hint(app.say("page-link-organizer-hint")));
        }
    }
}

fn doors(app: &App, conference: &Conference, entries: &mut Vec<Entry>) {
    let locked = conference.public().is_some_and(|public| public.doors_locked());
    let (now, kind, key, command) = if locked {
        ("page-doors-locked", "open_doors", "page-open-doors", Command::OpenDoors)
    } else {
        ("page-doors-open", "lock_doors", "page-lock-doors", Command::LockDoors)
    };
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, app.say("page-doors")));
    entries.push(Entry::plain(app.say(now)));
    let (label, text) = (app.say(key), app.say(&format!("{key}-text")));
    let confirm = Confirm::new(label.clone(), text, Act::Want(Box::new(command)));
    entries.push(Entry::if_allowed(app, &conference.may_act(kind), label, Act::Ask(Box::new(confirm))));
}

fn people(app: &App, conference: &Conference, entries: &mut Vec<Entry>) {
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, app.say("page-people-title")));
    let everyone = &conference.people;
    let all = everyone.len().to_string();
    let online = everyone.iter().filter(|person| person.is_online == Some(true)).count().to_string();
    let checks = checks(conference);
    let is_green = |person: &&Person| checks.get(&person.id) == Some(&AccessVerdict::Green);
    let green = everyone.iter().filter(is_green).count().to_string();
    entries.push(Entry::plain(format!(
        "{} {}",
        app.words.with("page-online-of", &[("online", &online), ("people", &all)]),
        app.words.with("page-green-of", &[("green", &green), ("people", &all)])
    )));
    entries.push(filter(app));
    let found: Vec<&Person> = matching(everyone, app.sheet.filter.text()).collect();
    for person in found.iter().take(LISTED_MAX) {
        let act = (conference.me != Some(person.id)).then_some(Act::Person(person.id));
        let verdict = checks.get(&person.id).copied();
        entries.push(Entry { look: Look::Plain, text: row(app, conference, person, verdict), act });
    }
    if found.len() > LISTED_MAX {
        entries.push(Entry::hint(app.say("page-more-by-typing")));
    }
}

fn row(app: &App, conference: &Conference, person: &Person, verdict: Option<AccessVerdict>) -> String {
    let is_me = conference.me == Some(person.id);
    let online = match person.is_online {
        Some(is_online) if is_online || is_me => app.say("page-online"),
        Some(_) => app.say("page-offline-one"),
        None => "–".to_owned(),
    };
    let (mark, key) = match verdict {
        Some(AccessVerdict::Green) => ("●", "page-access-green"),
        Some(AccessVerdict::Yellow) => ("▲", "page-access-yellow"),
        Some(AccessVerdict::Red) => ("✗", "page-access-red"),
        Some(AccessVerdict::Other) | None => ("–", "page-access-none"),
    };
    format!("{} · {online} · {mark} {}", named(app, conference, person), app.say(key))
}

/// How the access checks went of everyone who let the organizers know.
fn checks(conference: &Conference) -> BTreeMap<ParticipantId, AccessVerdict> {
    let known = conference.state.as_ref().zip(conference.me).map(|(state, me)| state.accesses(me));
    known.unwrap_or_default().into_iter().map(|(id, known)| (id, known.verdict)).collect()
}

fn rooms(app: &App, conference: &Conference, entries: &mut Vec<Entry>) {
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, app.say("page-rooms")));
    let open = conference.public().into_iter().flat_map(|public| public.rooms().iter());
    let mut open: Vec<(&RoomId, u32, &RoomNames)> =
        open.map(|(id, room)| (id, room.number, &room.names)).collect();
    open.sort_by_key(|(_, number, _)| *number);
    let allowed = conference.may_act("close_room");
    for (room, _, names) in open {
        let name = app.words.told_room(room, names);
        let (close, fields) = (app.say("page-close-room"), [("room", name.as_str())]);
        let text = app.words.with("page-close-room-text", &fields);
        let command = Command::CloseRoom(CloseRoom { room: room.clone() });
        let confirm = Confirm::new(close.clone(), text, Act::Want(Box::new(command)));
        let label = format!("{name} · {close}");
        entries.push(Entry::if_allowed(app, &allowed, label, Act::Ask(Box::new(confirm))));
    }
    let label = app.say("page-add-room");
    entries.push(Entry::if_allowed(
        app,
        &conference.may_act("add_room"),
        label,
        Act::Fill(FormKind::NewRoom),
    ));
}

fn end(app: &App, conference: &Conference, entries: &mut Vec<Entry>) {
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, app.say("page-end-title")));
    entries.push(Entry::plain(app.say("page-end-hint")));
    let label = app.say("page-end");
    let mut confirm =
        Confirm::new(label.clone(), app.say("page-end-text"), Act::Want(Box::new(Command::End)));
    confirm.typed = Some(Typed { word: app.say("page-end-word"), editor: Editor::default() });
    entries.push(Entry::if_allowed(app, &conference.may_act("end"), label, Act::Ask(Box::new(confirm))));
}
