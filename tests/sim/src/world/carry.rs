//! Carrying what the machines want.

use convene_reach::AttemptId;
use convene_seat::{Delta, Standing};
use convene_uplink::{ConnectionEvent, PipeAction, SeatIndex};
use rand::RngExt as _;

use super::{Happening, World};
use crate::frontend::Then;
use crate::network::End;
use crate::promise::Promise;

impl World {
    /// Does all that a daemon wants.
    pub(super) fn pump_daemon(&mut self, daemon: usize) {
        let now = self.instant();
        loop {
            let site = self.site(daemon);
            let Some(running) = &mut site.running else { return };
            running.collect_writes(now);
            if let Some(action) = running.connection.poll_action() {
                self.pipe_action(daemon, action);
            } else if let Some(event) = running.connection.poll_event() {
                self.daemon_event(daemon, event);
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
        loop {
            let Some(server) = &mut self.server else { return };
            let (out, closing) = (std::mem::take(&mut server.out), std::mem::take(&mut server.closing));
            let cuts = std::mem::take(&mut server.cuts);
            if let Some(broken) = server.broken.take() {
                self.breaks(Promise::Links, broken);
            }
            if cuts > 0 {
                self.count("slow readers cut");
            }
            if out.is_empty()
                && closing.is_empty()
                && self.server.as_ref().is_none_or(super::Server::is_quiet)
            {
                return;
            }
            for (pipe, number, text) in out {
                self.send(pipe.0, End::Daemon, number, &text);
            }
            for pipe in closing {
                self.close(pipe.0, End::Server);
            }
            self.send_calls();
        }
    }

    fn daemon_event(&mut self, daemon: usize, event: ConnectionEvent) {
        match event {
            ConnectionEvent::Delta { seat, delta } => self.hear(daemon, seat, &delta),
            ConnectionEvent::Remember(route) => self.site(daemon).remembered = Some(route),
            ConnectionEvent::Reread { seat } => self.reread(daemon, seat),
            ConnectionEvent::Refold { seat, wish } => {
                let now = self.instant();
                let number = self.site(daemon).running.as_ref().and_then(|running| running.number(seat));
                let Some(number) = number else { return };
                let state = self.seat(number).disk.fold(wish);
                self.tell(|| format!("daemon {daemon} folds seat {number} anew up to {}", wish.through));
                if let Some(running) = &mut self.site(daemon).running {
                    running.connection.with_conversation(now, |conversation| {
                        conversation.handle_refolded(seat, wish, state);
                    });
                }
            }
            ConnectionEvent::StatusChanged | ConnectionEvent::Lost(_) | ConnectionEvent::Presence { .. } => {}
        }
    }

    /// A frontend is told something, if it is there.
    fn hear(&mut self, daemon: usize, index: SeatIndex, delta: &Delta) {
        let Some(number) = self.site(daemon).running.as_ref().and_then(|running| running.number(index))
        else {
            return;
        };
        self.tell(|| format!("seat {number}: {}", in_words(delta)));
        self.look_at_delta(number, delta);
        let sites = &self.sites;
        let Some(seat) = self.seats.get_mut(number) else { return };
        let running = sites.get(daemon).and_then(|site| site.running.as_ref());
        let Some(record) = running.and_then(|running| running.seat(number)).map(convene_seat::Seat::record)
        else {
            return;
        };
        let then = if seat.frontend.attached { seat.frontend.hear(delta, record) } else { Then::Nothing };
        if let Delta::Seat(Standing::NotHereNow { other_log: Some(log), .. }) = delta {
            self.count("other logs told");
            let delay = self.random_ms(500..20_000);
            if self.healed || self.plan.rng.random_bool(0.6) {
                self.after(delay, Happening::Turn(number, *log));
            }
        }
        match then {
            Then::Nothing => {}
            Then::Watch => self.watch(number),
            Then::Fill => {
                self.fill(number);
                if self.healed {
                    self.nurse_past(number);
                }
            }
            Then::Again(id) => {
                let delay = self.random_ms(100..3_000);
                self.count("commands given again");
                self.after(delay, Happening::Again(number, id));
            }
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
}

fn in_words(delta: &Delta) -> String {
    match delta {
        Delta::Events { after, through, items } => {
            format!("{} events behind {after} up to {through}", items.len())
        }
        Delta::Lost { id, .. } => format!("lost {id}"),
        Delta::Seat(_)
        | Delta::PassedOver(_)
        | Delta::Reset { .. }
        | Delta::WatchAnew
        | Delta::Queued { .. }
        | Delta::NotQueued { .. }
        | Delta::Receipt(_)
        | Delta::Dismissed { .. }
        | Delta::History { .. } => format!("{delta:?}"),
    }
}
