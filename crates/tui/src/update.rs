//! What follows from what happened: changes of the state, and effects outside. Nothing here waits,
//! asks a clock or touches a terminal.

mod acts;
mod answers;
mod calls;
mod commands;
mod drafts;
mod forms;
mod keys;
mod mouse;
mod moving;
mod returned;
mod saying;
#[cfg(test)]
mod tests;
mod told;

use std::collections::VecDeque;

use convene_model::Timestamp;

use crate::message::{Call, Effect, Message};
use crate::sheets::phase_end;
use crate::state::{App, Daemon, Dialog, FormKind, MINUTE_MS, Writing, later, next_change};
use crate::words::Tone;

use self::calls::call;

/// How long the program waits for the daemon to keep what was typed last, in milliseconds.
const ENDING_MS: i64 = 1_000;

/// Takes what happened now.
pub(crate) fn update(app: &mut App, message: Message, now: Timestamp) -> Vec<Effect> {
    app.now = now;
    let mut effects = Vec::new();
    match message {
        Message::Key(key) => keys::key(app, key, &mut effects),
        Message::Paste(text) => keys::paste(app, &text),
        Message::Mouse(mouse) => mouse::mouse(app, mouse, &mut effects),
        Message::Resize { columns, rows } => (app.columns, app.rows) = (columns, rows),
        Message::Attached => calls::attached(app, &mut effects),
        Message::Disconnected => {
            disconnected(app);
            app.daemon = Daemon::Sought { since: now };
        }
        Message::Away(why) => {
            disconnected(app);
            let since = match app.daemon {
                Daemon::Sought { since } | Daemon::Away { since, .. } => since,
                Daemon::Attached => now,
            };
            app.daemon = Daemon::Away { since, why };
        }
        Message::Told(told) => told::told(app, *told, &mut effects),
        Message::Answered(answer) => answers::answered(app, *answer, &mut effects),
        Message::Asked(question, asked) => {
            app.questions.push_back((question, asked));
            forms::ask_login(app);
        }
        Message::Saved(saved) => match saved {
            Ok(path) => app.tell(Tone::Good, app.words.with("tui-saved-as", &[("path", &path)])),
            Err(why) => app.tell(Tone::Bad, app.words.with("tui-not-saved", &[("reason", &why)])),
        },
        Message::Tick => {}
        Message::Stop => end(app),
    }
    drafts::send_due(app, &mut effects);
    calls::fetch(app, &mut effects);
    if app.ending.is_some_and(|by| now >= by || !has_unkept(app)) {
        effects.push(Effect::Quit);
    }
    effects
}

/// When something changes by itself, at the latest.
pub(crate) fn due(app: &App) -> Timestamp {
    let minute = later(app.now, MINUTE_MS - app.now.as_millis() % MINUTE_MS);
    let phase = app.conference.as_ref().and_then(|conference| {
        let change = next_change(phase_end(app)?, conference.server_time(app.now))?;
        Some(later(change, -conference.offset_ms))
    });
    let keeps = app.conference.iter().filter(|conference| app.is_attached() && conference.has_drafts);
    let drafts = keeps.flat_map(|conference| conference.writings.values()).filter_map(Writing::due);
    let all = [Some(minute), phase, app.away_at(), app.ending];
    all.into_iter().flatten().chain(drafts).min().unwrap_or(minute)
}

/// The program ends once the daemon has what was typed.
fn end(app: &mut App) {
    app.ending = Some(later(app.now, ENDING_MS));
    for writing in app.conference.iter_mut().flat_map(|conference| conference.writings.values_mut()) {
        writing.keep_now(app.now);
    }
}

/// Whether the daemon can be asked to keep what it does not have yet.
fn has_unkept(app: &App) -> bool {
    app.is_attached() && has_texts(app)
}

/// Whether something that was typed is not known to be kept.
fn has_texts(app: &App) -> bool {
    let mut writings = app.conference.iter().flat_map(|conference| conference.writings.values());
    writings.any(|writing| !writing.is_kept() && writing.other().is_none())
}

/// What was asked on the connection that ended has no answer.
fn disconnected(app: &mut App) {
    app.questions = VecDeque::new();
    app.dialogs
        .retain(|dialog| !matches!(dialog, Dialog::Form(form) if matches!(form.kind, FormKind::Login(_))));
    app.is_testing = false;
    app.joining.form.is_busy = false;
    let now = app.now;
    if let Some(conference) = &mut app.conference {
        conference.online = None;
        conference.list_people();
        conference.talking.loading = None;
        conference.writings.values_mut().for_each(|writing| writing.unsend(now));
    }
}

/// Wants something of the daemon, where there is one; says so, where there is none.
fn want(app: &mut App, wanted: Call, effects: &mut Vec<Effect>) -> bool {
    if !app.is_attached() {
        app.tell(Tone::Bad, app.say("page-no-service"));
        return false;
    }
    call(wanted, effects);
    true
}
