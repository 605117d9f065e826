//! The conditions that must hold whenever something is stored or told, not only in the end.

use convene_conference::{Outcome, Refusal};
use convene_model::{Json, LogId, SeatKey};
use convene_protocol::{ClientFrame, OutgoingCommand, ServerFrame};
use convene_seat::{DecidedCommand, Delta, EventText, Standing, Write};
use convene_uplink::SeatIndex;

use super::World;
use crate::books::{Copied, Truth};
use crate::promise::Promise;

impl World {
    /// A seat stores something: it may know it, and the log holds it.
    pub(super) fn look_at_write(&mut self, number: usize, write: &Write) {
        let broken = match write {
            Write::Events { items, .. } => self.look_at_items(number, items),
            Write::History { items, .. } => self.look_at_items(number, items),
            Write::Snapshot { number: at, state, .. } => {
                let holds = |truth: &Truth| truth.public_state(*at).public() == state.public();
                let what = || format!("a snapshot at {at} that never was so");
                (!self.once_held(number, holds)).then(|| (Promise::Replica, what()))
            }
            Write::Receipts { list, .. } => {
                list.iter().find_map(|settled| self.look_at_receipt(number, settled))
            }
            Write::Opened { .. }
            | Write::Refused { .. }
            | Write::Queued(_)
            | Write::Dismissed { .. }
            | Write::Voided { .. }
            | Write::Folded { .. }
            | Write::OtherLog { .. } => None,
        };
        if matches!(write, Write::Snapshot { .. }) {
            self.count("snapshots");
        }
        if let Some((promise, what)) = broken {
            self.breaks(promise, format!("seat {number} takes {what}"));
        }
    }

    /// A frontend is told something: it is stored, and true.
    pub(super) fn look_at_delta(&mut self, number: usize, delta: &Delta) {
        let Some(seat) = self.seats.get(number) else { return };
        let broken = match delta {
            Delta::Events { through, .. } if *through > seat.stored.max(seat.void) => {
                Some((Promise::Frontends, format!("events up to {through}, and {} is stored", seat.stored)))
            }
            Delta::Events { after, items, .. } if items.iter().any(|item| item.seq <= *after) => {
                Some((Promise::Frontends, format!("events again that lie up to {after}")))
            }
            Delta::Queued { id } => {
                let what = || format!("that {id} is queued, and it is not stored");
                (!seat.commands.contains(id)).then(|| (Promise::Accepted, what()))
            }
            Delta::Seat(Standing::Refused { code: Refusal::NameTaken, .. }) => {
                let name = self.asked_name(number);
                let holds = |truth: &Truth| name.as_ref().is_none_or(|name| truth.has_name(name));
                (!self.held_anywhere(number, holds))
                    .then(|| (Promise::Refusals, "name_taken, and no log holds the name".to_owned()))
            }
            Delta::Seat(_)
            | Delta::Events { .. }
            | Delta::PassedOver(_)
            | Delta::Reset { .. }
            | Delta::WatchAnew
            | Delta::NotQueued { .. }
            | Delta::Receipt(_)
            | Delta::Lost { .. }
            | Delta::Dismissed { .. }
            | Delta::History { .. } => None,
        };
        if let Some((promise, what)) = broken {
            self.breaks(promise, format!("the frontend of seat {number} is told {what}"));
        }
        if let (Delta::Reset { .. }, Some(seat)) = (delta, self.seats.get_mut(number)) {
            seat.void = 0;
        }
        match delta {
            Delta::Lost { .. } => self.count("commands lost"),
            Delta::PassedOver(_) => self.count("passed over"),
            Delta::Reset { .. } => self.count("resets"),
            Delta::Receipt(receipt) if receipt.outcome == Outcome::Accepted => self.count("accepted"),
            Delta::Receipt(_) => self.count("refused"),
            Delta::Seat(_)
            | Delta::Events { .. }
            | Delta::WatchAnew
            | Delta::Queued { .. }
            | Delta::NotQueued { .. }
            | Delta::Dismissed { .. }
            | Delta::History { .. } => {}
        }
    }

    /// A seat that turns to a log of which a replica was put aside takes that up again.
    pub(super) fn look_at_turn(&mut self, number: usize, write: &Write) {
        let (Write::OtherLog { log, .. }, Some(seat)) = (write, self.seats.get(number)) else { return };
        let aside = seat.disk.read().aside.into_iter().find(|aside| aside.log == *log);
        let mut turned = seat.disk.clone();
        turned.apply(write);
        let taken = turned.read().replica;
        if let Some(aside) = aside
            && taken.is_none_or(|taken| (taken.cursor, taken.receipts) != (aside.cursor, aside.receipts))
        {
            let what = format!("seat {number} turns to {log} and lets go what it had of it");
            self.breaks(Promise::Replica, what);
        }
    }

    fn look_at_items(&self, number: usize, items: &[EventText]) -> Option<(Promise, String)> {
        let key = self.seats.get(number)?.key;
        items.iter().find_map(|item| {
            (!self.may_take(number, key, item.seq, &item.text)).then(|| {
                let what = format!(
                    "event {} of entry {}, which is in no log or not for its key: {}",
                    item.step,
                    item.seq,
                    item.text.get()
                );
                (Promise::Secrets, what)
            })
        })
    }

    fn may_take(&self, number: usize, key: SeatKey, seq: u64, text: &Json) -> bool {
        self.once_held(number, |truth| truth.allows(key, seq, text))
    }

    fn look_at_receipt(&self, number: usize, settled: &DecidedCommand) -> Option<(Promise, String)> {
        let (seat, DecidedCommand { id, number: at, outcome, .. }) = (self.seats.get(number)?, settled);
        if *outcome == (Outcome::Refused { code: Refusal::IdReused }) {
            return None;
        }
        let holds = |truth: &Truth| truth.holds_receipt(seat.key, *at, *id, *outcome);
        if !self.once_held(number, holds) {
            return Some((Promise::Accepted, format!("a receipt of {id} in entry {at} that no log holds")));
        }
        let truth = &self.books.of(seat.conference, self.log_of(number)?)?.truth;
        let missed = truth.visible_behind(seat.key, seat.stored).into_iter().find(|(seq, _)| seq <= at);
        let (seq, _) = missed.filter(|_| holds(truth))?;
        // A participant who had left by then might not read it yet.
        let at_that_time = truth.up_to(usize::try_from(*at).unwrap_or(usize::MAX));
        if at_that_time.end(seat.key) < seq {
            return None;
        }
        Some((Promise::Replica, format!("a receipt of {id} in entry {at} before the events of entry {seq}")))
    }

    /// A frame comes to a daemon. A device whose key was ended is told only of the commands that it
    /// sent itself.
    pub(super) fn look_at_frame(&mut self, daemon: usize, text: &str) {
        if !text.starts_with("{\"receipts\"") {
            return;
        }
        let Ok(ServerFrame::Receipts(receipts)) = ServerFrame::parse(text) else { return };
        let running = self.sites.get(daemon).and_then(|site| site.running.as_ref());
        let number = running.and_then(|running| running.number(SeatIndex(receipts.index)));
        let Some((number, seat)) = number.and_then(|number| Some((number, self.seats.get(number)?))) else {
            return;
        };
        let all = self.books.all(seat.conference);
        let truths: Vec<&Truth> =
            all.iter().flat_map(|copied| copied.before.iter().chain([&copied.truth])).collect();
        let asked = |id| seat.frontend.wishes.iter().any(|wish| wish.id == id);
        let may_not = receipts.list.iter().filter(|receipt| !asked(receipt.id)).any(|receipt| {
            let said = truths.iter().filter_map(|truth| truth.may_hear(seat.key, receipt.number, receipt.id));
            said.max() == Some(false)
        });
        if may_not {
            let what = "is told what became of another device's command after its key ended";
            self.breaks(Promise::Secrets, format!("seat {number} {what}"));
        }
    }

    /// Commands come to the server. Each says where its own author saw the conference when it was
    /// wanted, and some log was so then.
    pub(super) fn look_at_commands(&mut self, daemon: usize, text: &str) {
        if !text.starts_with("{\"commands\"") {
            return;
        }
        let Ok(ClientFrame::Commands(commands)) = ClientFrame::parse(text) else { return };
        let running = self.sites.get(daemon).and_then(|site| site.running.as_ref());
        let number = running.and_then(|running| running.number(SeatIndex(commands.index)));
        let Some((number, seat)) = number.and_then(|number| Some((number, self.seats.get(number)?))) else {
            return;
        };
        let said = |command: &OutgoingCommand| {
            let wish = seat.frontend.wishes.iter().find(|wish| wish.id == command.id);
            let holds = |point| self.held_anywhere(number, |truth| truth.holds(point));
            wish.is_some_and(|wish| wish.seen == command.seen) && command.seen.is_none_or(holds)
        };
        if let Some(command) = commands.list.iter().find(|command| !said(command)) {
            let what = format!("seat {number} says of {} that its author saw {:?}", command.id, command.seen);
            self.breaks(Promise::Seen, what);
        }
    }

    /// Whether something holds by the log of a seat's replica, as it is or as it was before a
    /// restore.
    fn once_held(&self, number: usize, holds: impl Fn(&Truth) -> bool) -> bool {
        let Some(seat) = self.seats.get(number) else { return false };
        let copied = self.log_of(number).and_then(|log| self.books.of(seat.conference, log));
        copied.is_some_and(|copied| held(copied, &holds))
    }

    /// The log of a seat's replica.
    fn log_of(&self, number: usize) -> Option<LogId> {
        let daemon = self.daemon_of(number).and_then(|daemon| daemon.seat(number));
        let record = daemon.map(convene_seat::Seat::record);
        let log = record.and_then(|record| Some(record.replica.as_ref()?.log));
        log.or_else(|| Some(self.seats.get(number)?.disk.read().replica?.log))
    }

    /// Whether something holds by any log of the conference.
    fn held_anywhere(&self, number: usize, holds: impl Fn(&Truth) -> bool) -> bool {
        let Some(seat) = self.seats.get(number) else { return false };
        self.books.all(seat.conference).into_iter().any(|copied| held(copied, &holds))
    }

    fn asked_name(&self, number: usize) -> Option<convene_model::Name> {
        let seat = self.daemon_of(number)?.seat(number)?;
        Some(seat.record().join.name.clone())
    }
}

fn held(copied: &Copied, holds: &impl Fn(&Truth) -> bool) -> bool {
    holds(&copied.truth) || copied.before.iter().any(holds)
}
