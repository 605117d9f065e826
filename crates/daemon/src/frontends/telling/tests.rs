//! A watch over a store, with news as a server's task gives them.

use convene_conference::{Refusal, Right};
use convene_model::{JoinCode, LogId, ParticipantId, PortRange};
use convene_seat::{JoinRequest, Membership, Phase, SeatSecret, Write, WriteId};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::*;
use crate::store::{NewSeat, Notices, ServerAddress, StoreOptions, Tenure};

/// A seat's replica, and what a frontend that watches it is told.
struct Scene {
    store: Store,
    notices: Notices,
    tenure: Tenure,
    seat: SeatId,
    writes: u64,
    lines: Lines,
    said: mpsc::Receiver<String>,
    _dir: tempfile::TempDir,
}

fn conference() -> ConferenceId {
    ConferenceId::from_random(5)
}

fn event(seq: u64) -> EventText {
    EventText { seq, text: json!({ "seq": seq }).to_string().into() }
}

fn command() -> CommandId {
    CommandId(uuid::Uuid::from_u128(7))
}

impl Scene {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (store, notices) = Store::open(dir.path(), &StoreOptions::default()).unwrap();
        let id = CommandId(uuid::Uuid::nil());
        let server = ServerAddress {
            host: "conference.test".to_owned(),
            https_port: 443,
            ports: PortRange::DEFAULT,
            fingerprint: None,
        };
        let join = JoinRequest { code: JoinCode([1; 16]), name: "Anna".parse().unwrap(), id };
        let secret = SeatSecret::from_bytes(&[7; 32]);
        let seat = store.add(NewSeat { user: "anna".to_owned(), server, secret, join }).await.unwrap();
        let (lines, said) = mpsc::channel(64);
        let tenure = store.begin_tenure();
        Self { store, notices, tenure, seat, writes: 0, lines, said, _dir: dir }
    }

    async fn keep(&mut self, write: Write) {
        self.writes += 1;
        let room = self.store.try_reserve().unwrap().unwrap();
        room.write(self.tenure, self.seat, WriteId(self.writes), write);
        while self.notices.next().await.is_some_and(|stored| stored.through < WriteId(self.writes)) {}
    }

    async fn happen(&mut self, seqs: std::ops::RangeInclusive<u64>) {
        let through = *seqs.end();
        self.keep(Write::Events { items: seqs.map(event).collect(), through }).await;
    }

    async fn pass_over(&mut self, through: u64) {
        let membership = Membership {
            conference: conference(),
            participant: ParticipantId(1),
            role: Right::Participant,
            log: LogId([1; 8]),
        };
        self.keep(Write::Snapshot { membership, through, state: Box::default(), replaces: false }).await;
    }

    fn watch(&self, after: u64) -> Telling<'_> {
        let Self { store, seat, lines, .. } = self;
        Telling { store, seat: *seat, conference: conference(), lines, told: after, clock: None }
    }
}

/// Events, or that some are passed over, in short.
fn short(line: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    let (method, params) = (line["method"].as_str().unwrap(), &line["params"]);
    let events: Vec<u64> =
        params["events"].as_array().into_iter().flatten().filter_map(|event| event["seq"].as_u64()).collect();
    let what =
        if method == "conference.passed_over" { "passed over".to_owned() } else { format!("{events:?}") };
    format!("{}..{} {what}", params["after"], params["through"])
}

fn said(receiver: &mut mpsc::Receiver<String>) -> Vec<String> {
    std::iter::from_fn(|| receiver.try_recv().ok()).map(|line| short(&line)).collect()
}

#[tokio::test]
async fn what_a_snapshot_passed_over_is_told_as_such_and_the_watch_goes_on() {
    let mut scene = Scene::new().await;
    scene.happen(1..=5).await;
    scene.pass_over(8).await;
    scene.happen(9..=10).await;
    let mut telling = scene.watch(2);
    assert!(telling.catch_up(10).await.is_ok());
    assert!(telling.tell(News::PassedOver { through: 8 }).await.is_ok());
    assert!(telling.tell(News::PassedOver { through: 20 }).await.is_ok());
    let items: Arc<[EventText]> = [event(20), event(21)].into();
    assert!(telling.tell(News::Events { items, through: 22 }).await.is_ok());
    let told = said(&mut scene.said);
    assert_eq!(
        told,
        ["2..5 [3, 4, 5]", "5..8 passed over", "8..10 [9, 10]", "10..20 passed over", "20..22 [21]"]
    );
}

#[tokio::test]
async fn a_watch_that_begins_inside_of_what_was_passed_over_is_told_the_rest_of_it() {
    let mut scene = Scene::new().await;
    scene.happen(1..=2).await;
    scene.pass_over(8).await;
    let mut telling = scene.watch(5);
    assert!(telling.catch_up(8).await.is_ok());
    assert_eq!(said(&mut scene.said), ["5..8 passed over"]);
}

#[tokio::test]
async fn what_comes_as_news_is_not_read_from_the_store() {
    let mut scene = Scene::new().await;
    scene.happen(1..=3).await;
    scene.pass_over(8).await;
    scene.happen(9..=9).await;
    // The watch began before the snapshot came.
    let mut telling = scene.watch(0);
    assert!(telling.catch_up(2).await.is_ok());
    let items: Arc<[EventText]> = [event(3)].into();
    assert!(telling.tell(News::Events { items, through: 3 }).await.is_ok());
    assert!(telling.tell(News::PassedOver { through: 8 }).await.is_ok());
    assert_eq!(said(&mut scene.said), ["0..2 [1, 2]", "2..3 [3]", "3..8 passed over"]);
}

#[tokio::test]
async fn the_seat_the_outbox_refused_texts_and_the_clock_are_told() {
    let mut scene = Scene::new().await;
    let body: Arc<str> = r#"{"kind":"say","text":"x"}"#.into();
    let outcome = Outcome::Refused { code: Refusal::RoomClosed };
    let watching = Watching {
        membership: None,
        state: convene_conference::State::default(),
        cursor: 0,
        phase: Phase::Joined,
        waiting: vec![(command(), Arc::clone(&body))],
        refused: vec![(command(), outcome, Arc::clone(&body))],
    };
    let mut telling = scene.watch(0);
    assert!(telling.outbox(&watching).await.is_ok());
    let (id, kept) = (command(), Some(Arc::clone(&body)));
    for news in [
        News::Queued { id, body },
        News::Receipt { id, outcome, kept },
        News::Dismissed { id },
        News::Phase(Phase::Left),
        News::Phase(Phase::Refused { code: Refusal::ConferenceEnded }),
        News::Reset { log: LogId([2; 8]), through: 4 },
    ] {
        assert!(telling.tell(news).await.is_ok());
    }
    for offset in [Some(40), Some(40), None, Some(-7)] {
        assert!(telling.clock(offset).await.is_ok());
    }
    let body = json!({ "kind": "say", "text": "x" });
    let queued = ("outbox", json!({ "command": id, "body": body }));
    let refused = (
        "receipt",
        json!({ "command": id, "state": "refused", "seq": null, "code": "room_closed", "body": body }),
    );
    let expected = [
        queued.clone(),
        refused.clone(),
        queued,
        refused,
        ("dismissed", json!({ "command": id })),
        ("seat", json!({ "seat": "left", "code": null })),
        ("seat", json!({ "seat": "refused", "code": "conference_ended" })),
        ("reset", json!({ "log": LogId([2; 8]), "cursor": 4 })),
        ("clock", json!({ "offset_ms": 40 })),
        ("clock", json!({ "offset_ms": -7 })),
    ];
    for (method, mut params) in expected {
        let line: Value = serde_json::from_str(&scene.said.try_recv().unwrap()).unwrap();
        params["conference"] = json!(conference());
        assert_eq!(line["method"], format!("conference.{method}"));
        assert_eq!(line["params"], params);
    }
    assert!(scene.said.try_recv().is_err());
}
