//! One conference as a server runs it, and the desk of each link.
//!
//! Pure: the shell brings what came from links and what the log answered, and takes what is to be
//! appended, read and sent. The simulator runs the same machines.
//!
//! * The [`Decider`] has the state after everything decided and what is to be appended. There is
//!   one per conference and term.
//! * The [`Publisher`] is fed the durable entries in order. It knows seats, links, audiences, the
//!   latest entries and the snapshot, and tells each seat what it may read. Where several processes
//!   serve a conference, each has one.
//! * A [`Host`] holds both in one process, and knows when it may decide.
//! * The [`Desk`] serves the seats of one link: which seat is open where, what waits, which seats
//!   have room for more.
//!
//! **Decided, durable, told**: a command is decided at once against the state after everything
//! decided before; what was decided while the log was busy is appended together; only what the log
//! has made durable reaches a publisher, and so a seat.

#[macro_use]
mod planted;

mod clock;
mod decider;
mod desk;
mod entry;
mod filter;
pub mod format1;
mod host;
mod limits;
mod messages;
mod publisher;
mod roll;
mod summary;

pub use clock::Clock;
pub use convene_conference::Codes;
pub use decider::{Append, AppendOutcome, Decider, Lookup, NewEntry, Now};
pub use desk::{Desk, DeskOutput};
pub use entry::{BodyHash, Entry, EntryError, EntryEvent, StoredKey, StoredReceipt};
pub use host::{Claim, ClaimOutcome, Followed, Host, StoredSnapshot, Work};
pub use limits::DataLimits;
pub use messages::{Answer, AnswerKind, CommandsWish, JoinWish, LinkNumber, Note, Place, Told, Wish};
pub use publisher::{Output, Publisher, Read, StoredPart};
pub use roll::{KeyScope, Roll};
pub use summary::{CodeHash, Summary};
