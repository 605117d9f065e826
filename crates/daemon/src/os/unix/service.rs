//! The life of a service under systemd, or of a program in a terminal.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::wake;

/// The connection with the service manager. There is one in a process; [`run`] makes it.
#[derive(Debug, Clone)]
pub(crate) struct Service(());

/// Runs the daemon: at once, here. (On Windows the service control manager has a word in it.)
pub(crate) fn run(main: fn(Service) -> ExitCode) -> ExitCode {
    main(Service(()))
}

impl Service {
    /// Tells the service manager that frontends can connect now. Nothing happens where there is no
    /// manager.
    pub(crate) fn ready(&self) {
        tell(&[NotifyState::Ready]);
    }

    /// Whether the daemon waits where somebody else has its socket. It does not, because only those
    /// who may write to the folder can take it.
    pub(crate) fn waits_for_its_name(&self) -> bool {
        false
    }

    /// Tells the service manager that the daemon is stopping and has not died. Nothing happens
    /// where there is no manager.
    pub(crate) fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }

    /// Reads the configuration again, and tells the service manager of it.
    pub(crate) async fn reloading(&self, reading: impl Future<Output = ()>) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(error) => tracing::warn!(%error, "the service manager was not told of a reload"),
        }
        reading.await;
        self.ready();
    }

    /// Tells the service manager's watchdog, if there is one, that this thread goes on, twice as
    /// often as the watchdog asks. (The manager listens from [`Service::ready`] on.) Never
    /// completes.
    pub(crate) async fn keep_alive(&self) {
        let Some(patience) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
        let mut beat = tokio::time::interval(patience / 2);
        loop {
            beat.tick().await;
            tell(&[NotifyState::Watchdog]);
        }
    }

    /// The wishes that the configuration be read again: SIGHUP, which no longer ends the process
    /// from then on. Must be called inside a runtime.
    ///
    /// # Errors
    /// When the signal cannot be caught.
    pub(crate) fn reloads(&self) -> io::Result<Reloads> {
        Ok(Reloads(signal(SignalKind::hangup())?))
    }

    /// Waits until the daemon is to stop: SIGTERM or SIGINT. The signals are caught from the call
    /// on, not from the first poll, and no longer end the process by themselves from then on. May
    /// be dropped and called again; a signal is missed only while no future of it is held. Must be
    /// called inside a runtime.
    ///
    /// # Errors
    /// When the signals cannot be caught.
    pub(crate) fn shutdown_signal(&self) -> io::Result<impl Future<Output = ()> + Send + use<>> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }

    /// Waits until the machine wakes from sleep, and gives how long it slept. A sleep that ends
    /// before the call is not told. Where the system's clocks cannot be watched this never
    /// completes, and heartbeats find out.
    pub(crate) async fn woken(&self) -> Duration {
        match wake::woken().await {
            Ok(asleep) => asleep,
            Err(error) => {
                tracing::warn!(%error, "the end of a sleep is not noticed");
                std::future::pending().await
            }
        }
    }
}

/// Wishes that the configuration be read again.
#[derive(Debug)]
pub(crate) struct Reloads(Signal);

impl Reloads {
    /// The next one; several that come at once are one. Cancel safe.
    pub(crate) async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager was not told how the service stands");
    }
}
