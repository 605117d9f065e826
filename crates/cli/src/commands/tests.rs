//! Commands against a daemon that says what a test wants.

#![cfg(unix)]

use clap::Parser as _;
use convene_local_api::{ErrorCode, ErrorObject, Leave, LeaveResult, LeaveState};
use convene_local_client::FakeDaemon;
use convene_model::ConferenceId;
use tokio::task::JoinSet;

use super::*;

/// Runs `convene leave` against this daemon: how it ends, and what the daemon was asked.
async fn leave(script: impl FnOnce(FakeDaemon) -> FakeDaemon) -> (Result<(), Stop>, serde_json::Value) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("convened.sock");
    let fake = script(FakeDaemon::bind(&path).unwrap());
    let heard = fake.heard();
    let mut serving = JoinSet::new();
    serving.spawn(fake.serve());
    let conference = ConferenceId::from_random(1).to_string();
    let line = CommandLine::parse_from(["convene", "leave", &conference, "--wait", "3", "--json"]);
    let context = Context {
        json: line.global.json,
        sockets: vec![path],
        language: Language::En,
        wording: Wording::new(Language::En),
    };
    let ended = run(&line.command, &context).await;
    let heard = heard.lock().unwrap().clone();
    let asked = heard.into_iter().rfind(|(method, _)| method == "conference.leave");
    (ended, asked.map(|(_, params)| params).unwrap_or_default())
}

#[tokio::test]
async fn a_command_asks_the_daemon_and_ends_as_that_answers() {
    let queued = LeaveResult { state: LeaveState::Queued };
    let (ended, asked) = leave(|fake| fake.answers::<Leave>(&queued)).await;
    assert!(ended.is_ok(), "{ended:?}");
    assert_eq!(asked["wait_ms"], 3_000);
    let unknown = ErrorObject::new(ErrorCode::ConferenceUnknown);
    let (ended, _) = leave(|fake| fake.refuses::<Leave>(unknown)).await;
    assert_eq!(ended.unwrap_err().code(), FAILED);
}
