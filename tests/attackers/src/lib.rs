//! The moves of those who want to take from others what a server or a daemon has.
//!
//! A move is made once and says what came of it. The system tests make some of each and name what
//! has to come of them; the benchmark makes them without end and measures what others notice.
//! `stranger.rs` has those of people who speak the protocol, `web.rs` those of people who speak
//! HTTP and leave things half done, and `local.rs` those of a user of the daemon's machine.

mod local;
mod stranger;
mod web;

pub use local::{ENDLESS_SCRIPT, dear_lines, fat_lines, join, line, link};
pub use stranger::{attach, attach_and_go, dialer, greeted, heard, pipe};
pub use web::{Secured, half_batch, is_cut, part_of_a_frame, secured, sessions};
