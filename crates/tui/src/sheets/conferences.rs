//! All conferences of this person, what goes on in each, and what to do next; and joining one.

use convene_conference::Refusal;
use convene_local_api::{ConferenceNow, JoinState, ListedSeat, SeatState};

use super::{Entry, Look};
use crate::state::{Act, App, Confirm, FormKind, View};
use crate::words::Tone;

pub(super) fn entries(app: &App) -> Vec<Entry> {
    let mut entries = vec![Entry::title(app.say("page-conferences"))];
    match app.seats.as_deref() {
        None => entries.push(Entry::plain(app.say("page-loading"))),
        Some([]) => entries.push(Entry::plain(app.say("page-no-conferences"))),
        Some(seats) => {
            let mut seats: Vec<&ListedSeat> = seats.iter().collect();
            seats.sort_by_key(|seat| rank(seat.state));
            seats.into_iter().for_each(|seat| card(app, seat, &mut entries));
        }
    }
    entries.push(Entry::gap());
    entries.push(Entry::button(app.say("page-join-another"), Act::Show(View::Join)));
    entries.push(Entry::button(app.say("page-check"), Act::Show(View::Check)));
    entries.push(Entry::button(app.say("page-settings"), Act::Show(View::Settings)));
    entries.push(Entry::button(app.say("tui-quit"), Act::Quit));
    entries
}

fn rank(state: SeatState) -> u8 {
    match state {
        SeatState::Joined => 0,
        SeatState::Joining => 1,
        SeatState::NotHereNow => 2,
        SeatState::Left => 3,
        SeatState::Refused => 4,
    }
}

fn title(app: &App, seat: &ListedSeat) -> String {
    if seat.title.is_empty() { app.say("page-conference") } else { seat.title.clone() }
}

fn card(app: &App, seat: &ListedSeat, entries: &mut Vec<Entry>) {
    let title = title(app, seat);
    let can_open = seat.conference.is_some() && seat.state != SeatState::Refused;
    entries.push(Entry::gap());
    entries.push(if can_open {
        Entry::button(title.clone(), Act::Open(seat.seat.clone()))
    } else {
        Entry::new(Look::Strong, title.clone())
    });
    let who = app.words.with("page-as", &[("person", &seat.name)]);
    entries.push(Entry::hint(format!("{who} · {}", seat.server)));
    match seat.state {
        SeatState::Joined => now(app, seat.now.as_ref(), entries),
        SeatState::Left => {
            let key = if seat.code.is_some() { "page-you-were-removed" } else { "page-you-left" };
            entries.push(Entry::plain(app.say(key)));
        }
        SeatState::Refused => {
            let why = app.words.word(seat.code.as_deref().unwrap_or("refused"));
            entries.push(Entry::new(Look::Bad, why));
        }
        SeatState::Joining | SeatState::NotHereNow => {
            let word = if seat.state == SeatState::Joining { "joining" } else { "not_here_now" };
            entries.push(Entry::plain(app.words.word(seat.code.as_deref().unwrap_or(word))));
        }
    }
    if let Ok(count @ 1..) = usize::try_from(seat.waiting) {
        entries.push(Entry::plain(format!("◷ {}", app.words.count("page-waiting-count", count))));
    }
    if let Some(remedy) = seat.remedy {
        entries.push(Entry::new(Look::Bad, app.words.remedy(remedy)));
    }
    if let Some(log) = seat.other_log {
        entries.push(Entry::button(app.say("page-turn"), Act::Fill(FormKind::Turn(log))));
    }
    let is_full = seat.code.as_deref() == Some(Refusal::SeatFull.as_str());
    if is_full || matches!(seat.state, SeatState::Left | SeatState::Refused) {
        let asks = app.words.with("page-remove-title", &[("title", &title)]);
        let mut confirm = Confirm::new(asks, app.say("page-remove-text"), Act::Forget(seat.seat.clone()));
        confirm.label = app.say("page-remove");
        entries.push(Entry::button(app.say("page-remove"), Act::Ask(Box::new(confirm))));
    }
}

/// What goes on in it.
fn now(app: &App, now: Option<&ConferenceNow>, entries: &mut Vec<Entry>) {
    let Some(now) = now else { return entries.push(Entry::plain(app.say("page-over"))) };
    if let Some(opens) = now.opens {
        let time = app.words.moment(opens, app.now);
        entries.push(Entry::plain(app.words.with("page-opens", &[("time", &time)])));
    }
    if let Some((phase, ends)) = now.phase.as_ref().and_then(|phase| Some((&phase.phase, phase.phase.ends?)))
    {
        let (phase, ends) = (app.words.phase(phase), app.words.clock(ends));
        entries.push(Entry::plain(app.words.with("list-phase", &[("phase", &phase), ("ends", &ends)])));
    }
    if let Some(room) = &now.room {
        let room = app.words.told_room(room, &now.room_names);
        entries.push(Entry::plain(app.words.with("list-room", &[("room", &room)])));
    }
    if let Some(question) = now.question.as_ref().filter(|_| !now.voted) {
        let text = app.words.with("list-ballot", &[("question", question)]);
        entries.push(Entry::new(Look::Warn, text));
    }
    if !now.asked_to.is_empty() {
        entries.push(Entry::new(Look::Warn, app.say("page-you-are-asked")));
    }
}

pub(super) fn joining(app: &App) -> Vec<Entry> {
    let Some(host) = &app.joining.host else { return Vec::new() };
    let key = if app.joining.form.is_busy { "page-joining" } else { "tui-joining-goes-on" };
    let mut entries = vec![Entry::plain(app.say(key))];
    if let Some(last) = app.joining.last.as_ref().filter(|last| last.state == JoinState::NotHereNow) {
        entries.push(Entry::plain(app.words.word(last.code.as_deref().unwrap_or("not_here_now"))));
    }
    let connection = app.connection_of(host);
    let reached = app.words.connection(connection, app.is_attached());
    entries.push(Entry::new(reached.tone.into(), reached.text));
    entries.extend(reached.page.map(Entry::plain));
    if reached.tone != Tone::Good {
        let attempts = connection.map(|connection| connection.attempts.as_slice()).unwrap_or_default();
        entries.extend(attempts.iter().map(|attempt| Entry::hint(app.words.attempt(attempt))));
    }
    entries
}
