//! The parent's end: starts the child, resolves the names that it asks for, and ends it in time.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{ChildStdin, Command};
use tokio::time::timeout;

use crate::answer::{Candidate, candidates};
use crate::sandbox::{CHILD_ARGUMENT, Resolved, Said, Task};

/// Bytes of a script: the longest that are known have some hundred thousand.
pub(crate) const SCRIPT_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of one line that the child says.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// How long one name may take: a script must not wait for a name server that is silent, where the
/// proxy would resolve the name.
const NAME_MAX: Duration = Duration::from_millis(300);
/// How long all of it may take, the start of the child included.
const EVALUATION_MAX: Duration = Duration::from_secs(3);

/// Why a script names no way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PacError {
    /// The script has an error, or took too much time or memory, or what it answered names nothing.
    #[error("the script failed")]
    Script,
    /// The script is longer than 1 MiB.
    #[error("the script is longer than {SCRIPT_BYTES_MAX} bytes")]
    TooLong,
    /// The child cannot give up its rights, and runs no script with them.
    #[error(
        "the process for scripts cannot shut itself in; where a filter of system calls forbids it, let it allow \
         landlock_create_ruleset, landlock_add_rule and landlock_restrict_self"
    )]
    Unconfined,
    /// The child cannot be started.
    #[error("the script cannot be run here: {0}")]
    Child(io::ErrorKind),
}

/// Runs scripts, each in a child of its own.
#[derive(Debug, Clone)]
pub struct Evaluator {
    program: PathBuf,
}

impl Evaluator {
    /// `program` becomes the child when [`CHILD_ARGUMENT`] is its first argument.
    pub fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// The ways to this host and port over HTTPS, at least one, best first. `own` is this machine's
    /// address. Names are resolved by `resolve`, at most eight, each within 300 ms. Takes at most 3
    /// s. Cancel safe: dropping the future ends the child.
    ///
    /// # Errors
    /// See [`PacError`].
    pub async fn evaluate<F: Future<Output = Option<String>>>(
        &self,
        script: &str,
        (host, port): (&str, u16),
        own: &str,
        resolve: impl Fn(String) -> F,
    ) -> Result<Vec<Candidate>, PacError> {
        if script.len() > SCRIPT_BYTES_MAX {
            return Err(PacError::TooLong);
        }
        let shown = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        // Browsers show scripts of an HTTPS address nothing but where it leads.
        let url = if port == 443 { format!("https://{shown}/") } else { format!("https://{shown}:{port}/") };
        let task = Task { script: script.to_owned(), url, host: host.to_owned(), own: own.to_owned() };
        let answer = timeout(EVALUATION_MAX, self.converse(&task, resolve)).await;
        let found = candidates(&answer.unwrap_or(Err(PacError::Script))?);
        if found.is_empty() { Err(PacError::Script) } else { Ok(found) }
    }

    async fn converse<F: Future<Output = Option<String>>>(
        &self,
        task: &Task,
        resolve: impl Fn(String) -> F,
    ) -> Result<String, PacError> {
        let child = Command::new(&self.program)
            .arg(CHILD_ARGUMENT)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let mut child = child.map_err(|error| PacError::Child(error.kind()))?;
        let (Some(mut asks), Some(says)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(PacError::Child(io::ErrorKind::BrokenPipe));
        };
        tell(&mut asks, task).await?;
        let mut says = BufReader::new(says);
        loop {
            let mut line = Vec::new();
            let read = (&mut says).take(LINE_BYTES_MAX).read_until(b'\n', &mut line).await;
            read.map_err(|_| PacError::Script)?;
            match serde_json::from_slice(&line) {
                Ok(Said::Answer(answer)) => return Ok(answer),
                Ok(Said::Resolve(name)) => {
                    let address = timeout(NAME_MAX, resolve(name)).await.ok().flatten();
                    tell(&mut asks, &Resolved { address }).await?;
                }
                Ok(Said::Unconfined) => return Err(PacError::Unconfined),
                // A child that was ended for what it took says nothing.
                Ok(Said::Failed) | Err(_) => return Err(PacError::Script),
            }
        }
    }
}

async fn tell(asks: &mut ChildStdin, what: &impl Serialize) -> Result<(), PacError> {
    let mut line = serde_json::to_vec(what).map_err(|_| PacError::Script)?;
    line.push(b'\n');
    asks.write_all(&line).await.map_err(|_| PacError::Script)?;
    asks.flush().await.map_err(|_| PacError::Script)
}
