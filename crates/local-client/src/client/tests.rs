//! The client against a daemon that says what a test wants.

#![cfg(unix)]

use convene_local_api::{Empty, List, ListResult, Notification as _, ResetNotification};
use convene_model::{ConferenceId, SeatName};
use tokio::task::JoinSet;

use super::*;
use crate::fake::FakeDaemon;

/// A daemon in a directory of its own, served until this is dropped.
struct Served {
    _dir: tempfile::TempDir,
    path: PathBuf,
    heard: Arc<std::sync::Mutex<Vec<(String, serde_json::Value)>>>,
    _serving: JoinSet<io::Result<()>>,
}

fn serve(script: impl FnOnce(FakeDaemon) -> FakeDaemon) -> Served {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("convened.sock");
    let fake = script(FakeDaemon::bind(&path).unwrap());
    let heard = fake.heard();
    let mut serving = JoinSet::new();
    serving.spawn(fake.serve());
    Served { _dir: dir, path, heard, _serving: serving }
}

impl Served {
    async fn connect(&self, ask_token: Option<AskToken>) -> Client {
        Client::connect(std::slice::from_ref(&self.path), "test", None, ask_token).await.unwrap()
    }
}

#[tokio::test]
async fn what_the_daemon_says_behind_an_answer_is_kept_until_it_is_asked_for() {
    let conference = SeatName::Conference(ConferenceId::from_random(1));
    let news = ResetNotification { conference, cursor: 7, term: None };
    let daemon = serve(|fake| {
        fake.answers::<List>(&ListResult { conferences: Vec::new() }).then_says::<List, _>(&news)
    });
    let mut client = daemon.connect(None).await;
    for _ in 0..2 {
        assert!(client.call::<List>(&Empty {}).await.unwrap().conferences.is_empty());
    }
    for _ in 0..2 {
        let (method, params) = client.next_notification().await.unwrap();
        assert_eq!(method, ResetNotification::NAME);
        assert_eq!(params.get(), serde_json::to_string(&news).unwrap());
    }
}

#[tokio::test]
async fn a_refusal_is_told_and_the_connection_goes_on() {
    let daemon = serve(|fake| fake.refuses::<List>(ErrorObject::new(ErrorCode::Stopping)));
    let mut client = daemon.connect(None).await;
    for _ in 0..2 {
        let refused = client.call::<List>(&Empty {}).await.unwrap_err();
        assert!(matches!(&refused, CallError::Refused(error) if error.message == "stopping"), "{refused}");
    }
}

#[tokio::test]
async fn a_frontend_says_in_its_hello_which_questions_it_answers() {
    let daemon = serve(|fake| fake);
    drop(daemon.connect(None).await);
    drop(daemon.connect(Some(Arc::new(|_, _| None))).await);
    let heard = daemon.heard.lock().unwrap().clone();
    let answers: Vec<_> = heard.iter().map(|(_, params)| params["answers"].clone()).collect();
    assert_eq!(answers, [serde_json::Value::Null, serde_json::json!([ProxyToken::NAME])]);
}
