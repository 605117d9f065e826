//! PollSessions without a socket: what is lost, repeated or late on the way.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use convene_model::SessionId;
use http_body_util::BodyExt as _;
use tokio::time::{advance, timeout};

use super::*;
use crate::budget::{Block, Budget};

const HOLD: Duration = Duration::from_secs(25);

fn place() -> Option<Held> {
    Budget::default().sessions.take(Block::of([127, 0, 0, 1].into()), 1)
}

fn opened() -> (Arc<PollSession>, Polled) {
    let sessions = PollSessions::default();
    let (id, polled) = sessions.open(place).unwrap();
    assert!(sessions.find(SessionId([0; 16])).is_none());
    (sessions.find(id).unwrap(), polled)
}

async fn heard(polled: &mut Polled) -> String {
    poll_fn(|cx| polled.poll(cx, true, || None)).await.unwrap().unwrap().as_str().to_owned()
}

/// The link says something.
async fn say(polled: &mut Polled, texts: &[&str]) {
    let mut texts = texts.iter().map(|text| Utf8Bytes::from(*text));
    poll_fn(|cx| polled.poll_send(cx, &mut || texts.next())).await.unwrap();
}

fn batch(text: &'static str) -> Answer {
    Answer::Batch(Bytes::from_static(text.as_bytes()))
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_comes_again_is_taken_once_and_answered_as_before() {
    let (session, mut polled) = opened();
    for _ in 0..3 {
        assert_eq!(session.up(1, "a\nb").await, batch(""));
    }
    assert_eq!(session.up(2, "c").await, batch(""));
    assert_eq!(session.up(1, "a\nb").await, batch(""), "late repeats are of no consequence");
    assert_eq!(session.up(4, "e").await, Answer::Gone, "one was left out");
    for wanted in ["a", "b", "c"] {
        assert_eq!(heard(&mut polled).await, wanted);
    }
    assert!(polled.0.state().inbox.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_was_given_is_given_again_until_the_next_is_asked_for() {
    let (session, mut polled) = opened();
    say(&mut polled, &["a", "b"]).await;
    for _ in 0..3 {
        assert_eq!(session.down(1, HOLD).await, batch("a\nb"));
    }
    say(&mut polled, &["c"]).await;
    assert_eq!(session.down(1, HOLD).await, batch("a\nb"), "what came later belongs to the next");
    assert_eq!(session.down(2, HOLD).await, batch("c"));
    assert_eq!(session.down(1, HOLD).await, Answer::Gone);
    assert_eq!(session.down(4, HOLD).await, Answer::Gone);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_held_until_there_is_something_and_no_longer_than_asked() {
    let (session, mut polled) = opened();
    let began = Instant::now();
    assert_eq!(session.down(1, HOLD).await, batch(""));
    assert_eq!(began.elapsed(), HOLD);
    let speaks = async {
        advance(Duration::from_secs(7)).await;
        say(&mut polled, &["a"]).await;
    };
    let began = Instant::now();
    let (first, second, ()) = tokio::join!(session.down(2, HOLD), session.down(2, HOLD), speaks);
    assert_eq!((first, second), (batch("a"), batch("a")), "a request that was repeated while it was held");
    assert_eq!(began.elapsed(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_and_given_up_is_not_lost() {
    let (session, mut polled) = opened();
    assert!(timeout(Duration::from_secs(1), session.down(1, HOLD)).await.is_err());
    say(&mut polled, &["a"]).await;
    assert_eq!(session.down(1, HOLD).await, batch("a"));
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_without_a_limit_in_either_direction() {
    let (session, mut polled) = opened();
    let frame = "x".repeat(FRAME_BYTES_MAX);
    assert_eq!(session.up(1, &frame).await, batch(""));
    assert_eq!(session.up(2, &frame).await, batch(""));
    let began = Instant::now();
    assert_eq!(session.up(3, &frame).await, Answer::Again, "nobody took the first two");
    assert_eq!(began.elapsed(), ROOM_WAIT_MAX);
    let (answer, _) = tokio::join!(session.up(3, &frame), heard(&mut polled));
    assert_eq!(answer, batch(""));

    let mut given = 0;
    let held = poll_fn(|cx| {
        Poll::Ready(polled.poll(cx, false, || {
            given += 1;
            Some(Utf8Bytes::from("y".repeat(1_000)))
        }))
    });
    assert!(held.await.is_pending());
    assert_eq!(given, BATCH_BYTES_MAX.div_ceil(1_000));
}

#[tokio::test(start_paused = true)]
async fn the_last_frames_are_given_and_then_the_end() {
    let (session, polled) = opened();
    polled.close([Utf8Bytes::from("bye")]);
    assert_eq!(session.down(1, HOLD).await, batch("bye"));
    assert_eq!(session.down(1, HOLD).await, batch("bye"));
    assert_eq!(session.down(2, HOLD).await, Answer::Gone);
    assert_eq!(session.up(1, "a").await, Answer::Gone);
    let (session, _polled) = opened();
    assert_eq!(session.up(1, &"x".repeat(FRAME_BYTES_MAX + 1)).await, Answer::Gone, "a frame that cannot be");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_over_is_forgotten_though_no_other_begins() {
    let (sessions, forgotten) = (PollSessions::default(), Notify::new());
    let (id, polled) = sessions.open(place).unwrap();
    let (living, _polled) = sessions.open(place).unwrap();
    drop(polled);
    let began = Instant::now();
    tokio::select! {
        () = sessions.forget_over(&forgotten) => {}
        told = timeout(Duration::from_secs(60), forgotten.notified()) => told.unwrap(),
    }
    let took = began.elapsed().as_secs();
    assert!((30..=35).contains(&took), "{took} s");
    assert!(sessions.find(id).is_none() && sessions.find(living).is_some());
}

/// The next piece of an answer that does not end.
async fn piece(events: &mut Events) -> Option<String> {
    let frame = events.frame().await?.unwrap();
    Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_stream_gives_everything_in_order_until_the_link_ends() {
    let (session, mut polled) = opened();
    let of_use = Arc::<AtomicBool>::default();
    say(&mut polled, &["a", "b"]).await;
    let mut events = session.stream(Arc::clone(&of_use)).unwrap();
    assert_eq!(piece(&mut events).await.as_deref(), Some("data: a\n\ndata: b\n\n"));
    assert!(of_use.load(Ordering::Relaxed));
    let speaks = async {
        advance(Duration::from_secs(7)).await;
        say(&mut polled, &["c"]).await;
        polled.close(["d".into()]);
    };
    let hears = async {
        let mut heard = String::new();
        while let Some(piece) = piece(&mut events).await {
            heard.push_str(&piece);
        }
        heard
    };
    // Nobody promises how much of it comes together.
    assert_eq!(tokio::join!(speaks, hears).1, "data: c\n\ndata: d\n\n");
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_given_once_and_in_place_of_batches() {
    let (session, _polled) = opened();
    let events = session.stream(Arc::default()).unwrap();
    assert!(session.stream(Arc::default()).is_none());
    assert_eq!(session.down(1, HOLD).await, Answer::Gone);
    drop(events);
    let (session, mut polled) = opened();
    say(&mut polled, &["a"]).await;
    assert_eq!(session.down(1, HOLD).await, batch("a"));
    assert!(session.stream(Arc::default()).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_ends_the_pipe_behind_what_had_come() {
    let (session, mut polled) = opened();
    let events = session.stream(Arc::default()).unwrap();
    assert_eq!(session.up(1, "a").await, batch(""));
    drop(events);
    assert_eq!(session.up(2, "b").await, Answer::Gone);
    assert_eq!(heard(&mut polled).await, "a");
    let end = poll_fn(|cx| polled.poll(cx, true, || None)).await;
    assert_eq!(end.unwrap_err(), PipeError::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_read_holds_the_link_up_and_loses_nothing() {
    let (session, mut polled) = opened();
    let mut events = session.stream(Arc::default()).unwrap();
    let text = "x".repeat(10_000);
    let mut given = 0;
    let full = poll_fn(|cx| {
        Poll::Ready(polled.poll_send(cx, &mut || {
            given += 1;
            Some(text.as_str().into())
        }))
    });
    assert!(full.await.is_pending() && given < 10);
    let first = piece(&mut events).await.unwrap();
    assert_eq!(first.matches("data: ").count(), given);
    let mut more = pin!(poll_fn(|cx| polled.poll_send(cx, &mut || None)));
    assert!(poll_fn(|cx| Poll::Ready(more.as_mut().poll(cx))).await.is_ready());
}
