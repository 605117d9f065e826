//! The language of a conference, and its rules.
//!
//! A [`Command`] is something a participant wants; an [`Event`] is something that happened. [`decide`] turns the one into the
//! other and changes nothing; [`State::evolve`] folds events and decides nothing. Both are the same code on the server and in
//! every frontend, so the same log gives the same state everywhere.
//!
//! Every event has an [`Audience`]. Who is not in it gets the same numbers with a gap, and a state that is right as far as it
//! goes.
//!
//! Each family of commands is one file under `rules/`: what may be wanted, when it is refused, what then happens.

mod command;
mod event;
mod receipt;
mod refusal;
mod rules;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Actor, Command};
pub use event::{Audience, Body, Event, Settings};
pub use receipt::{Outcome, Receipt};
pub use refusal::Refusal;
pub use rules::{Decided, decide};
pub use state::{Participant, Right, State};
