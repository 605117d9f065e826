//! A daemon that says what a test wants it to say.

mod script;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use convene_local_api::{
    API_VERSION, ErrorObject, Hello, HelloResult, LineDecoder, Method, Notification, Question,
    notification_line,
};
use interprocess::local_socket::tokio::Listener;
use interprocess::local_socket::traits::tokio::Listener as _;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::JoinSet;

use self::script::{Held, Script, Scripts};
use crate::os;

/// A daemon on a socket of its own. It serves any number of frontends, until dropped.
#[derive(Debug)]
pub struct FakeDaemon {
    listener: Listener,
    scripts: Scripts,
}

impl FakeDaemon {
    /// Listens at this path. It answers `hello`; everything else is to be scripted.
    ///
    /// # Errors
    /// When the socket cannot be opened.
    pub fn bind(path: &Path) -> io::Result<Self> {
        let listener = os::listen(path)?;
        let fake = Self { listener, scripts: Scripts::default() };
        Ok(fake.answers::<Hello>(&HelloResult { daemon: "fake".to_owned(), api: API_VERSION }))
    }

    /// Sets the answer that a method gives from now on.
    #[must_use]
    pub fn answers<M: Method>(mut self, result: &M::Result) -> Self {
        let answer = Ok(serde_json::to_value(result).unwrap_or_default());
        self.scripts.by_method.insert(M::NAME, Script::new(answer));
        self
    }

    /// Sets the error with which a method fails from now on.
    #[must_use]
    pub fn refuses<M: Method>(mut self, error: ErrorObject) -> Self {
        self.scripts.by_method.insert(M::NAME, Script::new(Err(error)));
        self
    }

    /// Adds a notification that is said by itself behind a method's answer.
    #[must_use]
    pub fn then_says<M: Method, N: Notification>(self, notification: &N) -> Self {
        self.change::<M>(|script| script.behind.push(notification_line(notification)))
    }

    /// Adds a notification that is said between a method's call and its answer.
    #[must_use]
    pub fn first_says<M: Method, N: Notification>(self, notification: &N) -> Self {
        self.change::<M>(|script| script.before.push(notification_line(notification)))
    }

    /// Asks this between a method's call and its answer, which waits for the frontend's.
    #[must_use]
    pub fn first_asks<M: Method, Q: Question>(self, params: &Q::Params) -> Self {
        let params = serde_json::to_value(params).unwrap_or_default();
        self.change::<M>(|script| script.question = Some((Q::NAME, params)))
    }

    /// Answers a method only behind the next answer of another one.
    #[must_use]
    pub fn answers_behind<M: Method, Other: Method>(self) -> Self {
        self.change::<M>(|script| script.waits_for = Some(Other::NAME))
    }

    /// Drops the connection behind a method's answer and what is said behind it: so many times.
    #[must_use]
    pub fn then_drops<M: Method>(self, times: usize) -> Self {
        self.change::<M>(|script| script.drops = times)
    }

    /// Drops the connection in place of a method's answer: so many times.
    #[must_use]
    pub fn drops_unanswered<M: Method>(self, times: usize) -> Self {
        self.change::<M>(|script| script.unanswered = times)
    }

    /// Is starting for so many calls after the hello.
    #[must_use]
    pub fn starts_for(mut self, calls: usize) -> Self {
        self.scripts.starting = calls;
        self
    }

    fn change<M: Method>(mut self, change: impl FnOnce(&mut Script)) -> Self {
        if let Some(script) = self.scripts.by_method.get_mut(M::NAME) {
            change(script);
        }
        self
    }

    /// The methods that frontends have called, with their parameters, and the questions that they
    /// have answered, with their answers; the list grows.
    pub fn heard(&self) -> Arc<Mutex<Vec<(String, Value)>>> {
        Arc::clone(&self.scripts.heard)
    }

    /// Serves frontends until dropped.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn serve(self) -> io::Result<()> {
        let Self { listener, scripts } = self;
        let scripts = Arc::new(Mutex::new(scripts));
        let mut frontends = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    frontends.spawn(attend(accepted?, Arc::clone(&scripts)));
                }
                // A frontend that goes away is no failure of the daemon.
                Some(_gone) = frontends.join_next() => {}
            }
        }
    }

    /// Serves one frontend, over whatever leads to it.
    #[cfg(all(test, unix))]
    pub(crate) async fn attend<S: AsyncRead + AsyncWrite + Unpin>(self, stream: S) -> io::Result<()> {
        attend(stream, Arc::new(Mutex::new(self.scripts))).await
    }
}

async fn attend<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    scripts: Arc<Mutex<Scripts>>,
) -> io::Result<()> {
    let (mut decoder, mut held) = (LineDecoder::default(), Vec::<Held>::new());
    let mut chunk = [0; 4096];
    loop {
        while let Some(line) = decoder.next_line() {
            let said = lock(&scripts).hear(&line.unwrap_or_default(), &mut held);
            for mut line in said.lines {
                line.push('\n');
                stream.write_all(line.as_bytes()).await?;
            }
            if said.drops {
                return Ok(());
            }
        }
        let count = stream.read(&mut chunk).await?;
        if count == 0 {
            return Ok(());
        }
        decoder.push(chunk.get(..count).unwrap_or_default());
    }
}

fn lock(scripts: &Mutex<Scripts>) -> MutexGuard<'_, Scripts> {
    scripts.lock().unwrap_or_else(PoisonError::into_inner)
}
