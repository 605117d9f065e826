//! Memory that was needed for a while goes back to the system once it is free.

use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout_at};

/// How long nothing may have changed before memory is given back: a seat that joins has been told
/// everything by then.
const QUIET: Duration = Duration::from_secs(5);
/// The longest wait for that. A connection that finds no way changes again and again, and so do the
/// sixty that one user may have: what they needed at first is not kept for them.
const BUSY_MAX: Duration = Duration::from_secs(20);

/// Calls `give_back` some time after each change that may have left free memory behind: a change of
/// connections or seats, and a frontend that has `left`. Never ends.
pub(crate) async fn give_back_when_free(
    mut changes: watch::Receiver<u64>,
    left: &Notify,
    give_back: impl Fn(),
) {
    let mut change = async || {
        tokio::select! {
            Ok(()) = changes.changed() => {}
            () = left.notified() => {}
        }
    };
    loop {
        change().await;
        let latest = Instant::now() + BUSY_MAX;
        while timeout_at(latest.min(Instant::now() + QUIET), change()).await.is_ok() {}
        give_back();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const STEP: Duration = Duration::from_secs(1);

    /// Does something `each` second for some seconds, and says how often memory was given back.
    async fn given_back(seconds: u64, each: impl Fn(u64, &watch::Sender<u64>, &Notify)) -> usize {
        let (changes, left, given) = (watch::Sender::new(0), Notify::new(), Cell::new(0));
        let life = async {
            for second in 0..seconds {
                each(second, &changes, &left);
                tokio::time::sleep(STEP).await;
            }
        };
        tokio::select! {
            () = life => {}
            () = give_back_when_free(changes.subscribe(), &left, || given.set(given.get() + 1)) => {}
        }
        given.get()
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_given_back_before_something_changes() {
        assert_eq!(given_back(3_600, |_, _, _| ()).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_given_back_once_when_a_change_is_over() {
        let changes_at_first = |second, changes: &watch::Sender<u64>, _: &Notify| {
            if second < 12 {
                changes.send_modify(|count| *count += 1);
            }
        };
        assert_eq!(given_back(15, changes_at_first).await, 0);
        assert_eq!(given_back(3_600, changes_at_first).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_frontend_that_leaves_leaves_memory() {
        let leaves = |second, _: &watch::Sender<u64>, left: &Notify| {
            if second == 10 {
                left.notify_one();
            }
        };
        assert_eq!(given_back(60, leaves).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn changes_without_end_do_not_keep_it() {
        let always = |_, changes: &watch::Sender<u64>, _: &Notify| changes.send_modify(|count| *count += 1);
        assert!(given_back(70, always).await >= 3);
    }
}
