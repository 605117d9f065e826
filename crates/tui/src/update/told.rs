//! What follows from what the daemon says by itself.

use std::rc::Rc;

use convene_conference::{Body, Event};
use convene_local_api::{
    AccessCheckRecord, Connection, ConnectionState, EventsNotification, JoinState, PassedOverNotification,
    SeatNotification, Told,
};
use convene_model::CommandId;

use super::calls::call;
use super::{answers, calls, drafts, forms};
use crate::message::{Call, Effect};
use crate::state::talk::{TalkLine, lines_of, read_event};
use crate::state::{App, Conference, Focus, View};

pub(super) fn told(app: &mut App, told: Told, effects: &mut Vec<Effect>) {
    if let Some(name) = told.conference()
        && app.conference.as_ref().is_none_or(|conference| conference.name != *name)
    {
        return;
    }
    match told {
        Told::Connections(changed) => connections(app, changed.0.connections, effects),
        Told::Access(changed) => check(app, changed.check),
        Told::Settings(changed) => app.settings = Some(changed.settings),
        Told::Other(..) => {}
        Told::Draft(_)
        | Told::State(_)
        | Told::Events(_)
        | Told::May(_)
        | Told::Receipt(_)
        | Told::Outbox(_)
        | Told::Lost(_)
        | Told::Dismissed(_)
        | Told::Seat(_)
        | Told::PassedOver(_)
        | Told::Reset(_)
        | Told::Clock(_)
        | Told::Presence(_) => of_conference(app, told, effects),
    }
}

/// What is told of the conference that is shown.
fn of_conference(app: &mut App, told: Told, effects: &mut Vec<Effect>) {
    let now = app.now;
    let Some(conference) = &mut app.conference else { return };
    match told {
        Told::Draft(changed) => drafts::handle_one(conference, &changed.draft, now),
        Told::State(part) => {
            if conference.take_part(&part) {
                if answers::begin(app) {
                    offer_focus(app);
                }
            } else {
                calls::watch_anew(app, effects);
            }
        }
        Told::Events(events) => happened(app, events),
        Told::May(told) => {
            conference.may = told.may;
            leave_what_is_gone(conference);
        }
        Told::Receipt(told) => conference.pendings.receipt(&told.result, told.body),
        Told::Outbox(told) => conference.pendings.queued(told.command, told.body),
        Told::Lost(told) => conference.pendings.lost(told.command, told.body),
        Told::Dismissed(told) => conference.pendings.dismissed(told.command),
        Told::Seat(told) => seat(conference, told, effects),
        Told::PassedOver(told) => passed_over(conference, &told),
        Told::Reset(reset) => {
            (conference.cursor, conference.term) = (reset.cursor, reset.term);
            conference.talking.reset(reset.cursor);
            conference.count_unread();
        }
        Told::Clock(clock) => conference.offset_ms = clock.offset_ms,
        Told::Presence(presence) => {
            conference.online = presence.online.map(|online| online.into_iter().collect());
            conference.list_people();
        }
        Told::Connections(_) | Told::Access(_) | Told::Settings(_) | Told::Other(..) => {}
    }
}

pub(super) fn connections(app: &mut App, connections: Vec<Connection>, effects: &mut Vec<Effect>) {
    app.connections = connections;
    if app.connections.iter().all(|connection| connection.storage.is_none()) {
        app.reads_on = false;
    }
    call(Call::List, effects);
    // The daemon goes on trying to join: once its connection stands it is asked what came of it.
    let host = app.joining.host.clone().unwrap_or_default();
    let is_reached = app.connection_of(&host).is_some_and(|one| one.state == ConnectionState::Connected);
    let is_open = app.joining.last.as_ref().is_none_or(|last| last.state != JoinState::Joined);
    if is_reached && is_open && !app.joining.form.is_busy {
        forms::join(app, effects);
    }
}

fn check(app: &mut App, check: AccessCheckRecord) {
    let checks = app.checks.get_or_insert_default();
    match checks.iter_mut().find(|known| known.server == check.server) {
        Some(known) => *known = check,
        None => checks.push(check),
    }
}

fn seat(conference: &mut Conference, told: SeatNotification, effects: &mut Vec<Effect>) {
    conference.seat = Some(told.seat);
    (conference.code, conference.other_log) = (told.code, told.other_log);
    call(Call::List, effects);
}

/// The state follows, with all that was passed over.
fn passed_over(conference: &mut Conference, told: &PassedOverNotification) {
    if told.through <= conference.cursor {
        return;
    }
    conference.talking.pass_over(conference.cursor, told.through);
    (conference.cursor, conference.term) = (told.through, told.term);
}

fn happened(app: &mut App, told: EventsNotification) {
    let Some(conference) = &mut app.conference else { return };
    if told.through <= conference.cursor {
        return;
    }
    let events: Vec<Event> = told.events.iter().filter_map(read_event).collect();
    let stood = conference.room();
    // Without patches the state that was told, or that follows, has these events already.
    if let Some(state) = conference.state.as_mut().filter(|_| told.patches.is_some()) {
        events.iter().for_each(|event| state.evolve(event));
    }
    if events.iter().any(concerns_people) {
        conference.list_people();
    }
    take(conference, &events, &told);
    let stands = conference.room();
    let shown = conference.shown();
    // One who is shown the room where they stand goes along when they go on: to a table, or with
    // everybody. Nobody stays in a room that is gone.
    let goes_along = shown == stood && stands != stood;
    if conference.has_begun && goes_along {
        conference.turn_to(&stands);
    }
    leave_what_is_gone(conference);
    drafts::mark_read(app);
}

/// Nobody looks at a room that is gone.
fn leave_what_is_gone(conference: &mut Conference) {
    if conference.has_begun && conference.may.is_some() && !conference.is_place(&conference.shown()) {
        let stands = conference.room();
        conference.turn_to(&stands);
    }
}

fn take(conference: &mut Conference, events: &[Event], told: &EventsNotification) {
    let commands: Vec<CommandId> = events.iter().filter_map(|event| event.command).collect();
    conference.pendings.told(commands.into_iter(), told.through);
    (conference.cursor, conference.term) = (told.through, told.term);
    if conference.has_begun {
        let (lines, me): (Vec<Rc<TalkLine>>, _) = (lines_of(events), conference.me);
        conference.count_more(&lines);
        conference.talking.take(&lines, told.through, |line| line.by.is_some() && line.by != me);
    }
}

/// Whether lists of people are others now.
fn concerns_people(event: &Event) -> bool {
    matches!(
        &event.body,
        Body::Opened(_)
            | Body::Joined(_)
            | Body::Left(_)
            | Body::Renamed(_)
            | Body::RoleChanged(_)
            | Body::Went(_)
            | Body::RoomClosed(_)
            | Body::SatDown(_)
            | Body::StoodUp(_)
            | Body::Began(_)
    )
}

/// Whoever sees the talk for the first time may write at once.
pub(super) fn offer_focus(app: &mut App) {
    let is_known = app.conference.as_ref().is_some_and(|conference| conference.public().is_some());
    if app.view == View::Talk && is_known && app.focus == Focus::Main {
        app.focus = Focus::Composer;
    }
}
