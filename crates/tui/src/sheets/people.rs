//! Who is here, who is elsewhere and where, and who takes part without being connected.

use std::collections::BTreeSet;

use convene_conference::{AddOrganizer, AskToTable, Command, Own, Remove, RemoveOrganizer};

use super::{Entry, Look};
use crate::state::{Act, Allowed, App, Choice, Conference, Confirm, Group, Menu, Person, matching};

/// People of one group that are listed: the others are found by typing.
const LISTED_MAX: usize = 200;

pub(super) fn entries(app: &App) -> Vec<Entry> {
    let Some(conference) = &app.conference else { return Vec::new() };
    let mut entries = vec![Entry::title(app.say("page-people-title")), filter(app)];
    let shown = conference.shown();
    let found: Vec<&Person> = matching(&conference.people, app.sheet.filter.text()).collect();
    for (group, key) in [
        (Group::Here, "page-here"),
        (Group::Elsewhere, "page-elsewhere"),
        (Group::Offline, "page-offline-people"),
    ] {
        let people: Vec<&&Person> = found.iter().filter(|person| person.group(&shown) == group).collect();
        if people.is_empty() {
            continue;
        }
        entries.push(Entry::new(Look::Strong, app.words.count(key, people.len())));
        let with_room = group != Group::Here;
        entries.extend(people.iter().take(LISTED_MAX).map(|person| row(app, conference, person, with_room)));
        if people.len() > LISTED_MAX {
            entries.push(Entry::hint(app.say("page-more-by-typing")));
        }
    }
    if found.is_empty() {
        entries.push(Entry::hint(app.say("page-nobody-found")));
    }
    if conference.online.is_none() {
        entries.push(Entry::hint(app.say("page-presence-unknown")));
    }
    own_link(app, conference, &mut entries);
    entries
}

/// The link by which this person takes part on another device too.
fn own_link(app: &App, conference: &Conference, entries: &mut Vec<Entry>) {
    entries.push(Entry::gap());
    entries.push(Entry::new(Look::Strong, app.say("page-own-link")));
    entries.push(Entry::hint(app.say("page-own-link-hint")));
    let Some(code) = conference.own().and_then(Own::link).map(|link| link.code) else {
        let (label, act) = (app.say("page-make-own-link"), Act::Want(Box::new(Command::MakeLink)));
        return entries.push(Entry::if_allowed(app, &conference.may_act("make_link"), label, act));
    };
    let seat = app.seat();
    let connection = seat.and_then(|seat| app.connection_of(&seat.server));
    entries.push(match seat.zip(connection) {
        Some((seat, connection)) => Entry::new(Look::Good, seat.join_link(connection, code).to_string()),
        None => Entry::plain(app.say("page-no-links")),
    });
}

/// What is looked for: it is typed without going anywhere.
pub(super) fn filter(app: &App) -> Entry {
    Entry::hint(format!("{} {}_", app.say("page-find-people"), app.sheet.filter.text()))
}

/// A person, as lists name them.
pub(super) fn named(app: &App, conference: &Conference, person: &Person) -> String {
    let star = if person.is_organizer { "★ " } else { "  " };
    let is_me = conference.me == Some(person.id);
    let you = if is_me { format!(" ({})", app.say("you")) } else { String::new() };
    format!("{star}{}{you}", person.name)
}

fn row(app: &App, conference: &Conference, person: &Person, with_room: bool) -> Entry {
    let mut text = named(app, conference, person);
    if let Some(public) = conference.public().filter(|_| with_room) {
        text = format!("{text} · {}", app.words.room(&person.room, public));
    }
    if conference.me == Some(person.id) {
        return Entry::plain(text);
    }
    Entry { look: Look::Plain, text, act: Some(Act::Person(person.id)) }
}

/// What may be done with a person.
pub(crate) fn person_menu(app: &App, conference: &Conference, person: &Person) -> Menu {
    let mut choices = vec![go_there(app, conference, person), ask(app, conference, person)];
    if conference.is_organizer() {
        choices.push(lead(app, conference, person));
        choices.push(remove(app, conference, person));
    }
    Menu::new(person.name.clone(), choices)
}

fn go_there(app: &App, conference: &Conference, person: &Person) -> Choice {
    let label = app.say("page-go-there");
    let public = conference.public();
    let is_at_table = public.is_some_and(|public| public.tables().get(&person.room).is_some());
    if person.room == conference.room() {
        return Choice { label, act: None, why: app.say("page-is-with-you") };
    }
    if is_at_table {
        return Choice { label, act: None, why: app.say("page-is-at-table") };
    }
    choice(app, &conference.may_act("go"), label, Act::Go(person.room.clone()))
}

fn ask(app: &App, conference: &Conference, person: &Person) -> Choice {
    let label = app.say("page-ask-to-table");
    if person.is_online == Some(false) {
        return Choice { label, act: None, why: app.say("page-is-offline") };
    }
    let people = BTreeSet::from([person.id]);
    let act = Act::Want(Box::new(Command::AskToTable(AskToTable { people })));
    choice(app, &conference.may_act("ask_to_table"), label, act)
}

/// Makes somebody an organizer, or no organizer any more, and says first what follows.
fn lead(app: &App, conference: &Conference, person: &Person) -> Choice {
    let participant = person.id;
    let (kind, key, command) = if person.is_organizer {
        (
            "remove_organizer",
            "page-remove-organizer",
            Command::RemoveOrganizer(RemoveOrganizer { participant }),
        )
    } else {
        ("add_organizer", "page-add-organizer", Command::AddOrganizer(AddOrganizer { participant }))
    };
    let label = app.say(key);
    let text = app.words.with(&format!("{key}-text"), &[("person", &person.name)]);
    let confirm = Confirm::new(label.clone(), text, Act::Want(Box::new(command)));
    choice(app, &conference.may_act(kind), label, Act::Ask(Box::new(confirm)))
}

/// Removes somebody, and says first what follows.
fn remove(app: &App, conference: &Conference, person: &Person) -> Choice {
    let fields = [("person", person.name.as_str())];
    let title = app.words.with("page-remove-person-of", &fields);
    let text = app.words.with("page-remove-person-text", &fields);
    let command = Command::Remove(Remove { participant: person.id });
    let mut confirm = Confirm::new(title, text, Act::Want(Box::new(command)));
    let label = app.say("page-remove-person");
    confirm.label.clone_from(&label);
    choice(app, &conference.may_act("remove"), label, Act::Ask(Box::new(confirm)))
}

fn choice(app: &App, allowed: &Allowed, label: String, act: Act) -> Choice {
    match allowed {
        Allowed::Yes => Choice::new(label, act),
        Allowed::No { code, opens } => {
            Choice { label, act: None, why: app.words.why_not(code, *opens, app.now) }
        }
        Allowed::NotTold => Choice { label, act: None, why: String::new() },
    }
}
