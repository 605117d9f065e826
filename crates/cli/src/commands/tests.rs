//! Commands against a daemon that says what a test wants.

#![cfg(unix)]

use clap::Parser as _;
use convene_local_api::{
    Act, ActResult, CommandState, ErrorCode, ErrorObject, Leave, LeaveResult, LeaveState, Method as _,
};
use convene_local_client::FakeDaemon;
use convene_model::{CommandId, ConferenceId};
use tokio::task::JoinSet;

use super::*;

/// Runs a command in a conference against this daemon: how it ends, and what the daemon was asked
/// about conferences.
async fn ended(
    before: &str,
    after: &[&str],
    script: impl FnOnce(FakeDaemon) -> FakeDaemon,
) -> (Result<(), Stop>, Vec<(String, serde_json::Value)>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("convened.sock");
    let fake = script(FakeDaemon::bind(&path).unwrap());
    let heard = fake.heard();
    let mut serving = JoinSet::new();
    serving.spawn(fake.serve());
    let conference = ConferenceId::from_random(1).to_string();
    let words = ["convene", before, &conference].into_iter().chain(after.iter().copied());
    let line = CommandLine::parse_from(words.chain(["--wait", "3", "--json"]));
    let context = Context::new(line.global.json, vec![path], Language::En);
    let ended = run(line.command.as_ref(), &context).await;
    let heard = heard.lock().unwrap().clone();
    (ended, heard.into_iter().filter(|(method, _)| method.starts_with("conference.")).collect())
}

#[test]
fn a_link_that_was_clicked_names_no_daemon() {
    for (line, misused) in [
        ("convene web --socket /tmp/x --join convene:https://a.test/j/b", true),
        ("convene web --join convene:https://a.test/j/b", false),
        ("convene web --socket /tmp/x --join -", false),
        ("convene web --socket /tmp/x", false),
        ("convene list --socket /tmp/x", false),
    ] {
        let CommandLine { command, global } = CommandLine::parse_from(line.split(' '));
        assert_eq!(is_misused(command.as_ref(), global.socket.is_some()), misused, "{line}");
    }
}

#[tokio::test]
async fn a_command_asks_the_daemon_and_ends_as_that_answers() {
    let queued = LeaveResult { state: LeaveState::Queued };
    let (stop, asked) = ended("leave", &[], |fake| fake.answers::<Leave>(&queued)).await;
    assert!(stop.is_ok(), "{stop:?}");
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0].0, Leave::NAME);
    assert_eq!(asked[0].1["wait_ms"], 3_000);
    let unknown = ErrorObject::new(ErrorCode::ConferenceUnknown);
    let (stop, _) = ended("leave", &[], |fake| fake.refuses::<Leave>(unknown)).await;
    assert_eq!(stop.unwrap_err().code(), FAILED);
}

#[tokio::test]
async fn a_daemon_that_is_restarted_hears_the_same_command_again() {
    let command = CommandId(Default::default());
    let queued = ActResult { command, state: CommandState::Queued, seq: None, code: None, opens: None };
    let (stop, asked) =
        ended("say", &["Good morning"], |fake| fake.answers::<Act>(&queued).drops_unanswered::<Act>(2)).await;
    assert!(stop.is_ok(), "{stop:?}");
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(asked.iter().all(|(_, params)| params["id"] == asked[0].1["id"]), "{asked:?}");
}

#[tokio::test]
async fn a_conference_that_is_not_known_is_told_at_once_behind_a_restart_too() {
    let unknown = ErrorObject::new(ErrorCode::ConferenceUnknown);
    let (stop, asked) =
        ended("say", &["Good morning"], |fake| fake.refuses::<Act>(unknown).drops_unanswered::<Act>(1)).await;
    assert_eq!((stop.unwrap_err().code(), asked.len()), (FAILED, 2));
}
