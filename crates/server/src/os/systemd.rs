//! The notices that systemd is told, and the watchdog that it asks for. Nothing happens where there
//! is no systemd.

use sd_notify::NotifyState;
use tokio::task::JoinSet;

/// Clients can connect now.
pub(crate) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is being read again; [`ready`] follows.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "there is no monotonic clock to name"),
    }
}

/// The server stops, and has not died.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Tells that the server lives, twice as often as systemd wants to hear it: from here, and only
/// when the threads that serve connections have taken a turn too.
pub(crate) async fn keep_watch() {
    let Some(limit) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    let mut turns = JoinSet::new();
    loop {
        tokio::time::sleep(limit / 2).await;
        turns.spawn(async { tell(&[NotifyState::Watchdog]) });
        if let Some(Err(error)) = turns.join_next().await {
            tracing::error!(%error, "the watchdog was not told");
        }
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager was not told how the server stands");
    }
}
