//! Calls of the daemon's methods over one connection.

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use convene_local_api::{
    Hello, HelloParams, Id, Method, ProxyOffer, ProxyOfferParams, ProxySource, request_line,
};
use serde_json::value::RawValue;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::driver::{Call, Driver, End, Waiter};
use crate::errors::CallError;
use crate::notifications::{NOTIFICATIONS_MAX, Notifications};
use crate::questions::Answers;

/// How long a daemon may take to accept and to greet a frontend: it has nothing to do for that.
pub(crate) const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Calls under way on one connection: the daemon works on no more. Further ones wait.
const CALLS_MAX: usize = 32;
/// How long a call waits for a daemon that has just been started and takes up its seats. It reads
/// them from a disk, and certificates for each server.
const STARTING_MAX: Duration = Duration::from_secs(30);
/// Before a daemon that is starting is asked again: soon enough for a person.
const STARTING_PAUSE: Duration = Duration::from_millis(100);

/// A connection to the daemon. It is cheap to clone, and ends when the last clone is dropped.
#[derive(Clone)]
pub struct Client(Arc<Connection>);

struct Connection {
    calls: mpsc::Sender<Call>,
    places: Arc<Semaphore>,
    last_id: AtomicI64,
    answers: Answers,
    end: End,
    /// Dropped with the last handle, which ends the driver.
    _driving: JoinSet<()>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("end", &self.0.end).finish_non_exhaustive()
    }
}

impl Client {
    /// Has a task of its own drive this connection.
    pub(crate) fn over<S>(stream: S, answers: &Answers) -> (Self, Notifications)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (calls, asked) = mpsc::channel(CALLS_MAX);
        let (told, notifications) = mpsc::channel(NOTIFICATIONS_MAX);
        let end = End::default();
        let mut driving = JoinSet::new();
        driving.spawn(Driver::new(stream, asked, told, answers.clone()).run(Arc::clone(&end)));
        let notifications = Notifications::new(notifications, Arc::clone(&end));
        let connection = Connection {
            calls,
            places: Arc::new(Semaphore::new(CALLS_MAX)),
            last_id: AtomicI64::new(0),
            answers: answers.clone(),
            end,
            _driving: driving,
        };
        (Self(Arc::new(connection)), notifications)
    }

    /// Says hello.
    pub(crate) async fn greet(&self, program: &str) -> Result<(), CallError> {
        let hello = HelloParams { client: program.to_owned(), answers: self.0.answers.names() };
        let greeted = timeout(CONNECT_MAX, self.call::<Hello>(&hello)).await;
        greeted.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map(drop)
    }

    /// Tells the daemon which proxies this user's session knows. For these, and no others, the
    /// daemon is given tokens of this user's tickets. A daemon that does not take it is none the
    /// worse.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn offer(&self, sources: Vec<ProxySource>) -> Result<(), CallError> {
        self.0.answers.offer(&sources);
        match self.call::<ProxyOffer>(&ProxyOfferParams { sources }).await {
            Ok(_) | Err(CallError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Asks, and waits for the answer; a daemon that has just been started is waited for. Dropped
    /// before that, the answer is thrown away: the daemon may have done what was asked, and the
    /// connection goes on. At most 32 calls are under way; further ones wait for their turn.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call<M: Method>(&self, params: &M::Params) -> Result<M::Result, CallError> {
        let deadline = Instant::now() + STARTING_MAX;
        loop {
            match self.ask::<M>(params).await {
                Err(CallError::Starting) if Instant::now() < deadline => sleep(STARTING_PAUSE).await,
                answered => {
                    return serde_json::from_str(answered?.get()).map_err(|_| CallError::Malformed);
                }
            }
        }
    }

    async fn ask<M: Method>(&self, params: &M::Params) -> Result<Box<RawValue>, CallError> {
        let connection = &*self.0;
        let ended = || end_of(&connection.end);
        let place = Arc::clone(&connection.places).acquire_owned().await.map_err(|_| ended())?;
        let id = connection.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let mut line = request_line(&Id::Number(id), M::NAME, params);
        line.push('\n');
        let (answer, answered) = oneshot::channel();
        let call = Call { id, line, waiter: Waiter { answer, _place: place } };
        connection.calls.send(call).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?.map_err(CallError::answered)
    }
}

/// Why a connection ended that has ended.
pub(crate) fn end_of(end: &End) -> CallError {
    // It has no reason where this side has dropped it.
    end.get().cloned().unwrap_or_else(|| io::ErrorKind::NotConnected.into())
}
