//! The traffic between the server and its log.

use std::time::Duration;

use convene_event_log::{Fault, StorageError};
use rand::RngExt as _;

use super::{Happening, World};
use crate::books::{Books, Copied};
use crate::server::{Call, Done, HostRef, Mail, Server};

impl World {
    /// Sends on what the server asks of the log.
    pub(super) fn send_calls(&mut self) {
        let life = self.server_life;
        while let Some((by, call)) = self.server.as_mut().and_then(|server| server.calls.pop_front()) {
            let delay = self.delay(&call);
            self.after(delay, Happening::Ask { life, by, call: Box::new(call) });
        }
        while let Some(mail) = self.server.as_mut().and_then(|server| server.mail.pop_front()) {
            // Now and then a task waits for its turn.
            let most = if self.plan.rng.random_bool(0.1) { 80_000 } else { 4_000 };
            let delay = Duration::from_micros(self.plan.rng.random_range(0..most));
            let now = self.now;
            let [to_conferences, to_links] = &mut self.mail_floors;
            let floor = if matches!(mail.2, Mail::Told(_)) { to_links } else { to_conferences };
            *floor = (*floor).max(now + delay);
            let at = *floor;
            self.at(at, Happening::Mail { life, mail });
        }
    }

    /// The log is asked. The writes of a life of the server that is over by now arrive all the
    /// same.
    pub(super) fn ask(&mut self, life: u32, by: HostRef, call: Call) {
        let is_alive = life == self.server_life && self.server.is_some();
        if !is_alive && !call.writes() {
            return;
        }
        self.plan_fault(&call);
        let words = in_words(&call);
        let mut done = call.run(self.books.log(), by.conference);
        if let Done::Followed(entries) = &mut done
            && self.slow.following
        {
            // A slow log gives little at a time.
            entries.truncate(self.plan.rng.random_range(1..4));
        }
        if let Done::NothingYet { after, term } = done {
            self.followers.push((life, by, Call::Follow { after, term }));
        } else {
            self.tell(|| format!("log: {words}: {}", outcome(&done)));
            if matches!(done, Done::Stored) {
                self.count("stored snapshots");
            }
            let delay = self.random_ms(0..8);
            let done = Box::new(done);
            self.after(delay, Happening::Answered { life, by, done });
        }
        self.look_into_log();
    }

    pub(super) fn answered(&mut self, life: u32, by: HostRef, done: Done) {
        if life == self.server_life {
            self.with_server(|server, now| server.handle_done(by, done, now));
        }
    }

    /// A write arrives late.
    pub(super) fn lands(&mut self, entries: usize) {
        if self.books.log().land(0, entries) {
            self.tell(|| format!("log: of a late write {entries} entries arrive"));
            self.look_into_log();
        }
    }

    /// The calls that the killed server has under way never arrive.
    pub(super) fn drop_asks(&mut self) {
        self.queue.retain(|_, happening| !matches!(happening, Happening::Ask { .. }));
    }

    /// Those who follow the log are told of news.
    pub(super) fn look_into_log(&mut self) {
        if Books::read(&mut self.books) {
            self.wake_followers();
        }
    }

    /// Those who follow the log look at it again.
    pub(super) fn wake_followers(&mut self) {
        for (life, by, call) in std::mem::take(&mut self.followers) {
            let delay = self.delay(&call);
            self.after(delay, Happening::Ask { life, by, call: Box::new(call) });
        }
    }

    fn plan_fault(&mut self, call: &Call) {
        if self.healed {
            return;
        }
        if matches!(call, Call::Claim(_)) && std::mem::take(&mut self.faults.claim) {
            self.faults.write = Some(Fault::Unknown { entries: 1 });
        }
        if call.writes()
            && let Some(fault) = self.faults.write.take()
        {
            if fault == Fault::Late {
                let (delay, entries) = (self.random_ms(10..5_000), self.faults.late);
                self.after(delay, Happening::Lands { entries });
            }
            self.tell(|| format!("log: {fault:?}"));
            self.count("log faults");
            self.books.log().next(fault);
        }
        if !call.writes() && std::mem::take(&mut self.faults.read) {
            self.books.log().fail_read(StorageError::Failed { detail: "planned".to_owned() });
        }
    }

    fn delay(&mut self, call: &Call) -> Duration {
        let slow = match call {
            Call::Claim(_) | Call::Append(_) | Call::Store(_) => self.slow.appends,
            Call::Follow { .. } => self.slow.following,
            Call::Look(_) => self.slow.lookups,
            Call::Load | Call::Reload | Call::Read(_) => false,
        };
        if slow { self.random_ms(200..3_000) } else { self.random_ms(0..12) }
    }

    /// A process that is not the server writes into the log. Says whether it could.
    pub(super) fn write_by_hand(&mut self, conference: usize, entries: &[convene_hosting::Entry]) -> bool {
        let Some(id) = self.conferences.get(conference).copied() else { return false };
        if self.books.shown(id).is_some_and(Copied::is_of_later_version) {
            return false;
        }
        let (term, at) = (convene_model::TermId(self.plan.rng.random()), self.wall());
        let before = self.books.last(id);
        self.books.write_by_hand(id, term, at, entries);
        let done = self.books.last(id) > before;
        self.tell(|| {
            format!("log: another process claims {id} and writes {} entries: {done}", entries.len())
        });
        self.wake_followers();
        done
    }
}

fn in_words(call: &Call) -> String {
    match call {
        Call::Claim(claim) => format!("claim {}", claim.term),
        Call::Append(append) => {
            format!("append {} behind {} in {}", append.entries.len(), append.after, append.term)
        }
        Call::Look(look) => format!("look for {} up to {}", look.keys.len(), look.through),
        Call::Store(_) => "store a snapshot".to_owned(),
        Call::Load | Call::Reload => "load".to_owned(),
        Call::Read(read) => format!("read behind {}", read.after),
        Call::Follow { after, .. } => format!("follow behind {after}"),
    }
}

fn outcome(done: &Done) -> String {
    match done {
        Done::Claimed(_, outcome) => format!("{outcome:?}"),
        Done::Appended(_, outcome) => format!("{outcome:?}"),
        Done::Found(_, found) => format!("{:?} found", found.as_ref().map(Vec::len)),
        Done::Page(_, page) => format!("{:?} read", page.as_ref().map(Vec::len)),
        Done::Followed(entries) => format!("up to {:?}", entries.last().map(|entry| entry.number)),
        Done::Loaded(_) | Done::Reloaded(_) => "read".to_owned(),
        Done::NothingYet { .. } => "nothing yet".to_owned(),
        Done::Lost => "not that log".to_owned(),
        Done::FollowFailed => "failed".to_owned(),
        Done::Stored => "stored".to_owned(),
    }
}

impl Server {
    /// Whether nothing is asked of the log.
    pub(crate) fn is_quiet(&self) -> bool {
        self.calls.is_empty() && self.mail.is_empty()
    }
}
