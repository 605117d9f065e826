//! The command line's end of the control socket.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ANSWER_BYTES_MAX, Answer, Failure, PathTooLong, Request, socket_path};

/// How long an answer may take: a disk that is slow, not one that is gone.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// No server can run there.
    #[error(transparent)]
    Path(#[from] PathTooLong),
    /// No server runs there.
    #[error("no server answers at {}: {source}; {}", .path.display(), remedy(.source))]
    NotRunning {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The server had the request, or a part of it, and did not answer: it may have done it.
    #[error(
        "the server at {} gave no answer: {source}; whether this was done is not known, `convene-server conference list` tells",
        .path.display()
    )]
    Unanswered {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The server refused.
    #[error("{}", .0.message)]
    Failed(Failure),
    /// What came is no answer.
    #[error("the server gave an answer that this version cannot read")]
    Malformed,
}

fn remedy(source: &io::Error) -> &'static str {
    if source.kind() == io::ErrorKind::PermissionDenied {
        "run this as the user that the server runs as"
    } else {
        "start it with `convene-server run --state-dir DIR`, or name the directory that it runs with"
    }
}

/// Asks the running server, on a connection of its own: who reads page by page may take any time in between.
pub(crate) fn call(state_dir: &Path, request: &Request) -> Result<Answer, CallError> {
    let path = socket_path(state_dir)?;
    let stream = match UnixStream::connect(&path) {
        Ok(stream) => stream,
        Err(source) => return Err(CallError::NotRunning { path, source }),
    };
    match exchange(stream, request) {
        Ok(line) => match serde_json::from_slice(&line) {
            Ok(Answer::Failed(failure)) => Err(CallError::Failed(failure)),
            Ok(answer) => Ok(answer),
            Err(_) => Err(CallError::Malformed),
        },
        Err(source) => Err(CallError::Unanswered { path, source }),
    }
}

fn exchange(mut stream: UnixStream, request: &Request) -> io::Result<Vec<u8>> {
    stream.set_write_timeout(Some(ANSWER_MAX))?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = Vec::new();
    let read = BufReader::new(stream).take(ANSWER_BYTES_MAX).read_until(b'\n', &mut answer)?;
    if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(answer) }
}
