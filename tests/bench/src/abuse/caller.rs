//! A frontend that speaks the local API line by line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use convene_tests_attackers::line;
use serde_json::Value;

/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// How long a daemon may take to listen.
const START_MAX: Duration = Duration::from_secs(60);
/// How often one that starts is asked.
const ASK_PAUSE: Duration = Duration::from_millis(2);

pub(super) struct Caller {
    stream: UnixStream,
    lines: BufReader<UnixStream>,
}

impl Caller {
    pub(super) fn attach(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        stream.set_write_timeout(Some(ANSWER_MAX))?;
        let lines = BufReader::new(stream.try_clone()?);
        Ok(Self { stream, lines })
    }

    /// Attaches, and calls until there is a result: a daemon that starts gives none.
    pub(super) fn await_result(socket: &Path, method: &str, params: &Value) -> Result<Self> {
        let began = Instant::now();
        loop {
            if let Ok(mut caller) = Self::attach(socket)
                && caller.call(method, params).is_ok_and(|answer| answer.get("result").is_some())
            {
                return Ok(caller);
            }
            ensure!(began.elapsed() < START_MAX, "the daemon does not answer");
            thread::park_timeout(ASK_PAUSE);
        }
    }

    /// The answer to a call, whole.
    pub(super) fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.tell(method, params)?;
        self.answer()
    }

    /// A call whose answer is read later.
    pub(super) fn tell(&mut self, method: &str, params: &Value) -> Result<()> {
        Ok(self.stream.write_all(line(method, params).as_bytes())?)
    }

    /// The next answer: what the daemon says by itself is passed over.
    pub(super) fn answer(&mut self) -> Result<Value> {
        loop {
            let mut text = String::new();
            ensure!(self.lines.read_line(&mut text).context("no answer")? > 0, "the daemon has closed");
            let said: Value = serde_json::from_str(&text)?;
            if said.get("id").is_some() && said.get("method").is_none() {
                return Ok(said);
            }
        }
    }
}
