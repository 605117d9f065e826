//! Programs that may not run for ever.

use std::io::Write as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// The output of a program, and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// All that it said.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Runs a program to its end with this text as its standard input.
///
/// # Errors
/// When it cannot be started, or has not ended within the limit: then it is killed.
pub(crate) fn output(command: &mut Command, stdin: &str, limit: Duration) -> Result<Output> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {command:?}"))?;
    // A program that does not read its input has not failed for that.
    drop(child.stdin.take().map(|mut input| input.write_all(stdin.as_bytes())));
    let pid = child.id();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(child.wait_with_output()));
    let Ok(output) = told.recv_timeout(limit) else {
        kill(pid);
        bail!("{command:?} had not ended after {} s", limit.as_secs());
    };
    let output = output?;
    // Programs for Windows end lines as Windows does.
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    Ok(Output { status: output.status, stdout: text(&output.stdout), stderr: text(&output.stderr) })
}

/// A program in the background, killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    /// Starts it.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("cannot run {command:?}"))?;
        Ok(Self(child))
    }

    /// As SIGKILL does, and waits until it is gone.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.end()
    }

    /// The same for one that is to be replaced.
    pub(crate) fn end(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Running {
    /// Waits for its end, at most so long; then it is killed.
    ///
    /// # Errors
    /// When it failed or was killed.
    pub(crate) fn wait(mut self, limit: Duration) -> Result<()> {
        let pid = self.0.id();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || tell.send(self.0.wait()));
        let Ok(status) = told.recv_timeout(limit) else {
            kill(pid);
            bail!("had not ended after {} s", limit.as_secs());
        };
        let status = status?;
        if status.success() { Ok(()) } else { bail!("{status}") }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn kill(pid: u32) {
    drop(Command::new("kill").args(["-s", "KILL", &pid.to_string()]).status());
}
