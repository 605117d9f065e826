//! The client against a daemon that says what a test wants. The line between them lies in memory,
//! so that the clock may stand still.

#![cfg(unix)]

use std::sync::Mutex;

use convene_local_api::{
    Empty, ErrorCode, ErrorObject, List, ListResult, Presence, PresenceParams, PresenceResult, ProxyToken,
    ProxyTokenAnswer, ProxyTokenParams, Question as _, ResetNotification, Told,
};
use convene_model::{ConferenceId, SeatName};

use super::*;
use crate::fake::FakeDaemon;

/// Bytes that wait between the two: fewer than the notifications of a test.
const PIPE_BYTES: usize = 64 * 1024;

struct Served {
    client: Client,
    notifications: Notifications,
    heard: Arc<Mutex<Vec<(String, serde_json::Value)>>>,
    serving: JoinSet<io::Result<()>>,
}

/// A client that has said hello to this daemon. It answers `conference.list` and
/// `conference.presence`.
async fn serve(answers: &Answers, script: impl FnOnce(FakeDaemon) -> FakeDaemon) -> Served {
    let dir = tempfile::tempdir().unwrap();
    let fake = FakeDaemon::bind(&dir.path().join("convened.sock")).unwrap();
    let fake = fake.answers::<List>(&ListResult { conferences: Vec::new() });
    let fake = script(fake.answers::<Presence>(&PresenceResult { online: Some(Vec::new()) }));
    let heard = fake.heard();
    let (near, far) = tokio::io::duplex(PIPE_BYTES);
    let mut serving = JoinSet::new();
    serving.spawn(fake.attend(far));
    let (client, notifications) = Client::over(near, answers);
    client.greet("test").await.unwrap();
    Served { client, notifications, heard, serving }
}

fn conference() -> SeatName {
    SeatName::Conference(ConferenceId::from_random(1))
}

fn news(cursor: u64) -> ResetNotification {
    ResetNotification { conference: conference(), cursor, term: None }
}

impl Served {
    async fn list(&self) -> Result<ListResult, CallError> {
        self.client.call::<List>(&Empty {}).await
    }

    async fn presence(&self) -> Result<PresenceResult, CallError> {
        self.client.call::<Presence>(&PresenceParams { conference: conference() }).await
    }

    /// The number that the next notification names.
    async fn told(&mut self) -> Result<u64, CallError> {
        let told = self.notifications.next().await?;
        let Told::Reset(reset) = told else { panic!("{told:?}") };
        Ok(reset.cursor)
    }

    /// How often a method was called or a question answered.
    fn count(&self, what: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|(heard, _)| heard == what).count()
    }
}

#[tokio::test(start_paused = true)]
async fn two_calls_at_once_get_each_its_answer_whichever_comes_first() {
    let daemon = serve(&Answers::default(), |fake| fake.answers_behind::<List, Presence>()).await;
    let (list, presence) = tokio::join!(daemon.list(), daemon.presence());
    assert!(list.unwrap().conferences.is_empty());
    assert_eq!(presence.unwrap().online, Some(Vec::new()));
    assert_eq!(daemon.count(List::NAME), 1);
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_a_call_that_was_dropped_is_thrown_away() {
    let daemon = serve(&Answers::default(), |fake| fake.answers_behind::<List, Presence>()).await;
    for _ in 0..CALLS_MAX {
        assert!(timeout(CONNECT_MAX, daemon.list()).await.is_err(), "nobody answers it yet");
    }
    assert_eq!(daemon.count(List::NAME), CALLS_MAX);
    assert!(timeout(CONNECT_MAX, daemon.presence()).await.is_err(), "the daemon works on no more");
    assert_eq!(daemon.count(Presence::NAME), 0);
}

#[tokio::test(start_paused = true)]
async fn a_connection_goes_on_behind_a_call_that_was_dropped() {
    let daemon = serve(&Answers::default(), |fake| fake.answers_behind::<List, Presence>()).await;
    assert!(timeout(CONNECT_MAX, daemon.list()).await.is_err(), "nobody answers it yet");
    for _ in 0..2 {
        assert_eq!(daemon.presence().await.unwrap().online, Some(Vec::new()));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_said_between_a_call_and_its_answer_is_told_in_its_order() {
    let mut daemon = serve(&Answers::default(), |fake| {
        fake.first_says::<List, _>(&news(1)).then_says::<List, _>(&news(2))
    })
    .await;
    assert!(daemon.list().await.unwrap().conferences.is_empty());
    assert!(daemon.list().await.unwrap().conferences.is_empty());
    for cursor in [1, 2, 1, 2] {
        assert_eq!(daemon.told().await.unwrap(), cursor);
    }
}

#[tokio::test]
async fn a_question_is_answered_while_calls_go_on() {
    let (release, released) = std::sync::mpsc::channel();
    let released = Mutex::new(released);
    // The person answers once another call has its answer.
    let token = move |sources: &[ProxySource], asked: &ProxyTokenParams| {
        released.lock().unwrap().recv().ok()?;
        Some(ProxyTokenAnswer { token: format!("{} {}", sources.len(), asked.host) })
    };
    let answers = Answers { token: Some(Arc::new(token)), ..Answers::default() };
    let asked = ProxyTokenParams {
        host: "proxy.test".to_owned(),
        context: "1".to_owned(),
        token: None,
        binding: None,
    };
    let daemon = serve(&answers, |fake| fake.first_asks::<List, ProxyToken>(&asked)).await;
    daemon.client.offer(vec![ProxySource::default()]).await.unwrap();
    let (list, ()) = tokio::join!(daemon.list(), async {
        daemon.presence().await.unwrap();
        release.send(()).unwrap();
    });
    assert!(list.unwrap().conferences.is_empty());
    let heard = daemon.heard.lock().unwrap().clone();
    let hello = heard.iter().find(|(what, _)| what == Hello::NAME).unwrap();
    assert_eq!(hello.1["answers"], serde_json::json!([ProxyToken::NAME]));
    let answer = heard.iter().find(|(what, _)| what == ProxyToken::NAME).unwrap();
    assert_eq!(answer.1["token"], "1 proxy.test");
}

#[tokio::test(start_paused = true)]
async fn a_frontend_that_answers_nothing_says_so_and_a_question_to_it_is_an_error() {
    let asked = ProxyTokenParams { host: String::new(), context: String::new(), token: None, binding: None };
    let daemon = serve(&Answers::default(), |fake| fake.first_asks::<List, ProxyToken>(&asked)).await;
    daemon.list().await.unwrap();
    let heard = daemon.heard.lock().unwrap().clone();
    assert_eq!(heard[0].1.get("answers"), None, "{heard:?}");
    assert_eq!(heard.last().unwrap(), &(ProxyToken::NAME.to_owned(), serde_json::Value::Null));
}

#[tokio::test(start_paused = true)]
async fn too_many_notifications_before_an_answer_end_the_connection_by_name() {
    let mut daemon = serve(&Answers::default(), |fake| {
        (0..=NOTIFICATIONS_MAX as u64).fold(fake, |fake, at| fake.first_says::<List, _>(&news(at)))
    })
    .await;
    assert!(matches!(daemon.list().await, Err(CallError::NotTaken)));
    assert!(matches!(daemon.presence().await, Err(CallError::NotTaken)), "the connection has ended");
    for at in 0..NOTIFICATIONS_MAX as u64 {
        assert_eq!(daemon.told().await.unwrap(), at, "what had come is told");
    }
    assert!(matches!(daemon.told().await, Err(CallError::NotTaken)));
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_who_asks_nothing_gets_everything() {
    let count = NOTIFICATIONS_MAX as u64 + 1_000;
    let mut daemon = serve(&Answers::default(), |fake| {
        (0..count).fold(fake, |fake, at| fake.then_says::<List, _>(&news(at)))
    })
    .await;
    daemon.list().await.unwrap();
    // Whatever is read without anybody who takes it, is read by then.
    sleep(CONNECT_MAX).await;
    for at in 0..count {
        assert_eq!(daemon.told().await.unwrap(), at);
    }
}

#[tokio::test(start_paused = true)]
async fn who_wants_no_notifications_goes_on_calling() {
    let Served { client, notifications, serving: _serving, .. } = serve(&Answers::default(), |fake| {
        (0..=NOTIFICATIONS_MAX as u64).fold(fake, |fake, at| fake.first_says::<List, _>(&news(at)))
    })
    .await;
    drop(notifications);
    for _ in 0..2 {
        client.call::<List>(&Empty {}).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_is_starting_is_waited_for() {
    let daemon = serve(&Answers::default(), |fake| fake.starts_for(3)).await;
    let began = Instant::now();
    daemon.list().await.unwrap();
    assert_eq!(began.elapsed(), 3 * STARTING_PAUSE);
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_does_not_come_to_start_is_told_apart_in_time() {
    let daemon = serve(&Answers::default(), |fake| fake.starts_for(usize::MAX)).await;
    let began = Instant::now();
    assert!(matches!(daemon.list().await, Err(CallError::Starting)));
    assert_eq!(began.elapsed(), STARTING_MAX);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_and_the_connection_goes_on() {
    let stopping = ErrorObject::new(ErrorCode::Stopping);
    let daemon = serve(&Answers::default(), |fake| fake.refuses::<List>(stopping.clone())).await;
    for _ in 0..2 {
        let refused = daemon.list().await.unwrap_err();
        assert!(matches!(&refused, CallError::Refused(error) if *error == stopping), "{refused}");
        assert!(refused.is_passing());
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_is_told_to_everyone_who_waits() {
    let mut daemon = serve(&Answers::default(), |fake| {
        fake.answers_behind::<List, Presence>()
            .first_says::<List, _>(&news(1))
            .drops_unanswered::<Presence>(1)
    })
    .await;
    let (list, presence) = tokio::join!(daemon.list(), daemon.presence());
    assert!(matches!(list, Err(CallError::Broken(_))), "{list:?}");
    assert!(matches!(presence, Err(CallError::Broken(_))), "{presence:?}");
    assert_eq!(daemon.told().await.unwrap(), 1, "what had come is told");
    let end = daemon.told().await;
    assert!(matches!(&end, Err(error @ CallError::Broken(_)) if error.is_passing()), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_ends_with_its_last_handle() {
    let Served { client, mut notifications, mut serving, .. } = serve(&Answers::default(), |fake| fake).await;
    drop(client.clone());
    client.call::<List>(&Empty {}).await.unwrap();
    drop(client);
    assert!(matches!(notifications.next().await, Err(CallError::Broken(_))));
    assert!(serving.join_next().await.unwrap().unwrap().is_ok(), "the daemon sees the end");
}
