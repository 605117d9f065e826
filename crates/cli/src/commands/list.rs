//! `convene list`.

use convene_command_lines::convene::List;
use convene_local_api::{Empty, SeatState};
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
        // What can be typed: the conference, unless there is none yet, or another seat is in the
        // same one.
        let alone =
            |conference| seats.iter().filter(|other| other.conference == Some(conference)).count() == 1;
        let named = seat.conference.filter(|conference| alone(*conference));
        let named = named.map_or(seat.seat, SeatName::Conference).to_string();
        let why =
            seat.code.as_deref().map_or_else(String::new, |code| format!(": {}", context.wording.word(code)));
        let waiting = if seat.waiting > 0 { format!(" [{}]", seat.waiting) } else { String::new() };
        let [title, server, name] = [&seat.title, &seat.server, &seat.name].map(|text| output::inert(text));
        output::line(&format!(
            "{named:10}  {}{why}{waiting}  {name} @ {server}  {title}",
            context.wording.word(state)
        ))?;
    }
    match seats.iter().find_map(|seat| seat.storage).filter(|_| !context.json) {
        Some(storage) => Ok(output::line(&context.wording.word(storage.word()))?),
        None => Ok(()),
    }
}
