//! A participant's command line.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::interrupt::{pause, stopped};
use super::program::{ours, stdout_json};

/// How long one message may stay without an answer that is durable somewhere, over restarts of
/// everything.
const SAY_LIMIT: Duration = Duration::from_secs(60);

/// Runs `convene` against one daemon.
#[derive(Debug, Clone)]
pub(super) struct Frontend {
    socket: PathBuf,
    conference: String,
}

/// The outcome of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// `accepted`, or `queued` in the daemon's outbox.
    pub(super) state: String,
    /// Its number, where it is accepted.
    pub(super) seq: Option<u64>,
}

impl Frontend {
    pub(super) fn new(socket: PathBuf, conference: String) -> Self {
        Self { socket, conference }
    }

    fn convene(&self, arguments: &[&str]) -> Command {
        let mut command = ours("convene");
        command.args(arguments).env("CONVENE_SOCKET", &self.socket);
        command
    }

    /// Joins, with the link on standard input, and gives the participant's id and the time until
    /// joined.
    pub(super) fn join(&self, link: &str, name: &str) -> Result<(String, Duration)> {
        let start = Instant::now();
        let mut child = self
            .convene(&["join", "-", "--name", name, "--wait", "30", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start convene")?;
        let mut input = child.stdin.take().context("its input")?;
        writeln!(input, "{link}")?;
        drop(input);
        let joined = stdout_json(child.wait_with_output()).context("convene join")?;
        let took = start.elapsed();
        let participant = joined.get("participant").and_then(Value::as_str);
        Ok((participant.context("join named no participant")?.to_owned(), took))
    }

    /// The route that the daemon uses, as `status` prints it.
    pub(super) fn route(&self) -> Result<Value> {
        let status = stdout_json(self.convene(&["status", "--json"]).output()).context("convene status")?;
        Ok(status.get("route").cloned().unwrap_or(Value::Null))
    }

    /// Says something once: asked again with the same id until it is accepted or queued, whatever
    /// is restarted meanwhile.
    pub(super) fn say(&self, text: &str, id: &str) -> Result<Said> {
        let start = Instant::now();
        loop {
            let arguments = ["say", "--json", "--wait", "5", "--id", id, "--", &self.conference, text];
            let answer = stdout_json(self.convene(&arguments).output());
            let state = answer.as_ref().ok().and_then(|answer| answer.get("state")).and_then(Value::as_str);
            if let (Some(state @ ("accepted" | "queued")), Ok(answer)) = (state, &answer) {
                return Ok(Said { state: state.to_owned(), seq: answer.get("seq").and_then(Value::as_u64) });
            }
            if stopped() || start.elapsed() > SAY_LIMIT {
                bail!("convene say: {answer:?}");
            }
            pause();
        }
    }

    /// Follows the conference from its beginning. Each line goes to `raw` as it came.
    pub(super) fn tail(&self, raw: &Path) -> Result<Tail> {
        let raw = File::options().append(true).create(true).open(raw)?;
        let shared = Arc::new(Mutex::new(Heard::default()));
        let (frontend, heard) = (self.clone(), Arc::clone(&shared));
        let thread = thread::spawn(move || frontend.follow(raw, &heard));
        Ok(Tail { shared, thread: Some(thread) })
    }

    /// Runs `tail --follow` and, when its daemon goes, again from the last number that it printed,
    /// as any frontend would.
    fn follow(&self, mut raw: File, heard: &Mutex<Heard>) -> Result<()> {
        loop {
            let after = lock(heard).last_seq.to_string();
            let mut command =
                self.convene(&["tail", "--json", "--follow", "--after", &after, "--", &self.conference]);
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
            let output = BufReader::new(child.stdout.take().context("its output")?);
            {
                let mut heard = lock(heard);
                heard.child = Some(child);
                if heard.ended {
                    heard.kill();
                }
            }
            for line in output.lines() {
                let line = line?;
                writeln!(raw, "{line}")?;
                lock(heard).add(&line)?;
            }
            let mut heard = lock(heard);
            heard.kill();
            if heard.ended {
                return Ok(());
            }
            drop(heard);
            pause();
        }
    }
}

/// The events that one follower has received so far, in order.
#[derive(Debug, Default)]
struct Heard {
    events: Vec<Value>,
    last_seq: u64,
    child: Option<Child>,
    ended: bool,
}

impl Heard {
    fn add(&mut self, line: &str) -> Result<()> {
        let event: Value = serde_json::from_str(line).with_context(|| format!("tail printed {line}"))?;
        self.last_seq = event.get("seq").and_then(Value::as_u64).context("an event without a number")?;
        self.events.push(event);
        Ok(())
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take()
            && let Err(error) = child.kill().and_then(|()| child.wait())
        {
            eprintln!("cannot stop a tail: {error}");
        }
    }
}

/// A running follower; it ends when this goes.
#[derive(Debug)]
pub(super) struct Tail {
    shared: Arc<Mutex<Heard>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Tail {
    /// The events from the given position on, in the order in which they were printed.
    ///
    /// # Errors
    /// When following has failed.
    pub(super) fn events(&mut self, from: usize) -> Result<Vec<Value>> {
        if self.thread.as_ref().is_none_or(JoinHandle::is_finished) {
            return match self.thread.take().map(JoinHandle::join) {
                Some(Ok(Err(error))) => Err(error.context("convene tail")),
                _ => bail!("convene tail has ended"),
            };
        }
        Ok(lock(&self.shared).events.get(from..).unwrap_or_default().to_vec())
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let mut heard = lock(&self.shared);
        heard.ended = true;
        heard.kill();
        drop(heard);
        if let Some(Ok(Err(error))) = self.thread.take().map(JoinHandle::join) {
            eprintln!("convene tail: {error:#}");
        }
    }
}

/// Nothing is half done under this lock, so what a panicking thread left is whole.
fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}
