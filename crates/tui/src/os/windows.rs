//! The events of a console, and a language that no variable names.

use std::io;

use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_logoff,
    ctrl_shutdown,
};

/// The key of what to do where no daemon answers.
pub(crate) const NO_DAEMON: &str = "tui-trouble-no_daemon-windows";

/// The events that end the program.
#[derive(Debug)]
pub(crate) struct Endings {
    interrupt: CtrlC,
    stop: CtrlBreak,
    close: CtrlClose,
    log_off: CtrlLogoff,
    shut_down: CtrlShutdown,
}

impl Endings {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: ctrl_c()?,
            stop: ctrl_break()?,
            close: ctrl_close()?,
            log_off: ctrl_logoff()?,
            shut_down: ctrl_shutdown()?,
        })
    }

    /// Waits for the next one. Cancel safe.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.stop.recv() => {}
            _ = self.close.recv() => {}
            _ = self.log_off.recv() => {}
            _ = self.shut_down.recv() => {}
        }
    }
}

/// No program in a console is stopped for a while.
#[derive(Debug)]
pub(crate) struct Returns;

impl Returns {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}

/// Stops the program for a while: consoles know nothing of that.
pub(crate) fn suspend() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The language in which Windows shows this user its own programs, such as `de-DE`.
pub(crate) fn locale() -> Option<String> {
    sys_locale::get_locale()
}
