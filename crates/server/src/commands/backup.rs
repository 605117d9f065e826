//! `convene-server backup` and `convene-server restore`.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use convene_command_lines::convene_server::{Backup, Restore};
use convene_model::inert;
use tempfile::NamedTempFile;

use super::place::state_dir;
use super::{DONE, FAILED, NOT_RUNNING, complain};
use crate::backup::{self, BackupFile, DamageError, Made, UnpackError};
use crate::certificate::KEY;
use crate::control::{self, CallError, FetchError, Progress};

/// From when on a person at a terminal is told how far it has come, and how often.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Why there is no new backup.
#[derive(Debug, thiserror::Error)]
enum BackupError {
    #[error("{} is there already; name another file, or add --overwrite to replace it", .0.display())]
    Exists(PathBuf),
    #[error("{} is a directory; name a file in it", .0.display())]
    IsDirectory(PathBuf),
    #[error("there is no room for {}; make room, or name a file on another disk", .0.display())]
    Full(PathBuf),
    #[error("{} cannot be written: {source}", .file.display())]
    Write { file: PathBuf, source: io::Error },
    #[error(transparent)]
    Fetch(FetchError),
    #[error("what the server gave is no backup: {0}; nothing was written, try again")]
    Damage(DamageError),
}

impl BackupError {
    fn code(&self) -> u8 {
        match self {
            Self::Fetch(FetchError::Call(CallError::Path(_) | CallError::NotRunning { .. })) => NOT_RUNNING,
            Self::Exists(_)
            | Self::IsDirectory(_)
            | Self::Full(_)
            | Self::Write { .. }
            | Self::Fetch(_)
            | Self::Damage(_) => FAILED,
        }
    }
}

/// Writes a backup of the running server; gives the exit code.
pub(super) fn back_up(options: &Backup) -> u8 {
    let from = state_dir(&options.state);
    match write(&options.file, options.overwrite, &from) {
        Ok(made) => {
            let key = if made.has(KEY) {
                "with its key: keep it as safe as that"
            } else {
                "without a key, as the server did not make one: keep that of [tls]"
            };
            say(&format_args!(
                "{} holds {} ({}), {key}",
                options.file.display(),
                from.display(),
                size(made.bytes())
            ))
        }
        Err(error) => failed(&error, error.code()),
    }
}

/// Fills an empty state directory; gives the exit code.
pub(super) fn restore(options: &Restore) -> u8 {
    let to = state_dir(&options.state);
    let mut progress = Told::new("restored");
    match backup::restore(&options.file, &to, |done, of| progress.tell(Progress { done, of })) {
        Ok(made) => say(&format_args!(
            "{} is restored as it was on {}{}; start the server",
            to.display(),
            made.made,
            if made.has(KEY) {
                ""
            } else {
                ", without a key: put that of [tls] back where the configuration names it"
            }
        )),
        Err(error) => failed(&error, FAILED),
    }
}

fn write(file: &Path, overwrite: bool, state_dir: &Path) -> Result<Made, BackupError> {
    let failed = |source: io::Error| {
        let file = file.to_owned();
        if source.kind() == io::ErrorKind::StorageFull {
            BackupError::Full(file)
        } else {
            BackupError::Write { file, source }
        }
    };
    if file.is_dir() {
        return Err(BackupError::IsDirectory(file.to_owned()));
    }
    if !overwrite && file.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    // Only its owner may read it from its first byte on, and it has no name that counts before its
    // last one is on the disk.
    let mut written = NamedTempFile::new_in(folder).map_err(failed)?;
    let mut progress = Told::new("written");
    control::fetch_backup(state_dir, &mut written, |now| progress.tell(now)).map_err(
        |error| match error {
            FetchError::Write(source) => failed(source),
            FetchError::Call(_) | FetchError::Cut { .. } => BackupError::Fetch(error),
        },
    )?;
    written.as_file().sync_all().map_err(failed)?;
    let fetched = BackupFile::open(written.path()).map_err(BackupError::Damage)?;
    let made = fetched.made().clone();
    match fetched.unpack(|_| Ok(io::sink()), |_| {}) {
        Ok(()) => {}
        Err(UnpackError::Damage(damage)) => return Err(BackupError::Damage(damage)),
        Err(UnpackError::Write(source)) => return Err(failed(source)),
    }
    let persisted = if overwrite { written.persist(file) } else { written.persist_noclobber(file) };
    persisted.map_err(|error| {
        let came_meanwhile = error.error.kind() == io::ErrorKind::AlreadyExists;
        if came_meanwhile { BackupError::Exists(file.to_owned()) } else { failed(error.error) }
    })?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(made)
}

fn say(what: &dyn Display) -> u8 {
    match writeln!(io::stdout(), "{}", inert(&what.to_string())) {
        Ok(()) => DONE,
        // It is done; only nobody reads that.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
        Err(error) => failed(&format_args!("standard output: {error}"), FAILED),
    }
}

fn failed(why: &dyn Display, code: u8) -> u8 {
    complain(&format_args!("convene-server: {}", inert(&why.to_string())));
    code
}

/// Tells a person at a terminal how far it has come.
struct Told {
    what: &'static str,
    last: Instant,
}

impl Told {
    fn new(what: &'static str) -> Self {
        Self { what, last: Instant::now() }
    }

    fn tell(&mut self, Progress { done, of }: Progress) {
        if self.last.elapsed() < TOLD_EVERY || !io::stderr().is_terminal() {
            return;
        }
        self.last = Instant::now();
        complain(&format_args!("{} of {} {}", size(done), size(of), self.what));
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1_024)),
        _ => format!("{} MiB", bytes.div_ceil(1_048_576)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_can_tell_that_no_server_runs() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("backup");
        let error = write(&file, false, dir.path()).unwrap_err();
        assert_eq!(error.code(), NOT_RUNNING);
        assert!(error.to_string().contains("convene-server run --state-dir"), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left");
    }

    #[test]
    fn what_is_there_is_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("backup");
        std::fs::write(&file, "the only one").unwrap();
        let error = write(&file, false, dir.path()).unwrap_err();
        assert!(error.to_string().contains("--overwrite"), "{error}");
        assert!(matches!(write(&file, true, dir.path()), Err(BackupError::Fetch(_))));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "the only one");
        assert!(matches!(write(dir.path(), true, dir.path()), Err(BackupError::IsDirectory(_))));
    }

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!([0, 1, 1_048_575, 1_048_577].map(size), ["0 KiB", "1 KiB", "1024 KiB", "2 MiB"]);
    }
}
