//! A program at a terminal, where a person types and reads.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};

use crate::PATIENCE;

/// Pieces of what is shown that nobody has read yet; the program waits for a reader then.
const UNREAD_MAX: usize = 64;

/// A running program, and the other side of its terminal.
#[derive(Debug)]
pub struct Terminal {
    keyboard: File,
    screen: mpsc::Receiver<Vec<u8>>,
    shown: String,
    child: Child,
}

impl Terminal {
    /// Starts a program at a terminal of its own.
    ///
    /// # Panics
    /// When the system has no terminal, or the program does not start.
    pub(crate) fn start(command: Command) -> Self {
        let started = start(command);
        assert!(started.is_ok(), "{started:?}");
        started.unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// Waits until this is shown, behind what was waited for before.
    ///
    /// # Panics
    /// When it is not shown in time.
    pub fn reads(&mut self, what: &str) {
        loop {
            if let Some(at) = self.shown.find(what) {
                self.shown.drain(..at + what.len());
                return;
            }
            let more = self.screen.recv_timeout(PATIENCE);
            assert!(more.is_ok(), "{what:?} is not shown: {}", self.shown);
            self.shown.push_str(&String::from_utf8_lossy(&more.unwrap_or_default()));
        }
    }

    /// Types a line.
    ///
    /// # Panics
    /// When the terminal does not take it.
    pub fn types(&mut self, line: &str) {
        let typed = self.keyboard.write_all(format!("{line}\n").as_bytes());
        assert!(typed.is_ok(), "{typed:?}");
    }

    /// Waits for the program's end: its exit code, and what was shown since it was last waited for.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn end(mut self) -> (Option<i32>, String) {
        loop {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(more) => self.shown.push_str(&String::from_utf8_lossy(&more)),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    drop(self.child.kill());
                    unreachable!("it does not end: {}", self.shown);
                }
            }
        }
        let ended = self.child.wait();
        (ended.ok().and_then(|status| status.code()), self.shown)
    }
}

fn start(mut command: Command) -> io::Result<Terminal> {
    // Programs that other tests start meanwhile must not hold the terminal open.
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let ours = openpt(flags)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let theirs = ioctl_tiocgptpeer(&ours, flags)?;
    command.stdin(Stdio::from(theirs.try_clone()?)).stdout(Stdio::from(theirs.try_clone()?)).stderr(theirs);
    let child = command.spawn()?;
    // The screen ends with the program only if nobody else holds its side.
    drop(command);
    let keyboard = File::from(ours);
    let mut output = keyboard.try_clone()?;
    let (show, screen) = mpsc::sync_channel(UNREAD_MAX);
    thread::spawn(move || {
        let mut chunk = [0; 1024];
        // Linux tells the end of a terminal as an error.
        while let Ok(count) = output.read(&mut chunk) {
            if count == 0 || show.send(chunk.get(..count).unwrap_or_default().to_vec()).is_err() {
                return;
            }
        }
    });
    Ok(Terminal { keyboard, screen, shown: String::new(), child })
}
