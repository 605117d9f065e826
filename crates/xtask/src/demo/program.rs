//! One running program, its log, and its end.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::bin_dir;

/// A command that starts one of our programs, away from our terminal's signals and out of our own
/// variables' reach.
pub(super) fn ours(name: &str) -> Command {
    let mut command = Command::new(bin_dir().join(name));
    command.env_remove("CONVENE_SOCKET").env_remove("RUST_LOG").stdin(Stdio::null()).process_group(0);
    command
}

/// The JSON on the last line that a program printed.
///
/// # Errors
/// When it failed or printed none: the error holds what it said on stderr.
pub(super) fn stdout_json(output: io::Result<Output>) -> Result<Value> {
    let output = output?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let last = printed.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    match serde_json::from_str(last) {
        Ok(value) if output.status.success() => Ok(value),
        _ => {
            bail!("{}: {} {}", output.status, printed.trim(), String::from_utf8_lossy(&output.stderr).trim())
        }
    }
}

/// A program that is killed when this goes.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    log: PathBuf,
    /// The log's length when this run of the program began.
    log_start: usize,
}

impl Program {
    /// Starts it with its output at the end of `log`.
    pub(super) fn start(mut command: Command, log: &Path) -> Result<Self> {
        let open = || File::options().append(true).create(true).open(log);
        let log_start = fs::read(log).map_or(0, |written| written.len());
        let child = command
            .stdout(open()?)
            .stderr(open()?)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self { child, log: log.to_path_buf(), log_start })
    }

    /// The lines that it has logged since it started.
    ///
    /// # Errors
    /// When it has ended: then the error holds its log.
    pub(super) fn logged(&mut self) -> Result<String> {
        let written = fs::read(&self.log)?;
        let text = String::from_utf8_lossy(written.get(self.log_start..).unwrap_or_default()).into_owned();
        if let Some(status) = self.child.try_wait()? {
            bail!("it ended with {status}:\n{}", text.trim_end());
        }
        Ok(text)
    }

    /// SIGKILL, and gone when this returns.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Err(error) = self.kill() {
            eprintln!("cannot stop a program of the demo: {error:#}");
        }
    }
}
