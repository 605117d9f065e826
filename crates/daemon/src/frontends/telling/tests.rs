//! A watch over a store, with news as a server's task gives them.

use std::sync::Arc;

use convene_conference::{Outcome, Receipt, Refusal, State};
use convene_model::{ConferenceId, JoinCode, LogId, PortRange, TermId, TermStart};
use convene_seat::{JoinRequest, Missing, SeatSecret, Terms, Write, WriteId};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::*;
use crate::frontends::lines::Line;
use crate::frontends::quotas::Quotas;
use crate::store::{NewSeat, Notices, ServerAddress, StoreOptions, Tenure};

/// A seat's replica, and what a frontend that watches it is told.
struct Scene {
    store: Store,
    notices: Notices,
    tenure: Tenure,
    seat: SeatId,
    writes: u64,
    lines: Lines,
    said: mpsc::Receiver<Line>,
    _dir: tempfile::TempDir,
}

const LOG: LogId = LogId([1; 8]);
/// It begins with entry 9.
const TERM: TermId = TermId([2; 16]);

fn conference() -> ConferenceId {
    ConferenceId::from_random(5)
}

fn event(seq: u64) -> EventText {
    EventText { seq, step: 1, text: Json::of(&json!({ "seq": seq })).unwrap() }
}

fn point(number: u64) -> Point {
    Point { number, term: if number < 9 { TermId::of_log(LOG) } else { TERM } }
}

/// As a task answers who wants to begin behind `after`.
fn watching(after: u64, cursor: u64) -> Watching {
    Watching {
        participant: Some(ParticipantId(1)),
        log: LOG,
        terms: Terms::from_starts(vec![TermStart { term: TERM, from: 9 }]),
        cursor,
        after,
        is_reset: false,
        state: None,
        waiting: Vec::new(),
        returned: Vec::new(),
    }
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
        let (lines, said) = Lines::new(&Quotas::default().line_bytes, "anna");
        let tenure = store.begin_tenure();
        let mut scene = Self { store, notices, tenure, seat, writes: 0, lines, said, _dir: dir };
        let participant = ParticipantId(1);
        scene.keep(Write::Opened { conference: conference(), log: LOG, participant }).await;
        scene
    }

    async fn keep(&mut self, write: Write) {
        self.writes += 1;
        let room = self.store.try_reserve().unwrap().unwrap();
        room.write(self.tenure, self.seat, WriteId(self.writes), write);
        while self.notices.next().await.is_some_and(|stored| stored.through < WriteId(self.writes)) {}
    }

    async fn happen(&mut self, seqs: std::ops::RangeInclusive<u64>) {
        let through = *seqs.end();
        self.keep(Write::Events { items: seqs.map(event).collect(), through, terms: Vec::new() }).await;
    }

    async fn pass_over(&mut self, after: u64, through: u64) {
        let missing = Missing::from_spans([Span { after, through }]);
        let (state, terms) = (Box::default(), Vec::new());
        self.keep(Write::Snapshot { number: through, state, level: 1, terms, missing }).await;
    }

    fn watch(&self) -> Telling<'_> {
        let Self { store, seat, lines, .. } = self;
        Telling {
            store,
            seat: *seat,
            conference: SeatName::Conference(conference()),
            lines,
            told: point(0),
            clock: None,
            patching: None,
            standing: Standing::Joined,
            may: None,
        }
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

fn said(receiver: &mut mpsc::Receiver<Line>) -> Vec<String> {
    std::iter::from_fn(|| receiver.try_recv().ok()).map(|line| short(&line.text)).collect()
}

#[tokio::test]
async fn what_a_snapshot_passed_over_is_told_as_such_and_the_watch_goes_on() {
    let mut scene = Scene::new().await;
    scene.happen(1..=5).await;
    scene.pass_over(5, 8).await;
    scene.happen(9..=10).await;
    let mut telling = scene.watch();
    assert!(telling.begin(&watching(2, 10), false).await.is_ok());
    assert!(telling.tell(WatchEvent::PassedOver { through: point(8) }).await.is_ok());
    assert!(telling.tell(WatchEvent::PassedOver { through: point(20) }).await.is_ok());
    let items: Arc<[EventText]> = [event(20), event(21)].into();
    assert!(telling.tell(WatchEvent::Events { items, through: point(22) }).await.is_ok());
    assert_eq!(telling.told, point(22));
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
    scene.pass_over(2, 8).await;
    let mut telling = scene.watch();
    assert!(telling.begin(&watching(5, 8), false).await.is_ok());
    assert_eq!(said(&mut scene.said), ["5..8 passed over"]);
}

#[tokio::test]
async fn what_comes_as_news_is_not_read_from_the_store() {
    let mut scene = Scene::new().await;
    scene.happen(1..=3).await;
    scene.pass_over(3, 8).await;
    scene.happen(9..=9).await;
    // The watch began before the snapshot came.
    let mut telling = scene.watch();
    assert!(telling.begin(&watching(0, 2), false).await.is_ok());
    let items: Arc<[EventText]> = [event(3)].into();
    assert!(telling.tell(WatchEvent::Events { items, through: point(3) }).await.is_ok());
    assert!(telling.tell(WatchEvent::PassedOver { through: point(8) }).await.is_ok());
    assert_eq!(said(&mut scene.said), ["0..2 [1, 2]", "2..3 [3]", "3..8 passed over"]);
}

/// The next lines are these notifications, in order.
#[track_caller]
fn expect(said: &mut mpsc::Receiver<Line>, expected: impl IntoIterator<Item = (&'static str, Value)>) {
    for (method, mut params) in expected {
        let line: Value = serde_json::from_str(&said.try_recv().unwrap().text).unwrap();
        params["conference"] = json!(conference());
        assert_eq!(line["method"], format!("conference.{method}"));
        assert_eq!(line["params"], params);
    }
    assert!(said.try_recv().is_err());
}

#[tokio::test]
async fn who_saw_what_is_void_is_told_where_the_watch_goes_on() {
    let mut scene = Scene::new().await;
    scene.happen(1..=10).await;
    let mut telling = scene.watch();
    let begins = Watching { is_reset: true, ..watching(9, 10) };
    assert!(telling.begin(&begins, false).await.is_ok());
    assert!(matches!(telling.tell(WatchEvent::Anew).await, Err(End::Anew)));
    assert!(telling.tell(WatchEvent::Reset { to: point(7) }).await.is_ok());
    let items: Arc<[EventText]> = [event(8)].into();
    assert!(telling.tell(WatchEvent::Events { items, through: point(8) }).await.is_ok());
    let (before, since) = (TermId::of_log(LOG), TERM);
    expect(
        &mut scene.said,
        [
            ("reset", json!({ "cursor": 9, "term": since })),
            ("events", json!({ "after": 9, "through": 10, "term": since, "events": [{ "seq": 10 }] })),
            ("reset", json!({ "cursor": 7, "term": before })),
            ("events", json!({ "after": 7, "through": 8, "term": before, "events": [{ "seq": 8 }] })),
        ],
    );
}

/// An event as the server writes it.
fn happened(seq: u64, body: &Value) -> EventText {
    let event = json!({ "seq": seq, "at": "2026-12-01T09:00:00.000Z", "body": body });
    EventText { seq, step: 1, text: Json::of(&event).unwrap() }
}

#[tokio::test]
async fn what_the_participant_may_do_is_told_behind_what_changed_it_and_once() {
    let mut scene = Scene::new().await;
    let joined = json!({ "kind": "joined", "participant": "p1", "name": "Anna", "role": "participant" });
    let mut state = State::default();
    state.evolve(&serde_json::from_str(happened(1, &joined).text.get()).unwrap());
    let state = Some(Json::of(&state.seen_by(ParticipantId(1))).unwrap());
    let begins = Watching { state, ..watching(1, 1) };
    let mut telling = Telling { patching: Patching::new(&begins), ..scene.watch() };
    telling.may = telling.may_now();
    assert!(telling.begin(&begins, false).await.is_ok());
    let promoted = json!({ "kind": "role_changed", "participant": "p1", "role": "organizer" });
    let spoke = json!({ "kind": "said", "room": "foyer", "text": "x" });
    for (seq, body) in [(2, promoted), (3, spoke)] {
        let items: Arc<[EventText]> = [happened(seq, &body)].into();
        assert!(telling.tell(WatchEvent::Events { items, through: point(seq) }).await.is_ok());
    }
    let not_here = Standing::NotHereNow { code: Refusal::NotHereNow, other_log: None };
    for standing in [not_here, Standing::Left, Standing::Joined] {
        assert!(telling.tell(WatchEvent::Seat(standing)).await.is_ok());
    }
    let told: Vec<Value> = std::iter::from_fn(|| scene.said.try_recv().ok())
        .map(|line| serde_json::from_str(&line.text).unwrap())
        .collect();
    let methods: Vec<&str> = told.iter().filter_map(|line| line["method"].as_str()).collect();
    let expected = ["events", "may", "events", "seat", "seat", "may", "seat", "may"];
    assert_eq!(methods, expected.map(|name| format!("conference.{name}")));
    let may = |at: usize| &told[at]["params"]["may"];
    assert_eq!(may(1)["acts"]["end"], json!({ "allowed": true }));
    assert_eq!((may(5), may(7)), (&Value::Null, may(1)));
}

#[tokio::test]
async fn the_seat_the_outbox_texts_that_came_back_presence_and_the_clock_are_told() {
    let mut scene = Scene::new().await;
    let body = Json::parse(r#"{"kind":"say","text":"x"}"#).unwrap();
    let code = Refusal::RoomClosed;
    let other = CommandId(uuid::Uuid::from_u128(8));
    let returned = |why| Returned { body: body.clone(), why };
    let begins = Watching {
        waiting: vec![(command(), body.clone())],
        returned: vec![
            (command(), returned(WhyReturned::Refused { code })),
            (other, returned(WhyReturned::Lost)),
        ],
        ..watching(0, 0)
    };
    let mut telling = scene.watch();
    assert!(telling.begin(&begins, false).await.is_ok());
    let (id, kept) = (command(), Some(body.clone()));
    let receipt = |id, outcome| Receipt { id, number: 3, outcome };
    let other_log = Some(LogId([2; 8]));
    for news in [
        WatchEvent::Queued { id, body: body.clone() },
        WatchEvent::Receipt { receipt: receipt(id, Outcome::Refused { code }), kept },
        WatchEvent::Receipt { receipt: receipt(other, Outcome::Accepted), kept: None },
        WatchEvent::Lost { id: other, body },
        WatchEvent::Dismissed { id },
        WatchEvent::Seat(Standing::Left),
        WatchEvent::Seat(Standing::Refused { code: Refusal::ConferenceEnded, is_final: true }),
        WatchEvent::Seat(Standing::NotHereNow { code: Refusal::OtherLog, other_log }),
        WatchEvent::Presence { online: Some([0b101, 1].into()) },
        WatchEvent::Presence { online: None },
    ] {
        assert!(telling.tell(news).await.is_ok());
    }
    for offset in [Some(40), Some(40), None, Some(-7)] {
        assert!(telling.clock(offset).await.is_ok());
    }
    let body = json!({ "kind": "say", "text": "x" });
    let queued = ("outbox", json!({ "command": id, "body": body }));
    let refused =
        json!({ "command": id, "state": "refused", "seq": null, "code": "room_closed", "body": body });
    let lost = ("lost", json!({ "command": other, "body": body }));
    expect(
        &mut scene.said,
        [
            queued.clone(),
            ("receipt", refused.clone()),
            lost.clone(),
            queued,
            ("receipt", refused),
            ("receipt", json!({ "command": other, "state": "accepted", "seq": 3, "code": null })),
            lost,
            ("dismissed", json!({ "command": id })),
            ("seat", json!({ "seat": "left", "code": null })),
            ("seat", json!({ "seat": "refused", "code": "conference_ended" })),
            ("seat", json!({ "seat": "not_here_now", "code": "other_log", "other_log": other_log })),
            ("presence", json!({ "online": ["p1", "p3", "p9"] })),
            ("presence", json!({})),
            ("clock", json!({ "offset_ms": 40 })),
            ("clock", json!({ "offset_ms": -7 })),
        ],
    );
}
