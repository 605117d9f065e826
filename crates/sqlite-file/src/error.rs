//! Why a file does not open.

use std::io;
use std::path::PathBuf;

/// Why a file does not open. It was not changed, unless SQLite itself failed half-way.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{} is in use by another {holder}; stop that one, or choose another --state-dir", .path.display())]
    InUse {
        /// The file.
        path: PathBuf,
        /// The program that has such files.
        holder: &'static str,
    },
    /// The file is something else.
    #[error("{} is not {name}; move it away", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The name of the expected kind, [`Kind::name`](crate::Kind::name).
        name: &'static str,
    },
    /// A later version made it.
    #[error("{} was made by a later version (form {found}, this one knows {known}); install that version", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The form of its tables.
        found: i32,
        /// The latest form that this version knows.
        known: i32,
    },
    /// SQLite cannot use it.
    #[error("{} cannot be opened: {detail}", .path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// The operating system refuses.
    #[error("{} cannot be opened: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
