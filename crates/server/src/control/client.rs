//! The command line's end of the control socket.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ANSWER_BYTES_MAX, Answer, Failure, PathTooLong, Progress, Request, socket_path};

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
    /// The line that came is not an answer.
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

/// Asks the running server, on a connection of its own: a program that reads page by page may take
/// any time in between.
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

/// Why no backup was fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The server did not begin.
    #[error(transparent)]
    Call(#[from] CallError),
    /// It went away.
    #[error("the server at {} ended in the middle: {source}; nothing was written, try again", .path.display())]
    Cut {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The backup that came cannot be written.
    #[error("{0}")]
    Write(io::Error),
}

/// Asks the running server for a backup, and writes it there. `progress` is told how far the
/// server's copy has come, and then how much of it was fetched.
pub(crate) fn fetch_backup(
    state_dir: &Path,
    to: &mut impl io::Write,
    mut progress: impl FnMut(Progress),
) -> Result<(), FetchError> {
    let path = socket_path(state_dir).map_err(CallError::from)?;
    let mut stream = match UnixStream::connect(&path) {
        Ok(stream) => stream,
        Err(source) => return Err(CallError::NotRunning { path, source }.into()),
    };
    let cut = |source| FetchError::Cut { path: path.clone(), source };
    send(&mut stream, &Request::Backup {}).map_err(cut)?;
    let mut stream = BufReader::new(stream);
    let bytes = loop {
        let line = receive(&mut stream).map_err(cut)?;
        match serde_json::from_slice(&line).map_err(|_| CallError::Malformed)? {
            Answer::Copying(copying) => progress(copying),
            Answer::Backup { bytes } => break bytes,
            Answer::Failed(failure) => return Err(CallError::Failed(failure).into()),
            Answer::Created(_)
            | Answer::List(_)
            | Answer::Shown(_)
            | Answer::Ended {}
            | Answer::Deleted {} => {
                return Err(CallError::Malformed.into());
            }
        }
    };
    let (mut done, mut stream) = (0, stream.take(bytes));
    while done < bytes {
        let piece = stream.fill_buf().map_err(cut)?;
        if piece.is_empty() {
            return Err(cut(io::ErrorKind::UnexpectedEof.into()));
        }
        to.write_all(piece).map_err(FetchError::Write)?;
        let length = piece.len();
        stream.consume(length);
        done += length as u64;
        progress(Progress { done, of: bytes });
    }
    Ok(())
}

fn exchange(mut stream: UnixStream, request: &Request) -> io::Result<Vec<u8>> {
    send(&mut stream, request)?;
    receive(&mut BufReader::new(stream))
}

fn send(stream: &mut UnixStream, request: &Request) -> io::Result<()> {
    stream.set_write_timeout(Some(ANSWER_MAX))?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)
}

fn receive(stream: &mut BufReader<UnixStream>) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    let read = stream.take(ANSWER_BYTES_MAX).read_until(b'\n', &mut answer)?;
    if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(answer) }
}
