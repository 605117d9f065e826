//! The traffic between a daemon and its disk.

use convene_seat::{Write, WriteId};
use convene_uplink::SeatIndex;

use super::{Happening, World};
use crate::plan::StoreFault;

impl World {
    /// Begins to store what waits.
    pub(super) fn sync(&mut self, daemon: usize) {
        let delay = self.random_ms(1..20);
        let site = self.site(daemon);
        let Some(running) = &site.running else { return };
        if !site.syncing && !running.writes.is_empty() {
            let (life, count) = (site.life, running.writes.len());
            site.syncing = true;
            self.after(delay, Happening::Synced { daemon, life, count });
        }
    }

    /// The disk has done with so many writes: each is stored whole or not at all.
    pub(super) fn synced(&mut self, daemon: usize, life: u32, count: usize) {
        let site = self.site(daemon);
        if site.life != life || site.running.is_none() {
            return;
        }
        site.syncing = false;
        for _ in 0..count {
            let site = self.site(daemon);
            let Some((seat, id, write)) =
                site.running.as_mut().and_then(|running| running.writes.pop_front())
            else {
                break;
            };
            let is_command = matches!(write, Write::Queued(_));
            let fault = site.fails.take_if(|(command, _)| *command == is_command).map(|(_, fault)| fault);
            if !self.store(daemon, seat, id, &write, fault) {
                break;
            }
        }
        self.pump_daemon(daemon);
    }

    /// Stores a write, or not. Says whether the store goes on with the next.
    fn store(
        &mut self,
        daemon: usize,
        seat: usize,
        id: WriteId,
        write: &Write,
        fault: Option<StoreFault>,
    ) -> bool {
        let is_command = matches!(write, Write::Queued(_));
        match fault {
            None => {
                self.apply(seat, write);
                self.report(daemon, seat, |conversation, index| conversation.handle_stored(index, id));
            }
            Some(StoreFault::Undone) if is_command => {
                self.tell(|| format!("disk {daemon}: a command of seat {seat} is not stored, and undone"));
                self.count("writes undone");
                self.report(daemon, seat, |conversation, index| {
                    conversation.handle_write_failed(index, id, true);
                });
            }
            Some(StoreFault::Undone) => {
                // The store knows that nothing was written, and tries it again.
                if let Some(running) = &mut self.site(daemon).running {
                    running.writes.push_front((seat, id, write.clone()));
                }
                return false;
            }
            Some(StoreFault::Unsure { stored }) => {
                self.tell(|| {
                    format!("disk {daemon}: a write of seat {seat} is unsure, and stored: {stored}")
                });
                self.count("writes unsure");
                if stored {
                    self.apply(seat, write);
                }
                self.report(daemon, seat, |conversation, index| {
                    conversation.handle_write_failed(index, id, false);
                });
                return false;
            }
            Some(StoreFault::Crash) => {
                self.tell(|| format!("disk {daemon}: a write of seat {seat} is stored, and the daemon dies"));
                self.count("crashes behind a write");
                self.apply(seat, write);
                self.kill_daemon(daemon);
                return false;
            }
        }
        true
    }

    /// The seat reads its record anew: nothing that was to be stored of it is stored any more.
    pub(super) fn reread(&mut self, daemon: usize, index: SeatIndex) {
        let now = self.instant();
        let Some(number) = self.site(daemon).running.as_ref().and_then(|running| running.number(index))
        else {
            return;
        };
        let record = self.seat(number).disk.read();
        self.tell(|| format!("daemon {daemon} reads seat {number} anew"));
        self.count("rereads");
        if let Some(running) = &mut self.site(daemon).running {
            running.writes.retain(|(seat, _, _)| *seat != number);
            running
                .connection
                .with_conversation(now, |conversation| conversation.handle_reread(index, record));
        }
    }

    /// A write is on the disk.
    pub(super) fn apply(&mut self, seat: usize, write: &Write) {
        self.look_at_write(seat, write);
        self.look_at_turn(seat, write);
        let seat = self.seat(seat);
        seat.disk.apply(write);
        match write {
            Write::Queued(queued) => {
                seat.commands.insert(queued.id);
            }
            Write::Events { through, .. } => seat.stored = *through,
            Write::Snapshot { number, .. } => seat.stored = *number,
            Write::Voided { cursor, .. } => {
                seat.void = seat.stored;
                seat.stored = seat.stored.min(*cursor);
            }
            Write::OtherLog { .. } => {
                seat.stored = seat.disk.read().replica.map_or(0, |replica| replica.cursor);
            }
            Write::Opened { .. }
            | Write::Refused { .. }
            | Write::Receipts { .. }
            | Write::Dismissed { .. }
            | Write::History { .. }
            | Write::Folded { .. } => {}
        }
    }

    fn report(
        &mut self,
        daemon: usize,
        seat: usize,
        run: impl FnOnce(&mut convene_uplink::Conversation, SeatIndex),
    ) {
        let now = self.instant();
        let Some(running) = &mut self.site(daemon).running else { return };
        if let Some(index) = running.index(seat) {
            running.connection.with_conversation(now, |conversation| run(conversation, index));
        }
    }
}
