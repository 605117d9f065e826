//! The form of a backup: a line that says what it is, a line of JSON with the name, length and
//! SHA-256 of each part, and the parts, one behind the other.
//!
//! So `head -n 2 FILE` tells what a file is, and every byte of it is checked.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use convene_model::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::NAMES;
use crate::state_dir::EVENT_LOG;

/// The beginning of the first line. Its number follows.
const TITLE: &str = "convene-server backup ";
/// The form that is written and read. A later one gets the next number.
const FORM: u32 = 1;
/// Bytes of either line: three parts need a tenth.
const LINE_BYTES_MAX: u64 = 4 * 1024;
/// Bytes that are read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// The origin and the parts of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The version of the server that made it.
    pub(crate) version: String,
    pub(crate) made: Timestamp,
    pub(crate) parts: Vec<Part>,
}

/// A file of the state directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    /// Of its content, in hexadecimal as `sha256sum` prints it.
    sha256: String,
}

impl Part {
    /// Of what can be read there, up to its end.
    pub(crate) fn of(name: &str, mut content: impl Read) -> io::Result<Self> {
        let mut sum = Sum(Sha256::new());
        let bytes = io::copy(&mut content, &mut sum)?;
        Ok(Self { name: name.to_owned(), bytes, sha256: sum.text() })
    }
}

impl Made {
    /// The text that stands in front of the parts.
    pub(crate) fn head(&self) -> String {
        format!("{TITLE}{FORM}\n{}\n", serde_json::to_string(self).unwrap_or_default())
    }

    /// Whether there is a part of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.parts.iter().any(|part| part.name == name)
    }

    /// Bytes of all parts together.
    pub(crate) fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }

    fn is_sound(&self) -> bool {
        let names: BTreeSet<_> = self.parts.iter().map(|part| part.name.as_str()).collect();
        names.len() == self.parts.len()
            && names.iter().all(|name| NAMES.contains(name))
            && self.has(EVENT_LOG)
    }
}

/// Why a file cannot be used as a backup.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DamageError {
    /// It is something else.
    #[error("{} is not a backup of convene-server (`convene-server backup FILE` makes one)", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later version made it.
    #[error(
        "{} was made by a later version (form {found}, this one knows {FORM}); restore it with that version",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its form.
        found: u32,
    },
    /// Some of it is missing, or was changed.
    #[error("{} is damaged ({what}); use another backup", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// In which way.
        what: String,
    },
    /// It cannot be read.
    #[error("{} cannot be read: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Why a backup is not unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// It is the file's fault.
    #[error(transparent)]
    Damage(#[from] DamageError),
    /// A part cannot be written.
    #[error("{0}")]
    Write(io::Error),
}

/// A backup that is being read.
#[derive(Debug)]
pub(crate) struct BackupFile {
    path: PathBuf,
    file: BufReader<File>,
    made: Made,
}

impl BackupFile {
    /// Reads what is in it.
    ///
    /// # Errors
    /// See [`DamageError`].
    pub(crate) fn open(path: &Path) -> Result<Self, DamageError> {
        let unreadable = |source| DamageError::Read { path: path.to_owned(), source };
        let foreign = || DamageError::Foreign { path: path.to_owned() };
        let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
        let title = line(&mut file).map_err(unreadable)?;
        let found = title.as_deref().and_then(|title| title.strip_prefix(TITLE));
        let found: u32 = found.and_then(|form| form.parse().ok()).ok_or_else(foreign)?;
        if found > FORM {
            return Err(DamageError::Newer { path: path.to_owned(), found });
        }
        let made = line(&mut file).map_err(unreadable)?;
        let made = made.and_then(|made| serde_json::from_str::<Made>(&made).ok());
        let Some(made) = made.filter(Made::is_sound) else {
            return Err(DamageError::Damaged { path: path.to_owned(), what: "its list of parts".to_owned() });
        };
        Ok(Self { path: path.to_owned(), file, made })
    }

    /// The origin and the parts of this backup.
    pub(crate) fn made(&self) -> &Made {
        &self.made
    }

    /// Gives every part to the writer that `take` makes for its name, and checks all of it.
    /// `progress` is told how many bytes there were so far.
    ///
    /// # Errors
    /// See [`UnpackError`].
    pub(crate) fn unpack<W: Write>(
        mut self,
        mut take: impl FnMut(&str) -> io::Result<W>,
        mut progress: impl FnMut(u64),
    ) -> Result<(), UnpackError> {
        let mut done = 0;
        let mut piece = vec![0; PIECE_BYTES];
        for part in std::mem::take(&mut self.made.parts) {
            let mut to = take(&part.name).map_err(UnpackError::Write)?;
            let (mut sum, mut left) = (Sum(Sha256::new()), part.bytes);
            while left > 0 {
                let wanted = usize::try_from(left).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
                let read = self.file.read(piece.get_mut(..wanted).unwrap_or_default());
                let read = read.map_err(|source| self.unreadable(source))?;
                if read == 0 {
                    return Err(self.damaged(format!("it ends in the middle of {}", part.name)));
                }
                let read = piece.get(..read).unwrap_or_default();
                sum.write_all(read).and_then(|()| to.write_all(read)).map_err(UnpackError::Write)?;
                (left, done) = (left - read.len() as u64, done + read.len() as u64);
                progress(done);
            }
            to.flush().map_err(UnpackError::Write)?;
            if sum.text() != part.sha256 {
                return Err(self.damaged(format!("{} is not what it was", part.name)));
            }
        }
        let behind = self.file.fill_buf().map(<[u8]>::is_empty);
        if behind.map_err(|source| self.unreadable(source))? {
            Ok(())
        } else {
            Err(self.damaged("there is more behind its end".to_owned()))
        }
    }

    fn damaged(&self, what: String) -> UnpackError {
        DamageError::Damaged { path: self.path.clone(), what }.into()
    }

    fn unreadable(&self, source: io::Error) -> UnpackError {
        DamageError::Read { path: self.path.clone(), source }.into()
    }
}

/// A line without its end; `None` where it is too long, or no text.
fn line(file: &mut BufReader<File>) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    file.take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    Ok(String::from_utf8(line).ok().and_then(|line| line.strip_suffix('\n').map(str::to_owned)))
}

/// The SHA-256 of what is written to it.
struct Sum(Sha256);

impl Sum {
    fn text(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
