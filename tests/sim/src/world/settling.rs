//! The end of a world: all obstacles go, and it comes to rest.

use std::time::Duration;

use convene_event_log::Snapshots;
use convene_model::LogId;
use convene_seat::{Seat, Span, Standing};

use super::{Chore, GRACE, Happening, World};
use crate::books::Copied;
use crate::network::Firewall;
use crate::oracle;
use crate::promise::Violation;

impl World {
    /// All obstacles go: whoever is down comes up, every firewall opens, the log works.
    pub(super) fn heal(&mut self) {
        self.tell(|| "--- all obstacles go".to_owned());
        self.healed = true;
        self.slow = super::Slow::default();
        self.faults = super::LogFaults::default();
        self.books.log().set_full(false);
        while self.books.log().land(0, usize::MAX) {}
        self.look_into_log();
        for site in &mut self.sites {
            (site.firewall, site.slow, site.fails, site.cuts_attach) = (Firewall::OPEN, false, None, false);
        }
        if self.books.shows_other() || !self.chores.is_empty() {
            self.change_files(Chore::Show { other: false });
        }
        let own = self.conferences.iter().filter_map(|id| self.books.own(*id));
        if own.clone().any(Copied::is_of_later_version) {
            self.change_files(Chore::Restore(Snapshots::Kept));
        }
        self.start_server();
        for daemon in 0..self.sites.len() {
            self.start_daemon(daemon);
        }
    }

    /// Waits until everything has arrived, and a moment longer. Gives when that was, and what is to
    /// be said of it.
    pub(super) fn settle(&mut self, end: Duration) -> (Duration, Result<(), Violation>) {
        let mut step = Duration::from_millis(250);
        while self.now < end && self.broken.is_none() {
            self.run_until(self.now + step);
            step = (step * 2).min(Duration::from_secs(4));
            self.nurse();
            if self.verdict().is_ok() {
                let settled = self.now;
                self.run_until(self.now + GRACE);
                if self.verdict().is_ok() || self.broken.is_some() {
                    return (settled, self.verdict());
                }
            }
        }
        (self.now, self.verdict())
    }

    fn verdict(&self) -> Result<(), Violation> {
        match &self.broken {
            Some(broken) => Err(broken.clone()),
            None => oracle::is_settled(self).and_then(|()| oracle::judge(self)),
        }
    }

    /// Every frontend is there, and asks for what it misses.
    fn nurse(&mut self) {
        for number in 0..self.seats.len() {
            if !self.seat(number).active {
                continue;
            }
            if !self.seat(number).frontend.attached {
                self.watch(number);
            }
            self.fill(number);
            self.nurse_past(number);
            if let Some(log) = self.shown_instead(number) {
                self.at(self.now, Happening::Turn(number, log));
            }
        }
    }

    /// A frontend asks for what was passed over, if something is missing.
    pub(super) fn nurse_past(&mut self, number: usize) {
        let seat = self.daemon_of(number).and_then(|daemon| daemon.seat(number));
        let replica = seat.map(Seat::record).and_then(|record| record.replica.as_ref());
        let missing: Option<Span> = replica.and_then(|replica| replica.missing.spans().first().copied());
        if let Some(span) = missing {
            self.ask_history(number, span, number.is_multiple_of(2));
        }
    }

    /// The log that a seat is told of in place of its own.
    fn shown_instead(&self, number: usize) -> Option<LogId> {
        let seat = self.daemon_of(number)?.seat(number)?;
        match seat.standing() {
            Standing::NotHereNow { other_log, .. } => other_log,
            // Its name was taken there. The person knows the log, and chooses another name.
            Standing::Refused { is_final: false, .. } => {
                let own = self.books.own(self.seats.get(number)?.conference)?.log;
                own.filter(|own| seat.record().replica.as_ref().is_some_and(|replica| replica.log != *own))
            }
            Standing::Joining
            | Standing::Joined
            | Standing::Left
            | Standing::Removed
            | Standing::Refused { .. } => None,
        }
    }
}
