//! Pipes and pages over real sockets and the TLS library that daemons use.

mod idle;
mod pages;
mod requests;

use std::net::Ipv4Addr;
use std::sync::LazyLock;
use std::time::Duration;

use convene_model::JoinCode;
use convene_model::limits::FRAME_BYTES_MAX;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::*;
use crate::certificate::Identity;
use crate::config::{Config, ConfigPath};
use crate::invitation::{Invited, Site};
use crate::listen::{Entrance, closing};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) type Secured = tokio_native_tls::TlsStream<TcpStream>;

/// A server on one port that gives every pipe to the test.
struct Stage {
    address: SocketAddr,
    pipes: mpsc::Receiver<Pipe>,
    tasks: JoinSet<()>,
}

async fn stage() -> Stage {
    let (sender, pipes) = mpsc::channel(16);
    let (address, tasks) = serving(move |pipe| {
        let sender = sender.clone();
        async move { drop(sender.send(pipe).await) }
    })
    .await;
    Stage { address, pipes, tasks }
}

/// The code of the only conference that [`pages`] know.
const KNOWN: JoinCode = JoinCode([1; 16]);

fn site() -> Site {
    let nowhere = ConfigPath::Usual("/nonexistent/convene-server.toml".into());
    Site::of(&Config::load(&nowhere).unwrap())
}

fn pages() -> Pages {
    let invited = Arc::new(Invited { title: "Our next year".to_owned(), ..Invited::default() });
    let find = move |code: JoinCode| (code == KNOWN).then(|| Arc::clone(&invited));
    Pages::new(find, watch::channel(Arc::new(site())).1)
}

/// A server on one port that gives every pipe to `handler`.
pub(crate) async fn serving<F>(
    handler: impl Fn(Pipe) -> F + Clone + Send + Sync + 'static,
) -> (SocketAddr, JoinSet<()>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let dir = tempfile::tempdir().unwrap();
    let tls = Identity::own(dir.path(), "localhost").unwrap().tls;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let (_close, closing) = closing();
        let (sessions, pages) = (Arc::<PollSessions>::default(), Arc::new(pages()));
        let serve = move |connection| {
            let handler = handler.clone();
            serve(connection, Arc::clone(&sessions), Arc::clone(&pages), move |pipe, _| handler(pipe))
        };
        Entrance::new(watch::channel(tls).1, Arc::default(), Arc::default(), serve)
            .open(listener, closing)
            .await;
    });
    (address, tasks)
}

/// Made once: reading the system's trust takes a tenth of a second.
static CONNECTOR: LazyLock<native_tls::TlsConnector> =
    LazyLock::new(|| native_tls::TlsConnector::builder().danger_accept_invalid_certs(true).build().unwrap());

pub(crate) async fn secured(address: SocketAddr) -> Secured {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let connector = tokio_native_tls::TlsConnector::from(CONNECTOR.clone());
    connector.connect("localhost", stream).await.unwrap()
}

pub(crate) async fn connected(address: SocketAddr) -> WebSocketStream<Secured> {
    let stream = secured(address).await;
    client_async("wss://localhost/v1/link", stream).await.unwrap().0
}

pub(crate) async fn both() -> (WebSocketStream<Secured>, Pipe, JoinSet<()>) {
    let mut stage = stage().await;
    let client = connected(stage.address).await;
    (client, stage.pipes.recv().await.unwrap(), stage.tasks)
}

#[tokio::test]
async fn texts_of_every_length_go_both_ways_in_order() {
    let (mut client, mut pipe, _tasks) = both().await;
    let texts: Vec<String> = [0, 1, 125, 126, 65_535, 65_536, FRAME_BYTES_MAX]
        .into_iter()
        .map(|length| "ä".repeat(length / 2) + if length % 2 == 1 { "x" } else { "" })
        .collect();
    let (wanted, sent) = (texts.clone(), texts.clone());
    let talks = async {
        for text in &texts {
            client.feed(Message::text(text.clone())).await.unwrap();
        }
        client.flush().await.unwrap();
        for text in &texts {
            assert_eq!(client.next().await.unwrap().unwrap(), Message::text(text.clone()));
        }
    };
    let answers = async {
        for text in wanted {
            assert_eq!(pipe.next().await.unwrap().unwrap().as_str(), text);
        }
        pipe.send_all(sent.into_iter().map(Utf8Bytes::from)).await.unwrap();
    };
    timeout(PATIENCE, async { tokio::join!(talks, answers) }).await.unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_read_loses_nothing_and_is_still_heard() {
    const TEXTS: usize = 2_000;
    let (mut client, mut pipe, _tasks) = both().await;
    let text = |number: usize| format!("{number} {}", "x".repeat(5_000));
    let mut given = 0;
    client.send(Message::text("hello")).await.unwrap();
    let heard = std::future::poll_fn(|cx| {
        pipe.poll(cx, true, || {
            given += 1;
            (given <= TEXTS).then(|| text(given).into())
        })
    });
    assert_eq!(timeout(PATIENCE, heard).await.unwrap().unwrap().unwrap().as_str(), "hello");
    assert!(given < TEXTS, "a socket took {TEXTS} texts unread");
    let first = given;
    let sends = pipe.send_all((first + 1..=TEXTS).map(|number| text(number).into()));
    let reads = async {
        for number in 1..=TEXTS {
            assert_eq!(client.next().await.unwrap().unwrap(), Message::text(text(number)));
        }
    };
    timeout(PATIENCE, async { tokio::join!(reads, sends) }).await.unwrap().1.unwrap();
}

#[tokio::test]
async fn a_frame_that_is_too_long_is_refused_before_it_has_come() {
    let (mut client, mut pipe, _tasks) = both().await;
    let mut head = vec![0x81, 0xff];
    head.extend(u64::try_from(FRAME_BYTES_MAX + 1).unwrap().to_be_bytes());
    head.extend([0; 4]);
    client.get_mut().write_all(&head).await.unwrap();
    assert_eq!(timeout(PATIENCE, pipe.next()).await.unwrap(), Err(PipeError::TooLong));
}

#[tokio::test]
async fn n3_halves_of_frames_are_no_more_than_a_network_may_have() {
    let mut stage = stage().await;
    let (mut clients, mut heard) = (Vec::new(), JoinSet::new());
    let mut half: Vec<u8> = vec![0x81, 0xff];
    half.extend(u64::try_from(FRAME_BYTES_MAX).unwrap().to_be_bytes());
    half.extend(vec![0; FRAME_BYTES_MAX - 1_000]);
    // Of one network, 64 whole ones are the most.
    for _ in 0..80 {
        let mut client = connected(stage.address).await;
        let mut pipe = stage.pipes.recv().await.unwrap();
        heard.spawn(async move { pipe.next().await });
        // A connection that was closed takes no more.
        drop(client.get_mut().write_all(&half).await);
        clients.push(client);
    }
    let first = timeout(PATIENCE, heard.join_next()).await.unwrap().unwrap().unwrap();
    assert_eq!(first, Err(PipeError::Crowded));
    drop(clients);
}

#[tokio::test]
async fn bytes_are_not_text() {
    let (mut client, mut pipe, _tasks) = both().await;
    client.send(Message::binary(vec![1, 2])).await.unwrap();
    assert_eq!(timeout(PATIENCE, pipe.next()).await.unwrap(), Err(PipeError::NotText));
}

#[tokio::test]
async fn pings_are_answered_while_a_frame_is_awaited() {
    let (mut client, mut pipe, _tasks) = both().await;
    client.send(Message::Ping(Bytes::from_static(b"there?"))).await.unwrap();
    let answered = async {
        assert_eq!(client.next().await.unwrap().unwrap(), Message::Pong(Bytes::from_static(b"there?")));
        client.send(Message::text("good")).await.unwrap();
    };
    let (heard, ()) = timeout(PATIENCE, async { tokio::join!(pipe.next(), answered) }).await.unwrap();
    assert_eq!(heard.unwrap().unwrap().as_str(), "good");
}

#[tokio::test]
async fn a_farewell_is_answered_and_a_cut_is_told_from_it() {
    let (mut client, mut pipe, _tasks) = both().await;
    client.close(None).await.unwrap();
    assert_eq!(timeout(PATIENCE, pipe.next()).await.unwrap(), Ok(None));
    assert!(matches!(timeout(PATIENCE, client.next()).await.unwrap(), Some(Ok(Message::Close(_)))));

    let (client, mut pipe, _tasks) = both().await;
    drop(client);
    assert!(timeout(PATIENCE, pipe.next()).await.unwrap().is_err());
}

#[tokio::test]
async fn the_last_text_comes_before_the_farewell() {
    let (mut client, pipe, _tasks) = both().await;
    let close = pipe.close([Utf8Bytes::from("bye")]);
    let read = async {
        assert_eq!(client.next().await.unwrap().unwrap(), Message::text("bye"));
        assert!(matches!(client.next().await, Some(Ok(Message::Close(_)))));
    };
    timeout(PATIENCE, async { tokio::join!(close, read) }).await.unwrap();
}
