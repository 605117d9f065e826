//! `convene` alone: where one stands, and what to do next.

use convene_local_api::{Connection, ConnectionState, ConnectionWatch, Empty, List, ListedSeat, SeatState};
use serde_json::json;

use super::conference::takes_part;
use super::{Context, list, status};
use crate::output;
use crate::stop::Stop;

pub(super) async fn run(context: &Context) -> Result<(), Stop> {
    let client = context.connect().await?;
    let seats = client.call::<List>(&Empty {}).await?.conferences;
    let connections = client.call::<ConnectionWatch>(&Empty {}).await?.connections;
    if context.json {
        return Ok(output::json(&json!({ "connections": connections, "conferences": seats }))?);
    }
    let there: Vec<&ListedSeat> = seats.iter().filter(|seat| takes_part(seat)).collect();
    let wording = &context.wording;
    if there.is_empty() {
        output::line(&wording.about("standing-none", &[]))?;
        // Who did not leave by themselves wants to know why.
        for seat in seats.iter().filter(|seat| seat.code.is_some()) {
            list::show(seat, &seats, context)?;
        }
    }
    for seat in &there {
        list::show(seat, &seats, context)?;
    }
    // A connection that stands is nothing to think about.
    for connection in connections.iter().filter(|one| !stands(one)) {
        status::people(connection, context)?;
    }
    output::line(&wording.about("standing-next", &[]))?;
    for step in steps(&there, &connections) {
        output::line(&format!("  {}", wording.about(step, &[])))?;
    }
    Ok(())
}

fn stands(connection: &Connection) -> bool {
    connection.state == ConnectionState::Connected && connection.storage.is_none()
}

/// What may be done next, the most urgent first: each as the key of its sentence.
fn steps(there: &[&ListedSeat], connections: &[Connection]) -> Vec<&'static str> {
    let is_blocked = connections.iter().any(|one| one.state == ConnectionState::Blocked);
    let now = || there.iter().filter_map(|seat| seat.now.as_ref());
    let is_in = there.iter().any(|seat| seat.state == SeatState::Joined);
    [
        (is_blocked, "standing-check"),
        (now().any(|now| !now.asked_to.is_empty()), "standing-table"),
        (now().any(|now| now.question.is_some() && !now.voted), "standing-vote"),
        (is_in, "standing-tail"),
        (is_in, "standing-say"),
        (there.len() > 1, "standing-several"),
        (there.is_empty(), "standing-join"),
        (true, "standing-help"),
    ]
    .into_iter()
    .filter_map(|(fits, step)| fits.then_some(step))
    .collect()
}
