//! A frontend's end of the local socket.
//!
//! One call at a time; what the daemon says meanwhile is kept for [`Client::next_notification`].

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use convene_local_api::{
    ErrorCode, ErrorObject, Hello, HelloParams, Id, Incoming, LineDecoder, Method, ProxyOffer,
    ProxyOfferParams, ProxyPassword, ProxyPasswordAnswer, ProxyPasswordParams, ProxySource, ProxyToken,
    ProxyTokenAnswer, ProxyTokenParams, Question as _, Reply, error_line, read_incoming, request_line,
    result_line,
};
use convene_model::limits::FRONTEND_DELTAS_MAX;
use serde_json::value::RawValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::os::{self, Stream};

/// How long a daemon may take to accept a frontend: it has nothing to do for that.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Notifications that are kept while a call waits for its answer: more than the daemon itself lets
/// wait.
const NOTIFICATIONS_MAX: usize = 4 * FRONTEND_DELTAS_MAX;
/// Bytes that are read at once.
const READ_BYTES: usize = 16 * 1024;

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

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The daemon refused.
    #[error("{0}")]
    Refused(ErrorObject),
    /// The connection broke: the daemon was stopped, or cut a frontend that did not read.
    #[error("the connection to convened broke: {0}")]
    Broken(#[from] io::Error),
    /// A message of the daemon cannot be read.
    #[error("convened gave an answer that this version cannot read")]
    Malformed,
}

/// Where to look for the daemon, best first. `environment` reads a variable.
pub fn sockets(
    named: Option<&Path>,
    environment: impl Fn(&str) -> Option<std::ffi::OsString>,
) -> Vec<PathBuf> {
    if let Some(path) = named {
        return vec![path.to_owned()];
    }
    if let Some(path) = environment("CONVENE_SOCKET").filter(|path| !path.is_empty()) {
        return vec![path.into()];
    }
    os::sockets(&environment)
}

/// Asks the person for a login at a proxy; `None` declines. It may block: nothing else happens on
/// the connection meanwhile.
pub type AskLogin = Box<dyn FnMut(&ProxyPasswordParams) -> Option<ProxyPasswordAnswer> + Send>;

/// Makes the next token of a logon at a proxy that one of these settings names; `None` declines. It
/// may block, and runs on a thread of its own.
pub type AskToken = Arc<dyn Fn(&[ProxySource], &ProxyTokenParams) -> Option<ProxyTokenAnswer> + Send + Sync>;

/// A connection to the daemon.
pub struct Client {
    stream: Stream,
    ask_login: Option<AskLogin>,
    ask_token: Option<AskToken>,
    /// The settings that were offered: tokens are made for their proxies and no others.
    sources: Vec<ProxySource>,
    decoder: LineDecoder,
    chunk: Box<[u8]>,
    calls: i64,
    notifications: VecDeque<(String, Box<RawValue>)>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl Client {
    /// Connects to the first of these sockets at which a daemon answers that can be trusted, and
    /// says hello. Somebody else's socket is passed by, so that nobody is locked out by whoever
    /// takes a name, and is the error if there is no other. With `ask_login` the daemon may ask
    /// this frontend's person for a login at a proxy, while it waits for an answer or a
    /// notification; with `ask_token` it may ask this user's session for tokens.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(
        sockets: &[PathBuf],
        program: &str,
        ask_login: Option<AskLogin>,
        ask_token: Option<AskToken>,
    ) -> Result<Self, ConnectError> {
        let (mut last, mut impostor) = (io::Error::from(io::ErrorKind::NotFound), None);
        for path in sockets {
            match tokio::time::timeout(CONNECT_MAX, os::open(path)).await {
                Ok(Ok(stream)) => match os::verify(path, &stream) {
                    Ok(()) => return Self::greet(path, stream, program, ask_login, ask_token).await,
                    Err(error) => impostor = impostor.or(Some(error)),
                },
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(impostor.unwrap_or_else(|| ConnectError::NotRunning { tried: sockets.to_vec(), source: last }))
    }

    async fn greet(
        path: &Path,
        stream: Stream,
        program: &str,
        ask_login: Option<AskLogin>,
        ask_token: Option<AskToken>,
    ) -> Result<Self, ConnectError> {
        let login = ask_login.iter().map(|_| ProxyPassword::NAME);
        let token = ask_token.iter().map(|_| ProxyToken::NAME);
        let answers = login.chain(token).map(str::to_owned).collect();
        let mut client = Self {
            stream,
            ask_login,
            ask_token,
            sources: Vec::new(),
            decoder: LineDecoder::default(),
            chunk: vec![0; READ_BYTES].into(),
            calls: 0,
            notifications: VecDeque::new(),
        };
        let hello = HelloParams { client: program.to_owned(), answers };
        let greeted = tokio::time::timeout(CONNECT_MAX, client.call::<Hello>(&hello)).await;
        let greeted = greeted.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()));
        match greeted {
            Ok(_) => Ok(client),
            Err(source) => Err(ConnectError::Foreign { path: path.to_owned(), source }),
        }
    }

    /// Tells the daemon which proxies this user's session knows. For these, and no others, the
    /// daemon is given tokens of this user's tickets while this connection waits for an answer or a
    /// notification. A daemon that does not take it is none the worse.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn offer(&mut self, sources: Vec<ProxySource>) -> Result<(), CallError> {
        self.sources.clone_from(&sources);
        match self.call::<ProxyOffer>(&ProxyOfferParams { sources }).await {
            Ok(_) | Err(CallError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Asks, and waits for the answer. Dropped before that, the connection is of no more use.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call<M: Method>(&mut self, params: &M::Params) -> Result<M::Result, CallError> {
        self.calls += 1;
        let id = Id::Number(self.calls);
        let mut line = request_line(&id, M::NAME, params);
        line.push('\n');
        self.stream.write_all(line.as_bytes()).await?;
        loop {
            match self.read().await? {
                Incoming::Reply(Reply { id: of, result }) if of.as_ref() == Some(&id) || of.is_none() => {
                    let raw = result.map_err(CallError::Refused)?;
                    return serde_json::from_str(raw.get()).map_err(|_| CallError::Malformed);
                }
                Incoming::Reply(_) => {}
                Incoming::Question { id, method, params } => self.answer(&id, &method, &params).await?,
                Incoming::Notification { method, params } => {
                    if self.notifications.len() >= NOTIFICATIONS_MAX {
                        return Err(io::Error::other("too many notifications").into());
                    }
                    self.notifications.push_back((method, params));
                }
            }
        }
    }

    /// The next thing that the daemon says by itself: its name and what it says. Cancel-safe.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn next_notification(&mut self) -> Result<(String, Box<RawValue>), CallError> {
        if let Some(kept) = self.notifications.pop_front() {
            return Ok(kept);
        }
        loop {
            match self.read().await? {
                Incoming::Notification { method, params } => return Ok((method, params)),
                Incoming::Reply(Reply { result: Err(error), id: None }) => {
                    return Err(CallError::Refused(error));
                }
                Incoming::Reply(_) => {}
                Incoming::Question { id, method, params } => self.answer(&id, &method, &params).await?,
            }
        }
    }

    async fn answer(&mut self, id: &Id, method: &str, params: &RawValue) -> Result<(), CallError> {
        let declined = || error_line(Some(id), &ErrorObject::new(ErrorCode::Declined));
        let mut line = match (method, &mut self.ask_login, &self.ask_token) {
            (ProxyToken::NAME, _, Some(ask)) => {
                let asked = serde_json::from_str(params.get()).map_err(|_| CallError::Malformed)?;
                let (ask, sources) = (Arc::clone(ask), self.sources.clone());
                let making = tokio::task::spawn_blocking(move || ask(&sources, &asked));
                let answer = making.await.ok().flatten();
                answer.map_or_else(declined, |answer| result_line(id, &answer))
            }
            (ProxyPassword::NAME, Some(ask), _) => {
                let asked = serde_json::from_str(params.get()).map_err(|_| CallError::Malformed)?;
                ask(&asked).map_or_else(declined, |login| result_line(id, &login))
            }
            _ => error_line(Some(id), &ErrorObject::new(ErrorCode::MethodNotFound)),
        };
        line.push('\n');
        Ok(self.stream.write_all(line.as_bytes()).await?)
    }

    async fn read(&mut self) -> Result<Incoming, CallError> {
        loop {
            if let Some(line) = self.decoder.next_line() {
                return line.ok().and_then(|line| read_incoming(&line)).ok_or(CallError::Malformed);
            }
            let count = self.stream.read(&mut self.chunk).await?;
            if count == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            self.decoder.push(self.chunk.get(..count).unwrap_or_default());
        }
    }
}
