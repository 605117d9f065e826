//! Boxes that look at the server's name in the first bytes of TLS, and what these bytes are.

use std::time::Duration;

use convene_model::{Code, Stage as Step};
use convene_reach::Failure;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::stage::{Identity, Stage, dialer, direct, drain};
use crate::{Authorities, Trust};

/// The conduct of a box towards a connection whose first bytes name the server.
#[derive(Debug, Clone, Copy)]
enum Manner {
    Reset,
    Close,
    Swallow,
}

async fn names_localhost(stream: &TcpStream) -> bool {
    let mut first = [0; 2048];
    let read = stream.peek(&mut first).await.unwrap_or_default();
    first[..read].windows(9).any(|part| part == b"localhost")
}

/// A box in front of a server. Without `answers`, it does the same to every connection.
async fn filter(manner: Manner, answers: bool) -> Stage {
    let identity = Identity::good();
    Stage::play(move |mut stream| {
        let acceptor = identity.acceptor();
        async move {
            if !names_localhost(&stream).await && answers {
                drop(acceptor.accept(stream).await);
                return;
            }
            match manner {
                // Closing with bytes unread resets the connection.
                Manner::Reset => {}
                Manner::Close => {
                    let mut hello = [0; 2048];
                    drop(stream.read(&mut hello).await);
                }
                Manner::Swallow => drain(&mut stream).await,
            }
        }
    })
    .await
}

async fn failure(manner: Manner, answers: bool) -> Failure {
    let server = filter(manner, answers).await;
    let trust = Trust::System { beside: Authorities::default() };
    dialer(trust).open(&direct("localhost", server.port)).await.unwrap_err().failure
}

#[tokio::test]
async fn a_box_that_cuts_off_the_servers_name_is_told() {
    for manner in [Manner::Reset, Manner::Close, Manner::Swallow] {
        let told = failure(manner, true).await;
        assert_eq!((told.stage, told.code), (Step::Tls, Code::NameFiltered), "{manner:?}");
    }
}

#[tokio::test]
async fn a_box_that_cuts_off_everything_does_not_filter_names() {
    for (manner, code) in
        [(Manner::Reset, Code::Reset), (Manner::Close, Code::Closed), (Manner::Swallow, Code::TimedOut)]
    {
        let told = failure(manner, false).await;
        assert_eq!((told.stage, told.code), (Step::Tls, code), "{manner:?}");
    }
}

#[tokio::test]
async fn a_server_that_answers_late_is_not_taken_for_a_filter() {
    let identity = Identity::new("localhost", (2020, 2099));
    let acceptor = identity.acceptor();
    let server = Stage::play(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if names_localhost(&stream).await {
                // Longer than the silence that raises the question, and as long as the answer
                // takes.
                tokio::time::sleep(Duration::from_millis(2_000)).await;
            } else {
                tokio::time::sleep(Duration::from_millis(1_000)).await;
            }
            if let Ok(stream) = acceptor.accept(stream).await
                && let Ok(socket) = tokio_tungstenite::accept_async(stream).await
            {
                use futures_util::StreamExt as _;
                let (sink, stream) = socket.split();
                drop(stream.forward(sink).await);
            }
        }
    })
    .await;
    dialer(identity.trusted()).open(&direct("localhost", server.port)).await.unwrap();
}

#[tokio::test]
async fn the_first_bytes_fit_into_one_segment() {
    // The bytes that the smallest path of IPv6 carries, less its heads (RFC 8200, section 5; RFC
    // 9293, section 3.1).
    const SEGMENT: usize = 1_220;
    let (sender, mut heard) = mpsc::channel(1);
    let server = Stage::play(move |mut stream| {
        let sender = sender.clone();
        async move {
            let mut head = [0; 5];
            stream.read_exact(&mut head).await.unwrap();
            sender.send(usize::from(u16::from_be_bytes([head[3], head[4]])) + head.len()).await.ok();
        }
    })
    .await;
    let trust = Trust::System { beside: Authorities::default() };
    let dialed = dialer(trust).open(&direct("localhost", server.port)).await;
    assert!(dialed.is_err());
    // The longest name is 253 bytes long.
    let length = heard.recv().await.unwrap() - "localhost".len() + 253;
    // A box that drops a ClientHello in two packets leaves ours alone. OpenSSL 3.5 adds a key of
    // 1,216 bytes (X25519MLKEM768), and the TLS library's interface has no way to leave it out.
    assert!(length <= SEGMENT, "{length} bytes: a ClientHello of this TLS library needs two packets");
}
