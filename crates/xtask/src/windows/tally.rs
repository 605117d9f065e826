//! The count of the checks that passed and of those that failed.

use std::time::Instant;

use anyhow::{Result, bail};

/// Counts what is checked.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: usize,
    failed: usize,
}

impl Tally {
    /// Checks one thing and says its outcome and how long it took. A failure does not end the run.
    pub(super) fn check(&mut self, what: &str, check: impl FnOnce() -> Result<()>) {
        let start = Instant::now();
        let outcome = check();
        let seconds = start.elapsed().as_secs_f64();
        match &outcome {
            Ok(()) => println!("ok     {seconds:>6.1} s  {what}"),
            Err(error) => println!("FAILED {seconds:>6.1} s  {what}: {error:#}"),
        }
        self.add(usize::from(outcome.is_ok()), usize::from(outcome.is_err()));
    }

    /// Adds what others counted.
    pub(super) fn add(&mut self, passed: usize, failed: usize) {
        self.passed += passed;
        self.failed += failed;
    }

    /// Prints the sum.
    ///
    /// # Errors
    /// When something failed, or nothing was checked.
    pub(super) fn finish(&self) -> Result<()> {
        println!("windows: {} passed, {} failed", self.passed, self.failed);
        if self.failed > 0 || self.passed == 0 {
            bail!("{} passed, {} failed", self.passed, self.failed);
        }
        Ok(())
    }
}
