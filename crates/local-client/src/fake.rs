//! A daemon that says what a test wants it to say.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use convene_local_api::{
    API_VERSION, ErrorCode, ErrorObject, Hello, HelloResult, LineDecoder, Method, Notification, error_line,
    notification_line, read_request, result_line,
};
use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::traits::tokio::Listener as _;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::os;

/// The answer of a method, and the notifications that are said behind the answer.
#[derive(Debug, Clone)]
struct Script {
    answer: Result<Value, ErrorObject>,
    behind: Vec<String>,
}

/// A daemon on a socket of its own. It serves one frontend after the other, until dropped.
#[derive(Debug)]
pub struct FakeDaemon {
    listener: Listener,
    scripts: BTreeMap<&'static str, Script>,
    heard: Arc<Mutex<Vec<(String, Value)>>>,
}

impl FakeDaemon {
    /// Listens at this path. It answers `hello`; everything else is to be scripted.
    ///
    /// # Errors
    /// When the socket cannot be opened.
    pub fn bind(path: &Path) -> io::Result<Self> {
        let listener = os::listen(path)?;
        let fake = Self { listener, scripts: BTreeMap::new(), heard: Arc::default() };
        Ok(fake.answers::<Hello>(&HelloResult { daemon: "fake".to_owned(), api: API_VERSION }))
    }

    /// Sets the answer that a method gives from now on.
    #[must_use]
    pub fn answers<M: Method>(mut self, result: &M::Result) -> Self {
        let answer = Ok(serde_json::to_value(result).unwrap_or_default());
        self.scripts.insert(M::NAME, Script { answer, behind: Vec::new() });
        self
    }

    /// Sets the error with which a method fails from now on.
    #[must_use]
    pub fn refuses<M: Method>(mut self, error: ErrorObject) -> Self {
        self.scripts.insert(M::NAME, Script { answer: Err(error), behind: Vec::new() });
        self
    }

    /// Adds a notification that is said by itself behind a method's answer.
    #[must_use]
    pub fn then_says<M: Method, N: Notification>(mut self, notification: &N) -> Self {
        if let Some(script) = self.scripts.get_mut(M::NAME) {
            script.behind.push(notification_line(notification));
        }
        self
    }

    /// The methods that frontends have called, with their parameters; the list grows.
    pub fn heard(&self) -> Arc<Mutex<Vec<(String, Value)>>> {
        Arc::clone(&self.heard)
    }

    /// Serves frontends until dropped.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn serve(self) -> io::Result<()> {
        loop {
            let stream = self.listener.accept().await?;
            // A frontend that goes away is no failure of the daemon.
            drop(self.attend(stream).await);
        }
    }

    async fn attend(&self, mut stream: Stream) -> io::Result<()> {
        let mut decoder = LineDecoder::default();
        let mut chunk = [0; 4096];
        loop {
            while let Some(line) = decoder.next_line() {
                for mut line in self.lines(&line.unwrap_or_default()) {
                    line.push('\n');
                    stream.write_all(line.as_bytes()).await?;
                }
            }
            let count = stream.read(&mut chunk).await?;
            if count == 0 {
                return Ok(());
            }
            decoder.push(chunk.get(..count).unwrap_or_default());
        }
    }

    fn lines(&self, line: &str) -> Vec<String> {
        let request = match read_request(line) {
            Ok(request) => request,
            Err((id, error)) => return vec![error_line(id.as_ref(), &error)],
        };
        let params = serde_json::from_str(request.params.get()).unwrap_or_default();
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push((request.method.clone(), params));
        let Some(id) = request.id else { return Vec::new() };
        match self.scripts.get(request.method.as_str()) {
            None => vec![error_line(Some(&id), &ErrorObject::new(ErrorCode::MethodNotFound))],
            Some(Script { answer: Err(error), .. }) => vec![error_line(Some(&id), error)],
            Some(Script { answer: Ok(result), behind }) => {
                std::iter::once(result_line(&id, result)).chain(behind.iter().cloned()).collect()
            }
        }
    }
}
