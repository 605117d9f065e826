//! The command line for Windows as a participant uses it, read as JSON.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::limit;
use super::wine::Wine;

/// How long one command may take. Those that wait for a server are told to wait less.
const LIMIT: Duration = Duration::from_secs(45);

/// `convene.exe` and the pipe that it talks to.
#[derive(Debug)]
pub(super) struct Frontend<'a> {
    wine: &'a Wine,
    program: PathBuf,
    /// Not the one of the system's daemon.
    pipe: Option<&'a str>,
}

impl<'a> Frontend<'a> {
    pub(super) fn new(wine: &'a Wine, program: PathBuf, pipe: Option<&'a str>) -> Self {
        Self { wine, program, pipe }
    }

    /// Runs a command and gives the objects that it printed, whatever its exit code.
    pub(super) fn ask(&self, arguments: &[&str], input: &str) -> Result<Vec<Value>> {
        let mut command = self.wine.program(Path::new("/"), &self.program);
        command.args(self.pipe.iter().flat_map(|pipe| ["--socket", pipe])).arg("--json").args(arguments);
        let output = limit::output(&mut command, input, LIMIT)?;
        let objects: Vec<Value> =
            output.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        ensure!(!objects.is_empty() || output.status.success(), "{}", output.text().trim());
        Ok(objects)
    }

    /// Asks until the answer will do, within this time.
    pub(super) fn until(
        &self,
        wait: Duration,
        arguments: &[&str],
        will_do: impl Fn(&[Value]) -> bool,
    ) -> Result<()> {
        let start = Instant::now();
        loop {
            let answer = self.ask(arguments, "");
            let late = start.elapsed() >= wait;
            match answer {
                Ok(objects) if will_do(&objects) => return Ok(()),
                Ok(objects) if late => bail!("after {} s: {objects:?}", wait.as_secs()),
                Err(error) if late => bail!("after {} s: {error:#}", wait.as_secs()),
                Ok(_) | Err(_) => {}
            }
        }
    }

    /// Waits until the daemon answers.
    pub(super) fn attach(&self) -> Result<()> {
        self.until(Duration::from_secs(40), &["list"], |_| true)
    }

    /// Joins by a link from standard input.
    pub(super) fn join(&self, link: &str, name: &str, wait: &str) -> Result<Value> {
        let answer = self.ask(&["join", "-", "--name", name, "--wait", wait], link)?;
        answer.into_iter().next().context("no answer")
    }

    /// The texts that have been said in a conference, in order.
    pub(super) fn texts(&self, conference: &str) -> Result<Vec<String>> {
        let said = self.ask(&["tail", conference], "")?;
        Ok(said.iter().filter_map(|event| event.get("text")?.as_str().map(str::to_owned)).collect())
    }
}

/// Whether this is the answer of a join that worked.
pub(super) fn joined(answer: &Value) -> Result<()> {
    ensure!(answer.get("state").and_then(Value::as_str) == Some("joined"), "{answer}");
    Ok(())
}

/// Whether a join failed for this reason.
pub(super) fn refused(answer: &Value, code: &str) -> Result<()> {
    let attempts = answer.get("attempts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let named = attempts.iter().any(|attempt| attempt.get("code").and_then(Value::as_str) == Some(code));
    ensure!(named && joined(answer).is_err(), "{answer}");
    Ok(())
}
