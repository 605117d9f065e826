//! Pipes: how they are opened, what passes on them, and how they end.

use std::sync::Arc;
use std::time::Duration;

use convene_link::PipeId;
use convene_model::{Code, Rung, Stage};
use convene_reach::{AttemptId, Failure, Route};
use rand::RngExt as _;

use super::{Happening, World};
use crate::network::{End, Manner, Pipe, Rule};

impl World {
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
                if held.server_life == self.server_life
                    && let Some(server) = &mut self.server
                {
                    server.handle_pipe(PipeId(pipe), now);
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
        let now = self.instant();
        let Some(held) = self.pipes.get(&pipe) else { return };
        let (daemon, attempt, life, server_life) =
            (held.daemon, held.attempt, held.daemon_life, held.server_life);
        let carrier = held.carrier;
        let same_life = self.site(daemon).life == life;
        match to {
            End::Server if server_life == self.server_life => {
                self.tell(|| format!("server <- {daemon} ({pipe}): {}", cut(text)));
                if text.starts_with("{\"attach\"") && std::mem::take(&mut self.site(daemon).cuts_attach) {
                    self.tell(|| format!("*** pipe {pipe} is cut behind the attach"));
                    self.count("attaches cut");
                    self.cut_between(pipe);
                }
                if same_life {
                    self.look_at_commands(daemon, text);
                }
                self.with_server(|server, now| server.handle_frame(PipeId(pipe), written, sent, text, now));
            }
            End::Daemon => {
                let site = self.site(daemon);
                if site.life == life
                    && let Some(running) = &mut site.running
                {
                    if running.connection.conversation().is_behind() {
                        // Nothing is read from the link while so much waits for the disk.
                        let text = Arc::clone(text);
                        return self.after(
                            Duration::from_millis(5),
                            Happening::Frame { pipe, to, written, sent, text },
                        );
                    }
                    self.tell(|| format!("daemon {daemon} <- server ({pipe}): {}", cut(text)));
                    self.look_at_frame(daemon, text);
                    let Some(running) = &mut self.site(daemon).running else { return };
                    running.connection.handle_frame(attempt, written, text, now);
                    if !is_first(text) {
                        *self.carried.entry(carrier).or_default() += 1;
                    }
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
                if held.server_life == self.server_life {
                    self.with_server(|server, now| server.handle_closed(PipeId(pipe), now));
                }
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

    pub(super) fn send(&mut self, pipe: u64, to: End, number: Option<u64>, text: &Arc<str>) {
        let (now, loss) = (self.now, self.plan.loss);
        let Some(held) = self.pipes.get_mut(&pipe) else { return };
        let written = number.filter(|_| held.lossy);
        let arrivals = held.arrivals(to, (is_first(text), text.len()), loss, now, &mut self.plan.rng);
        for at in arrivals {
            let text = Arc::clone(text);
            self.at(at, Happening::Frame { pipe, to, written, sent: number, text });
        }
    }

    pub(super) fn open(&mut self, daemon: usize, attempt: AttemptId, route: &Route) {
        let latency = match route.rung {
            Rung::Direct => self.random_ms(1..40),
            Rung::Https => self.random_ms(1..150),
            Rung::Proxy => self.random_ms(10..300),
        };
        // Now and then a path is slow, and what was sent on it arrives when a new pipe has long
        // taken over.
        let latency = if self.plan.rng.random_bool(0.25) { latency * 8 } else { latency };
        let rate = if self.site(daemon).slow { 40 } else { 0 };
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
            rate,
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
    pub(super) fn close(&mut self, pipe: u64, by: End) {
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
