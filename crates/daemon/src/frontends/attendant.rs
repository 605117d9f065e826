//! One frontend: its lines come in, answers and news go out.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use convene_local_api::{
    ErrorCode, ErrorObject, Id, LineDecoder, LineError, Method, Request, Unwatch, error_line, read_request,
};
use convene_model::SeatName;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use super::drafts::{Changes, Followed};
use super::person::Person;
use super::{Attached, Attachment, Means, answers, watching};
use crate::os::{LocalStream, Peer};
use crate::questions::Questions;

/// Lines that wait to be written; what is told by itself waits in a queue of its own.
const LINES_MAX: usize = 64;
/// Requests of one frontend that are worked on at the same time; beyond it its lines are not read.
const REQUESTS_MAX: usize = 32;
/// Conferences and connections that one frontend watches.
const WATCHES_MAX: usize = 64;
/// Bytes that are read at once.
const READ_BYTES: usize = 8 * 1024;
/// How long a frontend may take nothing of what waits for it: it is a program on the same machine,
/// and one that hangs so long does not notice that it is cut.
const TAKES_NOTHING_MAX: Duration = Duration::from_secs(30);
/// How long a frontend that is cut has to take the reason.
const REASON_MAX: Duration = Duration::from_secs(1);

/// The channel for lines to the frontend.
pub(super) type Lines = mpsc::Sender<String>;

/// The frontend that asks, with everything that is needed to answer it.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) peer: Arc<Peer>,
    pub(super) means: Means,
    pub(super) attached: Attached,
    /// The seats whose drafts it follows.
    pub(super) followed: Arc<Followed>,
}

/// Serves a frontend until it goes, or has to be cut.
pub(super) async fn attend(
    stream: LocalStream,
    asker: Asker,
    attachment: Option<Attachment>,
    questions: Arc<Questions>,
) {
    let (reader, writer) = tokio::io::split(stream);
    let mut mouth = Mouth { writer, text: String::new(), said: 0 };
    let peer = Arc::clone(&asker.peer);
    if attachment.is_none() {
        tracing::warn!(user = %peer.user, "a user has too many frontends attached");
        return mouth.say_last(ErrorCode::TooManyFrontends).await;
    }
    tracing::debug!(user = %peer.user, pid = peer.pid, "a frontend has come");
    let (lines, outgoing) = mpsc::channel(LINES_MAX);
    let end = tokio::select! {
        end = read(reader, asker, lines, questions) => end,
        end = mouth.say(outgoing) => end,
    };
    match end {
        End::TooSlow => {
            tracing::info!(user = %peer.user, pid = peer.pid, "a frontend does not take what it is told, and is cut");
            mouth.say_last(ErrorCode::FrontendTooSlow).await;
        }
        End::Gone(error) => tracing::debug!(%error, "a frontend has gone"),
    }
}

/// Why a frontend is served no longer.
enum End {
    Gone(io::Error),
    TooSlow,
}

/// The lines for one frontend.
struct Mouth<W> {
    writer: W,
    /// Whole lines.
    text: String,
    /// The number of bytes of these lines that the frontend's socket has taken.
    said: usize,
}

impl<W: AsyncWrite + Unpin> Mouth<W> {
    /// Says all that waits together, until the frontend goes or takes nothing.
    async fn say(&mut self, mut lines: mpsc::Receiver<String>) -> End {
        while let Some(line) = lines.recv().await {
            self.push(&line);
            while let Ok(line) = lines.try_recv() {
                self.push(&line);
            }
            while let Some(rest) = self.text.as_bytes().get(self.said..).filter(|rest| !rest.is_empty()) {
                match timeout(TAKES_NOTHING_MAX, self.writer.write(rest)).await {
                    Ok(Ok(0)) => return End::Gone(io::ErrorKind::WriteZero.into()),
                    Ok(Ok(count)) => self.said += count,
                    Ok(Err(error)) => return End::Gone(error),
                    Err(_) => return End::TooSlow,
                }
            }
            self.text.clear();
            self.said = 0;
        }
        std::future::pending().await
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Says why nothing more comes, behind the rest of a line that had begun.
    async fn say_last(&mut self, code: ErrorCode) {
        let rest = self.text.get(self.said..).unwrap_or_default();
        let has_begun = self.said > 0 && !self.text.get(..self.said).is_some_and(|said| said.ends_with('\n'));
        let rest = rest.split_inclusive('\n').next().filter(|_| has_begun).unwrap_or_default();
        let last = format!("{rest}{}\n", error_line(None, &ErrorObject::new(code)));
        if !matches!(timeout(REASON_MAX, self.writer.write_all(last.as_bytes())).await, Ok(Ok(()))) {
            tracing::debug!(code = code.as_str(), "a frontend did not take the reason why it was cut");
        }
    }
}

async fn read(
    mut reader: ReadHalf<LocalStream>,
    asker: Asker,
    lines: Lines,
    questions: Arc<Questions>,
) -> End {
    let mut decoder = LineDecoder::default();
    let mut chunk = vec![0; READ_BYTES];
    let (requests, watches, watched) = (JoinSet::new(), JoinSet::new(), Vec::new());
    let mut work = Work { asker, lines, requests, watches, watched, access: None };
    let mut person = Person::new(questions, &work.asker);
    let mut drafts = Changes::new(&work.asker);
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
            changed = drafts.next() => {
                let Some(changed) = changed else { return End::TooSlow };
                if work.lines.send(changed).await.is_err() {
                    return End::Gone(io::ErrorKind::BrokenPipe.into());
                }
            }
            Some(ended) = work.requests.join_next() => super::note(ended),
            Some(ended) = work.watches.join_next() => match ended {
                Ok(watching::Ended::TooSlow) => return End::TooSlow,
                Ok(watching::Ended::Refused) => {}
                Err(error) if error.is_cancelled() => {}
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

/// The requests of one frontend under way.
struct Work {
    asker: Asker,
    lines: Lines,
    requests: JoinSet<()>,
    watches: JoinSet<watching::Ended>,
    /// The watches of conferences among them.
    watched: Vec<Watched>,
    /// And that of the access checks.
    access: Option<AbortHandle>,
}

/// A watch that can be ended.
struct Watched {
    conference: SeatName,
    task: AbortHandle,
    /// Closed once the watch is gone, and can say nothing more.
    gone: oneshot::Receiver<()>,
}

impl Work {
    fn begin(&mut self, request: Request) {
        let (asker, lines) = (self.asker.clone(), self.lines.clone());
        let follows_access = watching::follows_access(&request);
        let is_followed = self.access.as_ref().is_some_and(|task| !task.is_finished());
        let begins = watching::begins(&request) && !(follows_access && is_followed);
        if begins && self.watches.len() < WATCHES_MAX {
            self.watched.retain(|watched| !watched.task.is_finished());
            let conference = watching::conference_of(&request);
            let (alive, gone) = oneshot::channel();
            let task = self.watches.spawn(async move {
                let _alive: oneshot::Sender<()> = alive;
                watching::watch(asker, request, lines).await
            });
            match conference {
                Some(conference) => self.watched.push(Watched { conference, task, gone }),
                None if follows_access => self.access = Some(task),
                None => {}
            }
        } else if request.method == Unwatch::NAME {
            let ended = watching::wanted(&request).map(|conference| self.unwatch(&conference));
            self.requests.spawn(watching::unwatch(request.id, ended, lines));
        } else {
            self.requests.spawn(answers::answer(asker, request, lines));
        }
    }
}

impl Work {
    /// Ends the watches of a conference; each of these is closed once one is gone.
    fn unwatch(&mut self, conference: &SeatName) -> Vec<oneshot::Receiver<()>> {
        let ended = self.watched.extract_if(.., |watched| watched.conference == *conference);
        ended
            .filter(|watched| !watched.task.is_finished())
            .map(|watched| {
                watched.task.abort();
                watched.gone
            })
            .collect()
    }
}

fn unreadable(error: LineError) -> (Option<Id>, ErrorObject) {
    let reason = match error {
        LineError::TooLong => "line_too_long",
        LineError::NotUtf8 => "not_utf8",
    };
    (None, ErrorObject::new(ErrorCode::ParseError).with("reason", reason))
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const COUNT: usize = 32;

    #[tokio::test(start_paused = true)]
    async fn a_frontend_that_takes_nothing_is_cut_and_told_why_behind_a_whole_line() {
        let (writer, mut far) = tokio::io::duplex(100_000);
        let mut mouth = Mouth { writer, text: String::new(), said: 0 };
        let (lines, outgoing) = mpsc::channel(COUNT);
        let line = format!("{{\"text\":\"{}\"}}", "x".repeat(60_000));
        for _ in 0..COUNT {
            lines.try_send(line.clone()).expect("there is room");
        }
        let began = Instant::now();
        assert!(matches!(mouth.say(outgoing).await, End::TooSlow));
        assert_eq!(began.elapsed(), TAKES_NOTHING_MAX);

        // It wakes up before it is gone.
        let mut told = String::new();
        let read = async {
            mouth.say_last(ErrorCode::FrontendTooSlow).await;
            drop(mouth);
        };
        let (read_all, ()) = tokio::join!(far.read_to_string(&mut told), read);
        read_all.expect("text");
        let told: Vec<&str> = told.lines().collect();
        let (last, whole) = told.split_last().expect("a line");
        assert!(whole.len() < COUNT && whole.iter().all(|told| **told == *line), "no line is cut");
        assert!(last.contains("frontend_too_slow"), "{last}");
    }
}
