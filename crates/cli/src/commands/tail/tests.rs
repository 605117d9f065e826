//! The past, page by page, of a daemon that says what a test wants. Its socket is a file, which a
//! pipe of Windows is not.

#![cfg(unix)]

use convene_local_client::FakeDaemon;
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
    by: impl AsyncFnOnce(&mut Shown<'_>, &mut Client) -> Result<(), Stop>,
) -> (u64, Result<(), Stop>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d.sock");
    let daemon = FakeDaemon::bind(&path).unwrap().answers::<History>(page);
    let sockets = [path];
    let language = convene_wording::Language::En;
    let context = Context {
        json: true,
        sockets: Vec::new(),
        language,
        wording: convene_wording::Wording::new(language),
    };
    let conference = SeatName::Conference(ConferenceId::from_random(1));
    let mut shown = Shown { conference, after: After::Number(after), context: &context };
    let reading = async {
        let mut client = Client::connect(&sockets, "test", None, None).await.unwrap();
        by(&mut shown, &mut client).await
    };
    let read = tokio::select! {
        read = reading => read,
        ended = daemon.serve() => unreachable!("{ended:?}"),
    };
    (shown.number(), read)
}

#[tokio::test]
async fn a_past_that_ends_is_read_to_its_end() {
    let read = read(&page(1..=3, true), 0, async |shown, client| catch_up(shown, client, 0).await).await;
    assert!(matches!(read, (3, Ok(()))), "{read:?}");
}

#[tokio::test]
async fn a_past_that_is_not_all_here_ends_with_the_number_to_go_on_from() {
    let (after, read) =
        read(&page(1..=3, false), 0, async |shown, client| catch_up(shown, client, 0).await).await;
    let Err(stop @ Stop::NotAllHere { after: 3 }) = read else { panic!("{read:?}") };
    assert_eq!((after, stop.code()), (3, NO_SERVER));
    let message = stop.message(&convene_wording::Wording::new(convene_wording::Language::En));
    assert!(message.is_some_and(|message| message.contains("--after 3")));
}

#[tokio::test]
async fn what_was_passed_over_is_read_before_the_rest() {
    let read = read(&page(2..=3, false), 1, async |shown, client| fill(shown, client, 3).await).await;
    assert!(matches!(read, (3, Ok(()))), "{read:?}");
}
