//! The task that has a connection for itself: it writes calls and answers, and hands out what
//! comes.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, OnceLock};

use convene_local_api::{
    ErrorCode, ErrorObject, Id, Incoming, LineDecoder, Reply, error_line, read_incoming,
};
use serde_json::value::RawValue;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::task::JoinSet;

use crate::errors::CallError;
use crate::questions::Answers;

/// Bytes that are read at once.
const READ_BYTES: usize = 16 * 1024;
/// Questions that are being answered at the same time: as many as a daemon asks one frontend.
const QUESTIONS_MAX: usize = 8;

/// A notification as it came: its name and its parameters.
pub(crate) type Raw = (String, Box<RawValue>);

/// Why a connection ended, for everyone who still waits for something; empty until then.
pub(crate) type End = Arc<OnceLock<CallError>>;

/// A call on its way.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: i64,
    /// The request, with the end of its line.
    pub(crate) line: String,
    pub(crate) waiter: Waiter,
}

/// The one who waits for an answer.
#[derive(Debug)]
pub(crate) struct Waiter {
    pub(crate) answer: oneshot::Sender<Result<Box<RawValue>, ErrorObject>>,
    /// Its place among the calls under way, which it has until it is answered: the daemon works on
    /// it although nobody waits for it any more.
    pub(crate) _place: OwnedSemaphorePermit,
}

/// A connection, and everything that is under way on it.
pub(crate) struct Driver<S> {
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    decoder: LineDecoder,
    chunk: Box<[u8]>,
    /// Whole lines, of which the socket has taken so many bytes.
    lines: Vec<u8>,
    sent: usize,
    calls: mpsc::Receiver<Call>,
    waiters: BTreeMap<i64, Waiter>,
    told: mpsc::Sender<Raw>,
    answers: Answers,
    answering: JoinSet<String>,
}

impl<S: AsyncRead + AsyncWrite> Driver<S> {
    pub(crate) fn new(
        stream: S,
        calls: mpsc::Receiver<Call>,
        told: mpsc::Sender<Raw>,
        answers: Answers,
    ) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            reader,
            writer,
            decoder: LineDecoder::default(),
            chunk: vec![0; READ_BYTES].into(),
            lines: Vec::new(),
            sent: 0,
            calls,
            waiters: BTreeMap::new(),
            told,
            answers,
            answering: JoinSet::new(),
        }
    }

    /// Drives the connection until it breaks or nobody can call any more.
    pub(crate) async fn run(mut self, end: End) {
        let why = match self.drive().await {
            Ok(never) => match never {},
            Err(why) => why,
        };
        // It stands there before the channels close, so that everyone who waits finds it.
        end.get_or_init(|| why);
    }

    async fn drive(&mut self) -> Result<Infallible, CallError> {
        loop {
            let has_room = self.hear()?;
            tokio::select! {
                call = self.calls.recv() => match call {
                    Some(Call { id, line, waiter }) => {
                        self.lines.extend_from_slice(line.as_bytes());
                        self.waiters.insert(id, waiter);
                    }
                    None => return Err(io::ErrorKind::NotConnected.into()),
                },
                count = self.writer.write(self.lines.get(self.sent..).unwrap_or_default()),
                    if !self.lines.is_empty() => self.has_sent(count?)?,
                count = self.reader.read(&mut self.chunk), if has_room => match count? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    count => self.decoder.push(self.chunk.get(..count).unwrap_or_default()),
                },
                () = taken(&self.told), if !has_room => {}
                Some(answered) = self.answering.join_next() => {
                    // A question whose task failed is left to the daemon's own limit.
                    if let Ok(line) = answered {
                        self.say(&line);
                    }
                }
            }
        }
    }

    /// Takes the lines that have come, as long as there is room for what they tell; says whether
    /// there is.
    fn hear(&mut self) -> Result<bool, CallError> {
        while self.has_room() {
            let Some(line) = self.decoder.next_line() else { return Ok(true) };
            let said = line.ok().and_then(|line| read_incoming(&line)).ok_or(CallError::Malformed)?;
            self.take(said)?;
        }
        Ok(false)
    }

    /// Where somebody waits for an answer, it may lie behind what nobody takes. Otherwise the
    /// daemon keeps what has no room here, and cuts a frontend that is too slow.
    fn has_room(&self) -> bool {
        !self.waiters.is_empty() || self.told.is_closed() || self.told.capacity() > 0
    }

    fn take(&mut self, said: Incoming) -> Result<(), CallError> {
        match said {
            Incoming::Reply(Reply { id: Some(Id::Number(id)), result }) => {
                if let Some(waiter) = self.waiters.remove(&id) {
                    // Nobody may wait for it any more.
                    drop(waiter.answer.send(result));
                }
            }
            // It answers no call: the daemon says why it hangs up, or could not read a line.
            Incoming::Reply(Reply { id: None, result: Err(error) }) => {
                return Err(CallError::answered(error));
            }
            Incoming::Reply(_) => {}
            Incoming::Question { id, .. } if self.answering.len() >= QUESTIONS_MAX => {
                self.say(&error_line(Some(&id), &ErrorObject::new(ErrorCode::Declined)));
            }
            Incoming::Question { id, method, params } => {
                self.answering.spawn(self.answers.clone().answer(id, method, params));
            }
            Incoming::Notification { method, params } => match self.told.try_send((method, params)) {
                Ok(()) | Err(TrySendError::Closed(_)) => {}
                Err(TrySendError::Full(_)) => return Err(CallError::NotTaken),
            },
        }
        Ok(())
    }

    fn say(&mut self, line: &str) {
        self.lines.extend_from_slice(line.as_bytes());
        self.lines.push(b'\n');
    }

    fn has_sent(&mut self, count: usize) -> Result<(), CallError> {
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.sent += count;
        if self.sent == self.lines.len() {
            // An idle connection holds no memory for its longest line.
            (self.lines, self.sent) = (Vec::new(), 0);
        }
        Ok(())
    }
}

/// Returns when something was taken, or nobody takes anything any more.
async fn taken(told: &mpsc::Sender<Raw>) {
    drop(told.reserve().await);
}
