//! One frontend: its lines come in, answers and news go out.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use convene_local_api::{
    ConnectionWatch, ErrorCode, ErrorObject, Id, LineDecoder, LineError, Method, Request, Watch, error_line,
    read_request,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::person::Person;
use super::{Attached, Attachment, answers, watching};
use crate::instance::Instance;
use crate::os::{LocalStream, Peer};
use crate::questions::Questions;
use crate::registry::Registry;

/// Lines that wait to be written; what is told by itself waits in a queue of its own.
const LINES_MAX: usize = 64;
/// Requests of one frontend that are worked on at the same time; beyond it its lines are not read.
const REQUESTS_MAX: usize = 32;
/// Conferences and connections that one frontend watches.
const WATCHES_MAX: usize = 64;
/// Bytes that are read at once.
const READ_BYTES: usize = 8 * 1024;
/// How long a frontend that is cut has to take the reason.
const REASON_MAX: Duration = Duration::from_secs(1);

/// Where lines for the frontend go.
pub(super) type Lines = mpsc::Sender<String>;

/// Who asks, and what is needed to answer.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) peer: Arc<Peer>,
    pub(super) registry: Arc<Registry>,
    pub(super) instance: Arc<Instance>,
    pub(super) attached: Attached,
}

/// Serves a frontend until it goes, or has to be cut.
pub(super) async fn attend(
    stream: LocalStream,
    asker: Asker,
    attachment: Option<Attachment>,
    questions: Arc<Questions>,
) {
    let (reader, mut writer) = tokio::io::split(stream);
    let peer = Arc::clone(&asker.peer);
    if attachment.is_none() {
        tracing::warn!(user = %peer.user, "a user has too many frontends attached");
        return say_last(&mut writer, ErrorCode::TooManyFrontends).await;
    }
    tracing::debug!(user = %peer.user, pid = peer.pid, "a frontend has come");
    let (lines, outgoing) = mpsc::channel(LINES_MAX);
    let end = {
        let write = write(&mut writer, outgoing);
        tokio::select! {
            end = read(reader, asker, lines, questions) => end,
            Err(error) = write => End::Gone(error),
        }
    };
    match end {
        End::TooSlow => say_last(&mut writer, ErrorCode::FrontendTooSlow).await,
        End::Gone(error) => tracing::debug!(%error, "a frontend has gone"),
    }
}

/// Why a frontend is served no longer.
enum End {
    Gone(io::Error),
    TooSlow,
}

async fn say_last(writer: &mut WriteHalf<LocalStream>, code: ErrorCode) {
    let mut line = error_line(None, &ErrorObject::new(code));
    line.push('\n');
    let said = tokio::time::timeout(REASON_MAX, writer.write_all(line.as_bytes())).await;
    if !matches!(said, Ok(Ok(()))) {
        tracing::debug!(code = code.as_str(), "a frontend did not take the reason why it was cut");
    }
}

/// Writes all that waits together, until the last line's sender is gone.
async fn write(writer: &mut WriteHalf<LocalStream>, mut lines: mpsc::Receiver<String>) -> io::Result<()> {
    let mut text = String::new();
    while let Some(line) = lines.recv().await {
        text.push_str(&line);
        text.push('\n');
        while let Ok(line) = lines.try_recv() {
            text.push_str(&line);
            text.push('\n');
        }
        writer.write_all(text.as_bytes()).await?;
        text.clear();
    }
    std::future::pending().await
}

async fn read(
    mut reader: ReadHalf<LocalStream>,
    asker: Asker,
    lines: Lines,
    questions: Arc<Questions>,
) -> End {
    let mut decoder = LineDecoder::default();
    let mut chunk = vec![0; READ_BYTES];
    let mut work = Work { asker, lines, requests: JoinSet::new(), watches: JoinSet::new() };
    let mut person = Person::new(questions, &work.asker);
    loop {
        tokio::select! {
            count = reader.read(&mut chunk), if work.requests.len() < REQUESTS_MAX => match count {
                Ok(0) => return End::Gone(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => decoder.push(chunk.get(..count).unwrap_or_default()),
                Err(error) => return End::Gone(error),
            },
            question = person.asked() => {
                if work.lines.send(question).await.is_err() {
                    return End::Gone(io::ErrorKind::BrokenPipe.into());
                }
            }
            Some(ended) = work.requests.join_next() => super::note(ended),
            Some(ended) = work.watches.join_next() => match ended {
                Ok(watching::Ended::TooSlow) => return End::TooSlow,
                Ok(watching::Ended::Refused) => {}
                Err(error) => super::note(Err(error)),
            },
        }
        while let Some(line) = decoder.next_line() {
            let unanswered = match line.map_err(unreadable) {
                Ok(line) => match read_request(&line) {
                    Ok(request) => {
                        person.greet(&request);
                        work.begin(request);
                        None
                    }
                    Err(_) if person.takes(&line) => None,
                    Err(unanswered) => Some(unanswered),
                },
                Err(unanswered) => Some(unanswered),
            };
            if let Some((id, error)) = unanswered
                && work.lines.send(error_line(id.as_ref(), &error)).await.is_err()
            {
                return End::Gone(io::ErrorKind::BrokenPipe.into());
            }
        }
    }
}

/// What is done for one frontend.
struct Work {
    asker: Asker,
    lines: Lines,
    requests: JoinSet<()>,
    watches: JoinSet<watching::Ended>,
}

impl Work {
    fn begin(&mut self, request: Request) {
        let (asker, lines) = (self.asker.clone(), self.lines.clone());
        if is_watch(&request) && self.watches.len() < WATCHES_MAX {
            self.watches.spawn(watching::watch(asker, request, lines));
        } else {
            self.requests.spawn(answers::answer(asker, request, lines));
        }
    }
}

fn is_watch(request: &Request) -> bool {
    request.id.is_some() && [Watch::NAME, ConnectionWatch::NAME].contains(&request.method.as_str())
}

fn unreadable(error: LineError) -> (Option<Id>, ErrorObject) {
    let reason = match error {
        LineError::TooLong => "line_too_long",
        LineError::NotUtf8 => "not_utf8",
    };
    (None, ErrorObject::new(ErrorCode::ParseError).with("reason", reason))
}
