//! A file layer for SQLite that loses everything that was not synced when its process dies.
//!
//! SIGKILL alone leaves the system's page cache intact: what a program wrote without a sync is there after a restart, and a test
//! that kills shows nothing about syncs. Under the VFS `lossy` a file's content is kept in this process; only `xSync` carries
//! what was written to the real file. So killing the process is like cutting the power, as far as SQLite can tell.
//!
//! Locks and the shared memory of the WAL are those of the system's VFS. The first connection of a new process finds nobody
//! else on the shared memory and builds it anew from the WAL, so what is left of it in the page cache does no harm. All
//! connections to one file must be of one process.

mod content;
#[expect(unsafe_code, reason = "SQLite calls a file layer through its C interface")]
mod vfs;

pub use vfs::{NAME, register};
