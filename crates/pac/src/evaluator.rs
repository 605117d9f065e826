//! The parent's end: starts the child, resolves the names that it asks for, and ends it in time.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, timeout};

use crate::answer::{Candidate, candidates};
use crate::os::own_program;
use crate::sandbox::{CHILD_ARGUMENT, Resolved, Said, Task};

/// Bytes of a script: the longest that are known have some hundred thousand.
pub(crate) const SCRIPT_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of one line that the child says.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// How long one name may take: a script must not wait for a name server that is silent, where the
/// proxy would resolve the name.
const NAME_MAX: Duration = Duration::from_millis(300);
/// Names that one script may ask for: the longest that are known ask for some dozens.
const NAMES_MAX: usize = 64;
/// How long they may take together: twenty that are silent. Direct ways go on meanwhile.
const NAMES_WAIT_MAX: Duration = Duration::from_secs(6);
/// How long everything else may take, the start of the child included.
const EVALUATION_MAX: Duration = Duration::from_secs(3);

/// Why a script names no way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PacError {
    /// The script has an error, or took too much time or memory, or what it answered names nothing.
    #[error("the script failed")]
    Script,
    /// The script asks for more names than are resolved for one. Without them it would have named
    /// somebody else's proxy.
    #[error(
        "the script asks for more than {NAMES_MAX} names, or for names that take more than {} s together",
        NAMES_WAIT_MAX.as_secs()
    )]
    Names,
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
    /// This program, as it was started, becomes the child when [`CHILD_ARGUMENT`] is its first
    /// argument.
    pub fn of_this_program() -> Self {
        Self::new(own_program())
    }

    /// `program` becomes the child when [`CHILD_ARGUMENT`] is its first argument.
    pub fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// The ways to this host and port over HTTPS, at least one, best first. `own` is this machine's
    /// address. Names are resolved by `resolve`, each within 300 ms, at most 64 and within 6 s
    /// together. Takes at most 3 s more than they do. Cancel safe: dropping the future ends the
    /// child.
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
        let found = candidates(&self.converse(&task, resolve).await?);
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
        let (mut says, mut left, mut names) = (BufReader::new(says), EVALUATION_MAX, Names::default());
        // A child that does not read says why.
        within(&mut left, tell(&mut asks, task)).await.unwrap_or_default();
        loop {
            match within(&mut left, hear(&mut says)).await? {
                Said::Answer(answer) => return Ok(answer),
                Said::Resolve(name) => {
                    let address = names.look_up(name, &resolve).await?;
                    within(&mut left, tell(&mut asks, &Resolved { address })).await?;
                }
                Said::Unconfined => return Err(PacError::Unconfined),
                Said::Failed => return Err(PacError::Script),
            }
        }
    }
}

/// The names that one script has asked for, and how long they took.
#[derive(Debug, Default)]
struct Names {
    asked: usize,
    waited: Duration,
}

impl Names {
    async fn look_up<F: Future<Output = Option<String>>>(
        &mut self,
        name: String,
        resolve: &impl Fn(String) -> F,
    ) -> Result<Option<String>, PacError> {
        self.asked += 1;
        if self.asked > NAMES_MAX || self.waited >= NAMES_WAIT_MAX {
            return Err(PacError::Names);
        }
        let began = Instant::now();
        let address = timeout(NAME_MAX, resolve(name)).await.ok().flatten();
        self.waited += began.elapsed();
        Ok(address)
    }
}

/// One step with the child, which has so much time left for all of them.
async fn within<T>(
    left: &mut Duration,
    step: impl Future<Output = Result<T, PacError>>,
) -> Result<T, PacError> {
    let began = Instant::now();
    let done = timeout(*left, step).await.unwrap_or(Err(PacError::Script));
    *left = left.saturating_sub(began.elapsed());
    done
}

/// A child that was ended for what it took says nothing.
async fn hear(says: &mut BufReader<ChildStdout>) -> Result<Said, PacError> {
    let mut line = Vec::new();
    let read = says.take(LINE_BYTES_MAX).read_until(b'\n', &mut line).await;
    read.map_err(|_| PacError::Script)?;
    serde_json::from_slice(&line).map_err(|_| PacError::Script)
}

async fn tell(asks: &mut ChildStdin, what: &impl Serialize) -> Result<(), PacError> {
    let mut line = serde_json::to_vec(what).map_err(|_| PacError::Script)?;
    line.push(b'\n');
    asks.write_all(&line).await.map_err(|_| PacError::Script)?;
    asks.flush().await.map_err(|_| PacError::Script)
}
