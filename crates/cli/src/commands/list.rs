//! `convene list`.

use convene_command_lines::convene::List;
use convene_conference::{Refusal, reads_alike};
use convene_local_api::{ConferenceNow, Empty, ListedSeat, PhaseNow, SeatState};

use super::Context;
use crate::output;
use crate::stop::Stop;

/// Why a seat takes nothing new, though its server would give it.
const SEAT_FULL: &str = Refusal::SeatFull.as_str();

pub(super) async fn run(_: &List, context: &Context) -> Result<(), Stop> {
    let client = context.connect().await?;
    let seats = client.call::<convene_local_api::List>(&Empty {}).await?.conferences;
    if seats.is_empty() && !context.json {
        output::line(&context.wording.word("no_seats"))?;
    }
    for seat in &seats {
        if context.json {
            output::json(seat)?;
        } else {
            show(seat, &seats, context)?;
        }
    }
    match seats.iter().find_map(|seat| seat.storage).filter(|_| !context.json) {
        Some(storage) => Ok(output::line(&context.wording.word(storage.word()))?),
        None => Ok(()),
    }
}

/// Tells how a seat stands, and what goes on in its conference.
pub(super) fn show(seat: &ListedSeat, seats: &[ListedSeat], context: &Context) -> Result<(), Stop> {
    let wording = &context.wording;
    let is_removed = seat.state == SeatState::Left && seat.code.is_some();
    let state = match seat.state {
        SeatState::Joining => "joining",
        SeatState::Joined => "joined",
        SeatState::Left if is_removed => "removed",
        SeatState::Left => "left",
        SeatState::Refused => "refused",
        SeatState::NotHereNow if is_full(seat) => SEAT_FULL,
        SeatState::NotHereNow => "not_here_now",
    };
    let title = title(seat, context);
    let fields =
        [("title", title.as_str()), ("state", state), ("name", &seat.name), ("server", &seat.server)];
    // The state has said that already.
    let code = seat.code.as_deref().filter(|code| *code != state);
    let why = code.map_or_else(String::new, |code| format!(": {}", wording.word(code)));
    output::line(&format!("{}{why}", wording.about("list-seat", &fields)))?;
    let now = seat.now.as_ref().map(|now| sentences(now, context)).filter(|now| !now.is_empty());
    let waiting =
        (seat.waiting > 0).then(|| wording.about("list-waiting", &[("count", &seat.waiting.to_string())]));
    // By which the person turns to the log that the server shows.
    let other = seat.other_log.map(|log| format!("convene join --log {log}"));
    let remedy = seat.remedy.map(|remedy| wording.remedy(remedy));
    let typed = Some(typed(seat, seats)).filter(|typed| seats.len() > 1 && *typed != seat.title);
    let typed = typed.map(|typed| wording.about("list-typed", &[("seat", &typed)]));
    let key = key(seat, seats, context);
    for detail in now.into_iter().chain(waiting).chain(other).chain(remedy).chain(key).chain(typed) {
        output::line(&format!("  {detail}"))?;
    }
    Ok(())
}

/// The key that the join link names, where another seat says of another server that it has this
/// conference.
fn key(seat: &ListedSeat, seats: &[ListedSeat], context: &Context) -> Option<String> {
    let claims =
        |other: &ListedSeat| other.conference == seat.conference && other.fingerprint != seat.fingerprint;
    if seat.conference.is_none() || !seats.iter().any(claims) {
        return None;
    }
    Some(match seat.fingerprint {
        Some(key) => context.wording.about("list-key", &[("key", &key.to_string())]),
        None => context.wording.about("list-no_key", &[]),
    })
}

fn is_full(seat: &ListedSeat) -> bool {
    seat.code.as_deref() == Some(SEAT_FULL)
}

/// The conference's title; before that is known, a word for it.
pub(super) fn title(seat: &ListedSeat, context: &Context) -> String {
    if seat.title.is_empty() {
        context.wording.about("list-untitled", &[("server", &seat.server)])
    } else {
        output::inert(&seat.title)
    }
}

/// By what a person names it: its title, where that means this seat and no other one.
pub(super) fn typed(seat: &ListedSeat, seats: &[ListedSeat]) -> String {
    let alike = |other: &&ListedSeat| reads_alike(&other.title, &seat.title);
    let is_clear = !seat.title.is_empty() && seats.iter().filter(alike).count() == 1;
    if is_clear { seat.title.clone() } else { seat.seat.to_string() }
}

/// What goes on in the conference.
pub(super) fn sentences(now: &ConferenceNow, context: &Context) -> String {
    let wording = &context.wording;
    let opens = now.opens.map(|opens| wording.about("phase-opens", &[("time", &context.time(opens))]));
    let phase = now.phase.as_ref().and_then(|PhaseNow { phase, .. }| {
        let name = wording.phase(&phase.kind, phase.round, phase.rounds);
        Some(wording.about("list-phase", &[("phase", &name), ("ends", &context.time(phase.ends?))]))
    });
    let names = Some(&now.room_names).filter(|names| !names.is_empty());
    let room = now
        .room
        .as_ref()
        .map(|room| wording.about("list-room", &[("room", &wording.room(room, names, &[]))]));
    let asked = now
        .asked_to
        .iter()
        .map(|table| wording.about("list-asked", &[("room", &wording.room(table, None, &[]))]));
    let ballot = now.question.as_ref().map(|question| {
        wording.about(if now.voted { "list-voted" } else { "list-ballot" }, &[("question", question)])
    });
    let all = opens.into_iter().chain(phase).chain(room).chain(asked).chain(ballot);
    all.collect::<Vec<_>>().join("; ")
}
