//! Carrying what the machines want: frames, writes, entries, pipes.

use std::sync::Arc;
use std::time::Duration;

use convene_model::Nonce;
use convene_model::{Code, Rung, Stage};
use convene_reach::{AttemptId, Failure, Route};
use convene_uplink::{ConnectionEvent, PipeAction};
use rand::RngExt as _;

use super::{Happening, World, pipe_id};
use crate::Defect;
use crate::network::{End, Manner, Pipe, Rule};
use crate::plan::TROUBLE;

impl World {
    /// Does all that a daemon wants.
    pub(super) fn pump_daemon(&mut self, daemon: usize) {
        let now = self.instant();
        let defect = self.defect;
        loop {
            let site = self.site(daemon);
            let Some(running) = &mut site.running else { return };
            while let Some((_, id, write)) =
                running.connection.with_conversation(now, convene_uplink::Conversation::poll_write)
            {
                running.writes.push_back((id, write));
            }
            if let Some(action) = running.connection.poll_action() {
                self.pipe_action(daemon, action);
            } else if let Some(event) = running.connection.poll_event() {
                match event {
                    ConnectionEvent::Delta { delta, .. } => site.frontend.hear(delta, defect),
                    ConnectionEvent::Remember(route) => site.disk.remembered = Some(route),
                    ConnectionEvent::StatusChanged
                    | ConnectionEvent::ServerClock(_)
                    | ConnectionEvent::Lost(_) => {}
                }
            } else if let Some(transmit) =
                running.connection.with_conversation(now, |conversation| conversation.poll_transmit(now))
            {
                if let Some(&pipe) = site.pipes.get(&AttemptId(transmit.pipe.0)) {
                    self.send(pipe, End::Server, transmit.number, &transmit.text);
                }
            } else {
                break;
            }
        }
        self.sync(daemon);
    }

    /// Does all that the server wants.
    pub(super) fn pump_server(&mut self) {
        let now = self.instant();
        loop {
            let Some(server) = &mut self.server else { return };
            server.drain(now);
            let out = std::mem::take(&mut server.out);
            let closing = std::mem::take(&mut server.closing);
            let append = server.host.poll_append();
            if out.is_empty() && closing.is_empty() && append.is_none() {
                return;
            }
            for (pipe, number, text) in out {
                self.send(pipe.0, End::Daemon, number, &text);
            }
            for pipe in closing {
                self.close(pipe.0, End::Server);
            }
            if let Some(append) = append {
                self.append(append.entries.into_iter().map(|entry| entry.text).collect());
            }
        }
    }

    pub(super) fn refused(&mut self, daemon: usize, life: u32, attempt: AttemptId, failure: Failure) {
        let now = self.instant();
        let site = self.site(daemon);
        if site.life == life
            && let Some(running) = &mut site.running
        {
            running.connection.handle_failed(attempt, failure, now);
            self.pump_daemon(daemon);
        }
    }

    pub(super) fn stands(&mut self, pipe: u64, end: End) {
        let now = self.instant();
        let Some(held) = self.pipes.get(&pipe) else { return };
        match end {
            End::Server => {
                let nonce = Nonce(self.plan.rng.random());
                if let Some(server) = &mut self.server {
                    server.handle_pipe(pipe_id(pipe), nonce, now);
                }
            }
            End::Daemon => {
                let (daemon, attempt, life) = (held.daemon, held.attempt, held.daemon_life);
                let site = self.site(daemon);
                if site.life == life
                    && site.pipes.get(&attempt) == Some(&pipe)
                    && let Some(running) = &mut site.running
                {
                    running.connection.handle_opened(attempt, None, now);
                    self.pump_daemon(daemon);
                }
            }
        }
    }

    pub(super) fn frame(
        &mut self,
        pipe: u64,
        to: End,
        written: Option<u64>,
        sent: Option<u64>,
        text: &Arc<str>,
    ) {
        let (now, clock) = (self.instant(), self.clock());
        let Some(held) = self.pipes.get(&pipe) else { return };
        let (daemon, attempt, life, server_life) =
            (held.daemon, held.attempt, held.daemon_life, held.server_life);
        let carrier = held.carrier;
        match to {
            End::Server if server_life == self.server_life => {
                if let Some(server) = &mut self.server {
                    server.handle_frame(pipe_id(pipe), written, sent, text, (now, clock));
                }
                self.tell(|| format!("server <- {daemon} ({pipe}): {}", cut(text)));
                self.pump_server();
            }
            End::Daemon => {
                let site = self.site(daemon);
                if site.life == life
                    && let Some(running) = &mut site.running
                {
                    running.connection.handle_frame(attempt, written, text, now);
                    if !is_first(text) {
                        *self.carried.entry(carrier).or_default() += 1;
                    }
                    self.tell(|| format!("daemon {daemon} <- server ({pipe}): {}", cut(text)));
                    self.pump_daemon(daemon);
                }
            }
            End::Server => {}
        }
    }

    pub(super) fn closed(&mut self, pipe: u64, at: End) {
        let now = self.instant();
        let Some(held) = self.pipes.get(&pipe) else { return };
        let (daemon, attempt, life) = (held.daemon, held.attempt, held.daemon_life);
        match at {
            End::Server => {
                if let Some(server) = &mut self.server {
                    server.handle_closed(pipe_id(pipe), now);
                }
                self.pump_server();
            }
            End::Daemon => {
                let site = self.site(daemon);
                if site.life == life
                    && site.pipes.remove(&attempt) == Some(pipe)
                    && let Some(running) = &mut site.running
                {
                    running.connection.handle_closed(attempt, now);
                    self.tell(|| format!("daemon {daemon} sees pipe {pipe} closed"));
                    self.pump_daemon(daemon);
                }
            }
        }
    }

    pub(super) fn synced(&mut self, daemon: usize, life: u32, count: usize) {
        let (now, defect) = (self.instant(), self.defect);
        let site = self.site(daemon);
        let Some(running) = site.running.as_mut().filter(|_| site.life == life) else { return };
        site.syncing = false;
        let mut last = None;
        for (id, write) in running.writes.drain(..count) {
            site.disk.sync(&write, defect);
            last = Some(id);
        }
        if let Some(last) = last {
            running.stored(last, &mut site.frontend, now);
        }
        self.pump_daemon(daemon);
    }

    pub(super) fn appended(&mut self, life: u32, entries: Vec<Arc<str>>) {
        if life != self.server_life {
            return;
        }
        self.write_log(entries);
        let now = self.instant();
        if let Some(server) =
            self.server.as_mut().filter(|_| self.defect != Some(Defect::ReceiptBeforeCommit))
        {
            server.handle_appended(now);
        }
        self.tell(|| "the log has a batch".to_owned());
        self.pump_server();
    }

    pub(super) fn append_failed(&mut self, life: u32) {
        let now = self.instant();
        if let Some(server) = self.server.as_mut().filter(|_| life == self.server_life) {
            server.handle_append_failed(now);
        }
        self.tell(|| "the log refuses a batch".to_owned());
        self.pump_server();
    }

    /// Entries that were on their way when the server was killed may have reached the disk.
    pub(super) fn write_log(&mut self, entries: Vec<Arc<str>>) {
        if self.defect == Some(Defect::RepeatDecidedTwice) {
            self.log.extend(entries.iter().map(|entry| without_receipt(entry)));
        } else {
            self.log.extend(entries);
        }
    }

    fn sync(&mut self, daemon: usize) {
        let delay = self.random_ms(1..20);
        let site = self.site(daemon);
        let Some(running) = &site.running else { return };
        if !site.syncing && !running.writes.is_empty() {
            let (life, count) = (site.life, running.writes.len());
            site.syncing = true;
            self.after(delay, Happening::Synced { daemon, life, count });
        }
    }

    fn append(&mut self, entries: Vec<Arc<str>>) {
        let life = self.server_life;
        let delay = if self.slow_log { self.random_ms(200..3_000) } else { self.random_ms(1..30) };
        if self.now < TROUBLE && std::mem::take(&mut self.fail_log) {
            return self.after(delay, Happening::AppendFailed { life });
        }
        if self.defect == Some(Defect::ReceiptBeforeCommit) {
            let now = self.instant();
            if let Some(server) = &mut self.server {
                server.handle_appended(now);
            }
        }
        self.after(delay, Happening::Appended { life, entries });
    }

    fn send(&mut self, pipe: u64, to: End, number: Option<u64>, text: &Arc<str>) {
        let (now, loss) = (self.now, self.plan.loss);
        let Some(held) = self.pipes.get_mut(&pipe) else { return };
        let written = number.filter(|_| held.lossy);
        let arrivals = held.arrivals(to, is_first(text), loss, now, &mut self.plan.rng);
        for at in arrivals {
            let text = Arc::clone(text);
            self.at(at, Happening::Frame { pipe, to, written, sent: number, text });
        }
    }

    fn pipe_action(&mut self, daemon: usize, action: PipeAction) {
        match action {
            PipeAction::Open { attempt, route } => self.open(daemon, attempt, &route),
            // No login pages here.
            PipeAction::AskPortal(question) => {
                let now = self.instant();
                if let Some(running) = &mut self.site(daemon).running {
                    running.connection.handle_portal_answer(question, None, now);
                }
            }
            PipeAction::Close { attempt } => {
                if let Some(pipe) = self.site(daemon).pipes.remove(&attempt) {
                    self.close(pipe, End::Daemon);
                }
            }
        }
    }

    fn open(&mut self, daemon: usize, attempt: AttemptId, route: &Route) {
        let latency = match route.rung {
            Rung::Direct => self.random_ms(1..40),
            Rung::Https => self.random_ms(1..150),
            Rung::Proxy => self.random_ms(10..300),
        };
        // Now and then a path is slow, and what was sent on it arrives when a new pipe has long taken over.
        let latency = if self.plan.rng.random_bool(0.25) { latency * 8 } else { latency };
        let site = self.site(daemon);
        let (rule, daemon_life) = (site.firewall.rule(route.rung), site.life);
        let manner = site.firewall.manner(route.carrier);
        if rule == Rule::Drop {
            return;
        }
        if rule == Rule::Refuse || self.server.is_none() {
            let failure = Failure { stage: Stage::Tcp, code: Code::Refused };
            return self
                .after(2 * latency, Happening::Refused { daemon, life: daemon_life, attempt, failure });
        }
        if manner == Manner::Refuse {
            let failure = Failure { stage: Stage::Http, code: Code::HttpRefused };
            return self
                .after(5 * latency, Happening::Refused { daemon, life: daemon_life, attempt, failure });
        }
        let pipe = self.serial + 1;
        let lossy = self.plan.loss > 0 && route.rung != Rung::Direct;
        let server_life = self.server_life;
        let held = Pipe {
            daemon,
            daemon_life,
            server_life,
            attempt,
            latency,
            carrier: route.carrier,
            lossy,
            manner,
            frozen: false,
            cut: false,
            floor: [Duration::ZERO; 2],
        };
        self.pipes.insert(pipe, held);
        self.site(daemon).pipes.insert(attempt, pipe);
        self.tell(|| format!("daemon {daemon} opens {route} by {:?} as pipe {pipe}", route.carrier));
        if manner == Manner::Cut {
            let age = self.random_ms(500..20_000);
            self.after(6 * latency + age, Happening::BoxCuts { pipe });
        }
        self.after(5 * latency, Happening::Stands { pipe, end: End::Server });
        self.after(6 * latency, Happening::Stands { pipe, end: End::Daemon });
    }

    /// One end closes the pipe; the other learns of it behind what was sent before.
    fn close(&mut self, pipe: u64, by: End) {
        let now = self.now;
        let Some(held) = self.pipes.get_mut(&pipe) else { return };
        if held.cut || held.frozen {
            return;
        }
        held.cut = true;
        let (to, place) = if by == End::Daemon { (End::Server, 1) } else { (End::Daemon, 0) };
        let [towards_daemon, towards_server] = held.floor;
        let floor = if place == 1 { towards_server } else { towards_daemon };
        let at = (now + held.latency).max(floor);
        self.at(at, Happening::Closed { pipe, at: to });
    }
}

/// Whether a frame belongs to the opening of the conversation.
fn is_first(text: &str) -> bool {
    ["{\"hello\"", "{\"attach\"", "{\"attached\"", "{\"refused\""].iter().any(|word| text.starts_with(word))
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(160)).unwrap_or(text)
}

fn without_receipt(entry: &str) -> Arc<str> {
    let Ok(mut value) = serde_json::from_str::<serde_json::Value>(entry) else { return Arc::from(entry) };
    if let Some(fields) = value.as_object_mut() {
        fields.remove("receipt");
    }
    Arc::from(value.to_string())
}
