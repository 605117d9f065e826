//! The traffic of an attached pipe; the same for both ends.

use std::mem;
use std::time::{Duration, Instant};

use convene_protocol::{Ack, Ping, Pong, Unknown};

use crate::intake::{Intake, Taken};
use crate::pipe::{PipeDeath, Reason};
use crate::timing::{ACK_OVERDUE, ANSWER_MAX, HEARTBEAT, ONE_WAY_MAX, PROBE_MAX, PROBE_MIN, SILENCE_MAX};
use crate::window::Window;

/// An end of the link, by its part in keeping the pipe alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The daemon pings.
    Initiator,
    /// The server listens.
    Acceptor,
}

/// A control frame to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Control {
    Ack(Ack),
    Ping(Ping),
    Pong(Pong),
    Unknown(Unknown),
}

#[derive(Debug, Clone, Copy)]
struct Asked {
    id: u64,
    at: Instant,
    /// When the first question was asked that is not answered.
    since: Instant,
    /// The longest time without anything heard.
    limit: Duration,
    /// The number of the last data frame in front of the question.
    behind: u64,
}

#[derive(Debug)]
pub(crate) struct Traffic<T> {
    side: Side,
    /// Between two pings.
    interval: Duration,
    pub(crate) window: Window<T>,
    pub(crate) intake: Intake,
    heard: Instant,
    next_ping: Instant,
    /// A question that is to be asked, and how long nothing may be heard after it.
    wanted: Option<Duration>,
    asked: Option<Asked>,
    pings: u64,
    pong: Option<u64>,
    unknown: Option<Unknown>,
    /// Since when sent frames wait for news of an acknowledgement.
    waiting_since: Option<Instant>,
    round_trip: Option<Duration>,
}

impl<T: Clone> Traffic<T> {
    pub(crate) fn new(side: Side, now: Instant) -> Self {
        Self {
            side,
            interval: HEARTBEAT,
            window: Window::new(),
            intake: Intake::new(),
            heard: now,
            next_ping: now + HEARTBEAT,
            wanted: None,
            asked: None,
            pings: 0,
            pong: None,
            unknown: None,
            waiting_since: None,
            round_trip: None,
        }
    }

    /// A pipe takes the traffic over. The other end has told that it received so much.
    pub(crate) fn resume(&mut self, received: u64, now: Instant) -> Result<(), PipeDeath> {
        if received < self.window.acknowledged() {
            return Err(PipeDeath::Malformed);
        }
        self.window.acknowledge(received).map_err(|_| PipeDeath::Malformed)?;
        // The rest is of the pipe that was.
        let Self { window, intake, .. } = mem::replace(self, Self::new(self.side, now));
        (self.window, self.intake) = (window, intake);
        self.window.rewind();
        self.intake.start_pipe();
        Ok(())
    }

    /// An answer took so long: a probe that comes before the first ping's answer knows it.
    pub(crate) fn handle_round_trip(&mut self, round_trip: Duration) {
        self.round_trip = Some(round_trip);
    }

    /// From now on this is the time between two pings.
    pub(crate) fn set_interval(&mut self, interval: Duration, now: Instant) {
        self.interval = interval;
        self.next_ping = self.next_ping.min(now + interval);
    }

    /// Whether the question that is not answered came after an interval in which nothing was heard:
    /// then the path may have been forgotten for want of use. A probe has other reasons.
    pub(crate) fn was_idle(&self) -> bool {
        self.asked.is_some_and(|asked| {
            let idle = asked.since.saturating_duration_since(self.heard);
            asked.limit == ANSWER_MAX && idle >= self.interval.saturating_mul(3) / 4
        })
    }

    pub(crate) fn handle_heard(&mut self, now: Instant) {
        self.heard = now;
    }

    pub(crate) fn handle_data(&mut self, number: Option<u64>, bytes: usize, now: Instant) -> bool {
        self.intake.take(number, bytes, now) == Taken::Next
    }

    pub(crate) fn handle_ack(&mut self, ack: Ack, now: Instant) -> Result<(), PipeDeath> {
        self.acknowledge(ack.received, now)?;
        if ack.again {
            self.rewind();
        }
        Ok(())
    }

    pub(crate) fn handle_ping(&mut self, ping: Ping) {
        self.pong = Some(ping.id);
    }

    pub(crate) fn handle_pong(&mut self, pong: Pong, now: Instant) -> Result<(), PipeDeath> {
        if let Some(asked) = self.asked.filter(|asked| asked.id == pong.id) {
            self.round_trip = Some(now.saturating_duration_since(asked.at));
            self.asked = None;
            self.acknowledge(pong.received, now)?;
            if pong.received < asked.behind {
                // The answer tells of everything that had arrived before the question: the rest is
                // lost.
                self.rewind();
            }
            return Ok(());
        }
        self.acknowledge(pong.received, now)
    }

    pub(crate) fn handle_unknown_kind(&mut self, unknown: Unknown) {
        self.unknown = Some(unknown);
    }

    /// Finds out at once whether the other end is there.
    pub(crate) fn probe(&mut self) {
        let limit = self.round_trip.map_or(PROBE_MAX, |round_trip| round_trip.saturating_mul(4));
        self.wanted = Some(limit.clamp(PROBE_MIN, PROBE_MAX));
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), PipeDeath> {
        if self.death_due().is_some_and(|(due, _)| due <= now) {
            return Err(PipeDeath::Silent);
        }
        if self.question_due().is_some_and(|(due, _)| due <= now) {
            self.wanted.get_or_insert(ANSWER_MAX);
        }
        Ok(())
    }

    pub(crate) fn poll_control(&mut self, now: Instant) -> Option<Control> {
        if let Some(id) = self.pong.take() {
            self.intake.tell();
            return Some(Control::Pong(Pong { id, received: self.intake.received() }));
        }
        if let Some(unknown) = self.unknown.take() {
            return Some(Control::Unknown(unknown));
        }
        if let Some(limit) = self.wanted.take() {
            self.pings += 1;
            let since = self.asked.map_or(now, |asked| asked.since);
            self.asked = Some(Asked { id: self.pings, at: now, since, limit, behind: self.window.given() });
            self.next_ping = now + self.interval;
            return Some(Control::Ping(Ping { id: self.pings }));
        }
        self.intake.poll_ack(now).map(Control::Ack)
    }

    /// The next data frame, with its number.
    pub(crate) fn poll_data(&mut self, now: Instant) -> Option<(u64, T)> {
        let next = self.window.next()?;
        self.waiting_since.get_or_insert(now);
        Some(next)
    }

    /// There is always something to wait for.
    pub(crate) fn poll_timeout(&self) -> (Instant, Reason) {
        let ack = self.intake.due().map(|due| (due, Reason::AckDue));
        let dues = [self.death_due(), self.question_due(), ack];
        dues.into_iter().flatten().min_by_key(|(due, _)| *due).unwrap_or((self.next_ping, Reason::PingDue))
    }

    /// When the pipe is dead if nothing is heard on it.
    fn death_due(&self) -> Option<(Instant, Reason)> {
        let silence = (self.side == Side::Acceptor).then(|| (self.heard + SILENCE_MAX, Reason::Silence));
        let answer = self.asked.map(|asked| {
            let quiet = self.heard.max(asked.at) + asked.limit;
            (quiet.min(asked.since + ONE_WAY_MAX), Reason::PongOverdue)
        });
        [silence, answer].into_iter().flatten().min_by_key(|(due, _)| *due)
    }

    /// When the other end must be asked, unless it has been.
    fn question_due(&self) -> Option<(Instant, Reason)> {
        let ping = (self.side == Side::Initiator).then_some((self.next_ping, Reason::PingDue));
        let overdue = self.waiting_since.map(|since| (since + ACK_OVERDUE, Reason::AckOverdue));
        let due = [ping, overdue].into_iter().flatten().min_by_key(|(due, _)| *due);
        due.filter(|_| self.asked.is_none())
    }

    fn rewind(&mut self) {
        self.window.rewind();
        self.waiting_since = None;
    }

    fn acknowledge(&mut self, received: u64, now: Instant) -> Result<(), PipeDeath> {
        let news = self.window.acknowledge(received).map_err(|_| PipeDeath::Malformed)?;
        if !self.window.is_waiting() {
            self.waiting_since = None;
        } else if news {
            self.waiting_since = Some(now);
        }
        Ok(())
    }
}
