//! The places, with how many are there and how much was not read; below them the other views.

use std::collections::BTreeMap;

use convene_conference::Command;
use convene_model::RoomId;

use crate::state::{Act, App, Conference, FormKind, View, headcounts};

/// Messages that are counted one by one.
const TOLD_MAX: usize = 99;

/// One row of the places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) label: String,
    /// Behind the label: what was not read, and how many are there.
    pub(crate) unread: String,
    pub(crate) count: String,
    /// None, where there is nothing to do: a heading, or a table of others.
    pub(crate) act: Option<Act>,
    /// Whether one stands there.
    pub(crate) is_here: bool,
    /// Whether it is looked at.
    pub(crate) is_shown: bool,
    pub(crate) is_heading: bool,
}

impl Place {
    fn heading(label: String) -> Self {
        Self { is_heading: true, ..Self::view(label, None, false) }
    }

    fn view(label: String, act: Option<Act>, is_shown: bool) -> Self {
        Self {
            label,
            unread: String::new(),
            count: String::new(),
            act,
            is_here: false,
            is_shown,
            is_heading: false,
        }
    }
}

/// The places of the conference that is shown.
pub(crate) fn places(app: &App) -> Vec<Place> {
    let Some(conference) = &app.conference else { return Vec::new() };
    let counts = headcounts(&conference.people);
    let mut places = rooms(app, conference, &counts);
    tables(app, conference, &mut places);
    views(app, conference, &mut places);
    places
}

fn rooms(app: &App, conference: &Conference, counts: &BTreeMap<&RoomId, usize>) -> Vec<Place> {
    let Some(public) = conference.public() else { return Vec::new() };
    let mut open: Vec<_> = public.rooms().iter().collect();
    open.sort_by_key(|(_, room)| room.number);
    let back = conference.is_organizer().then_some(RoomId::ORGANIZERS);
    let fixed = [RoomId::PLENARY, RoomId::FOYER].into_iter();
    let rooms = fixed.chain(open.into_iter().map(|(id, _)| id.clone())).chain(back);
    let counted = |room: RoomId| {
        let count = counts.get(&room).copied().unwrap_or_default();
        place(app, conference, &room, count)
    };
    rooms.map(counted).collect()
}

/// A room, or a table at which one sits or to which one was asked.
fn place(app: &App, conference: &Conference, room: &RoomId, count: usize) -> Place {
    let label = conference.public().map_or_else(String::new, |public| app.words.room(room, public));
    let is_shown = app.view == View::Talk && conference.shown() == *room;
    let unread = conference.unread.get(room).copied().unwrap_or_default();
    let unread = match unread {
        0 => String::new(),
        _ if is_shown => String::new(),
        1..=TOLD_MAX => format!("●{unread}"),
        _ => format!("●{TOLD_MAX}+"),
    };
    let count = if count > 0 { count.to_string() } else { String::new() };
    let is_here = conference.room() == *room;
    Place { unread, count, is_here, ..Place::view(label, Some(Act::ShowRoom(room.clone())), is_shown) }
}

fn tables(app: &App, conference: &Conference, places: &mut Vec<Place>) {
    let Some(public) = conference.public() else { return };
    let (may_ask, sits) = (conference.may_act("ask_to_table").is_yes(), conference.sits());
    if public.tables().is_empty() && !may_ask {
        return;
    }
    places.push(Place::heading(app.say("page-cafe")));
    let mut taken: Vec<_> = public.tables().iter().collect();
    taken.sort_by_key(|(_, table)| table.number);
    let invited = conference.invitations();
    for (id, table) in taken {
        let is_invited = invited.iter().any(|(table, _)| table == id);
        let mut place = place(app, conference, id, table.seated.len());
        if is_invited {
            place.label = format!("{} ({})", place.label, app.say("page-invited"));
        } else if conference.room() != *id {
            place.act = None;
        }
        places.push(place);
    }
    if may_ask {
        let key = if sits { "page-ask-more" } else { "page-new-table" };
        let label = format!("+ {}", app.say(key));
        places.push(Place::view(label, Some(Act::Fill(FormKind::Ask)), false));
    }
    if sits {
        let stand_up = Act::Want(Box::new(Command::LeaveTable));
        places.push(Place::view(format!("− {}", app.say("page-stand-up")), Some(stand_up), false));
    }
}

fn views(app: &App, conference: &Conference, places: &mut Vec<Place>) {
    let has_phases = conference.public().is_some_and(|public| !public.schedule().phases().is_empty());
    let shown = [
        (true, View::People),
        (has_phases, View::Schedule),
        (true, View::Ballot),
        (conference.is_organizer(), View::Organize),
        (true, View::Check),
        (true, View::Settings),
        (true, View::Conferences),
    ];
    places.push(Place::heading(String::new()));
    for (_, view) in shown.into_iter().filter(|(is_there, _)| *is_there) {
        let is_shown = app.view == view;
        let waits = view == View::Ballot && awaits_vote(conference);
        let mut place = Place::view(app.say(view.title()), Some(Act::Show(view)), is_shown);
        if waits {
            place.unread = "●1".to_owned();
        }
        places.push(place);
    }
}

/// Whether a ballot is open in which one has not voted.
fn awaits_vote(conference: &Conference) -> bool {
    let open = conference.public().and_then(|public| public.ballots().open());
    let voted = |id| conference.own().is_some_and(|own| own.votes().contains_key(&id));
    open.is_some_and(|(id, _)| !voted(id))
}
