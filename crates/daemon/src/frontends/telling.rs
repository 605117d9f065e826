//! A watch tells everything above the number where it begins, in order, each once.

#[cfg(test)]
mod tests;

use convene_conference::May;
use convene_local_api::{
    ClockNotification, DismissedNotification, EventsNotification, LostNotification, MayNotification,
    Notification, OutboxNotification, PassedOverNotification, PresenceNotification, ReceiptNotification,
    ResetNotification, SeatNotification, notification_line,
};
use convene_model::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};
use convene_model::{CommandId, Json, ParticipantId, Point, SeatName};
use convene_seat::{EventText, HistoryWish, Returned, Span, Standing, WhyReturned};

use super::acting::{decided, refused};
use super::lines::Lines;
use super::patching::{Patches, Patching};
use super::seats::seat_state;
use super::watching::parts;
use crate::servers::{WatchEvent, Watching, takes_part};
use crate::store::{Beyond, SeatId, Store};

/// One conference for one frontend.
pub(super) struct Telling<'a> {
    pub(super) store: &'a Store,
    pub(super) seat: SeatId,
    /// As the frontend named it.
    pub(super) conference: SeatName,
    pub(super) lines: &'a Lines,
    /// Everything up to here has been told, or is told to be passed over.
    pub(super) told: Point,
    /// The offset of the server's clock, as it was told.
    pub(super) clock: Option<i64>,
    /// The state, where the watch wants it.
    pub(super) patching: Option<Patching>,
    /// How the seat stands.
    pub(super) standing: Standing,
    /// What the participant may do, as it was told.
    pub(super) may: Option<May>,
}

/// Why nothing more is told.
pub(super) enum End {
    /// The frontend has gone.
    Gone,
    /// The store cannot be read.
    Unreadable,
    /// The watch has to begin anew behind what was told.
    Anew,
}

impl Telling<'_> {
    /// Begins, or begins anew: tells what is void, the state where the answer's does not hold, what
    /// waits for its receipt and which texts came back, and all that is in the store behind
    /// `after`.
    pub(super) async fn begin(&mut self, watching: &Watching, is_anew: bool) -> Result<(), End> {
        let conference = self.conference.clone();
        self.told = watching.point(watching.after);
        if watching.is_reset {
            self.reset(self.told).await?;
        }
        if let Some(state) = watching.state.as_ref().filter(|_| is_anew || watching.is_reset) {
            for line in parts(&conference, state) {
                self.lines.send(line).await.map_err(|_| End::Gone)?;
            }
        }
        for (command, body) in &watching.waiting {
            let (conference, body) = (conference.clone(), body.clone());
            self.say(&OutboxNotification { conference, command: *command, body }).await?;
        }
        for (id, returned) in &watching.returned {
            self.returned(*id, returned).await?;
        }
        self.catch_up(watching).await?;
        self.tell_may().await
    }

    /// What the participant may do now, in a watch that wants the state.
    pub(super) fn may_now(&self) -> Option<May> {
        // One whom the state knows was a participant.
        self.patching.as_ref().filter(|_| takes_part(self.standing, true))?.may()
    }

    /// Tells what the participant may do, where that is something else than before.
    async fn tell_may(&mut self) -> Result<(), End> {
        let may = self.may_now();
        if may == self.may {
            return Ok(());
        }
        self.may.clone_from(&may);
        self.say(&MayNotification { conference: self.conference.clone(), may }).await
    }

    /// Tells what is in the store and has not been told. Events above the cursor come as news.
    async fn catch_up(&mut self, watching: &Watching) -> Result<(), End> {
        while self.told.number < watching.cursor {
            let span = Span { after: self.told.number, through: watching.cursor };
            let wish = HistoryWish { span, newest: false };
            let page = self.store.read_page(self.seat, wish, BATCH_EVENTS_MAX, BATCH_BYTES_MAX).await;
            let page = page.map_err(|_| End::Unreadable)?;
            self.events(page.items, watching.point(page.span.through)).await?;
            match page.beyond {
                Beyond::More => {}
                Beyond::Hole(hole) => self.passed_over(watching.point(hole.through)).await?,
                Beyond::Nothing => break,
            }
        }
        Ok(())
    }

    pub(super) async fn tell(&mut self, news: WatchEvent) -> Result<(), End> {
        let conference = self.conference.clone();
        match news {
            WatchEvent::Events { items, through } => {
                let fresh = items.iter().filter(|item| item.seq > self.told.number);
                self.events(fresh.cloned().collect(), through).await
            }
            WatchEvent::PassedOver { through } => {
                self.passed_over(through).await?;
                self.needs_state()
            }
            WatchEvent::Reset { to } => {
                self.reset(to).await?;
                self.needs_state()
            }
            WatchEvent::Anew => Err(End::Anew),
            WatchEvent::Queued { id, body } => {
                self.say(&OutboxNotification { conference, command: id, body }).await
            }
            WatchEvent::Receipt { receipt, kept } => {
                self.say(&ReceiptNotification { conference, result: decided(receipt, None), body: kept })
                    .await
            }
            WatchEvent::Lost { id, body } => {
                self.say(&LostNotification { conference, command: id, body }).await
            }
            WatchEvent::Dismissed { id } => {
                self.say(&DismissedNotification { conference, command: id }).await
            }
            WatchEvent::Seat(standing) => {
                self.standing = standing;
                let (seat, code, other_log) = seat_state(standing);
                self.say(&SeatNotification { conference, seat, code, other_log }).await?;
                self.tell_may().await
            }
            WatchEvent::Presence { online } => {
                let online = online.as_deref().map(participants);
                self.say(&PresenceNotification { conference, online }).await
            }
        }
    }

    /// Tells the offset of the server's clock where it is another than before.
    pub(super) async fn clock(&mut self, offset_ms: Option<i64>) -> Result<(), End> {
        match offset_ms.filter(|_| offset_ms != self.clock) {
            None => Ok(()),
            Some(offset_ms) => {
                self.clock = Some(offset_ms);
                self.say(&ClockNotification { conference: self.conference.clone(), offset_ms }).await
            }
        }
    }

    async fn events(&mut self, items: Vec<EventText>, through: Point) -> Result<(), End> {
        if through.number <= self.told.number {
            return Ok(());
        }
        let after = std::mem::replace(&mut self.told, through).number;
        let folded = self.patching.as_mut().map_or(Patches::Told, |patching| patching.fold(&items));
        let (patches, is_anew) = match folded {
            Patches::All(patches) => (Some(patches), false),
            Patches::Told => (None, false),
            Patches::TooLarge => (None, true),
        };
        self.say(&EventsNotification {
            conference: self.conference.clone(),
            after,
            through: through.number,
            term: Some(through.term),
            events: items.into_iter().map(|item| item.text).collect(),
            patches,
        })
        .await?;
        if is_anew { self.needs_state() } else { self.tell_may().await }
    }

    /// The state that was told does not hold any more: where it is wanted, the watch begins anew
    /// with it.
    fn needs_state(&self) -> Result<(), End> {
        if self.patching.is_some() { Err(End::Anew) } else { Ok(()) }
    }

    async fn passed_over(&mut self, through: Point) -> Result<(), End> {
        if through.number <= self.told.number {
            return Ok(());
        }
        let after = std::mem::replace(&mut self.told, through).number;
        self.say(&PassedOverNotification {
            conference: self.conference.clone(),
            after,
            through: through.number,
            term: Some(through.term),
        })
        .await
    }

    async fn reset(&mut self, to: Point) -> Result<(), End> {
        self.told = to;
        let (cursor, term) = (to.number, Some(to.term));
        self.say(&ResetNotification { conference: self.conference.clone(), cursor, term }).await
    }

    async fn returned(&mut self, command: CommandId, returned: &Returned) -> Result<(), End> {
        let conference = self.conference.clone();
        let body: Json = returned.body.clone();
        match returned.why {
            WhyReturned::Lost => self.say(&LostNotification { conference, command, body }).await,
            WhyReturned::Refused { code } => {
                let result = refused(command, code, None);
                self.say(&ReceiptNotification { conference, result, body: Some(body) }).await
            }
        }
    }

    async fn say(&mut self, notification: &impl Notification) -> Result<(), End> {
        self.lines.send(notification_line(notification)).await.map_err(|_| End::Gone)
    }
}

impl Watching {
    /// An entry at or below the cursor.
    pub(super) fn point(&self, number: u64) -> Point {
        Point { number, term: self.terms.term_of(self.log, number) }
    }
}

/// The participants whose bits are set; the lowest bit of the first byte is number 1.
pub(super) fn participants(online: &[u8]) -> Vec<ParticipantId> {
    let bits = online.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
    (1..).zip(bits).filter(|(_, is_set)| *is_set).map(|(number, _)| ParticipantId(number)).collect()
}
