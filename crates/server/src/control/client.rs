//! The command line's end of the control socket.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Answer, Failure, LINE_BYTES_MAX, Request, SOCKET};

/// How long an answer may take: a disk that is slow, not one that is gone.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// No server runs there.
    #[error("no server answers at {}: {source}; start it with `convene-server run --state-dir DIR`, or name the directory that it runs with", .path.display())]
    NotRunning {
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

/// A connection to the running server.
#[derive(Debug)]
pub(crate) struct Client {
    path: PathBuf,
    stream: BufReader<UnixStream>,
}

impl Client {
    pub(crate) fn connect(state_dir: &Path) -> Result<Self, CallError> {
        let path = state_dir.join(SOCKET);
        let connected = UnixStream::connect(&path).and_then(|stream| {
            stream.set_read_timeout(Some(ANSWER_MAX))?;
            Ok(BufReader::new(stream))
        });
        match connected {
            Ok(stream) => Ok(Self { path, stream }),
            Err(source) => Err(CallError::NotRunning { path, source }),
        }
    }

    pub(crate) fn call(&mut self, request: &Request) -> Result<Answer, CallError> {
        let mut line = serde_json::to_vec(request).map_err(|_| CallError::Malformed)?;
        line.push(b'\n');
        let mut answer = Vec::new();
        let exchanged = self
            .stream
            .get_mut()
            .write_all(&line)
            .and_then(|()| (&mut self.stream).take(LINE_BYTES_MAX).read_until(b'\n', &mut answer));
        match exchanged {
            Ok(0) => Err(self.not_running(io::ErrorKind::UnexpectedEof.into())),
            Ok(_) => match serde_json::from_slice(&answer) {
                Ok(Answer::Failed(failure)) => Err(CallError::Failed(failure)),
                Ok(answer) => Ok(answer),
                Err(_) => Err(CallError::Malformed),
            },
            Err(source) => Err(self.not_running(source)),
        }
    }

    fn not_running(&self, source: io::Error) -> CallError {
        CallError::NotRunning { path: self.path.clone(), source }
    }
}
