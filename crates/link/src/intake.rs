//! Data frames on their way in: only the next number is taken.

use std::time::Instant;

use convene_protocol::Ack;

use crate::timing::{ACK_BYTES, ACK_DELAY};

/// The fate of a data frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Next,
    Repeat,
    Gap,
}

#[derive(Debug)]
pub(crate) struct Intake {
    received: u64,
    /// The number that the next frame has on a carrier that does not write numbers.
    counted: u64,
    bytes: usize,
    first_untold: Option<Instant>,
    /// The number that was missed when a frame behind it came.
    missed: Option<u64>,
    /// Whether that has been told.
    missed_told: bool,
}

impl Intake {
    pub(crate) fn new() -> Self {
        Self { received: 0, counted: 0, bytes: 0, first_untold: None, missed: None, missed_told: false }
    }

    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// The other end has been told what was received, and sends what follows.
    pub(crate) fn start_pipe(&mut self) {
        self.counted = self.received;
        self.tell();
        self.missed = None;
    }

    pub(crate) fn take(&mut self, number: Option<u64>, bytes: usize, now: Instant) -> Taken {
        self.counted += 1;
        let number = number.unwrap_or(self.counted);
        let next = self.received + 1;
        if number > next {
            if self.missed != Some(next) {
                self.missed = Some(next);
                self.missed_told = false;
            }
            return Taken::Gap;
        }
        if number < next {
            // The acknowledgement may have been lost.
            self.first_untold.get_or_insert(now);
            return Taken::Repeat;
        }
        self.received = number;
        self.bytes += bytes;
        self.first_untold.get_or_insert(now);
        Taken::Next
    }

    /// The number to acknowledge now, if any.
    pub(crate) fn poll_ack(&mut self, now: Instant) -> Option<Ack> {
        let again = self.missed == Some(self.received + 1) && !self.missed_told;
        let due = self.bytes >= ACK_BYTES || self.due().is_some_and(|due| due <= now);
        if !again && !due {
            return None;
        }
        self.missed_told |= again;
        self.tell();
        Some(Ack { received: self.received, again })
    }

    /// When an acknowledgement is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.first_untold.map(|first| first + ACK_DELAY)
    }

    /// The other end is told by another frame.
    pub(crate) fn tell(&mut self) {
        self.bytes = 0;
        self.first_untold = None;
    }
}
