//! A terminal of tmux's: a program that fills it is used by keys, and read as a person reads it.

use std::path::PathBuf;
use std::process::{Command, Output};

use rustix::process::{Pid, Signal, kill_process};

use crate::place::{Place, run};
use crate::skip::skip;
use crate::until;

/// The session in it.
const SESSION: &str = "one";
/// Its size at first: the smallest that programs are made for.
const SIZE: [&str; 4] = ["-x", "80", "-y", "24"];

/// A shell in a terminal of its own, which ends when this is dropped.
#[derive(Debug)]
pub struct Tmux {
    socket: PathBuf,
}

impl Tmux {
    /// Starts a shell whose programs find this daemon. Where tmux is not installed there is none,
    /// and this says that the test of this name is skipped.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(place: &Place, daemon: &str, test: &str) -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            skip(test, "tmux is not installed");
            return None;
        }
        let tmux = Self { socket: place.path("tmux.sock") };
        let mut starting = tmux.command(&["new-session", "-d", "-s", SESSION]);
        starting.args(SIZE).arg("sh").env("CONVENE_SOCKET", place.socket(daemon));
        starting.env("HOME", place.path(""));
        let output = run(&mut starting);
        assert!(output.status.success(), "{output:?}");
        tmux.does(&["set-option", "-g", "status", "off"]);
        Some(tmux)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&self.socket).args(["-f", "/dev/null", "-u"]).args(arguments);
        command.env("LC_ALL", "C.UTF-8").env_remove("TMUX");
        command
    }

    fn does(&self, arguments: &[&str]) -> Output {
        let output = run(&mut self.command(arguments));
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        output
    }

    /// Types a text.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn types(&self, text: &str) {
        self.does(&["send-keys", "-t", SESSION, "-l", "--", text]);
    }

    /// Presses a key, by tmux's name for it.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn key(&self, name: &str) {
        self.does(&["send-keys", "-t", SESSION, name]);
    }

    /// Types a line.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn enter(&self, line: &str) {
        self.types(line);
        self.key("Enter");
    }

    /// Pastes a text, as terminals do it.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn pastes(&self, text: &str) {
        self.does(&["set-buffer", "--", text]);
        self.does(&["paste-buffer", "-p", "-t", SESSION]);
    }

    /// Makes it so many columns wide and so many rows high.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn resize(&self, columns: u16, rows: u16) {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        self.does(&["resize-window", "-t", SESSION, "-x", &columns, "-y", &rows]);
    }

    /// The rows that are seen.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn screen(&self) -> String {
        let shown = self.does(&["capture-pane", "-p", "-t", SESSION]);
        String::from_utf8_lossy(&shown.stdout).into_owned()
    }

    /// Waits until this is seen.
    ///
    /// # Panics
    /// When it is not seen in time.
    pub async fn reads(&self, what: &str) {
        until(what, || self.screen().contains(what).then_some(())).await;
    }

    /// Waits until this is seen no more.
    ///
    /// # Panics
    /// When it stays.
    pub async fn reads_no_more(&self, what: &str) {
        until(what, || (!self.screen().contains(what)).then_some(())).await;
    }

    /// Sends a signal to the program that the shell runs.
    ///
    /// # Panics
    /// When there is none.
    pub fn signal(&self, signal: Signal) {
        let shell = self.does(&["display-message", "-p", "-t", SESSION, "#{pane_pid}"]);
        let shell = String::from_utf8_lossy(&shell.stdout).trim().to_owned();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
        let children = children.unwrap_or_default();
        let child = children.split_whitespace().next().and_then(|child| child.parse().ok());
        let sent = child.and_then(Pid::from_raw).map(|child| kill_process(child, signal));
        assert_eq!(sent, Some(Ok(())), "{shell}: {children}");
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        // It fails only where the terminal has ended already.
        drop(self.command(&["kill-server"]).output());
    }
}
