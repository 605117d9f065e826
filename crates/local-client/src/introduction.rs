//! Where a frontend looks for the daemon, and with what it introduces itself.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use convene_local_api::ProxySource;
use tokio::time::timeout;

use crate::client::{CONNECT_MAX, Client};
use crate::errors::ConnectError;
use crate::notifications::Notifications;
use crate::os;
use crate::questions::{Answers, AskLogin, AskToken};

/// Where to look for the daemon, best first. `environment` reads a variable.
pub fn sockets(named: Option<&Path>, environment: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    if let Some(path) = named {
        return vec![path.to_owned()];
    }
    if let Some(path) = environment("CONVENE_SOCKET").filter(|path| !path.is_empty()) {
        return vec![path.into()];
    }
    os::sockets(&environment)
}

/// Where a frontend looks for the daemon, and with what it introduces itself: it serves for any
/// number of connections.
#[derive(Clone)]
pub struct Introduction {
    sockets: Vec<PathBuf>,
    program: String,
    answers: Answers,
}

impl fmt::Debug for Introduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introduction").field("sockets", &self.sockets).finish_non_exhaustive()
    }
}

impl Introduction {
    /// Of a program, by name and version, that answers no questions.
    pub fn new(sockets: Vec<PathBuf>, program: &str) -> Self {
        Self { sockets, program: program.to_owned(), answers: Answers::default() }
    }

    /// Lets the daemon ask this frontend's person for logins at proxies.
    #[must_use]
    pub fn with_logins(mut self, ask: AskLogin) -> Self {
        self.answers.login = Some(Arc::new(Mutex::new(ask)));
        self
    }

    /// Lets the daemon ask this user's session for tokens, for proxies that were offered.
    #[must_use]
    pub fn with_tokens(mut self, ask: AskToken) -> Self {
        self.answers.token = Some(ask);
        self
    }

    /// Connects to the first of the sockets at which a daemon answers that can be trusted, and says
    /// hello. Somebody else's socket is passed by, so that nobody is locked out by whoever takes a
    /// name, and is the error if there is no other.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(&self) -> Result<(Client, Notifications), ConnectError> {
        let (path, stream) = self.reach().await?;
        self.greet(path, stream).await
    }

    /// Connects to the same socket and says nothing: for a program that passes on what others say.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn open(&self) -> Result<os::Stream, ConnectError> {
        self.reach().await.map(|(_, stream)| stream)
    }

    async fn reach(&self) -> Result<(&Path, os::Stream), ConnectError> {
        let (mut last, mut impostor) = (io::Error::from(io::ErrorKind::NotFound), None);
        for path in &self.sockets {
            match timeout(CONNECT_MAX, os::open(path)).await {
                Ok(Ok(stream)) => match os::verify(path, &stream) {
                    Ok(()) => return Ok((path.as_path(), stream)),
                    Err(error) => impostor = impostor.or(Some(error)),
                },
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        let tried = self.sockets.clone();
        Err(impostor.unwrap_or(ConnectError::NotRunning { tried, source: last }))
    }

    async fn greet(&self, path: &Path, stream: os::Stream) -> Result<(Client, Notifications), ConnectError> {
        let (client, notifications) = Client::over(stream, &self.answers);
        match client.greet(&self.program).await {
            Ok(()) => Ok((client, notifications)),
            Err(source) => Err(ConnectError::Foreign { path: path.to_owned(), source }),
        }
    }

    /// What was offered last of this user's proxies.
    pub(crate) fn offered(&self) -> Vec<ProxySource> {
        self.answers.offered()
    }

    /// Keeps what is to be offered on the next connection.
    pub(crate) fn offer(&self, sources: &[ProxySource]) {
        self.answers.offer(sources);
    }
}
