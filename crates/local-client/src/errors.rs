//! Why there is no daemon to talk to, and why a call has no result.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use convene_local_api::{ErrorCode, ErrorObject};

/// Why there is no daemon to talk to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing answers at any of these places.
    #[error("convened does not answer at {}: {source}", places(.tried))]
    NotRunning {
        /// Where it was looked for.
        tried: Vec<PathBuf>,
        /// The error of the last of these places.
        source: io::Error,
    },
    /// Someone else has the socket's name.
    #[error("{} belongs to {user}, and not to the system, convene, or you", .path.display())]
    Impostor {
        /// The socket.
        path: PathBuf,
        /// The user who listens there.
        user: String,
    },
    /// Something answers that is no daemon.
    #[error("{} answers, but not as convened does: {source}", .path.display())]
    Foreign {
        /// The socket.
        path: PathBuf,
        /// The error from checking or greeting it.
        source: CallError,
    },
}

fn places(tried: &[PathBuf]) -> String {
    tried.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" or ")
}

/// Why a call has no result, or nothing more is told.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The daemon refused.
    #[error("{0}")]
    Refused(ErrorObject),
    /// The daemon has been started, and has still not taken up its seats.
    #[error("convened is still starting")]
    Starting,
    /// The connection broke: the daemon was stopped, or cut a frontend that did not read.
    #[error("the connection to convened broke: {0}")]
    Broken(Arc<io::Error>),
    /// This frontend asked for an answer and did not take what it was told before: the connection
    /// is given up, and nothing of it is known any more.
    #[error("the connection to convened broke: too many notifications")]
    NotTaken,
    /// A message of the daemon cannot be read.
    #[error("convened gave an answer that this version cannot read")]
    Malformed,
}

impl CallError {
    /// The error that the daemon answered.
    pub(crate) fn answered(error: ErrorObject) -> Self {
        match error.known() {
            Some(ErrorCode::Starting) => Self::Starting,
            Some(_) | None => Self::Refused(error),
        }
    }

    /// Whether it passes by itself: the daemon starts or stops, or has cut this frontend, and
    /// anyone who attaches again goes on.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Starting | Self::Broken(_) | Self::NotTaken => true,
            Self::Refused(error) => {
                matches!(error.known(), Some(ErrorCode::Stopping | ErrorCode::FrontendTooSlow))
            }
            Self::Malformed => false,
        }
    }
}

impl From<io::Error> for CallError {
    fn from(error: io::Error) -> Self {
        Self::Broken(Arc::new(error))
    }
}

impl From<io::ErrorKind> for CallError {
    fn from(kind: io::ErrorKind) -> Self {
        io::Error::from(kind).into()
    }
}
