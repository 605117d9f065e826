//! What came back, or is not known to be stored: it is edited, sent again, or let go.

use convene_model::{CommandId, RoomId};

use super::calls::{self, call};
use super::{acts, drafts};
use crate::message::{Call, Effect};
use crate::state::{App, Conference, draft_key};
use crate::words::Tone;

/// The text goes into the field of its room again.
pub(super) fn edit(app: &mut App, id: CommandId, effects: &mut Vec<Effect>) {
    let pending = app.conference.as_ref().and_then(|conference| conference.pendings.get(id));
    let message = pending.and_then(|pending| pending.message());
    let Some((room, text)) = message.map(|(room, text)| (room.clone(), text.to_owned())) else { return };
    if !let_go(app, id, effects) {
        return;
    }
    put_back(app, &room, &text);
    let gone = app.conference.as_ref().filter(|conference| !conference.is_place(&room));
    let room = gone.map_or(room, Conference::shown);
    acts::turn_to(app, &room, effects);
}

/// Puts a text in front of what is being written for a room; where the room is gone, for the one
/// that is shown.
pub(super) fn put_back(app: &mut App, room: &RoomId, text: &str) {
    let now = app.now;
    let Some(conference) = &mut app.conference else { return };
    if conference.shown() == *room || !conference.is_place(room) {
        conference.composer.prepend(text);
        return drafts::typed(app);
    }
    let writing = conference.writings.entry(draft_key(room)).or_default();
    let rest = writing.text();
    let whole = if rest.is_empty() { text.to_owned() } else { format!("{text}\n{rest}") };
    writing.write(&whole, now);
}

/// Lets the text go; says whether that was possible.
pub(super) fn let_go(app: &mut App, id: CommandId, effects: &mut Vec<Effect>) -> bool {
    let is_attached = app.is_attached();
    let Some(conference) = &mut app.conference else { return false };
    if conference.pendings.forget(id).is_some() {
        return true;
    }
    if !is_attached {
        app.tell(Tone::Bad, app.say("page-no-service"));
        return false;
    }
    call(Call::Dismiss(conference.name.clone(), id), effects);
    true
}

/// The same command is sent again, by the same id: it does not come about twice.
pub(super) fn send_again(app: &mut App, id: CommandId, effects: &mut Vec<Effect>) {
    let is_attached = app.is_attached();
    let Some(conference) = &mut app.conference else { return };
    let Some(body) = conference.pendings.get(id).map(|pending| pending.body.clone()) else { return };
    if !is_attached {
        return app.tell(Tone::Bad, app.say("page-no-service"));
    }
    conference.pendings.begin(id, body.clone());
    calls::send(conference, id, body, effects);
}
