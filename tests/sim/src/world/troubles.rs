//! The troubles of a world.

use std::time::Duration;

use convene_conference::Body;
use convene_conference::{Audience, Event, Joined, LEVEL, Role};
use convene_event_log::{Fault, Snapshots, StorageError};
use convene_hosting::{Entry, EntryEvent, StoredKey};
use convene_model::{Carrier, ParticipantId};
use rand::RngExt as _;

use super::{Chore, Happening, World};
use crate::daemon::Daemon;
use crate::network::{End, Firewall};
use crate::plan::{Admission, Trouble};
use crate::server::Server;

impl World {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others happen at the server")]
    pub(super) fn trouble(&mut self, trouble: Trouble) {
        if self.healed {
            return;
        }
        self.tell(|| format!("*** {trouble:?}"));
        match trouble {
            Trouble::KillServer => self.kill_server(),
            Trouble::KillDaemon(daemon) => self.kill_daemon(daemon),
            Trouble::CutPipes(daemon) => self.cut_pipes(daemon),
            Trouble::Freeze(daemon) => {
                let pipes = self.pipes.values_mut().filter(|pipe| pipe.daemon == daemon);
                pipes.for_each(|pipe| pipe.frozen = true);
            }
            Trouble::Firewall(daemon) => {
                let firewall = Firewall::random(&mut self.plan.rng);
                self.site(daemon).firewall = firewall;
                self.tell(|| format!("*** {firewall:?}"));
                self.cut_pipes(daemon);
            }
            Trouble::Roam(daemon) => self.roam(daemon),
            Trouble::Retry(daemon) => {
                let now = self.instant();
                if let Some(running) = &mut self.site(daemon).running {
                    running.connection.with_ladder(now, |ladder| ladder.handle_retry(now));
                }
                self.pump_daemon(daemon);
            }
            Trouble::SlowReader(daemon) => {
                self.site(daemon).slow = true;
                let pipes = self.pipes.values_mut().filter(|pipe| pipe.daemon == daemon);
                pipes.for_each(|pipe| pipe.rate = 40);
            }
            Trouble::CutAttach(daemon) => self.site(daemon).cuts_attach = true,
            Trouble::FailStore { daemon, command, fault } => self.site(daemon).fails = Some((command, fault)),
            Trouble::CutFrontend(seat) => self.cut_frontend(seat),
            Trouble::Step(seconds) => self.wall_ms += seconds * 1_000,
            _ => self.trouble_at_server(trouble),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others happen at daemons")]
    fn trouble_at_server(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::SlowAppends => self.slow_log(|slow| slow.appends = true),
            Trouble::SlowFollowing => self.slow_log(|slow| slow.following = true),
            Trouble::SlowLookups => self.slow_log(|slow| slow.lookups = true),
            Trouble::FailLog => self.faults.write = Some(Fault::Failed(StorageError::Full)),
            Trouble::UnknownLog { entries } => self.faults.write = Some(Fault::Unknown { entries }),
            Trouble::LateLog { entries } => {
                (self.faults.write, self.faults.late) = (Some(Fault::Late), entries);
            }
            Trouble::FailRead => self.faults.read = true,
            Trouble::FullDisk => {
                self.books.log().set_full(true);
                let until = self.random_ms(500..6_000);
                self.after(until, Happening::LogHasRoom);
            }
            Trouble::AnotherClaims(conference) => {
                self.write_by_hand(conference, &[]);
            }
            Trouble::UnknownClaim(conference) => {
                self.faults.claim = true;
                self.write_by_hand(conference, &[]);
            }
            Trouble::TakenOver(conference) => {
                self.slow_log(|slow| slow.appends = true);
                let soon = self.random_ms(10..300);
                self.after(soon, Happening::Trouble(Trouble::AnotherClaims(conference)));
            }
            Trouble::HostDies(conference) => {
                let Some(id) = self.conferences.get(conference).copied() else { return };
                self.with_server(|server, now| server.kill_host(id, now));
            }
            Trouble::LetGo(conference) => self.let_go(conference),
            Trouble::Backup => self.books.back_up(),
            Trouble::Restore { keep_snapshots } if self.books.has_backup() => {
                self.count("restores");
                let snapshots = if keep_snapshots { Snapshots::Kept } else { Snapshots::Restored };
                self.change_files(Chore::Restore(snapshots));
            }
            Trouble::CutLog if self.books.has_backup() && self.server.is_some() => {
                self.count("logs cut");
                self.books.restore(Snapshots::Restored);
                self.wake_followers();
                self.admit_devices();
            }
            Trouble::LaterVersion(conference) if self.books.has_backup() => {
                self.kill_server();
                // What it had under way is gone with it.
                self.drop_asks();
                while self.books.log().land(0, usize::MAX) {}
                let mut entry = Entry::term(convene_model::TermId([0; 16]), self.wall());
                (entry.term, entry.level) = (None, LEVEL + 1);
                self.write_by_hand(conference, &[entry]);
            }
            Trouble::OtherLog { seconds } => {
                self.change_files(Chore::Show { other: true });
                self.after(Duration::from_secs(seconds), Happening::OwnLog);
            }
            Trouble::Replace(seat) => self.replace(seat),
            _ => {}
        }
    }

    fn slow_log(&mut self, set: impl FnOnce(&mut super::Slow)) {
        set(&mut self.slow);
        let until = self.random_ms(1_000..8_000);
        self.after(until, Happening::LogIsFast);
    }

    fn roam(&mut self, daemon: usize) {
        let now = self.instant();
        let site = self.site(daemon);
        if let Some(running) = &mut site.running {
            running.connection.handle_network_changed(site.remembered.clone(), true, now);
        }
        self.pump_daemon(daemon);
    }

    fn let_go(&mut self, conference: usize) {
        let Some(id) = self.conferences.get(conference).copied() else { return };
        let mut went = false;
        self.with_server(|server, now| went = server.let_go(id, now));
        if went {
            self.count("conferences let go");
        }
    }

    pub(super) fn start_server(&mut self) {
        if self.server.is_some() {
            return;
        }
        for chore in std::mem::take(&mut self.chores) {
            // All processes are stopped, and what they had under way is gone with them.
            self.drop_asks();
            match chore {
                Chore::Restore(snapshots) => self.books.restore(snapshots),
                Chore::Show { other } => self.books.show_other(other),
            }
        }
        self.admit_devices();
        self.server_life += 1;
        self.followers.clear();
        let (seed, now, wall) = (self.plan.rng.random(), self.instant(), self.wall());
        self.server = Some(Server::start(self.books.log(), seed, now, wall));
        let shown = if self.books.shows_other() { "another log" } else { "its log" };
        let last: Vec<u64> = self.conferences.iter().map(|id| self.books.last(*id)).collect();
        self.tell(|| format!("the server starts with {shown}, up to {last:?}"));
    }

    pub(super) fn start_daemon(&mut self, daemon: usize) {
        if self.site(daemon).running.is_some() {
            return;
        }
        let now = self.instant();
        let (secret, seed) = (self.plan.rng.random(), self.plan.rng.random());
        let site = self.site(daemon);
        site.life += 1;
        site.syncing = false;
        let mut running = Daemon::start(site.remembered.clone(), secret, seed, now);
        let seats = (0..).zip(&self.seats).filter(|(_, seat)| seat.plan.daemon == daemon && seat.arrived);
        let numbers: Vec<usize> = seats.map(|(number, _)| number).collect();
        for number in &numbers {
            running.add(*number, self.seat(*number).disk.read(), now);
        }
        self.site(daemon).running = Some(running);
        self.tell(|| format!("daemon {daemon} starts"));
        for number in numbers {
            let delay = self.random_ms(0..2_000);
            self.after(delay, Happening::Watch(number));
        }
        self.pump_daemon(daemon);
    }

    pub(super) fn kill_server(&mut self) {
        if self.server.take().is_none() {
            return;
        }
        self.count("servers killed");
        self.followers.clear();
        let pipes: Vec<u64> = self.pipes.keys().copied().collect();
        for pipe in pipes {
            self.cut(pipe, End::Server);
        }
        let down = self.random_ms(50..4_000);
        self.after(down, Happening::ServerStarts);
    }

    /// Something is done to the server's files while it is stopped.
    pub(super) fn change_files(&mut self, chore: Chore) {
        self.chores.push(chore);
        if self.server.is_some() {
            self.kill_server();
        }
    }

    pub(super) fn kill_daemon(&mut self, daemon: usize) {
        let reached = self.plan.rng.random_bool(0.5);
        let site = self.site(daemon);
        let Some(mut running) = site.running.take() else { return };
        self.count("daemons killed");
        if self.site(daemon).syncing && reached {
            // The first write was under way; more may have been in the same transaction, but each
            // is whole.
            if let Some((seat, _, write)) = running.writes.pop_front() {
                self.apply(seat, &write);
            }
        }
        for seat in self.seats.iter_mut().filter(|seat| seat.plan.daemon == daemon) {
            seat.frontend.attached = false;
            seat.frontend.wishes.iter_mut().for_each(|wish| wish.is_taken = false);
        }
        let pipes: Vec<u64> = std::mem::take(&mut self.site(daemon).pipes).into_values().collect();
        for pipe in pipes {
            self.cut(pipe, End::Daemon);
        }
        let down = self.random_ms(20..4_000);
        self.after(down, Happening::DaemonStarts(daemon));
    }

    /// The organizer lets a device in that replaces the others.
    fn replace(&mut self, seat: usize) {
        self.seat(seat).active = true;
        self.admit_devices();
        self.count("devices replaced");
        self.after(Duration::from_millis(50), Happening::Arrives(seat));
    }

    /// A device that was let in by hand comes once the server knows: who writes into the log by
    /// hand takes care of that.
    pub(super) fn arrives(&mut self, seat: usize) {
        let (daemon, now, conference) =
            (self.seat(seat).plan.daemon, self.instant(), self.seat(seat).conference);
        let last = self.books.last(conference);
        let host = self.server.as_ref().and_then(|server| server.host(conference));
        let is_behind = host.is_some_and(|host| host.publisher().last() < last);
        let by_code = self.seat(seat).plan.admission == Admission::Code;
        if !by_code && (is_behind || !self.is_admitted(seat)) {
            self.admit_devices();
            return self.after(Duration::from_millis(200), Happening::Arrives(seat));
        }
        if std::mem::replace(&mut self.seat(seat).arrived, true) {
            return;
        }
        let record = self.seat(seat).disk.read();
        if let Some(running) = &mut self.site(daemon).running {
            running.add(seat, record, now);
        }
        self.after(Duration::from_millis(50), Happening::Watch(seat));
        self.pump_daemon(daemon);
    }

    fn is_admitted(&self, seat: usize) -> bool {
        let Some(seat) = self.seats.get(seat) else { return false };
        let copied = self.books.shown(seat.conference);
        copied.is_some_and(|copied| copied.truth.participant(seat.key).is_some())
    }

    /// Writes the keys of devices into the log that the organizer has let in, where it lacks them.
    pub(super) fn admit_devices(&mut self) {
        for number in 0..self.seats.len() {
            let wall = self.wall();
            let Some(seat) = self.seats.get(number).filter(|seat| seat.active) else { continue };
            let plan = seat.plan.clone();
            let Some(copied) = self.books.shown(seat.conference) else { continue };
            let truth = &copied.truth;
            if plan.admission == Admission::Code || truth.participant(seat.key).is_some() {
                continue;
            }
            let mut others = self.seats.iter().filter(|other| other.plan.person == plan.person);
            let known = others.find_map(|other| truth.participant(other.key));
            let replaces = plan.admission == Admission::Replacing;
            // The term stands in front.
            let next = copied.entries().len() as u64 + 2;
            let participant = known.unwrap_or(ParticipantId(1));
            let mut entry = Entry::term(convene_model::TermId([0; 16]), wall);
            entry.term = None;
            entry.key = Some(StoredKey { key: seat.key, participant, replaces });
            if known.is_none() {
                let role = if plan.organizer { Role::Organizer } else { Role::Participant };
                let joined = Joined { participant, name: plan.name.to_string(), role };
                let event = Event {
                    seq: next,
                    step: 1,
                    at: wall,
                    by: None,
                    command: None,
                    body: Body::Joined(joined),
                };
                entry.events = EntryEvent::of(Audience::Everyone, &event).into_iter().collect();
            }
            self.write_by_hand(plan.conference, &[entry]);
        }
    }

    fn cut_pipes(&mut self, daemon: usize) {
        let pipes: Vec<u64> = self.site(daemon).pipes.values().copied().collect();
        for pipe in pipes {
            if self.pipes.get(&pipe).is_some_and(|held| held.carrier == Carrier::Poll) {
                self.stall(pipe);
                continue;
            }
            let learns = self.plan.rng.random_range(0..4);
            if let Some(held) = self.pipes.get_mut(&pipe) {
                held.cut = true;
            }
            if self.plan.rng.random_bool(0.5) {
                self.hold_up(pipe);
            }
            let late = self.random_ms(1..20_000);
            if learns != 0 {
                self.after(Duration::from_millis(1), Happening::Closed { pipe, at: End::Daemon });
            }
            if learns != 1 {
                self.after(late, Happening::Closed { pipe, at: End::Server });
            }
        }
    }

    /// The connections of a pipe that is made of single requests broke: they are opened again, and
    /// what was under way is asked for again, later and in the same order.
    fn stall(&mut self, pipe: u64) {
        let (now, delay) = (self.now, self.random_ms(100..4_000));
        let is_on_it =
            |happening: &Happening| matches!(happening, Happening::Frame { pipe: of, .. } if *of == pipe);
        self.postpone(is_on_it, delay);
        if let Some(held) = self.pipes.get_mut(&pipe) {
            held.floor = held.floor.map(|floor| floor.max(now) + delay);
        }
    }

    /// A box on the way keeps what is going to the server and passes it on when the daemon has long
    /// given the pipe up.
    fn hold_up(&mut self, pipe: u64) {
        let delay = self.random_ms(100..4_000);
        let is_on_it = |happening: &Happening| matches!(happening, Happening::Frame { pipe: of, to: End::Server, .. } if *of == pipe);
        self.postpone(is_on_it, delay);
    }

    fn postpone(&mut self, is_meant: impl Fn(&Happening) -> bool, delay: Duration) {
        let meant = self.queue.iter().filter(|(_, happening)| is_meant(happening));
        for key in meant.map(|(key, _)| *key).collect::<Vec<_>>() {
            if let Some(happening) = self.queue.remove(&key) {
                self.queue.insert((key.0 + delay, key.1), happening);
            }
        }
    }

    /// A box on the way cuts a pipe, and both ends learn of it.
    pub(super) fn cut_between(&mut self, pipe: u64) {
        let Some(held) = self.pipes.get_mut(&pipe) else { return };
        if held.cut || held.frozen {
            return;
        }
        held.cut = true;
        let latency = held.latency;
        for at in [End::Daemon, End::Server] {
            self.after(latency, Happening::Closed { pipe, at });
        }
    }

    /// One end is no more; the other's system says so.
    fn cut(&mut self, pipe: u64, gone: End) {
        let Some(held) = self.pipes.get_mut(&pipe) else { return };
        if held.cut || held.frozen {
            return;
        }
        held.cut = true;
        let latency = held.latency;
        let at = if gone == End::Daemon { End::Server } else { End::Daemon };
        self.after(latency, Happening::Closed { pipe, at });
    }
}
