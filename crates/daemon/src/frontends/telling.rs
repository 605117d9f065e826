//! A watch tells everything above the number where it begins, in order, each once.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use convene_conference::Outcome;
use convene_local_api::{
    ActResult, ClockNotification, CommandState, DismissedNotification, EventsNotification, Notification,
    OutboxNotification, PassedOverNotification, ReceiptNotification, ResetNotification, SeatNotification,
    notification_line,
};
use convene_model::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};
use convene_model::{CommandId, ConferenceId};
use convene_seat::EventText;

use super::answers::raw;
use super::attendant::Lines;
use super::seats::seat_state;
use crate::servers::{News, Watching};
use crate::store::{Behind, SeatId, Store};

/// One conference for one frontend.
pub(super) struct Telling<'a> {
    pub(super) store: &'a Store,
    pub(super) seat: SeatId,
    pub(super) conference: ConferenceId,
    pub(super) lines: &'a Lines,
    /// Everything up to here has been told, or is told to be passed over.
    pub(super) told: u64,
    /// The offset of the server's clock, as it was told.
    pub(super) clock: Option<i64>,
}

/// Why nothing more is told.
pub(super) enum End {
    /// The frontend has gone.
    Gone,
    /// The store cannot be read.
    Unreadable,
}

impl Telling<'_> {
    /// Tells what waits for its receipt, and which texts were refused, as of the beginning of the
    /// watch.
    pub(super) async fn outbox(&mut self, watching: &Watching) -> Result<(), End> {
        for (id, body) in &watching.waiting {
            self.queued(*id, body).await?;
        }
        for (id, outcome, body) in &watching.refused {
            self.receipt(*id, *outcome, Some(body)).await?;
        }
        Ok(())
    }

    /// Tells what is in the store and has not been told. What is above `until` comes as news.
    pub(super) async fn catch_up(&mut self, until: u64) -> Result<(), End> {
        while self.told < until {
            let page = self.store.read_page(self.seat, self.told, BATCH_EVENTS_MAX, BATCH_BYTES_MAX).await;
            let page = page.map_err(|_| End::Unreadable)?;
            let through = page.through.min(until);
            let count = page.items.iter().take_while(|item| item.seq <= through).count();
            self.events(page.items.get(..count).unwrap_or_default(), through).await?;
            match page.behind {
                Behind::More => {}
                Behind::Hole { through } if page.through < until => self.passed_over(through).await?,
                Behind::Hole { .. } | Behind::Nothing => break,
            }
        }
        Ok(())
    }

    pub(super) async fn tell(&mut self, news: News) -> Result<(), End> {
        let conference = self.conference;
        match news {
            News::Events { items, through } => self.fresh(&items, through).await,
            News::Stored { through } => self.catch_up(through).await,
            News::PassedOver { through } => self.passed_over(through).await,
            News::Queued { id, body } => self.queued(id, &body).await,
            News::Receipt { id, outcome, kept } => self.receipt(id, outcome, kept.as_ref()).await,
            News::Dismissed { id } => self.say(&DismissedNotification { conference, command: id }).await,
            News::Phase(phase) => {
                let (seat, code) = seat_state(phase);
                self.say(&SeatNotification { conference, seat, code }).await
            }
            News::Reset { log, through } => {
                self.told = through;
                self.say(&ResetNotification { conference, log: Some(log), cursor: through }).await
            }
        }
    }

    /// Tells the offset of the server's clock where it is another than before.
    pub(super) async fn clock(&mut self, offset_ms: Option<i64>) -> Result<(), End> {
        match offset_ms.filter(|_| offset_ms != self.clock) {
            None => Ok(()),
            Some(offset_ms) => {
                self.clock = Some(offset_ms);
                self.say(&ClockNotification { conference: self.conference, offset_ms }).await
            }
        }
    }

    async fn fresh(&mut self, items: &Arc<[EventText]>, through: u64) -> Result<(), End> {
        let fresh = items.iter().position(|item| item.seq > self.told).unwrap_or(items.len());
        self.events(items.get(fresh..).unwrap_or_default(), through).await
    }

    async fn events(&mut self, items: &[EventText], through: u64) -> Result<(), End> {
        if through <= self.told {
            return Ok(());
        }
        let after = std::mem::replace(&mut self.told, through);
        let events = items.iter().filter_map(|item| raw(&item.text)).collect();
        self.say(&EventsNotification { conference: self.conference, after, through, events }).await
    }

    async fn passed_over(&mut self, through: u64) -> Result<(), End> {
        if through <= self.told {
            return Ok(());
        }
        let after = std::mem::replace(&mut self.told, through);
        self.say(&PassedOverNotification { conference: self.conference, after, through }).await
    }

    async fn queued(&mut self, command: CommandId, body: &Arc<str>) -> Result<(), End> {
        let Some(body) = raw(body) else { return Ok(()) };
        self.say(&OutboxNotification { conference: self.conference, command, body }).await
    }

    async fn receipt(
        &mut self,
        command: CommandId,
        outcome: Outcome,
        kept: Option<&Arc<str>>,
    ) -> Result<(), End> {
        let (state, seq, code) = match outcome {
            Outcome::Accepted { seq } => (CommandState::Accepted, Some(seq), None),
            Outcome::Refused { code } => (CommandState::Refused, None, Some(code.as_str().to_owned())),
        };
        let result = ActResult { command, state, seq, code };
        let body = kept.and_then(|body| raw(body));
        self.say(&ReceiptNotification { conference: self.conference, result, body }).await
    }

    async fn say(&mut self, notification: &impl Notification) -> Result<(), End> {
        self.lines.send(notification_line(notification)).await.map_err(|_| End::Gone)
    }
}
