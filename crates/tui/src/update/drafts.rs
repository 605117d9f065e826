//! Texts that are being written, between the field and the daemon.

use convene_local_api::{Draft, DraftSetParams};
use convene_model::Timestamp;

use super::calls::call;
use crate::editor::Editor;
use crate::message::{Call, Effect};
use crate::state::{App, Conference, MARKS, Marks, View, draft_key};

/// Sends what is due.
pub(super) fn send_due(app: &mut App, effects: &mut Vec<Effect>) {
    let now = app.now;
    send(app, effects, |due| due.is_some_and(|due| due <= now));
}

/// Sends everything that the daemon does not have.
pub(super) fn send_all(app: &mut App, effects: &mut Vec<Effect>) {
    send(app, effects, |_| true);
}

fn send(app: &mut App, effects: &mut Vec<Effect>, is_wanted: impl Fn(Option<Timestamp>) -> bool) {
    let is_attached = app.is_attached();
    let Some(conference) = app.conference.as_mut().filter(|conference| conference.has_drafts && is_attached)
    else {
        return;
    };
    for (key, writing) in &mut conference.writings {
        if !is_wanted(writing.due()) {
            continue;
        }
        if let Some((text, revision)) = writing.send() {
            let (conference, key) = (conference.name.clone(), key.clone());
            call(Call::Draft(DraftSetParams { conference, key, revision, text }), effects);
        }
    }
}

/// What was typed stands in the field.
pub(super) fn typed(app: &mut App) {
    let now = app.now;
    if let Some(conference) = &mut app.conference {
        let text = conference.composer.text().to_owned();
        conference.writing().write(&text, now);
    }
}

/// Takes all drafts that the daemon keeps of this conference.
pub(super) fn handle_all(app: &mut App, drafts: &[Draft]) {
    let Some(conference) = &mut app.conference else { return };
    conference.has_drafts = true;
    for draft in drafts {
        handle_one(conference, draft, app.now);
    }
    // Texts that the daemon has no draft of were typed before it was asked.
    let now = app.now;
    for (key, writing) in &mut conference.writings {
        if !drafts.iter().any(|draft| draft.key == *key) {
            writing.unsend(now);
        }
    }
    conference.count_unread();
}

/// Takes a draft that another frontend set.
pub(super) fn handle_one(conference: &mut Conference, draft: &Draft, now: Timestamp) {
    let shown = draft_key(&conference.shown());
    let writing = conference.writings.entry(draft.key.clone()).or_default();
    let is_news = writing.changed(draft);
    if draft.key == MARKS {
        conference.marks.merge(&Marks::parse(&draft.text));
        if let Some(other) = writing.other() {
            conference.marks.merge(&Marks::parse(other));
            writing.choose(&conference.marks.write(), now);
        }
    } else if is_news && draft.key == shown {
        conference.composer = Editor::new(writing.text());
    }
}

/// One of two texts is chosen: the other one, or the one that stands in the field.
pub(super) fn choose(app: &mut App, takes_other: bool) {
    let now = app.now;
    let Some(conference) = &mut app.conference else { return };
    let Some(other) = conference.other_draft().filter(|_| takes_other).map(str::to_owned) else {
        let mine = conference.composer.text().to_owned();
        return conference.writing().choose(&mine, now);
    };
    conference.writing().choose(&other, now);
    conference.composer = Editor::new(&other);
}

/// The room that is looked at is read, as far as its end is shown.
pub(super) fn mark_read(app: &mut App) {
    let (now, is_shown) = (app.now, app.view == View::Talk);
    let Some(conference) = &mut app.conference else { return };
    let is_read = is_shown && conference.has_drafts && conference.talking.follows();
    let last = conference.talking.talk.lines.back().map(|line| line.place.seq).filter(|_| is_read);
    if last.is_some_and(|last| conference.read_through(last)) {
        let text = conference.marks.write();
        conference.writings.entry(MARKS.to_owned()).or_default().remember(text, now);
    }
}
