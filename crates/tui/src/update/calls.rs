//! Calls that are made without anybody's asking: on a new connection, and for what is read.

use convene_local_api::{ActParams, HistoryParams, WatchParams};
use convene_model::{CommandId, Json, SeatName, Timestamp};

use crate::message::{Call, Effect};
use crate::state::{App, Conference, Daemon, Direction, Wanted};

/// How long the server may take to give what is not on this computer, in milliseconds.
const PAGE_WAIT_MS: u64 = 10_000;

pub(super) fn call(call: Call, effects: &mut Vec<Effect>) {
    effects.push(Effect::Call(Box::new(call)));
}

/// Everything that was followed on the connection before is followed on this one.
pub(super) fn attached(app: &mut App, effects: &mut Vec<Effect>) {
    app.daemon = Daemon::Attached;
    call(Call::Connections, effects);
    call(Call::List, effects);
    if app.settings.is_some() {
        call(Call::Settings, effects);
    }
    if app.checks.is_some() {
        call(Call::Checks { begins: false }, effects);
    }
    let now = app.now;
    if let Some(conference) = &mut app.conference {
        follow(conference, now, effects);
    }
}

/// Follows a conference behind what was told of it.
pub(super) fn follow(conference: &mut Conference, now: Timestamp, effects: &mut Vec<Effect>) {
    let name = conference.name.clone();
    call(
        Call::Watch(WatchParams { conference: name.clone(), after: conference.after(), state: true }),
        effects,
    );
    call(Call::Drafts(name), effects);
    conference.writings.values_mut().for_each(|writing| writing.unsend(now));
    for pending in conference.pendings.unanswered() {
        send(conference, pending.id, pending.body.clone(), effects);
    }
}

/// Sends a command. With the same id it is the same one, however often it is sent.
pub(super) fn send(conference: &Conference, id: CommandId, body: Json, effects: &mut Vec<Effect>) {
    let (conference, seen) = (conference.name.clone(), conference.seen());
    call(Call::Act(ActParams { conference, id, body, seen, wait_ms: 0 }), effects);
}

/// Shows a conference.
pub(super) fn open(app: &mut App, name: &SeatName, effects: &mut Vec<Effect>) {
    if app.conference.as_ref().is_some_and(|conference| conference.name == *name) {
        return;
    }
    close(app, effects);
    let mut conference = Conference::new(name.clone());
    if app.is_attached() {
        follow(&mut conference, app.now, effects);
    }
    app.conference = Some(conference);
}

/// Follows the conference no more.
pub(super) fn close(app: &mut App, effects: &mut Vec<Effect>) {
    super::drafts::send_all(app, effects);
    if let Some(before) = app.conference.take().filter(|_| app.is_attached()) {
        call(Call::Unwatch(before.name), effects);
    }
}

/// Begins the watch of the conference anew, where what was told does not fit together.
pub(super) fn watch_anew(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(conference) = &mut app.conference else { return };
    conference.state = None;
    call(Call::Unwatch(conference.name.clone()), effects);
    let conference = conference.name.clone();
    call(Call::Watch(WatchParams { conference, after: None, state: true }), effects);
}

/// Fetches the page of the past that is wanted without anybody's asking.
pub(super) fn fetch(app: &mut App, effects: &mut Vec<Effect>) {
    let is_attached = app.is_attached();
    let Some(conference) = app.conference.as_mut().filter(|conference| conference.has_begun && is_attached)
    else {
        return;
    };
    if let Some(wanted) = conference.talking.wants_by_itself() {
        fetch_page(conference, wanted, effects);
    }
}

pub(super) fn fetch_page(conference: &Conference, wanted: Wanted, effects: &mut Vec<Effect>) {
    let (after, through, newest) = match wanted.what {
        Direction::Older => (0, Some(wanted.at), true),
        Direction::Newer => (wanted.at, None, false),
    };
    let params = HistoryParams {
        conference: conference.name.clone(),
        after,
        through,
        newest,
        limit: wanted.limit,
        wait_ms: PAGE_WAIT_MS,
    };
    call(Call::History(wanted, params), effects);
}
