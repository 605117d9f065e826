//! The past, page by page, of a daemon that says what a test wants. Its socket is a file, which a
//! pipe of Windows is not.

#![cfg(unix)]

use convene_local_client::{FakeDaemon, Introduction};
use convene_model::ConferenceId;
use serde_json::json;

use super::*;
use crate::stop::NO_SERVER;

fn page(seqs: std::ops::RangeInclusive<u64>, complete: bool) -> HistoryResult {
    let event = |seq| Json::of(&json!({ "seq": seq })).unwrap();
    HistoryResult {
        after: *seqs.start() - 1,
        through: *seqs.end(),
        events: seqs.map(event).collect(),
        complete,
    }
}

/// Reads from a daemon that gives this page each time: how far that leads, and how it ends.
async fn read(
    page: &HistoryResult,
    after: u64,
    by: impl AsyncFnOnce(&mut Shown<'_>, Introduction) -> Result<(), Stop>,
) -> (u64, Result<(), Stop>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d.sock");
    let daemon = FakeDaemon::bind(&path).unwrap().answers::<History>(page);
    let introduction = Introduction::new(vec![path], "test");
    let context = Context::new(true, Vec::new(), convene_wording::Language::En);
    let conference = SeatName::Conference(ConferenceId::from_random(1));
    let mut shown = Shown { conference, number: after, prose: None, context: &context };
    let read = tokio::select! {
        read = by(&mut shown, introduction) => read,
        ended = daemon.serve() => unreachable!("{ended:?}"),
    };
    (shown.number, read)
}

async fn read_past(page: &HistoryResult) -> (u64, Result<(), Stop>) {
    read(page, 0, async |shown, introduction| {
        let (client, _) = introduction.connect().await?;
        catch_up(shown, &client, 0).await
    })
    .await
}

#[tokio::test]
async fn a_past_that_ends_is_read_to_its_end() {
    let read = read_past(&page(1..=3, true)).await;
    assert!(matches!(read, (3, Ok(()))), "{read:?}");
}

#[tokio::test]
async fn a_past_that_is_not_all_here_ends_with_the_number_to_go_on_from() {
    let (after, read) = read_past(&page(1..=3, false)).await;
    let Err(stop @ Stop::NotAllHere { after: 3 }) = read else { panic!("{read:?}") };
    assert_eq!((after, stop.code()), (3, NO_SERVER));
    let message = stop.message(&convene_wording::Wording::new(convene_wording::Language::En));
    assert!(message.is_some_and(|message| message.contains("--after 3")));
}

#[tokio::test]
async fn what_was_passed_over_is_read_before_the_rest() {
    let read = read(&page(2..=3, false), 1, async |shown, introduction| {
        let mut attachment = Attachment::new(introduction, Patience::Each(std::time::Duration::ZERO));
        fill(shown, &mut attachment, 3).await
    })
    .await;
    assert!(matches!(read, (3, Ok(()))), "{read:?}");
}
