//! Frames by single requests, over a network that loses, cuts and refuses.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use convene_model::limits::FRAME_BYTES_MAX;
use convene_model::{Carrier, Code, PollRequest, SessionId, Stage as Step};
use convene_reach::Route;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use super::stage::{Identity, Stage, dialer, direct, drain};
use crate::{Detail, Pipe};

const SESSION: SessionId = SessionId([7; 16]);
const PATIENCE: Duration = Duration::from_secs(20);

/// The fate of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Passes,
    /// It does not arrive.
    Lost,
    /// It arrives, and its answer does not.
    AnswerLost,
    /// A box answers in the server's place.
    BadGateway,
}

/// A server that sends every frame back, behind a network that decides about each request by its
/// number.
struct Echo {
    fate: fn(u32) -> Fate,
    /// Connections that may stand at the same time.
    connections_max: u32,
    /// For how long an answer may be held before the connection is cut.
    cut_after: Duration,
    /// The number of connections that are cut so.
    cuts_max: u32,
    cuts: AtomicU32,
    requests: AtomicU32,
    connections: AtomicU32,
    holds: Mutex<Vec<u32>>,
    asked: Notify,
    state: Mutex<State>,
    news: Notify,
}

#[derive(Default)]
struct State {
    came: u64,
    waiting: Vec<String>,
    given: (u64, String),
}

impl Echo {
    fn new(fate: fn(u32) -> Fate) -> Self {
        Self {
            fate,
            connections_max: u32::MAX,
            cut_after: Duration::from_secs(3_600),
            cuts_max: u32::MAX,
            cuts: AtomicU32::default(),
            requests: AtomicU32::default(),
            connections: AtomicU32::default(),
            holds: Mutex::default(),
            asked: Notify::new(),
            state: Mutex::default(),
            news: Notify::new(),
        }
    }

    /// Waits until it is asked for a batch in such a way: for how long it is to be held, and how
    /// many were cut before.
    async fn until_asked(&self, so: impl Fn(u32, u32) -> bool) {
        let asked = async {
            loop {
                let asked = self.asked.notified();
                let last = self.holds.lock().unwrap().last().copied();
                if last.is_some_and(|hold| so(hold, self.cuts.load(Ordering::SeqCst))) {
                    return;
                }
                asked.await;
            }
        };
        timeout(PATIENCE, asked).await.expect("it is asked so");
    }

    async fn serve(&self, mut stream: TlsStream<TcpStream>) {
        if self.connections.fetch_add(1, Ordering::SeqCst) < self.connections_max {
            while self.answer_one(&mut stream).await.is_some() {}
        }
        self.connections.fetch_sub(1, Ordering::SeqCst);
    }

    async fn answer_one(&self, stream: &mut TlsStream<TcpStream>) -> Option<()> {
        let (request, body) = read(stream).await?;
        let fate = (self.fate)(self.requests.fetch_add(1, Ordering::SeqCst));
        if fate == Fate::Lost {
            return None;
        }
        if fate == Fate::BadGateway {
            return respond(stream, "502 Bad Gateway", "").await;
        }
        let answer = match request {
            PollRequest::Open => SESSION.to_string(),
            PollRequest::Up { session: SESSION, number } => self.up(number, &body),
            PollRequest::Down { session: SESSION, number, hold_ms } => {
                self.holds.lock().unwrap().push(hold_ms);
                self.asked.notify_waiters();
                let down = self.down(number, Duration::from_millis(hold_ms.into()));
                let cuts = self.cuts.load(Ordering::SeqCst) < self.cuts_max;
                let limit = if cuts { self.cut_after } else { Duration::from_secs(3_600) };
                // A client that goes away is noticed, as by any server.
                tokio::select! {
                    answer = timeout(limit, down) => {
                        self.cuts.fetch_add(answer.is_err().into(), Ordering::SeqCst);
                        answer.ok()?
                    }
                    _ = stream.read_u8() => return None,
                }
            }
            PollRequest::Stream { session: SESSION } => return self.stream(stream).await,
            PollRequest::Up { .. } | PollRequest::Down { .. } | PollRequest::Stream { .. } => {
                panic!("another session")
            }
        };
        if fate == Fate::AnswerLost {
            return None;
        }
        respond(stream, "200 OK", &answer).await
    }

    /// One answer with all frames, as events, until it is cut.
    async fn stream(&self, stream: &mut TlsStream<TcpStream>) -> Option<()> {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: welcome\n\n";
        stream.write_all(head.as_bytes()).await.ok()?;
        let events = async {
            loop {
                let news = self.news.notified();
                let waiting = std::mem::take(&mut self.state.lock().unwrap().waiting);
                for frame in waiting {
                    stream.write_all(format!("data: {frame}\n\n").as_bytes()).await.ok()?;
                }
                stream.flush().await.ok()?;
                news.await;
            }
        };
        timeout(self.cut_after, events).await.ok()?
    }

    fn up(&self, number: u64, frames: &str) -> String {
        let mut state = self.state.lock().unwrap();
        if number == state.came + 1 {
            state.came = number;
            state.waiting.extend(frames.lines().map(str::to_owned));
            self.news.notify_waiters();
        }
        assert_eq!(state.came, number, "batches come in order");
        String::new()
    }

    async fn down(&self, number: u64, hold: Duration) -> String {
        loop {
            let news = self.news.notified();
            let late = {
                let mut state = self.state.lock().unwrap();
                if state.given.0 == number {
                    return state.given.1.clone();
                }
                assert_eq!(state.given.0 + 1, number, "batches are asked for in order");
                if !state.waiting.is_empty() {
                    let batch = std::mem::take(&mut state.waiting).join("\n");
                    state.given = (number, batch.clone());
                    return batch;
                }
                timeout(hold, news)
            };
            if late.await.is_err() {
                let mut state = self.state.lock().unwrap();
                state.given = (number, String::new());
                return String::new();
            }
        }
    }
}

async fn read(stream: &mut TlsStream<TcpStream>) -> Option<(PollRequest, String)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.strip_prefix("POST ")?.split(' ').next()?;
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name} is missing in {head}")).trim().to_owned()
    };
    assert!(header("Cache-Control:").contains("no-store"));
    let mut body = vec![0; header("Content-Length:").parse().unwrap()];
    stream.read_exact(&mut body).await.ok()?;
    Some((path.parse().unwrap(), String::from_utf8(body).unwrap()))
}

async fn respond(stream: &mut TlsStream<TcpStream>, status: &str, body: &str) -> Option<()> {
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn staged(echo: Echo) -> (Pipe, Arc<Echo>, Stage) {
    staged_by(echo, Carrier::Poll).await
}

async fn staged_by(echo: Echo, carrier: Carrier) -> (Pipe, Arc<Echo>, Stage) {
    let identity = Identity::good();
    let echo = Arc::new(echo);
    let serving = Arc::clone(&echo);
    let server = Stage::play_inside(&identity, move |stream| {
        let echo = Arc::clone(&serving);
        async move { echo.serve(stream).await }
    });
    let server = server.await;
    let route = Route { carrier, ..polling(server.port) };
    let pipe = dialer(identity.trusted()).open(&route).await.unwrap();
    (pipe, echo, server)
}

fn polling(port: u16) -> Route {
    Route { carrier: Carrier::Poll, ..direct("127.0.0.1", port) }
}

/// Says so many frames, a few at a time, and hears them all, once and in order.
async fn converse(pipe: &mut Pipe, frames: usize) {
    let talk = async {
        for at in (0..frames).step_by(3) {
            let some = (at..frames.min(at + 3)).map(|n| format!("{{\"n\":\n{n}}}"));
            pipe.sender.send(some).await.unwrap();
        }
    };
    let hear = async {
        for n in 0..frames {
            let frame = pipe.receiver.next().await.unwrap().unwrap();
            assert_eq!(frame.as_str(), format!("{{\"n\": {n}}}"));
        }
    };
    timeout(PATIENCE, async { tokio::join!(talk, hear) }).await.expect("nothing is lost");
}

#[tokio::test]
async fn frames_come_back_in_order_over_single_requests() {
    let (mut pipe, _, _stage) = staged(Echo::new(|_| Fate::Passes)).await;
    converse(&mut pipe, 100).await;
    let longest = "x".repeat(FRAME_BYTES_MAX);
    pipe.sender.send([longest.clone(), longest]).await.unwrap();
    for _ in 0..2 {
        assert_eq!(pipe.receiver.next().await.unwrap().unwrap().len(), FRAME_BYTES_MAX);
    }
}

#[tokio::test]
async fn frames_come_down_in_one_answer_and_the_pipe_ends_with_it() {
    let cut_after = Duration::from_secs(2);
    let echo = Echo { cut_after, ..Echo::new(|_| Fate::Passes) };
    let (mut pipe, echo, _stage) = staged_by(echo, Carrier::Stream).await;
    converse(&mut pipe, 100).await;
    let longest = "x".repeat(FRAME_BYTES_MAX);
    pipe.sender.send([longest.clone()]).await.unwrap();
    assert_eq!(pipe.receiver.next().await.unwrap().unwrap().len(), FRAME_BYTES_MAX);
    assert!(echo.holds.lock().unwrap().is_empty(), "nothing is asked for piece by piece");
    let ended = timeout(PATIENCE, pipe.receiver.next()).await.expect("the end is told");
    assert!(ended.is_some_and(|ended| ended.is_err()));
}

#[tokio::test]
async fn what_goes_up_beside_a_stream_is_made_again_where_it_is_lost() {
    let fate = |number| match number {
        0..=3 => Fate::Passes,
        n if n % 5 == 4 => Fate::AnswerLost,
        n if n % 7 == 2 => Fate::Lost,
        _ => Fate::Passes,
    };
    let (mut pipe, _, _stage) = staged_by(Echo::new(fate), Carrier::Stream).await;
    converse(&mut pipe, 60).await;
}

#[tokio::test]
async fn what_was_learned_of_holding_is_known_to_the_next_pipe_and_forgotten_elsewhere() {
    let identity = Identity::good();
    let echo = Arc::new(Echo { cut_after: Duration::from_millis(2_100), ..Echo::new(|_| Fate::Passes) });
    let serving = Arc::clone(&echo);
    let server = Stage::play_inside(&identity, move |stream| {
        let echo = Arc::clone(&serving);
        async move { echo.serve(stream).await }
    });
    let server = server.await;
    let dialer = dialer(identity.trusted());
    dialer.set_hold(Some(Duration::from_secs(3)));
    let mut pipe = dialer.open(&polling(server.port)).await.unwrap();
    converse(&mut pipe, 3).await;
    echo.until_asked(|hold, _| hold < 2_100).await;
    assert!(dialer.hold() < Duration::from_millis(2_100));
    assert_eq!(echo.holds.lock().unwrap().first(), Some(&3_000), "what was kept is where it begins");
    drop(pipe);
    dialer.set_hold(None);
    assert_eq!(dialer.hold(), Duration::from_secs(25));
}

#[tokio::test]
async fn requests_and_answers_that_are_lost_lose_and_double_nothing() {
    let fate = |number| match number {
        0 => Fate::Passes,
        n if n % 7 == 3 => Fate::AnswerLost,
        n if n % 5 == 2 => Fate::Lost,
        n if n % 11 == 6 => Fate::BadGateway,
        _ => Fate::Passes,
    };
    let (mut pipe, echo, _stage) = staged(Echo::new(fate)).await;
    converse(&mut pipe, 60).await;
    assert!(echo.requests.load(Ordering::SeqCst) > 20);
}

#[tokio::test]
async fn where_one_connection_is_all_that_is_let_through_it_carries_both_ways() {
    let (mut pipe, echo, _stage) = staged(Echo { connections_max: 1, ..Echo::new(|_| Fate::Passes) }).await;
    converse(&mut pipe, 9).await;
    let holds = echo.holds.lock().unwrap().clone();
    assert!(holds.iter().skip(3).all(|hold| *hold <= 1_000), "nothing waits for a held answer: {holds:?}");
}

#[tokio::test]
async fn answers_are_held_for_less_where_a_box_cuts_them() {
    let cut_after = Duration::from_millis(2_100);
    let (mut pipe, echo, _stage) = staged(Echo { cut_after, ..Echo::new(|_| Fate::Passes) }).await;
    converse(&mut pipe, 3).await;
    echo.until_asked(|hold, _| hold < 2_100).await;
    converse(&mut pipe, 3).await;
}

#[tokio::test]
async fn one_answer_that_is_cut_teaches_nothing() {
    let echo = Echo { cut_after: Duration::from_millis(2_100), cuts_max: 1, ..Echo::new(|_| Fate::Passes) };
    let (mut pipe, echo, _stage) = staged(echo).await;
    converse(&mut pipe, 3).await;
    echo.until_asked(|_, cuts| cuts == 1).await;
    assert_eq!(echo.holds.lock().unwrap().last(), Some(&25_000));
    converse(&mut pipe, 3).await;
}

#[tokio::test]
async fn a_connection_that_is_not_to_be_had_is_no_answer_that_was_cut() {
    let identity = Identity::good();
    let acceptor = identity.acceptor();
    // The second time that something is to come down, the connection breaks at once.
    let echo = Arc::new(Echo::new(|number| if number == 3 { Fate::Lost } else { Fate::Passes }));
    let count = AtomicU32::default();
    let (tried, mut tries) = mpsc::channel(8);
    let server = Stage::play(move |mut stream| {
        let is_first = count.fetch_add(1, Ordering::SeqCst) == 0;
        let (acceptor, echo, tried) = (acceptor.clone(), Arc::clone(&echo), tried.clone());
        async move {
            if is_first {
                echo.serve(acceptor.accept(stream).await.unwrap()).await;
            } else {
                tried.send(()).await.unwrap();
                drop(timeout(Duration::from_millis(2_100), drain(&mut stream)).await);
            }
        }
    });
    let server = server.await;
    let dialer = dialer(identity.trusted());
    let mut pipe = dialer.open(&polling(server.port)).await.unwrap();
    converse(&mut pipe, 1).await;
    // With the third, two have failed.
    for _ in 0..3 {
        timeout(PATIENCE, tries.recv()).await.expect("it is tried again");
    }
    assert_eq!(dialer.hold(), Duration::from_secs(25));
}

#[tokio::test]
async fn a_pipe_of_another_network_teaches_nothing_here() {
    let identity = Identity::good();
    let echo = Arc::new(Echo { cut_after: Duration::from_millis(2_100), ..Echo::new(|_| Fate::Passes) });
    let serving = Arc::clone(&echo);
    let server = Stage::play_inside(&identity, move |stream| {
        let echo = Arc::clone(&serving);
        async move { echo.serve(stream).await }
    });
    let server = server.await;
    let dialer = dialer(identity.trusted());
    let mut pipe = dialer.open(&polling(server.port)).await.unwrap();
    converse(&mut pipe, 3).await;
    dialer.set_hold(Some(Duration::from_secs(20)));
    echo.until_asked(|hold, _| hold < 2_100).await;
    assert_eq!(dialer.hold(), Duration::from_secs(20));
}

#[tokio::test]
async fn a_server_that_says_that_the_session_is_over_ends_the_pipe() {
    let identity = Identity::good();
    let server = Stage::play_inside(&identity, |mut stream| async move {
        while let Some((request, _)) = read(&mut stream).await {
            match request {
                PollRequest::Open => respond(&mut stream, "200 OK", &SESSION.to_string()).await,
                PollRequest::Up { .. } => respond(&mut stream, "200 OK", "").await,
                PollRequest::Down { .. } | PollRequest::Stream { .. } => {
                    respond(&mut stream, "410 Gone", "").await
                }
            };
        }
    });
    let server = server.await;
    let mut pipe = dialer(identity.trusted()).open(&polling(server.port)).await.unwrap();
    pipe.sender.send(["a"]).await.unwrap();
    let heard = timeout(PATIENCE, pipe.receiver.next()).await.expect("the end is told");
    assert!(heard.is_some_and(|heard| heard.is_err()));
    assert_eq!(pipe.receiver.next().await, None);
}

#[tokio::test]
async fn every_way_to_refuse_a_session_has_its_code() {
    for (words, code) in [
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nServer: box\r\n\r\n", Code::HttpRefused),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
            Code::BlockPage,
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", Code::NotOurServer),
        ("SSH-2.0-OpenSSH\r\n\r\n", Code::NotHttp),
        ("", Code::Closed),
    ] {
        let identity = Identity::good();
        let server = Stage::play_inside(&identity, move |mut stream| async move {
            read(&mut stream).await;
            drop(stream.write_all(words.as_bytes()).await);
            drop(stream.shutdown().await);
        });
        let server = server.await;
        let error = dialer(identity.trusted()).open(&polling(server.port)).await.unwrap_err();
        assert_eq!((error.failure.stage, error.failure.code), (Step::Http, code), "{words}");
        if code == Code::HttpRefused {
            assert!(
                matches!(error.detail, Some(Detail::Answer(answer)) if answer.server.as_deref() == Some("box"))
            );
        }
    }
}
