//! Links over real sockets, with a daemon that the test plays.

use convene_event_log::MemoryLog;
use convene_hosting::DataLimits;
use convene_link::{Greeting, Initiator, InitiatorEvent, LinkSecret, PipeId};
use convene_model::ConferenceId;
use convene_protocol::proof::{LinkKey, Signature};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::delivery::PresenceFrame;
use crate::web::Utf8Bytes;
use crate::web::tests::{PATIENCE, Secured, both, connected, serving};

type TestLinks = Arc<Links<MemoryLog>>;

struct Server {
    links: TestLinks,
    address: SocketAddr,
    _tasks: JoinSet<()>,
    _stop: watch::Sender<bool>,
}

async fn links() -> (TestLinks, watch::Sender<bool>) {
    let conferences = Conferences::of(Arc::new(MemoryLog::default()), DataLimits::default()).await.unwrap();
    let naming = Naming { name: "localhost".to_owned(), end_points: Vec::new() };
    let (stop, stopping) = watch::channel(false);
    let naming = watch::channel(Arc::new(naming)).1;
    (Arc::new(Links::new(naming, Arc::new(conferences), Arc::default(), stopping)), stop)
}

impl Server {
    async fn start() -> Self {
        let (links, stop) = links().await;
        let of_pipes = Arc::clone(&links);
        let (address, tasks) =
            serving(move |pipe| Arc::clone(&of_pipes).serve(pipe, ([127, 0, 0, 1], 1).into())).await;
        Self { links, address, _tasks: tasks, _stop: stop }
    }

    /// The handle of the link that began last.
    fn handle(&self) -> LinkHandle {
        self.links.handles.lock().unwrap().last().unwrap().clone()
    }
}

/// A daemon with one link and all the pipes that it likes.
struct Daemon {
    link: Initiator,
    pipes: BTreeMap<PipeId, WebSocketStream<Secured>>,
}

impl Daemon {
    fn new(link: u8) -> Self {
        let link = Initiator::new(LinkSecret::from_random([link; 32]), "test".to_owned());
        Self { link, pipes: BTreeMap::new() }
    }

    /// A new pipe on which the server has said hello.
    async fn greeted(&mut self, server: &Server) -> PipeId {
        let pipe = PipeId(self.pipes.len() as u64);
        self.pipes.insert(pipe, connected(server.address).await);
        self.link.handle_pipe_open(pipe);
        let hello = self.next(pipe);
        self.say(pipe, hello).await;
        let heard = self.hear(pipe).await.expect("a hello");
        self.link.handle_frame(pipe, None, &heard, Instant::now());
        let mut events = std::iter::from_fn(|| self.link.poll_event());
        assert!(events.any(|event| matches!(event, InitiatorEvent::Greeted { .. })));
        pipe
    }

    /// The attach for this pipe.
    fn attach(&mut self, pipe: PipeId) -> String {
        assert!(self.link.attach(pipe, Vec::new(), None, Instant::now()));
        self.next(pipe)
    }

    fn next(&mut self, pipe: PipeId) -> String {
        let next = self.link.poll_transmit(Instant::now()).expect("something to say");
        assert_eq!(next.pipe, pipe);
        next.text.to_string()
    }

    async fn say(&mut self, pipe: PipeId, text: String) {
        self.pipes.get_mut(&pipe).unwrap().send(Message::text(text)).await.unwrap();
    }

    /// The next frame on a pipe; none where it is closed.
    async fn hear(&mut self, pipe: PipeId) -> Option<String> {
        let next = self.pipes.get_mut(&pipe).unwrap().next();
        match timeout(PATIENCE, next).await.expect("a frame or the end") {
            Some(Ok(Message::Text(text))) => Some(text.as_str().to_owned()),
            Some(Ok(_) | Err(_)) | None => None,
        }
    }
}

#[test]
fn what_was_shown_before_stays_known_and_is_forgotten_in_the_end() {
    let first = Naming { name: "a.example.org".to_owned(), end_points: vec![[1; 32], [2; 32]] };
    let second = first.followed_by("b.example.org", vec![[3; 32], [2; 32]]);
    assert_eq!(
        (second.name.as_str(), &*second.end_points),
        ("b.example.org", &[[3; 32], [2; 32], [1; 32]][..])
    );
    let last =
        (10..30).fold(second, |naming, number| naming.followed_by("b.example.org", vec![[number; 32]]));
    assert_eq!(last.end_points.len(), END_POINTS_MAX);
    assert_eq!(last.end_points[0], [29; 32]);
}

#[test]
fn daemons_come_back_one_after_the_other_and_none_waits_longer_than_20_s() {
    let turns = Turns::default();
    assert_eq!([turns.next(), turns.next(), turns.next()], [0, 5, 10].map(Duration::from_millis));
    let others: Vec<_> = (3..=RETURNS_MAX).map(|_| turns.next()).collect();
    assert_eq!(others.iter().max(), Some(&Duration::from_millis(19_995)));
    assert_eq!(others.last(), Some(&Duration::ZERO));
}

#[tokio::test]
async fn pipes_that_attach_one_link_at_the_same_moment_have_one_task() {
    let server = Server::start().await;
    let mut daemons = Vec::new();
    for round in 1..=10 {
        let mut daemon = Daemon::new(round);
        let mut pipes = Vec::new();
        for _ in 0..3 {
            pipes.push(daemon.greeted(&server).await);
        }
        let texts: Vec<String> = pipes.iter().map(|pipe| daemon.attach(*pipe)).collect();
        let mut said = Vec::new();
        for ((_, socket), text) in daemon.pipes.iter_mut().zip(texts) {
            said.push(socket.send(Message::text(text)));
        }
        for done in futures_util::future::join_all(said).await {
            done.unwrap();
        }
        // The latest attach wins, in whatever order they came.
        let attached = daemon.hear(pipes[2]).await.unwrap();
        assert!(attached.starts_with(r#"{"attached""#), "round {round}: {attached}");
        for pipe in &pipes[..2] {
            let mut last = String::new();
            while let Some(heard) = daemon.hear(*pipe).await {
                last = heard;
            }
            assert!(last.contains("old_epoch") || last.contains("superseded"), "round {round}: {last}");
        }
        assert_eq!(server.links.live().len(), usize::from(round));
        daemon.say(pipes[2], r#"{"_ping":{"id":1}}"#.to_owned()).await;
        assert!(daemon.hear(pipes[2]).await.unwrap().starts_with(r#"{"_pong""#));
        daemons.push(daemon);
    }
    // None has an open seat, so none is kept without a pipe.
    drop(daemons);
    timeout(PATIENCE, async {
        while !server.links.live().is_empty() {
            server.links.turnover.notified().await;
        }
    })
    .await
    .unwrap();
}

/// Time stands still as long as this is held, and for no more than [`PATIENCE`].
fn stop_time() -> std::sync::mpsc::Sender<()> {
    let (hold, held) = std::sync::mpsc::channel();
    tokio::task::spawn_blocking(move || held.recv_timeout(PATIENCE));
    hold
}

/// A pipe that takes nothing says farewell for a second of the clock, which never passes here.
#[tokio::test(start_paused = true)]
async fn an_attach_waits_for_no_farewell_on_the_pipe_before() {
    let _hold = stop_time();
    let server = Server::start().await;
    let mut daemon = Daemon::new(7);
    let first = daemon.greeted(&server).await;
    let attach = daemon.attach(first);
    daemon.say(first, attach).await;
    assert!(daemon.hear(first).await.unwrap().starts_with(r#"{"attached""#));
    // Far more than sockets hold, of which nothing is read.
    let text = Utf8Bytes::from("x".repeat(200_000));
    for number in 0..100 {
        let conference = ConferenceId::from_random(number);
        let frame = PresenceFrame { conference, text: text.clone() };
        server.handle().deliver(Delivery::Presence(Arc::new(frame)));
    }
    let second = daemon.greeted(&server).await;
    let attach = daemon.attach(second);
    daemon.say(second, attach).await;
    assert!(daemon.hear(second).await.unwrap().starts_with(r#"{"attached""#));
}

#[tokio::test]
async fn a_link_that_lost_something_is_cut_before_it_tells_what_came_behind() {
    let server = Server::start().await;
    let mut daemon = Daemon::new(7);
    let pipe = daemon.greeted(&server).await;
    let attach = daemon.attach(pipe);
    daemon.say(pipe, attach).await;
    assert!(daemon.hear(pipe).await.unwrap().starts_with(r#"{"attached""#));
    // More than waits for a link, which has no turn meanwhile.
    let text = Utf8Bytes::from("late".to_owned());
    for number in 0..1_000 {
        let frame = PresenceFrame { conference: ConferenceId::from_random(number), text: text.clone() };
        server.handle().deliver(Delivery::Presence(Arc::new(frame)));
    }
    let told = daemon.hear(pipe).await.unwrap();
    assert!(told.contains("too_slow"), "{told}");
}

#[tokio::test]
async fn a_link_that_a_defect_ended_begins_again() {
    let server = Server::start().await;
    let mut daemon = Daemon::new(7);
    let mut pipe = daemon.greeted(&server).await;
    for _ in 0..3 {
        let attach = daemon.attach(pipe);
        daemon.say(pipe, attach).await;
        assert!(daemon.hear(pipe).await.unwrap().starts_with(r#"{"attached""#));
        server.handle().deliver(Delivery::Panic);
        assert_eq!(daemon.hear(pipe).await, None, "its pipe is closed");
        pipe = daemon.greeted(&server).await;
    }
}

#[tokio::test]
async fn no_pipe_is_lost_between_its_link_and_another() {
    let (links, _stop) = links().await;
    let mut clients = Vec::new();
    let link = LinkId([7; 16]);
    let mut enter = async || {
        let (client, pipe, tasks) = both().await;
        clients.push((client, tasks));
        let attach = Attach {
            link: LinkKey([1; 32]),
            epoch: 1,
            received: 0,
            end_point: None,
            seats: Vec::new(),
            signature: Signature([0; 64]),
        };
        let greeted = *Greeting::new(Nonce([1; 16]), Instant::now()).greeted();
        links.enter(link, Box::new(Attaching { pipe, attach, greeted }))
    };
    let Entered::Begins(_, newer) = enter().await else { panic!("the first is its link's task") };
    for _ in 0..ATTACHES_MAX {
        assert!(matches!(enter().await, Entered::Given));
    }
    assert!(matches!(enter().await, Entered::Busy(_)), "it is sent away and comes back");
    assert_eq!(newer.len(), ATTACHES_MAX);
    // As if a defect had ended the task.
    drop(newer);
    assert!(matches!(enter().await, Entered::Begins(..)));
    drop(clients);
}
