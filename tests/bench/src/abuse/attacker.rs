//! The process that attacks.

use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// The core of the load.
const CORE: &str = "1";
/// The lowest priority there is.
const NICE: &str = "19";

/// A running attack. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Attacker(Child);

impl Attacker {
    /// Starts the attack of this kind.
    pub(super) fn start(kind: &str, target: &[String]) -> Result<Self> {
        let mut starting = Command::new("nice");
        starting.args(["-n", NICE, "taskset", "-c", CORE]);
        starting.arg(std::env::current_exe()?).args(["attack", kind]).args(target);
        starting.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(Self(starting.spawn().context("nice")?))
    }

    /// Ends it. Fails where it has ended by itself: then nothing was measured.
    pub(super) fn end(mut self) -> Result<()> {
        let ended = self.0.try_wait()?;
        ensure!(ended.is_none(), "the attacker has ended by itself: {ended:?}");
        Ok(())
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
