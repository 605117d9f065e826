//! The real programs on loopback: started, killed with SIGKILL, started again.
//!
//! [`Place`] holds a server and its daemons with their directories; a [`Frontend`] attaches to a
//! daemon as any frontend would and keeps every delta raw, as it came. A [`Crowd`] is hundreds of
//! participants.

mod crowd;
mod frontend;
mod place;

pub use crowd::Crowd;
pub use frontend::{Frontend, Talker};
pub use place::{Place, Program, Signal, program, run};

use std::time::Duration;

/// How long anything may take that has nothing to wait for but this machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

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
