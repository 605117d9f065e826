//! The conversation between a daemon and a server, over whatever pipe is current.
//!
//! A *pipe* is one connection that carries frames, perhaps for seconds; a *link* goes on over many.
//! The [`Initiator`] is the daemon's end, the [`Acceptor`] the server's; a [`Greeting`] is what the
//! server holds of a pipe that is nobody's yet.
//!
//! Any number of pipes may say hello. One is then attached, with an epoch above that of every
//! attach before and signed with the link's key; from there on both ends ignore what comes on older
//! pipes. Counted frames are kept until they are acknowledged, and sent again where the other end
//! has not taken them; the receiver takes only the next number. So whatever a carrier loses,
//! repeats or reorders, and wherever a pipe is cut, each counted frame is taken once and in order
//! as long as both ends remember the link. Where one does not, or the daemon has not yet taken
//! anything, the link begins afresh and says so: what was under way is then for the seats to
//! repair.
//!
//! Attaching has two outcomes here, *resumed* and *begun*; what a seat has missed is told per seat,
//! in `opened`.
//!
//! Everything is pure: `handle_…` takes what happened and when, `poll_…` gives what to do.

#[macro_use]
mod planted;

mod acceptor;
mod heartbeat;
mod initiator;
mod intake;
mod pipe;
mod secret;
#[cfg(test)]
mod tests;
pub mod timing;
mod traffic;
mod window;

pub use acceptor::{Acceptor, AttachOutcome, Greeted, Greeting, GreetingStep, Outbound};
pub use initiator::{Initiator, InitiatorEvent};
pub use pipe::{PipeDeath, PipeId, Reason, Transmit};
pub use secret::LinkSecret;
pub use window::QueueFull;
