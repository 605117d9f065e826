//! One frontend: its lines come in, answers and news go out.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use convene_local_api::{
    ErrorCode, ErrorObject, Id, LineDecoder, LineError, Method, Request, Unwatch, error_line, read_request,
};
use convene_model::SeatName;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use super::drafts::{Changes, Followed};
use super::lines::{Line, Lines};
use super::person::Person;
use super::quotas::Quotas;
use super::{Means, answers, watching};
use crate::os::{LocalStream, Peer};
use crate::questions::Questions;
use crate::shares::Share;
use crate::turns::Turn;

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

/// Bytes of lines that are written together, but for the last of them.
const TOGETHER_BYTES: usize = 64 * 1024;
/// Steps in which the bytes of a line that is not whole are counted.
const PART_STEP: usize = 64 * 1024;

/// The frontend that asks, with everything that is needed to answer it.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) peer: Arc<Peer>,
    pub(super) means: Means,
    pub(super) quotas: Quotas,
    /// Its user's turn to be worked for.
    pub(super) turn: Turn,
    /// The seats whose drafts it follows.
    pub(super) followed: Arc<Followed>,
}

/// Serves a frontend until it goes, or has to be cut.
pub(super) async fn attend(stream: LocalStream, asker: Asker, _attachment: Share, questions: Arc<Questions>) {
    let (reader, writer) = tokio::io::split(stream);
    let mut mouth = Mouth::new(writer, Arc::clone(&asker.quotas.freed));
    let peer = Arc::clone(&asker.peer);
    tracing::debug!(user = %peer.user, pid = peer.pid, "a frontend has come");
    let (lines, outgoing) = Lines::new(&asker.quotas.line_bytes, peer.user.as_str());
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

/// Tells a frontend that its user has too many.
pub(super) async fn refuse(stream: LocalStream) {
    let (_, writer) = tokio::io::split(stream);
    Mouth::new(writer, Arc::default()).say_last(ErrorCode::TooManyFrontends).await;
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
    /// These lines as they count for the user.
    shares: Vec<Share>,
    freed: Arc<Notify>,
}

impl<W: AsyncWrite + Unpin> Mouth<W> {
    fn new(writer: W, freed: Arc<Notify>) -> Self {
        Self { writer, text: String::new(), said: 0, shares: Vec::new(), freed }
    }

    /// Says what waits together, until the frontend goes or takes nothing.
    async fn say(&mut self, mut lines: mpsc::Receiver<Line>) -> End {
        while let Some(line) = lines.recv().await {
            self.push(line);
            while self.text.len() < TOGETHER_BYTES
                && let Ok(line) = lines.try_recv()
            {
                self.push(line);
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
            if self.text.capacity() > 2 * TOGETHER_BYTES {
                // A long line does not keep its memory.
                self.text = String::new();
                self.freed.notify_one();
            }
            self.shares.clear();
            self.said = 0;
        }
        std::future::pending().await
    }

    fn push(&mut self, Line { text, share }: Line) {
        self.text.push_str(&text);
        self.text.push('\n');
        self.shares.push(share);
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
    let mut part = Part::default();
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
            if let Err((id, error)) = take(line, &mut part, &mut work, &mut person).await
                && work.lines.send(error_line(id.as_ref(), &error)).await.is_err()
            {
                return End::Gone(io::ErrorKind::BrokenPipe.into());
            }
            // Other users' frontends come before the next line of this one.
            tokio::task::yield_now().await;
        }
        // The parts of a long line are read one by one, too: a frontend that sends without end
        // always has more.
        tokio::task::yield_now().await;
        if !part.count(decoder.held_bytes(), &work.asker) {
            // There are too many long lines of this user that are not whole.
            return End::TooSlow;
        }
    }
}

/// Begins what a line asks for, when it is its user's turn.
///
/// # Errors
/// The answer to give.
async fn take(
    line: Result<String, LineError>,
    part: &mut Part,
    work: &mut Work,
    person: &mut Person,
) -> Result<(), (Option<Id>, ErrorObject)> {
    let line = line.map_err(unreadable)?;
    let held = hold(&work.asker, std::mem::take(part).share, line.len()).await;
    let _turn = Arc::clone(&work.asker.turn).lock_owned().await;
    // And before the next line of this user, from whichever of their frontends it comes.
    tokio::task::yield_now().await;
    match read_request(&line) {
        Ok(request) => {
            person.greet(&request);
            work.begin(request, held);
            Ok(())
        }
        Err(_) if person.takes(&line) => Ok(()),
        Err(unanswered) => Err(unanswered),
    }
}

/// A line that is not whole, as it counts for its user.
#[derive(Default)]
struct Part {
    bytes: usize,
    share: Option<Share>,
}

impl Part {
    /// It has so many bytes now; says whether there is room for them.
    fn count(&mut self, bytes: usize, asker: &Asker) -> bool {
        let bytes = bytes / PART_STEP * PART_STEP;
        if bytes == self.bytes {
            return true;
        }
        drop(self.share.take());
        self.bytes = bytes;
        if bytes > 0 {
            self.share = asker.quotas.request_bytes.take(asker.peer.user.as_str(), bytes);
        }
        bytes == 0 || self.share.is_some()
    }
}

/// The shares of a request: it counts for its user until it is answered.
struct Held {
    _bytes: Share,
    request: Share,
    is_long: bool,
}

/// Waits until there is room for one more request of this user's. A long one counts already, as it
/// did in part.
async fn hold(asker: &Asker, part: Option<Share>, bytes: usize) -> Held {
    let (quotas, user) = (&asker.quotas, asker.peer.user.as_str());
    let is_long = part.is_some();
    let bytes = match part {
        Some(share) => share,
        None => quotas.request_bytes.wait_for(user, bytes.min(PART_STEP)).await,
    };
    Held { _bytes: bytes, request: quotas.requests.wait_for(user, 1).await, is_long }
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
    fn begin(&mut self, request: Request, held: Held) {
        let (asker, lines) = (self.asker.clone(), self.lines.clone());
        let freed = Arc::clone(&asker.quotas.freed);
        let follows_access = watching::follows_access(&request);
        let is_followed = self.access.as_ref().is_some_and(|task| !task.is_finished());
        let begins = watching::begins(&request) && !(follows_access && is_followed);
        if begins && self.watches.len() < WATCHES_MAX {
            self.watched.retain(|watched| !watched.task.is_finished());
            let conference = watching::conference_of(&request);
            let (alive, gone) = oneshot::channel();
            let task = self.watches.spawn(async move {
                let _alive: oneshot::Sender<()> = alive;
                // A watch goes on and on, and has a limit of its own; its bytes count.
                let Held { _bytes, request: open, .. } = held;
                drop(open);
                watching::watch(asker, request, lines).await
            });
            match conference {
                Some(conference) => self.watched.push(Watched { conference, task, gone }),
                None if follows_access => self.access = Some(task),
                None => {}
            }
        } else if request.method == Unwatch::NAME {
            let ended = watching::wanted(&request).map(|conference| self.unwatch(&conference));
            self.requests.spawn(holding(held, freed, watching::unwatch(request.id, ended, lines)));
        } else {
            self.requests.spawn(holding(held, freed, answers::answer(asker, request, lines)));
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

/// Works on a request that is held. `freed` is notified where it was long.
async fn holding(held: Held, freed: Arc<Notify>, work: impl Future<Output = ()>) {
    work.await;
    if held.is_long {
        freed.notify_one();
    }
    drop(held);
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
        let mut mouth = Mouth::new(writer, Arc::default());
        let bytes = Quotas::default().line_bytes;
        let (lines, outgoing) = Lines::new(&bytes, "anna");
        let line = format!("{{\"text\":\"{}\"}}", "x".repeat(60_000));
        for _ in 0..COUNT {
            lines.send(line.clone()).await.expect("there is room");
        }
        let began = Instant::now();
        assert!(bytes.total() > COUNT * 60_000, "they count until they are taken");
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
