//! The language of a conference, and its rules.
//!
//! A [`Command`] is something that a participant wants; an [`Event`] is something that happened.
//! [`decide`] turns the one into the other and changes nothing; [`State::evolve`] folds events and
//! decides nothing. Both are the same code on the server and in every frontend, so the same log
//! gives the same state everywhere.
//!
//! Each family of commands and events is one room: `settings` (what the conference is about),
//! `attendance` (who takes part), `talk` (messages) and `closing` (the end). A room holds its
//! commands and events, its part of the state, when a command is refused, what then happens, and
//! how its events are folded. `command.rs` and `event.rs` list the kinds of all rooms.
//!
//! # Entries and levels
//! All that one command makes happen is one entry of the log: at most 64 events and 64 KiB
//! ([`check_entry`]), the public ones first. Every event bears the number of its entry. An entry
//! also names the lowest level that can fold it ([`level_of`]). A program folds what it knows:
//! limits bind commands, and events are read leniently.
//!
//! # Who sees what
//! The [`Audience`] of an event is fixed when the event is decided, and a participant who has
//! left is in none. A participant who is not in it folds the same numbers with a gap, and has a
//! state that is right as far as it goes: [`State::seen_by`].
//!
//! Things that only organizers know belong to the [`Own`] part of each organizer. Today there are
//! none: join codes are known to the server alone. A family that brings such knowledge adds an
//! event with the organizers as its audience, which is folded into their own parts, and
//! `attendance` adds the same event, with what is known so far, for the one participant who becomes
//! an organizer, behind the public event of the same entry. Talk is not told backwards.
//!
//! A secret act, such as a vote, has public events without `by` and `command`. Today none is.

mod attendance;
mod audience;
mod clock;
mod closing;
mod command;
mod decide;
mod entry;
mod event;
mod level;
mod receipt;
mod refusal;
mod settings;
mod state;
mod talk;
#[cfg(test)]
mod tests;

pub use attendance::{Join, Joined, Left, Participant, Participants, Role};
pub use audience::{Audience, People};
pub use clock::{due, next_due};
pub use command::{Actor, Command};
pub use decide::{Context, Decided, decide};
pub use entry::{Stamp, check_entry};
pub use event::{Body, Event};
pub use level::{LEVEL, level_of};
pub use receipt::{Outcome, Receipt};
pub use refusal::Refusal;
pub use settings::{Opened, Settings};
pub use state::{Own, Public, State, StoredState, View};
pub use talk::{Said, Say};
