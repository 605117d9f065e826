//! Telling a frontend what happens, without a gap behind where it begins.

use std::sync::Arc;

use convene_conference::Outcome;
use convene_local_api::{
    ActResult, CommandState, ConnectionChanged, ConnectionWatch, Connections, ErrorObject,
    EventsNotification, Id, Method as _, PhaseNotification, ReceiptNotification, Request, ResetNotification,
    StateNotification, Watch, WatchParams, WatchResult, error_line, notification_line, result_line,
};
use convene_model::ConferenceId;
use convene_model::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX, FRONTEND_DELTAS_MAX, LOCAL_LINE_BYTES_MAX};
use convene_seat::EventText;
use tokio::sync::{mpsc, oneshot};

use super::answers::{local, params, raw, seat, seat_state, send, stopping, storage_failed};
use super::attendant::{Asker, Lines};
use crate::registry::HeldSeat;
use crate::servers::{News, Watching, Wish};

/// Bytes of one part of a state: half a line even where every other byte has to be escaped.
const PART_BYTES_MAX: usize = LOCAL_LINE_BYTES_MAX / 4;

/// Why a watch ended.
pub(super) enum Ended {
    /// It never began; the frontend was told why.
    Refused,
    /// The frontend, or the daemon's disk, did not keep up; it has to attach again.
    TooSlow,
}

/// Watches until the frontend goes. What ends a watch ends the frontend, lest it believe that nothing happens.
pub(super) async fn watch(asker: Asker, request: Request, lines: Lines) -> Ended {
    let begun = if request.method == ConnectionWatch::NAME {
        connections(&asker, &request, &lines).await
    } else {
        conference(&asker, &request, &lines).await
    };
    match begun {
        Ok(()) => Ended::TooSlow,
        Err(error) => {
            if let Some(id) = &request.id
                && lines.send(error_line(Some(id), &error)).await.is_err()
            {
                tracing::debug!("a frontend went before its answer");
            }
            Ended::Refused
        }
    }
}

async fn connections(asker: &Asker, request: &Request, lines: &Lines) -> Result<(), ErrorObject> {
    let mut changes = asker.registry.changes();
    let look = |number| Connections { number, connections: asker.registry.connections(&asker.peer.user) };
    let Some(id) = &request.id else { return Ok(()) };
    let number = *changes.borrow_and_update();
    let mut shown = look(number);
    if lines.send(result_line(id, &shown)).await.is_err() {
        return Ok(());
    }
    while changes.changed().await.is_ok() {
        let number = *changes.borrow_and_update();
        let fresh = look(number);
        if fresh.connections != shown.connections {
            shown = fresh;
            if lines.send(notification_line(&ConnectionChanged(shown.clone()))).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn conference(asker: &Asker, request: &Request, lines: &Lines) -> Result<(), ErrorObject> {
    let WatchParams { conference, after } = params::<Watch>(request)?;
    let seat = seat(asker, conference)?;
    let (news, mut coming) = mpsc::channel(FRONTEND_DELTAS_MAX);
    let (answer, watching) = oneshot::channel();
    let asked = async {
        send(&seat, Wish::Watch { seat: seat.id, news, answer }).await?;
        watching.await.map_err(|_| stopping())?.map_err(|_| storage_failed())
    };
    let watching = local(asked, storage_failed).await?;
    let Some(id) = &request.id else { return Ok(()) };
    let begin = after.unwrap_or(watching.cursor);
    for line in beginning(id, conference, &watching, after) {
        if lines.send(line).await.is_err() {
            return Ok(());
        }
    }
    let mut telling = Telling {
        asker,
        seat,
        conference,
        lines,
        told: begin,
        missing: watching.missing.map(|span| span.after),
    };
    telling.catch_up().await?;
    while let Some(news) = coming.recv().await {
        if telling.tell(news).await?.is_none() {
            break;
        }
    }
    Ok(())
}

/// The answer, and the state behind it in parts where both together are too long for a line.
fn beginning(id: &Id, conference: ConferenceId, watching: &Watching, after: Option<u64>) -> Vec<String> {
    let mut result = WatchResult {
        conference,
        participant: watching.membership.as_ref().map(|membership| membership.participant),
        log: watching.membership.as_ref().map(|membership| membership.log),
        cursor: watching.cursor,
        after: after.unwrap_or(watching.cursor),
        state: after.is_none().then(|| watching.state.clone()),
        parts: None,
    };
    let line = result_line(id, &result);
    if line.len() <= LOCAL_LINE_BYTES_MAX {
        return vec![line];
    }
    let state = serde_json::to_string(&result.state.take()).unwrap_or_default();
    let pieces = pieces(&state);
    let parts = pieces.len() as u64;
    result.parts = Some(parts);
    let part = |(part, data): (u64, &str)| {
        notification_line(&StateNotification { conference, part, parts, data: data.to_owned() })
    };
    std::iter::once(result_line(id, &result)).chain((0..).zip(pieces).map(part)).collect()
}

fn pieces(mut text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let (piece, rest) = text.split_at(text.floor_char_boundary(PART_BYTES_MAX));
        pieces.push(piece);
        text = rest;
    }
    pieces
}

/// One conference for one frontend.
struct Telling<'a> {
    asker: &'a Asker,
    seat: HeldSeat,
    conference: ConferenceId,
    lines: &'a Lines,
    /// Everything up to here has been told.
    told: u64,
    /// Above this number something is not in the store yet.
    missing: Option<u64>,
}

impl Telling<'_> {
    /// Tells what is in the store and has not been told.
    async fn catch_up(&mut self) -> Result<Option<()>, ErrorObject> {
        let store = &self.asker.registry.store;
        loop {
            let page = store.read_events(self.seat.id, self.told, BATCH_EVENTS_MAX, BATCH_BYTES_MAX).await;
            let mut page = page.map_err(|_| storage_failed())?;
            if let Some(missing) = self.missing {
                page.retain(|item| item.seq <= missing);
            }
            let Some(last) = page.last().map(|item| item.seq) else { return Ok(Some(())) };
            if self.events(&page, last).await.is_none() {
                return Ok(None);
            }
        }
    }

    async fn tell(&mut self, news: News) -> Result<Option<()>, ErrorObject> {
        let conference = self.conference;
        let line = match news {
            // What lies behind a hole is told when the hole is filled.
            News::Events { .. } if self.missing.is_some_and(|missing| self.told <= missing) => {
                return Ok(Some(()));
            }
            News::Events { items, through } => return Ok(self.fresh(&items, through).await),
            News::History { missing } => {
                self.missing = missing.map(|span| span.after);
                return self.catch_up().await;
            }
            News::Receipt { id, outcome } => {
                let (state, seq, code) = match outcome {
                    Outcome::Accepted { seq } => (CommandState::Accepted, Some(seq), None),
                    Outcome::Refused { code } => {
                        (CommandState::Refused, None, Some(code.as_str().to_owned()))
                    }
                };
                let result = ActResult { command: id, state, seq, code };
                notification_line(&ReceiptNotification { conference, result })
            }
            News::Phase(phase) => {
                let (state, code) = seat_state(phase);
                notification_line(&PhaseNotification { conference, state, code })
            }
            News::Snapshot { through } => {
                notification_line(&ResetNotification { conference, cursor: through })
            }
        };
        Ok(self.lines.send(line).await.ok())
    }

    async fn fresh(&mut self, items: &Arc<[EventText]>, through: u64) -> Option<()> {
        if through <= self.told {
            return Some(());
        }
        let fresh = items.iter().position(|item| item.seq > self.told).unwrap_or(items.len());
        self.events(items.get(fresh..).unwrap_or_default(), through).await
    }

    async fn events(&mut self, items: &[EventText], through: u64) -> Option<()> {
        let after = self.told;
        let events = items.iter().filter_map(|item| raw(&item.text)).collect();
        self.told = through;
        let notification = EventsNotification { conference: self.conference, after, through, events };
        self.lines.send(notification_line(&notification)).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use convene_conference::State;
    use convene_local_api::{Change, Incoming, Mirror, Reply, read_incoming};
    use convene_model::limits::PARTICIPANTS_MAX;

    use super::*;

    fn full_conference() -> State {
        let mut state = State::default();
        for number in 1..=PARTICIPANTS_MAX {
            let name = format!("{number:04}{}", "\u{10330}".repeat(56));
            let event = serde_json::json!({
                "seq": number, "at": "2026-11-23T09:00:00.000Z",
                "body": { "kind": "joined", "participant": format!("p{number}"), "name": name, "right": "participant" },
            });
            state.evolve(&serde_json::from_value(event).unwrap());
        }
        state
    }

    #[test]
    fn a_state_that_no_line_can_hold_comes_in_parts() {
        let conference = ConferenceId::from_random(1);
        let watching = Watching { membership: None, state: full_conference(), cursor: 4_000, missing: None };
        let lines = beginning(&Id::Number(1), conference, &watching, None);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.len() <= LOCAL_LINE_BYTES_MAX));
        let mut lines = lines.into_iter().map(|line| read_incoming(&line).unwrap());
        let Some(Incoming::Reply(Reply { result: Ok(result), .. })) = lines.next() else {
            panic!("no result")
        };
        let mut mirror = Mirror::new(serde_json::from_str(result.get()).unwrap());
        for line in lines {
            assert!(!mirror.is_whole());
            let Incoming::Notification { method, params } = line else { panic!("no notification") };
            let change = mirror.handle(&method, &params).unwrap();
            assert_eq!(matches!(change, Change::State), mirror.is_whole());
        }
        assert!(mirror.is_whole());
        assert_eq!(mirror.state(), &watching.state);
        assert_eq!(mirror.cursor(), 4_000);

        let behind = beginning(&Id::Number(1), conference, &watching, Some(7));
        assert_eq!(behind.len(), 1, "who has a cursor needs no state");
    }
}
