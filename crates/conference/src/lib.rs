//! The language of a conference, and its rules.
//!
//! A [`Command`] is something that a participant wants; an [`Event`] is something that happened.
//! [`decide`] turns the one into the other and changes nothing; [`State::evolve`] folds events and
//! decides nothing. Both are the same on the server and in every frontend, and so is the state.
//!
//! Each family of commands and events is one room: `settings` (what it is about), `attendance` (who
//! takes part, and who is kept out), `rooms` (and where everyone stands), `tables` (café tables),
//! `talk` (messages), `phases` (the clock), `ballots` (secret ones), `access` (checks), `filling`
//! (how much it holds) and `closing` (the end). A room holds its commands, its events, its part of
//! the state, and its refusals. `state/fold.rs` folds, `patch.rs` patches.
//!
//! # Entries and levels
//! All that one command makes happen is one entry of the log: at most 64 events and 64 KiB
//! ([`check_entry`]), the public ones first. An entry names the lowest level that can fold it
//! ([`level_of`]). A program folds what it knows: limits bind commands, not events.
//!
//! # Who sees what
//! The [`Audience`] of an event is fixed when it is decided; one who has left is in none. One who
//! is not in it folds the same numbers with a gap, and has a state that is right as far as it goes:
//! [`State::seen_by`]. What they may do in it is [`May`]. Things that only organizers know, such as
//! join codes, are in the [`Own`] part of each; who becomes one is told them behind the public
//! event of the same entry. Talk is not told backwards. A secret act, such as a vote, has public
//! events without its author.

mod access;
mod attendance;
mod audience;
mod ballots;
mod clock;
mod closing;
mod command;
mod decide;
mod entry;
mod event;
mod filling;
mod level;
mod may;
mod patch;
mod phases;
mod receipt;
mod refusal;
mod rooms;
mod settings;
mod state;
mod tables;
mod talk;
#[cfg(test)]
mod tests;

pub use access::{AccessGroup, AccessTold, AccessVerdict, AccessesTold, KnownAccess, TellAccess};
pub use attendance::{
    AddOrganizer, Codes, CodesReplaced, CodesTold, Join, Joined, Left, LinkTold, Participant, Participants,
    Remove, RemoveOrganizer, Rename, Renamed, Role, RoleChanged, reads_alike,
};
pub use audience::{Audience, People};
pub use ballots::{Ballot, BallotClosed, BallotOpened, Ballots, OpenBallot, Turnout, Vote, Voted};
pub use clock::{due, next_due};
pub use command::{Actor, Command};
pub use decide::{Context, Decided, decide};
pub use entry::{Stamp, check_entry};
pub use event::{Body, Event};
pub use filling::{Filled, fill};
pub use level::{LEVEL, level_of};
pub use may::{May, Permit};
pub use phases::{
    Began, ExtendPhase, Phase, PhaseBegan, PhaseEnded, PhaseMoved, PhasePlan, Schedule, Scheduled,
    ShortenPhase,
};
pub use receipt::{Outcome, Receipt};
pub use refusal::Refusal;
pub use rooms::{AddRoom, CloseRoom, Go, Room, RoomAdded, RoomClosed, RoomNames, RoomPlan, Rooms, Went};
pub use settings::{Description, Opened, Settings};
pub use state::{
    CastVote, Invitation, KnownCodes, KnownLink, Own, OwnParts, Public, State, StoredState, View,
};
pub use tables::{
    AcceptTable, AskToTable, AskedToTable, DeclineTable, SatDown, StoodUp, Table, TableDeclined, Tables,
};
pub use talk::{Said, Say};
