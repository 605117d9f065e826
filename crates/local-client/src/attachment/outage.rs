//! How long an attachment looks for a daemon that is gone, and how often.

use std::time::Duration;

use tokio::time::Instant;

/// Between the first tries to find a daemon that is being restarted: a person does not notice it.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// Between later ones: a daemon that stays away costs next to nothing, and one that comes back is
/// soon found.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// How long an attachment waits where the daemon is gone.
#[derive(Debug, Clone, Copy)]
pub enum Patience {
    /// So long each time.
    Each(Duration),
    /// Until then, however often it goes.
    Until(Instant),
}

/// The daemon is gone, or does not serve.
#[derive(Debug)]
pub(super) struct Outage {
    /// `None`: it is waited for however long it takes.
    deadline: Option<Instant>,
    next_try: Instant,
    pause: Duration,
}

impl Outage {
    /// Begins now, with a try at once.
    pub(super) fn new(patience: Patience) -> Self {
        let now = Instant::now();
        let deadline = match patience {
            Patience::Each(span) => now.checked_add(span),
            Patience::Until(deadline) => Some(deadline),
        };
        Self { deadline, next_try: now, pause: PAUSE_MIN }
    }

    pub(super) fn next_try(&self) -> Instant {
        self.next_try
    }

    /// Whether nothing is tried any more.
    pub(super) fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// A try failed. The next one comes later each time, and the last one at the end.
    pub(super) fn put_off(&mut self) {
        let next_try = Instant::now() + self.pause;
        self.next_try = self.deadline.map_or(next_try, |deadline| deadline.min(next_try));
        self.pause = (self.pause * 2).min(PAUSE_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn tries_come_more_seldom_and_the_last_one_at_the_end() {
        let began = Instant::now();
        let mut outage = Outage::new(Patience::Each(Duration::from_millis(3_000)));
        let mut tries = Vec::new();
        while !outage.is_over() {
            tokio::time::sleep_until(outage.next_try()).await;
            tries.push((Instant::now() - began).as_millis());
            outage.put_off();
        }
        assert_eq!(tries, [0, 50, 150, 350, 750, 1_550, 2_550, 3_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_patience_without_end_is_one() {
        assert!(!Outage::new(Patience::Each(Duration::MAX)).is_over());
        assert!(Outage::new(Patience::Until(Instant::now())).is_over());
    }
}
