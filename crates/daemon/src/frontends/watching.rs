//! Telling a frontend what happens, without a gap behind where it begins.

use std::sync::Arc;

use convene_conference::Outcome;
use convene_local_api::{
    ActResult, CommandState, ConnectionChanged, ConnectionWatch, Connections, ErrorObject,
    EventsNotification, Method as _, PhaseNotification, ReceiptNotification, Request, ResetNotification,
    Watch, WatchParams, WatchResult, error_line, notification_line, result_line,
};
use convene_model::ConferenceId;
use convene_model::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX, FRONTEND_DELTAS_MAX};
use convene_seat::EventText;
use tokio::sync::{mpsc, oneshot};

use super::answers::{params, raw, seat, seat_state, send, stopping, storage_failed};
use super::attendant::{Asker, Lines};
use crate::registry::HeldSeat;
use crate::servers::{News, Watching, Wish};

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
    send(&seat, Wish::Watch { seat: seat.id, news, answer }).await?;
    let watching = watching.await.map_err(|_| stopping())?;
    let Some(id) = &request.id else { return Ok(()) };
    let begin = after.unwrap_or(watching.cursor);
    let result = beginning(conference, &watching, after);
    if lines.send(result_line(id, &result)).await.is_err() {
        return Ok(());
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

fn beginning(conference: ConferenceId, watching: &Watching, after: Option<u64>) -> WatchResult {
    WatchResult {
        conference,
        participant: watching.membership.as_ref().map(|membership| membership.participant),
        log: watching.membership.as_ref().map(|membership| membership.log),
        cursor: watching.cursor,
        after: after.unwrap_or(watching.cursor),
        state: after.is_none().then(|| watching.state.clone()),
    }
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
