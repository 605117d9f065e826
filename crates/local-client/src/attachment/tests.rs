//! Attachments with a daemon that drops connections.

#![cfg(unix)]

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use convene_local_api::{
    After, Empty, ErrorCode, ErrorObject, EventsNotification, FoldedPoint, List, ListResult,
    PassedOverNotification, ProxyOffer, ProxyOfferResult, SeatState,
};
use convene_model::{ConferenceId, SeatName, TermId};
use tokio::task::JoinSet;

use super::*;
use crate::fake::FakeDaemon;

/// More than any test needs.
const PATIENCE: Patience = Patience::Each(Duration::from_secs(20));

/// A daemon in a directory of its own, served until this is dropped.
struct Served {
    path: PathBuf,
    heard: Arc<Mutex<Vec<(String, serde_json::Value)>>>,
    serving: JoinSet<io::Result<()>>,
    _dir: tempfile::TempDir,
}

fn serve(script: impl FnOnce(FakeDaemon) -> FakeDaemon) -> Served {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("convened.sock");
    let fake = script(FakeDaemon::bind(&path).unwrap());
    let heard = fake.heard();
    let mut serving = JoinSet::new();
    serving.spawn(fake.serve());
    Served { path, heard, serving, _dir: dir }
}

impl Served {
    fn introduction(&self) -> Introduction {
        Introduction::new(vec![self.path.clone()], "test")
    }

    async fn attach(&self, patience: Patience) -> Attachment {
        Attachment::attach(self.introduction(), patience).await.unwrap()
    }

    /// The parameters with which a method was called, each time.
    fn asked(&self, method: &str) -> Vec<serde_json::Value> {
        let heard = self.heard.lock().unwrap().clone();
        heard.into_iter().filter(|(heard, _)| heard == method).map(|(_, params)| params).collect()
    }
}

fn conference() -> SeatName {
    SeatName::Conference(ConferenceId::from_random(1))
}

fn params(after: Option<After>) -> WatchParams {
    WatchParams { conference: conference(), after, state: false }
}

fn watched(after: u64) -> WatchResult {
    WatchResult {
        conference: conference(),
        participant: None,
        log: None,
        seat: SeatState::Joined,
        code: None,
        other_log: None,
        clock_offset_ms: None,
        cursor: after,
        after,
        term: Some(TermId([1; 16])),
        level: 3,
        state: None,
        may: None,
        parts: None,
    }
}

fn events(after: u64, through: u64) -> EventsNotification {
    let term = Some(TermId([2; 16]));
    EventsNotification { conference: conference(), after, through, term, events: Vec::new(), patches: None }
}

fn folded(number: u64, term: u8) -> serde_json::Value {
    let point = FoldedPoint { number, term: TermId([term; 16]), level: 3 };
    serde_json::to_value(After::Folded(point)).unwrap()
}

fn empty() -> ListResult {
    ListResult { conferences: Vec::new() }
}

#[tokio::test]
async fn a_watch_goes_on_behind_what_was_given_out() {
    let passed_over = PassedOverNotification { conference: conference(), after: 7, through: 9, term: None };
    let daemon = serve(|fake| {
        let fake = fake.answers::<Watch>(&watched(5)).then_says::<Watch, _>(&events(5, 7));
        fake.then_says::<Watch, _>(&passed_over).then_drops::<Watch>(2)
    });
    let mut attachment = daemon.attach(PATIENCE).await;
    attachment.watch(params(Some(After::Number(5)))).await.unwrap();
    assert!(matches!(attachment.next().await, Ok(News::Told(Told::Events(events))) if events.through == 7));
    // The rest of this connection is dropped with it, and told again on the next one.
    attachment.lose(io::ErrorKind::UnexpectedEof.into()).unwrap();
    assert!(matches!(attachment.next().await, Ok(News::Disconnected(CallError::Broken(_)))));
    let news = attachment.next().await;
    assert!(matches!(&news, Ok(News::Reconnected(answers)) if *answers == [watched(5)]), "{news:?}");
    assert!(matches!(attachment.next().await, Ok(News::Told(Told::Events(_)))));
    assert!(matches!(attachment.next().await, Ok(News::Told(Told::PassedOver(_)))));
    assert!(matches!(attachment.next().await, Ok(News::Disconnected(_))));
    assert!(matches!(attachment.next().await, Ok(News::Reconnected(_))));
    let after: Vec<_> = daemon.asked(Watch::NAME).iter().map(|asked| asked["after"].clone()).collect();
    assert_eq!(after, [serde_json::json!(5), folded(7, 2), serde_json::json!(9)]);
}

#[tokio::test]
async fn a_state_that_did_not_come_whole_is_watched_anew() {
    let daemon = serve(|fake| {
        fake.answers::<Watch>(&WatchResult { parts: Some(2), ..watched(5) }).then_drops::<Watch>(1)
    });
    let mut attachment = daemon.attach(PATIENCE).await;
    attachment.watch(params(None)).await.unwrap();
    assert!(matches!(attachment.next().await, Ok(News::Disconnected(_))));
    assert!(matches!(attachment.next().await, Ok(News::Reconnected(_))));
    assert!(daemon.asked(Watch::NAME).iter().all(|asked| asked.get("after").is_none()));
}

#[tokio::test]
async fn a_call_comes_again_on_the_next_connection_and_the_cut_is_told_once() {
    let daemon = serve(|fake| {
        let fake = fake.answers::<List>(&empty()).drops_unanswered::<List>(2);
        fake.answers::<ProxyOffer>(&ProxyOfferResult { used: true })
    });
    let mut attachment = daemon.attach(PATIENCE).await;
    attachment.offer(vec![ProxySource::default()]).await.unwrap();
    assert!(attachment.call::<List>(&Empty {}).await.unwrap().conferences.is_empty());
    assert_eq!(daemon.asked(List::NAME).len(), 3);
    assert_eq!(daemon.asked(ProxyOffer::NAME).len(), 3, "what was offered is offered again");
    assert!(matches!(attachment.next().await, Ok(News::Disconnected(_))));
    assert!(matches!(attachment.next().await, Ok(News::Reconnected(answers)) if answers.is_empty()));
}

#[tokio::test]
async fn a_daemon_that_goes_down_is_asked_again_and_one_that_refuses_is_not() {
    let stopping = ErrorObject::new(ErrorCode::Stopping);
    let daemon = serve(|fake| fake.refuses::<List>(stopping.clone()));
    let patience = Patience::Each(Duration::ZERO);
    let ended = daemon.attach(patience).await.call::<List>(&Empty {}).await;
    assert!(matches!(&ended, Err(AttachmentError::Call(CallError::Refused(why))) if *why == stopping));
    assert_eq!(daemon.asked(List::NAME).len(), 2, "once more, as the patience is over at once");

    let unknown = ErrorObject::new(ErrorCode::ConferenceUnknown);
    let daemon = serve(|fake| fake.refuses::<Watch>(unknown.clone()));
    let ended = daemon.attach(PATIENCE).await.watch(params(None)).await;
    assert!(matches!(&ended, Err(AttachmentError::Call(CallError::Refused(why))) if *why == unknown));
    assert_eq!(daemon.asked(Watch::NAME).len(), 1);
}

#[tokio::test]
async fn a_daemon_that_stays_away_is_told_when_the_patience_is_over() {
    let mut daemon = serve(|fake| fake.answers::<List>(&empty()));
    let mut attachment = daemon.attach(Patience::Each(Duration::ZERO)).await;
    daemon.serving.shutdown().await;
    assert!(matches!(attachment.next().await, Ok(News::Disconnected(_))));
    assert!(matches!(
        attachment.next().await,
        Err(AttachmentError::Connect(ConnectError::NotRunning { .. }))
    ));
    let never = Attachment::attach(daemon.introduction(), PATIENCE).await;
    assert!(matches!(never, Err(ConnectError::NotRunning { .. })), "one that is not there is told at once");
}

#[tokio::test]
async fn a_daemon_that_does_not_run_yet_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("convened.sock");
    let mut attachment = Attachment::new(Introduction::new(vec![path.clone()], "test"), PATIENCE);
    let empty = empty();
    let asking = attachment.call::<List>(&Empty {});
    let starting = async {
        tokio::task::yield_now().await;
        FakeDaemon::bind(&path)?.answers::<List>(&empty).serve().await
    };
    tokio::select! {
        biased;
        answered = asking => assert!(answered.unwrap().conferences.is_empty()),
        ended = starting => unreachable!("{ended:?}"),
    }
}
