//! The real programs on loopback: started, killed with SIGKILL, started again.
//!
//! [`Place`] holds a server and its daemons with their directories; a [`Frontend`] attaches to a
//! daemon as any frontend would and keeps every delta raw, as it came. A [`Crowd`] is hundreds of
//! participants. A [`Relay`] stands on the way and cuts; with a [`FastClock`] hours of a conference
//! pass in a minute; [`search`] looks for words in what programs have written. At a [`Terminal`] a
//! person types and reads, and in a [`Tmux`] a program fills the screen. In [`Place::older`] the
//! programs of an older version run.

mod crowd;
mod fast_clock;
mod frontend;
mod place;
mod relay;
mod search;
mod skip;
mod terminal;
mod tmux;

pub use crowd::Crowd;
pub use fast_clock::FastClock;
pub use frontend::{Frontend, Talker};
pub use place::{Created, Place, Program, Signal, program, run};
pub use relay::Relay;
pub use search::search;
pub use terminal::Terminal;
pub use tmux::Tmux;

use std::time::Duration;

/// How long anything may take that has nothing to wait for but this machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until `holds` gives something.
///
/// # Panics
/// After [`PATIENCE`].
pub async fn until<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(held) = holds() {
            return held;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
