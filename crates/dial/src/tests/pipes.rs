//! Frames over an open pipe.

use convene_model::limits::FRAME_BYTES_MAX;
use futures_util::{FutureExt as _, SinkExt as _};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::stage::{Identity, Stage, dialer, direct};
use crate::{Pipe, PipeError};

async fn pipe_to(identity: &Identity, server: &Stage) -> Pipe {
    dialer(identity.trusted()).open(&direct("127.0.0.1", server.port)).await.unwrap()
}

#[tokio::test]
async fn frames_come_back_in_order() {
    let identity = Identity::good();
    let server = Stage::echo(&identity).await;
    let mut pipe = pipe_to(&identity, &server).await;
    let frames: Vec<String> = (0..500).map(|number| format!("{{\"n\":{number}}}")).collect();
    pipe.sender.send(frames.clone()).await.unwrap();
    for frame in frames {
        assert_eq!(pipe.receiver.next().await, Some(Ok(frame.into())));
    }
}

#[tokio::test]
async fn the_longest_frame_passes_and_a_longer_one_does_not() {
    let identity = Identity::good();
    let server = Stage::echo(&identity).await;
    let mut pipe = pipe_to(&identity, &server).await;
    let longest = "x".repeat(FRAME_BYTES_MAX);
    pipe.sender.send([longest.clone()]).await.unwrap();
    assert_eq!(pipe.receiver.next().await.unwrap().unwrap().len(), FRAME_BYTES_MAX);
    assert_eq!(pipe.sender.send([longest + "x"]).await, Err(PipeError::TooLong));
}

#[tokio::test]
async fn a_bad_frame_ends_the_pipe() {
    let identity = Identity::good();
    let cases = [
        (Message::text("x".repeat(FRAME_BYTES_MAX + 1)), PipeError::TooLong),
        (Message::binary(vec![1]), PipeError::NotText),
    ];
    for (message, error) in cases {
        let server = Stage::play_inside(&identity, move |stream| {
            let message = message.clone();
            async move {
                let mut socket = accept_async(stream).await.unwrap();
                drop(socket.send(message).await);
                drop(socket.send(Message::text("more")).await);
            }
        });
        let server = server.await;
        let mut pipe = pipe_to(&identity, &server).await;
        assert_eq!(pipe.receiver.next().await, Some(Err(error)));
        assert_eq!(pipe.receiver.next().await, None);
    }
}

#[tokio::test]
async fn a_farewell_and_a_broken_connection_are_told_apart() {
    let identity = Identity::good();
    for polite in [true, false] {
        let server = Stage::play_inside(&identity, move |stream| async move {
            let mut socket = accept_async(stream).await.unwrap();
            if polite {
                drop(socket.close(None).await);
                while futures_util::StreamExt::next(&mut socket).await.is_some_and(|next| next.is_ok()) {}
            }
        });
        let server = server.await;
        let mut pipe = pipe_to(&identity, &server).await;
        let next = pipe.receiver.next().await;
        assert_eq!(next.is_none(), polite, "{next:?}");
        assert_eq!(pipe.receiver.next().await, None);
    }
}

#[tokio::test]
async fn closing_both_halves_says_farewell() {
    let identity = Identity::good();
    let (sender, mut told) = tokio::sync::mpsc::channel(1);
    let server = Stage::play_inside(&identity, move |stream| {
        let sender = sender.clone();
        async move {
            let mut socket = accept_async(stream).await.unwrap();
            let next = futures_util::StreamExt::next(&mut socket).await;
            sender.send(matches!(next, Some(Ok(Message::Close(_))))).await.ok();
        }
    });
    let server = server.await;
    let Pipe { sender, receiver, .. } = pipe_to(&identity, &server).await;
    sender.close().await;
    drop(receiver);
    assert_eq!(told.recv().await, Some(true));
}

#[tokio::test]
async fn a_server_that_does_not_read_holds_the_sender_up() {
    const FRAMES: usize = 100;
    let identity = Identity::good();
    let (go, wait) = tokio::sync::watch::channel(false);
    let (sender, mut told) = tokio::sync::mpsc::channel(1);
    let server = Stage::play_inside(&identity, move |stream| {
        let (mut wait, sender) = (wait.clone(), sender.clone());
        async move {
            let mut socket = accept_async(stream).await.unwrap();
            wait.wait_for(|go| *go).await.unwrap();
            for _ in 0..FRAMES {
                futures_util::StreamExt::next(&mut socket).await.unwrap().unwrap();
            }
            sender.send(()).await.ok();
        }
    });
    let server = server.await;
    let mut pipe = pipe_to(&identity, &server).await;
    let taken = std::cell::Cell::new(0);
    let frames =
        std::iter::repeat_n("x".repeat(FRAME_BYTES_MAX), FRAMES).inspect(|_| taken.set(taken.get() + 1));
    {
        let mut sending = std::pin::pin!(pipe.sender.send(frames));
        for _ in 0..1_000 {
            assert!(sending.as_mut().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        assert!(taken.get() < FRAMES, "all frames were taken though nobody reads");
        go.send(true).unwrap();
        sending.await.unwrap();
    }
    assert_eq!(told.recv().await, Some(()));
    assert_eq!(taken.get(), FRAMES);
}
