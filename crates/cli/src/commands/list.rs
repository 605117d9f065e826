//! `convene list`.

use convene_command_lines::convene::List;
use convene_local_api::{Empty, ListedSeat, SeatState};
use convene_model::SeatName;

use super::Context;
use crate::output;
use crate::stop::Stop;

pub(super) async fn run(_: &List, context: &Context) -> Result<(), Stop> {
    let mut client = context.connect().await?;
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
        if let Some(remedy) = seat.remedy {
            output::line(&format!("  {}", context.wording.remedy(remedy)))?;
        }
    }
    match seats.iter().find_map(|seat| seat.storage).filter(|_| !context.json) {
        Some(storage) => Ok(output::line(&context.wording.word(storage.word()))?),
        None => Ok(()),
    }
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
