//! `convene list`.

use convene_command_lines::convene::List;
use convene_local_api::{ConferenceNow, Empty, ListedSeat, PhaseNow, SeatState};
use convene_model::SeatName;

use super::{Context, conference, phases};
use crate::output;
use crate::stop::Stop;

pub(super) async fn run(_: &List, context: &Context) -> Result<(), Stop> {
    let client = context.connect().await?;
    let seats = client.call::<convene_local_api::List>(&Empty {}).await?.conferences;
    if seats.is_empty() && !context.json {
        output::line(&context.wording.word("no_seats"))?;
    }
    for seat in &seats {
        if context.json {
            output::json(seat)?;
            continue;
        }
        let state = match seat.state {
            SeatState::Joining => "joining",
            SeatState::Joined => "joined",
            SeatState::Left => "left",
            SeatState::Refused => "refused",
            SeatState::NotHereNow => "not_here_now",
        };
        let named = name(seat, &seats);
        let why =
            seat.code.as_deref().map_or_else(String::new, |code| format!(": {}", context.wording.word(code)));
        // By which the person turns to the log that the server shows.
        let other = seat.other_log.map_or_else(String::new, |log| format!(" (--log {log})"));
        let waiting = if seat.waiting > 0 { format!(" [{}]", seat.waiting) } else { String::new() };
        let [title, server, name] = [&seat.title, &seat.server, &seat.name].map(|text| output::inert(text));
        output::line(&format!(
            "{named:10}  {}{why}{other}{waiting}  {name} @ {server}  {title}",
            context.wording.word(state)
        ))?;
        if let Some(now) = &seat.now {
            output::line(&format!("  {}", output::inert(&sentences(now, context))))?;
        }
        if let Some(remedy) = seat.remedy {
            output::line(&format!("  {}", context.wording.remedy(remedy)))?;
        }
    }
    match seats.iter().find_map(|seat| seat.storage).filter(|_| !context.json) {
        Some(storage) => Ok(output::line(&context.wording.word(storage.word()))?),
        None => Ok(()),
    }
}

/// What goes on in the conference.
fn sentences(now: &ConferenceNow, context: &Context) -> String {
    let wording = &context.wording;
    let opens = now.opens.map(|opens| wording.about("phase-opens", &[("time", &phases::clock(opens))]));
    let phase = now.phase.as_ref().and_then(|PhaseNow { phase, .. }| {
        let name = phases::name(&phase.kind, phase.round, phase.rounds, wording);
        Some(wording.about("list-phase", &[("phase", &name), ("ends", &phases::clock(phase.ends?))]))
    });
    let names = Some(&now.room_names).filter(|names| !names.is_empty());
    let room = now.room.as_ref().map(|room| {
        wording.about("list-room", &[("room", &conference::name_of_room(room, names, &[], context))])
    });
    let asked = now.asked_to.iter().map(|table| {
        wording.about("list-asked", &[("room", &conference::name_of_room(table, None, &[], context))])
    });
    let ballot = now.question.as_ref().map(|question| {
        wording.about(if now.voted { "list-voted" } else { "list-ballot" }, &[("question", question)])
    });
    let all = opens.into_iter().chain(phase).chain(room).chain(asked).chain(ballot);
    all.collect::<Vec<_>>().join("; ")
}

/// The name that can be typed: the conference, with its server where another one claims it too; the
/// seat's number where there is no conference yet, or another seat of the same server is in it.
fn name(seat: &ListedSeat, seats: &[ListedSeat]) -> SeatName {
    let Some(conference) = seat.conference else { return seat.seat.clone() };
    let alike: Vec<_> = seats.iter().filter(|other| other.conference == Some(conference)).collect();
    if alike.iter().filter(|other| other.server == seat.server).count() > 1 {
        seat.seat.clone()
    } else if alike.len() > 1 {
        SeatName::At(conference, seat.server.clone())
    } else {
        SeatName::Conference(conference)
    }
}
