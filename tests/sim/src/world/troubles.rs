//! What goes wrong, and how it ends.

use std::time::Duration;

use convene_model::Carrier;
use rand::RngExt as _;

use super::{Happening, World, link_id};
use crate::daemon::Daemon;
use crate::network::{End, Firewall};
use crate::plan::Trouble;
use crate::server::Server;

impl World {
    pub(super) fn trouble(&mut self, trouble: Trouble) {
        self.tell(|| format!("*** {trouble:?}"));
        match trouble {
            Trouble::KillServer => self.kill_server(),
            Trouble::KillDaemon(daemon) => self.kill_daemon(daemon),
            Trouble::CutPipes(daemon) => self.cut_pipes(daemon),
            Trouble::Freeze(daemon) => {
                self.pipes
                    .values_mut()
                    .filter(|pipe| pipe.daemon == daemon)
                    .for_each(|pipe| pipe.frozen = true);
            }
            Trouble::Firewall(daemon) => {
                let firewall = Firewall::random(&mut self.plan.rng);
                self.site(daemon).firewall = firewall;
                self.tell(|| format!("*** {firewall:?}"));
                self.cut_pipes(daemon);
            }
            Trouble::Roam(daemon) => {
                let now = self.instant();
                let site = self.site(daemon);
                if let Some(running) = &mut site.running {
                    running.connection.handle_network_changed(site.disk.remembered.clone(), true, now);
                }
                self.pump_daemon(daemon);
            }
            Trouble::Retry(daemon) => {
                let now = self.instant();
                if let Some(running) = &mut self.site(daemon).running {
                    running.connection.with_ladder(now, |ladder| ladder.handle_retry(now));
                }
                self.pump_daemon(daemon);
            }
            Trouble::SlowLog => {
                self.slow_log = true;
                let until = self.random_ms(1_000..10_000);
                self.after(until, Happening::LogIsFast);
            }
            Trouble::FailLog => self.fail_log = true,
        }
    }

    /// All obstacles go: whoever is down comes up, every firewall opens, the log works.
    pub(super) fn heal(&mut self) {
        self.tell(|| "--- all obstacles go".to_owned());
        (self.slow_log, self.fail_log) = (false, false);
        for site in &mut self.sites {
            site.firewall = Firewall::OPEN;
        }
        self.start_server();
        for daemon in 0..self.sites.len() {
            self.start_daemon(daemon);
        }
    }

    pub(super) fn start_server(&mut self) {
        if self.server.is_none() {
            self.server_life += 1;
            self.server = Some(Server::start(&self.log, self.defect));
            let entries = self.log.len();
            self.tell(|| format!("the server starts with {entries} entries"));
        }
    }

    pub(super) fn start_daemon(&mut self, daemon: usize) {
        if self.site(daemon).running.is_some() {
            return;
        }
        let now = self.instant();
        let (link, seed) = (link_id(self.plan.rng.random()), self.plan.rng.random());
        let site = self.site(daemon);
        site.life += 1;
        site.syncing = false;
        let mut running = Daemon::start(&site.disk, link, seed, now);
        running.attach(&mut site.frontend, &site.disk, now);
        site.running = Some(running);
        self.tell(|| format!("daemon {daemon} starts"));
        self.pump_daemon(daemon);
    }

    fn kill_server(&mut self) {
        if self.server.take().is_none() {
            return;
        }
        // What the log was writing may have reached the disk or not; the batch is whole either way.
        let life = self.server_life;
        let is_batch =
            |happening: &Happening| matches!(happening, Happening::Appended { life: of, .. } if *of == life);
        let under_way = self.queue.iter().find(|(_, happening)| is_batch(happening)).map(|(key, _)| *key);
        if let Some(Happening::Appended { entries, .. }) = under_way.and_then(|key| self.queue.remove(&key))
            && self.plan.rng.random_bool(0.5)
        {
            self.write_log(entries);
        }
        let pipes: Vec<u64> = self.pipes.keys().copied().collect();
        for pipe in pipes {
            self.cut(pipe, End::Server);
        }
        let down = self.random_ms(50..6_000);
        self.after(down, Happening::ServerStarts);
    }

    fn kill_daemon(&mut self, daemon: usize) {
        let defect = self.defect;
        let reached = self.plan.rng.random_bool(0.5);
        let site = self.site(daemon);
        let Some(mut running) = site.running.take() else { return };
        if site.syncing && reached {
            // The first write was under way; more may have been in the same transaction, but each is whole.
            if let Some((_, write)) = running.writes.pop_front() {
                site.disk.sync(&write, defect);
            }
        }
        let pipes: Vec<u64> = std::mem::take(&mut site.pipes).into_values().collect();
        for pipe in pipes {
            self.cut(pipe, End::Daemon);
        }
        let down = self.random_ms(20..5_000);
        self.after(down, Happening::DaemonStarts(daemon));
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

    /// The connections of a pipe that is made of single requests broke: they are opened again, and what was under way is asked
    /// for again, later and in the same order.
    fn stall(&mut self, pipe: u64) {
        let (now, delay) = (self.now, self.random_ms(100..4_000));
        let is_on_it =
            |happening: &Happening| matches!(happening, Happening::Frame { pipe: of, .. } if *of == pipe);
        self.postpone(is_on_it, delay);
        if let Some(held) = self.pipes.get_mut(&pipe) {
            held.floor = held.floor.map(|floor| floor.max(now) + delay);
        }
    }

    /// A box on the way keeps what is going to the server and passes it on when the daemon has long given the pipe up.
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
