//! Signals of terminals and of job control.

use std::io;

use rustix::process::{Signal as Raw, kill_current_process_group};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The key of what to do where no daemon answers.
pub(crate) const NO_DAEMON: &str = "tui-trouble-no_daemon-linux";

/// The signals that end the program.
#[derive(Debug)]
pub(crate) struct Endings {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Endings {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one. Cancel safe.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

/// The signal that lets a program go on which was stopped for a while.
#[derive(Debug)]
pub(crate) struct Returns(Option<Signal>);

impl Returns {
    /// Without the signal a program goes on all the same, with whatever is on the screen then.
    pub(crate) fn new() -> Self {
        Self(signal(SignalKind::from_raw(Raw::CONT.as_raw())).ok())
    }

    /// Waits for the next one. Cancel safe.
    pub(crate) async fn next(&mut self) {
        match &mut self.0 {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Stops this program and whatever the shell started together with it, as the key does that the
/// terminal does not see while the program reads every key. Returns when somebody lets it go on.
pub(crate) fn suspend() -> io::Result<()> {
    kill_current_process_group(Raw::TSTP).map_err(io::Error::from)
}

/// The language that the system is set to beside the environment's variables: none.
pub(crate) fn locale() -> Option<String> {
    None
}
