//! The events of one log entry.

use convene_model::limits::{ENTRY_BYTES_MAX, ENTRY_EVENTS_MAX};
use convene_model::{CommandId, Json, ParticipantId, Timestamp};

use crate::audience::Audience;
use crate::decide::Decided;
use crate::event::Event;
use crate::refusal::Refusal;

/// Parts that all events of an entry share; see the fields of [`Event`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The number of the entry.
    pub seq: u64,
    /// The server's time.
    pub at: Timestamp,
    /// The participant who did it.
    pub by: Option<ParticipantId>,
    /// The command that it comes of.
    pub command: Option<CommandId>,
}

impl Stamp {
    /// Makes the events of what was decided, in the same order.
    pub fn events(self, decided: Vec<Decided>) -> Vec<(Event, Audience)> {
        let Self { seq, at, by, command } = self;
        (1..)
            .zip(decided)
            .map(|(step, Decided { body, audience, is_secret })| {
                let (by, command) = if is_secret { (None, None) } else { (by, command) };
                (Event { seq, step, at, by, command, body }, audience)
            })
            .collect()
    }
}

/// Checks that the events of one entry, as they travel, are within the limits of an entry.
///
/// # Errors
/// `entry_too_large`.
pub fn check_entry(events: &[Json]) -> Result<(), Refusal> {
    let bytes: usize = events.iter().map(|event| event.get().len()).sum();
    if events.len() > ENTRY_EVENTS_MAX || bytes > ENTRY_BYTES_MAX {
        return Err(Refusal::EntryTooLarge);
    }
    Ok(())
}
