//! The ladder: every way to the server, as plain data, and the policy that races them.
//!
//! A network that lets almost nothing through does not say so: it stays silent. So ways to the
//! server are not tried one after the other but raced, on a timetable that gives the better rung a
//! start and the worse one a chance within seconds. [`Ladder`] decides *which* [`Route`] is opened
//! *when*, which of them is adopted, when a better one is looked for, and what to tell the user
//! meanwhile. It opens nothing itself: the hands (`dial`) carry out each [`Action`] and report how
//! far they came.
//!
//! Three rules shape everything here.
//!
//! * **Only the link's hello wins.** A port that accepts, a handshake that completes and a page
//!   that loads prove nothing; boxes on the way do all three. Losers are abandoned when a hello has
//!   come and not before.
//! * **Limits make room, they do not cut.** An attempt past its limit no longer holds up the
//!   others, but it stays open: the proxy that answers after 20 s and the firewall that waits for a
//!   click still get their user in.
//! * **Retries never stop.** A [`Verdict`] tells what is wrong; it ends nothing.
//!
//! The rooms: `rungs` says which routes there are and in what order, `race` starts them, `flight`
//! follows each and `pace` knows how long it may take, `ladder` goes from round to round
//! (`backoff`) and from pipe to pipe (`upgrade`), `board` keeps what failed, `verdict` judges it
//! and [`describe`] names the remedy; `portal` knows when a network's login page may be the cause.
//! [`Memory`] keeps what won on each network. All numbers stand in [`timing`], each with its
//! reason.
//!
//! This crate is pure: it has no sockets, no clock and no source of randomness but the seed it is
//! given.

mod backoff;
mod board;
pub mod describe;
mod flight;
mod ladder;
mod memory;
mod pace;
mod portal;
mod race;
mod route;
mod rungs;
#[cfg(test)]
mod tests;
pub mod timing;
mod upgrade;
mod verdict;

pub use ladder::{Ladder, LadderEvent};
pub use memory::{Memory, NetworkId, Remembered};
pub use pace::Pace;
pub use portal::{PortalQuestion, PortalWatch};
pub use race::{Action, AttemptId, Reason};
pub use route::{Failure, ProxyAddress, ProxyScheme, Route, Target};
pub use rungs::Targets;
pub use verdict::Verdict;
