//! Presence: the participants who are connected.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_model::ParticipantId;
use convene_model::limits::{PARTICIPANTS_MAX, PRESENCE_INTERVAL_MAX, PRESENCE_INTERVAL_MIN};
use convene_protocol::{Presence, ServerFrame};

use super::Publisher;
use super::outputs::Output;

/// When it is told next who is connected.
#[derive(Debug, Default)]
pub(super) struct PresenceDue {
    told_at: Option<Instant>,
    /// Since when something may have changed that was not told.
    changed_at: Option<Instant>,
}

impl PresenceDue {
    pub(super) fn change(&mut self, now: Instant) {
        self.changed_at.get_or_insert(now);
    }

    /// Somebody follows who was not told yet.
    pub(super) fn owe(&mut self) {
        self.changed_at = self.changed_at.or(self.told_at);
    }

    pub(super) fn due(&self) -> Option<Instant> {
        match (self.told_at, self.changed_at) {
            (None, changed_at) => changed_at,
            (Some(told_at), None) => Some(told_at + PRESENCE_INTERVAL_MAX),
            (Some(told_at), Some(changed_at)) => Some(changed_at.max(told_at + PRESENCE_INTERVAL_MIN)),
        }
    }
}

impl<L: Clone> Publisher<L> {
    pub(super) fn tell_presence(&mut self, now: Instant) {
        self.presence = PresenceDue { told_at: Some(now), changed_at: None };
        let online = bitmap(self.places.online());
        let frame = Presence { conference: self.conference, log: self.log, online };
        let text = ServerFrame::Presence(frame).to_string().into();
        self.outputs.push_back(Output::Presence { links: self.places.followers(), text });
    }
}

/// One bit per participant number from 1, the lowest bit of the first byte first.
fn bitmap(online: impl Iterator<Item = ParticipantId>) -> String {
    let mut bytes = Vec::new();
    for ParticipantId(number) in online {
        // Numbers are given by the server and small; what is not has no bit.
        let Some(bit) = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)) else {
            continue;
        };
        if bit >= 2 * PARTICIPANTS_MAX {
            continue;
        }
        if bytes.len() <= bit / 8 {
            bytes.resize(bit / 8 + 1, 0_u8);
        }
        if let Some(byte) = bytes.get_mut(bit / 8) {
            *byte |= 1 << (bit % 8);
        }
    }
    URL_SAFE_NO_PAD.encode(bytes)
}
