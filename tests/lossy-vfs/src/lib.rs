//! A file layer for SQLite that loses what was not synced when its process dies.
//!
//! SIGKILL alone leaves the system's page cache intact: what a program wrote without a sync is
//! there after a restart, and a test that kills shows nothing about syncs. Under the VFS `lossy` a
//! file's content is kept in this process; only `xSync` carries what was written to the real file.
//! So killing the process is like cutting the power, as far as SQLite can tell.
//!
//! A disk may also hold parts of what was not synced. The text with which the VFS is registered
//! says which liberties it takes, after a seed that makes its choices:
//!
//! * `keep`: the first writes behind a sync may be there.
//! * `tear`: the same, down to single sectors of 512 bytes.
//! * `reorder`: any writes behind a sync may be there, and earlier ones not; with `tear`, any
//!   sectors.
//! * `forget`: a file that was deleted is there again unless its directory was synced.
//!
//! That is what SQLite expects of disks, with one exception that its VFS for Unix makes too: bytes
//! of a sector beside those that are written stay as they are (`SQLITE_IOCAP_POWERSAFE_OVERWRITE`).
//! Files that are made are never forgotten: SQLite makes only logs and journals, and one that has
//! nothing in it is as good as none. It renames nothing.
//!
//! Locks and the shared memory of the WAL are those of the system's VFS. The first connection of a
//! new process finds nobody else on the shared memory and builds it anew from the WAL, so what is
//! left of it in the page cache does no harm. All connections to one file must be of one process.

mod content;
mod disk;
mod names;
#[expect(unsafe_code, reason = "SQLite calls a file layer through its C interface")]
mod vfs;

pub use vfs::{NAME, register};
