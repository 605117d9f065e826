//! The control socket in the state directory, by which `convene-server conference …` and
//! `convene-server backup` talk to the running server.
//!
//! One JSON object per line in either direction, a request and its answer; the bytes of a backup
//! follow theirs as they are. Anyone who may open the socket may do everything: it is its owner's
//! alone.

mod client;
mod language;
mod listener;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub(crate) use client::{CallError, FetchError, call, fetch_backup};
pub(crate) use language::{Answer, Created, Failure, Listed, Progress, Request, Shown};
pub(crate) use listener::{ControlError, LinkFacts, Served, bind, serve};

/// The socket's name in the state directory.
const SOCKET: &str = "control.sock";
/// Bytes of the socket's path: `sun_path` has 108, one of them the zero at its end (unix(7)).
const PATH_BYTES_MAX: usize = 107;
/// Bytes of a request: a conference's description at all its limits needs a tenth.
const REQUEST_BYTES_MAX: u64 = 64 * 1024;
/// Bytes of an answer: a page of events and room for its envelope.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// No socket can have such a path.
#[derive(Debug, thiserror::Error)]
#[error(
    "the control socket {} would have a path of more than {PATH_BYTES_MAX} bytes; choose a shorter --state-dir",
    .0.display()
)]
pub(crate) struct PathTooLong(PathBuf);

fn socket_path(state_dir: &Path) -> Result<PathBuf, PathTooLong> {
    let path = state_dir.join(SOCKET);
    if path.as_os_str().len() > PATH_BYTES_MAX { Err(PathTooLong(path)) } else { Ok(path) }
}
