//! The words that every room of Convene shares, as data.
//!
//! Identifiers, names, join links, limits, time stamps and the codes by which a failure is told. A
//! value of one of these types is valid by construction: it was parsed once, where it entered, and
//! needs no second look.
//!
//! This crate is pure: it reads no clock, no file and no environment. It holds constructors,
//! parsers and printers, and of rules only what several rooms have to keep alike: whose turn it is
//! after a failure, and how much one of many may hold.

mod check_page;
mod code;
mod ids;
mod join_link;
mod json;
pub mod limits;
mod listen;
mod name;
mod pasted_link;
mod point;
mod poll_request;
mod secret;
mod shares;
mod status;
mod text;
mod timestamp;

pub use check_page::{CHECK_BODY, CHECK_PATH, CHECK_PORT};
pub use code::{Addressee, Attempt, Code, Evidence, Remedy, Stage};
pub use ids::{
    BallotId, CommandId, ConferenceId, IdError, LinkId, LogId, Nonce, OptionId, ParticipantId, RoomId,
    SeatKey, SeatName, SessionId, TermId,
};
pub use join_link::{Fingerprint, JoinCode, JoinLink, JoinLinkError, PortRange, bracketed, normal_host};
pub use json::Json;
pub use listen::{Listen, ListenTextError};
pub use name::{Name, NameError};
pub use point::{Point, TermStart};
pub use poll_request::PollRequest;
pub use secret::Secret;
pub use shares::{ShareLimit, Shares};
pub use status::{Carrier, Rung};
pub use text::{MessageText, TextError, inert};
pub use timestamp::Timestamp;
