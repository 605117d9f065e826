//! The server's side: a copy of everything, while people write.

use std::fs::File;
use std::io::{self, Seek as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use convene_event_log::StorageError;
use convene_event_log_sqlite::{Options, SqliteLog};
use tempfile::TempPath;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::NAMES;
use super::file::{Made, Part};
use crate::certificate::{self, CertificateError};
use crate::state_dir::EVENT_LOG;

/// The copy of the event log while it is being made. One that is found was left by a server that
/// was killed.
const UNFINISHED: &str = "backup.part";

/// Why no copy is made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    /// One at a time.
    #[error("another backup is being made; try again when it is done")]
    Busy,
    /// Without its key a backup would be worth nothing.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The disk is full.
    #[error(
        "there is no room in {} for a copy of the event log ({} bytes are needed there for a while); make room and try again",
        .dir.display(), .bytes
    )]
    Full {
        /// The state directory.
        dir: PathBuf,
        /// Bytes of the log.
        bytes: u64,
    },
    /// The event log cannot be copied.
    #[error("the event log in {} cannot be copied: {detail}", .dir.display())]
    Failed {
        /// The state directory.
        dir: PathBuf,
        /// Why.
        detail: String,
    },
}

/// Makes copies, one at a time.
#[derive(Debug)]
pub(crate) struct Copies {
    state_dir: PathBuf,
    log: Options,
    turn: Arc<Mutex<()>>,
}

/// A copy that is being made.
#[derive(Debug)]
pub(crate) struct Copying {
    path: PathBuf,
    of: u64,
    task: JoinSet<Result<Copy, CopyError>>,
}

/// A backup, ready to be given out.
#[derive(Debug)]
pub(crate) struct Copy {
    /// The text that stands in front of the parts.
    pub(crate) head: String,
    /// Follows, then each of `rest`.
    pub(crate) log: File,
    pub(crate) rest: Vec<Vec<u8>>,
    /// Of all of it.
    pub(crate) bytes: u64,
}

impl Copies {
    /// Of the server that runs with this state directory.
    pub(crate) fn new(state_dir: &Path, log: Options) -> Self {
        // It is in nobody's way where it cannot be removed.
        drop(std::fs::remove_file(state_dir.join(UNFINISHED)));
        Self { state_dir: state_dir.to_owned(), log, turn: Arc::default() }
    }

    /// Begins to copy. `has_own_key`: the server shows the certificate that it made itself.
    ///
    /// # Errors
    /// [`CopyError::Busy`].
    pub(crate) fn begin(&self, has_own_key: bool) -> Result<Copying, CopyError> {
        let turn = Arc::clone(&self.turn).try_lock_owned().map_err(|_| CopyError::Busy)?;
        let (dir, log) = (self.state_dir.clone(), self.log.clone());
        let mut task = JoinSet::new();
        task.spawn_blocking(move || {
            let copied = copy(&dir, &log, has_own_key);
            drop(turn);
            copied
        });
        let of = length(&self.state_dir.join(EVENT_LOG));
        Ok(Copying { path: self.state_dir.join(UNFINISHED), of, task })
    }
}

impl Copying {
    /// The copy, when it is there. Cancel safe.
    pub(crate) async fn done(&mut self) -> Result<Copy, CopyError> {
        match self.task.join_next().await {
            Some(Ok(copied)) => copied,
            Some(Err(error)) => Err(CopyError::Failed { dir: self.path.clone(), detail: error.to_string() }),
            None => std::future::pending().await,
        }
    }

    /// The number of bytes that are there, and the estimated total.
    pub(crate) fn progress(&self) -> (u64, u64) {
        (length(&self.path).min(self.of), self.of)
    }
}

fn copy(dir: &Path, options: &Options, has_own_key: bool) -> Result<Copy, CopyError> {
    let from = dir.join(EVENT_LOG);
    if has_own_key {
        certificate::check_own(dir)?;
    }
    let failed = |error: io::Error| {
        if error.kind() == io::ErrorKind::StorageFull {
            CopyError::Full { dir: dir.to_owned(), bytes: length(&from) }
        } else {
            CopyError::Failed { dir: dir.to_owned(), detail: error.to_string() }
        }
    };
    let mut log = log(dir, options).map_err(|error| match error {
        StorageError::Full => failed(io::ErrorKind::StorageFull.into()),
        StorageError::Failed { .. } | StorageError::Closed => failed(io::Error::other(error)),
    })?;
    let mut parts = vec![Part::of(EVENT_LOG, &log).map_err(failed)?];
    log.rewind().map_err(failed)?;
    let mut rest = Vec::new();
    for name in NAMES.into_iter().filter(|name| *name != EVENT_LOG) {
        match std::fs::read(dir.join(name)) {
            Ok(content) => {
                parts.push(Part::of(name, content.as_slice()).map_err(failed)?);
                rest.push(content);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
    }
    let (version, made) = (env!("CARGO_PKG_VERSION").to_owned(), SystemTime::now().into());
    let made = Made { version, made, parts };
    let head = made.head();
    Ok(Copy { bytes: head.len() as u64 + made.bytes(), head, log, rest })
}

/// The copy of the log, which has no name any more: nothing is left of it when it is closed.
fn log(dir: &Path, options: &Options) -> Result<File, StorageError> {
    let failed = |error: io::Error| StorageError::Failed { detail: error.to_string() };
    let path = dir.join(UNFINISHED);
    let mut create = File::options();
    create.read(true).write(true).create_new(true).mode(0o600);
    let file = create.open(&path).map_err(failed)?;
    let path = TempPath::try_from_path(path).map_err(failed)?;
    SqliteLog::copy(&dir.join(EVENT_LOG), &path, options)?;
    drop(path);
    Ok(file)
}

/// Bytes of a file; 0 where there is none.
fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |about| about.len())
}
