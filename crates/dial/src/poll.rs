//! The carriers of single requests, for networks that let no WebSocket through: long-poll, and the
//! HTTP stream, whose frames come down in one answer that does not end.
//!
//! Frames go up in requests and come down in answers, each direction on a connection of its own,
//! which is opened again whenever it breaks. Both directions are numbered, so a request whose
//! answer was lost is simply made again. Where no second connection is to be had, the first carries
//! both, and no answer is held for long.

mod course;
pub(crate) mod events;
mod exchange;
mod hold;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use convene_model::limits::BATCH_BYTES_MAX;
use convene_model::{Code, PollRequest, SessionId, Stage};
use convene_reach::Target;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

pub(crate) use self::course::Down;
use self::course::{Batch, Course};
use self::exchange::{Exchange, RequestError};
pub use self::hold::HOLD;
pub(crate) use self::hold::Hold;
use crate::failure::{Detail, DialError};
use crate::frame::{FrameText, PipeError};
use crate::tls::Secured;

/// Frames that have come and were not taken: those of one answer, mostly. Beyond it nothing more is
/// asked for.
const FRAMES_MAX: usize = 256;

/// The route on which a session began, which can be opened again for each of its connections.
pub(crate) trait Reopen: fmt::Debug + Send + Sync {
    /// Another connection, each stage within its limit. Cancel safe.
    fn reopen(&self) -> Reopened<'_>;
}

/// A connection that is on its way.
pub(crate) type Reopened<'a> = Pin<Box<dyn Future<Output = Result<Secured, DialError>> + Send + 'a>>;

/// The half that sends.
#[derive(Debug)]
pub(crate) struct Sender {
    gathered: String,
    batches: mpsc::Sender<Batch>,
    _tasks: Arc<JoinSet<()>>,
}

/// The half that receives.
#[derive(Debug)]
pub(crate) struct Receiver {
    frames: mpsc::Receiver<FrameText>,
    _tasks: Arc<JoinSet<()>>,
}

/// Begins a session on this connection. Both halves work until both are dropped.
///
/// `hold` says how long answers may be held on this route, and learns about that.
pub(crate) async fn open(
    stream: Secured,
    route: Box<dyn Reopen>,
    target: Target,
    hold: Arc<Hold>,
    down: Down,
) -> Result<(Sender, Receiver), DialError> {
    let mut exchange = Exchange::begin(stream).await.map_err(refusal)?;
    let id = exchange.post(&target, PollRequest::Open, bytes::Bytes::new()).await.map_err(refusal)?;
    let id = std::str::from_utf8(&id).ok().and_then(|id| id.trim().parse::<SessionId>().ok());
    let session = id.ok_or_else(|| DialError::new(Stage::Http, Code::NotOurServer))?;
    let (batches, waiting) = mpsc::channel(1);
    let (frames, received) = mpsc::channel(FRAMES_MAX);
    let mut tasks = JoinSet::new();
    Course { route, target, session, down, hold }.run(exchange, waiting, frames, &mut tasks);
    let tasks = Arc::new(tasks);
    let sender = Sender { gathered: String::new(), batches, _tasks: Arc::clone(&tasks) };
    Ok((sender, Receiver { frames: received, _tasks: tasks }))
}

impl Sender {
    /// Takes a frame; sends what was gathered when it is much.
    pub(crate) async fn feed(&mut self, frame: &FrameText) -> Result<(), PipeError> {
        if !self.gathered.is_empty() && self.gathered.len() + frame.len() > BATCH_BYTES_MAX {
            self.flush().await?;
        }
        if !self.gathered.is_empty() {
            self.gathered.push('\n');
        }
        // A frame is JSON, in which a line's end can only stand between two words.
        self.gathered.extend(frame.chars().map(|c| if c == '\n' { ' ' } else { c }));
        Ok(())
    }

    /// Sends what was gathered, and waits until the server has it.
    pub(crate) async fn flush(&mut self) -> Result<(), PipeError> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let (done, arrived) = oneshot::channel();
        let batch = Batch { frames: std::mem::take(&mut self.gathered).into(), done };
        self.batches.send(batch).await.map_err(|_| PipeError::Closed)?;
        arrived.await.map_err(|_| PipeError::Closed)
    }
}

impl Receiver {
    /// The next frame; an error when the session is over or the server is not reached any more.
    pub(crate) async fn next(&mut self) -> Option<Result<FrameText, PipeError>> {
        Some(self.frames.recv().await.ok_or(PipeError::Closed))
    }
}

fn refusal(error: RequestError) -> DialError {
    match error {
        RequestError::Broken => DialError::new(Stage::Http, Code::Closed),
        RequestError::NotHttp => DialError::new(Stage::Http, Code::NotHttp),
        RequestError::Refused { answer, is_page } => {
            let code = if is_page { Code::BlockPage } else { Code::HttpRefused };
            DialError::new(Stage::Http, code).with(Some(Detail::Answer(answer)))
        }
    }
}
