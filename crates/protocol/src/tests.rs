//! Frames as golden bytes: what these tests hold is what older and newer programs rely on.

use convene_conference::{Outcome, Receipt, Refusal, Right};
use convene_model::{ConferenceId, JoinCode, LinkId, LogId, Nonce, ParticipantId, SeatKey, Timestamp};
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

use super::*;

const ID: &str = "00000000-0000-0000-0000-000000000007";

fn resume() -> Resume {
    Resume {
        index: 3,
        key: SeatKey([0; 32]),
        conference: Some(ConferenceId::from_random(0)),
        cursor: Some(Cursor { log: LogId([0; 8]), number: 9 }),
        join: None,
        signature: proof::Signature([0; 64]),
    }
}

/// The text is how the frame travels, and reading it gives the frame again.
fn client(frame: &ClientFrame, text: &str) {
    assert_eq!(frame.to_string(), text);
    assert_eq!(ClientFrame::parse(text).unwrap().to_string(), text);
}

fn server(frame: &ServerFrame, text: &str) {
    assert_eq!(frame.to_string(), text);
    assert_eq!(ServerFrame::parse(text).unwrap().to_string(), text);
}

#[test]
fn the_greeting() {
    client(
        &ClientFrame::Hello(ClientHello { versions: vec![1], program: "convened 0.1.0".into() }),
        r#"{"hello":{"versions":[1],"program":"convened 0.1.0"}}"#,
    );
    let hello = ServerHello {
        version: 1,
        server: "conference.example.org".into(),
        nonce: Nonce([0; 16]),
        now: Timestamp::from_millis(0),
        end_points: Vec::new(),
    };
    server(
        &ServerFrame::Hello(hello.clone()),
        r#"{"hello":{"version":1,"server":"conference.example.org","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z"}}"#,
    );
    let key = "A".repeat(43);
    server(
        &ServerFrame::Hello(ServerHello { end_points: vec![[0; 32], [0; 32]], ..hello }),
        &format!(
            r#"{{"hello":{{"version":1,"server":"conference.example.org","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z","end_points":["{key}","{key}"]}}}}"#
        ),
    );
    let short = r#"{"hello":{"version":1,"server":"a","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z","end_points":["AAAA"]}}"#;
    assert!(ServerFrame::parse(short).is_err());
}

#[test]
fn attaching() {
    let attach = Attach {
        link: LinkId([0; 16]),
        epoch: 2,
        received: 5,
        end_point: Some([0; 32]),
        seats: vec![resume()],
    };
    let signature = "A".repeat(86);
    let key = "A".repeat(43);
    client(
        &ClientFrame::Attach(attach),
        &format!(
            r#"{{"attach":{{"link":"AAAAAAAAAAAAAAAAAAAAAA","epoch":2,"received":5,"end_point":"{key}","seats":[{{"index":3,"key":"{key}","conference":"aaaaaaaaaa","cursor":{{"log":"AAAAAAAAAAA","number":9}},"signature":"{signature}"}}]}}}}"#
        ),
    );
    let attached = Attached { received: 4, resumed: true, end_point_known: Some(true) };
    server(
        &ServerFrame::Attached(attached),
        r#"{"attached":{"received":4,"resumed":true,"end_point_known":true}}"#,
    );
    let refused = Refused { code: RefuseCode::OldEpoch, retry_after_ms: None };
    server(&ServerFrame::Refused(refused), r#"{"refused":{"code":"old_epoch"}}"#);
}

#[test]
fn opening_and_closing_seats() {
    let join = Join { code: JoinCode([0; 16]), name: "Anna".parse().unwrap(), id: ID.parse().unwrap() };
    let seat = Resume { conference: None, cursor: None, join: Some(join), ..resume() };
    client(
        &ClientFrame::Open(OpenSeats { seats: vec![seat] }),
        &format!(
            r#"{{"open":{{"seats":[{{"index":3,"key":"{}","join":{{"code":"AAAAAAAAAAAAAAAAAAAAAA","name":"Anna","id":"{ID}"}},"signature":"{}"}}]}}}}"#,
            "A".repeat(43),
            "A".repeat(86)
        ),
    );
    client(&ClientFrame::Close(CloseSeat { index: 3 }), r#"{"close":{"index":3}}"#);
    let open = OpenedOutcome::Open {
        participant: ParticipantId(1),
        conference: ConferenceId::from_random(0),
        log: LogId([0; 8]),
        role: Right::Organizer,
        last_number: 8,
        resume: Resumption::Replay,
    };
    let refused = OpenedOutcome::Refused { code: Refusal::NameTaken };
    server(
        &ServerFrame::Opened(vec![Opened { index: 3, outcome: open }, Opened { index: 4, outcome: refused }]),
        r#"{"opened":[{"index":3,"outcome":{"open":{"participant":"p1","conference":"aaaaaaaaaa","log":"AAAAAAAAAAA","role":"organizer","last_number":8,"resume":"replay"}}},{"index":4,"outcome":{"refused":{"code":"name_taken"}}}]}"#,
    );
}

#[test]
fn commands_and_receipts() {
    let text = format!(
        r#"{{"commands":{{"index":3,"list":[{{"number":9,"id":"{ID}","body":{{"kind":"say",  "text":"hi"}}}}]}}}}"#
    );
    let ClientFrame::Commands(commands) = ClientFrame::parse(&text).unwrap() else { panic!() };
    assert_eq!(
        commands.list[0].body.get(),
        r#"{"kind":"say",  "text":"hi"}"#,
        "the body passes through unread"
    );
    client(&ClientFrame::Commands(commands), &text);
    let receipt = Receipt { number: 9, id: ID.parse().unwrap(), outcome: Outcome::Accepted { seq: 12 } };
    server(
        &ServerFrame::Receipts(Receipts { index: 3, list: vec![receipt] }),
        &format!(
            r#"{{"receipts":{{"index":3,"list":[{{"number":9,"id":"{ID}","accepted":{{"seq":12}}}}]}}}}"#
        ),
    );
}

#[test]
fn events_snapshots_and_history() {
    let head = EventsHead {
        conference: ConferenceId::from_random(0),
        log: LogId([0; 8]),
        to: To::Right(Right::Participant),
        after: 4,
        through: 6,
    };
    let text = events_text(&head, [r#"{"seq":5}"#, r#"{"seq":6}"#]);
    let golden = r#"{"events":{"conference":"aaaaaaaaaa","log":"AAAAAAAAAAA","to":"participants","after":4,"through":6,"list":[{"seq":5},{"seq":6}]}}"#;
    assert_eq!(text, golden);
    let ServerFrame::Events(events) = ServerFrame::parse(&text).unwrap() else { panic!() };
    assert_eq!(events.head(), head);
    server(&ServerFrame::Events(events), golden);
    let text = history_text(3, 4, 6, [r#"{"seq":5}"#]);
    assert_eq!(text, r#"{"history":{"index":3,"after":4,"through":6,"list":[{"seq":5}]}}"#);
    assert_eq!(ServerFrame::parse(&text).unwrap().to_string(), text);
    client(
        &ClientFrame::History(HistoryRequest { index: 3, after: 4, through: 6 }),
        r#"{"history":{"index":3,"after":4,"through":6}}"#,
    );
    let snapshot = Snapshot { index: 3, number: 6, part: 0, parts: 1, data: "{}".into() };
    server(
        &ServerFrame::Snapshot(snapshot),
        r#"{"snapshot":{"index":3,"number":6,"part":0,"parts":1,"data":"{}"}}"#,
    );
}

#[test]
fn control() {
    client(&ClientFrame::Ack(Ack { received: 3, again: false }), r#"{"ack":{"received":3}}"#);
    server(&ServerFrame::Ack(Ack { received: 3, again: true }), r#"{"ack":{"received":3,"again":true}}"#);
    client(&ClientFrame::Ping(Ping { id: 1 }), r#"{"ping":{"id":1}}"#);
    server(&ServerFrame::Pong(Pong { id: 1, received: 2 }), r#"{"pong":{"id":1,"received":2}}"#);
    let bye = Bye { code: RefuseCode::Restarting, retry_after_ms: Some(500) };
    server(&ServerFrame::Bye(bye), r#"{"bye":{"code":"restarting","retry_after_ms":500}}"#);
}

#[test]
fn unknown_fields_are_ignored_and_unknown_kinds_named() {
    assert!(ClientFrame::parse(r#"{"ack":{"received":3,"mood":"fine"}}"#).is_ok());
    let unknown = |kind: &str| FrameError::Unknown(Unknown { kind: kind.into() });
    assert_eq!(ClientFrame::parse(r#"{"dance":{}}"#).unwrap_err(), unknown("dance"));
    let long = format!(r#"{{"{}":1}}"#, "ä".repeat(100));
    assert_eq!(ClientFrame::parse(&long).unwrap_err(), unknown(&"ä".repeat(32)));
    for text in ["", "1", "[]", "{}", r#"{"ack":{}}"#, r#"{"ack":{"received":3},"ping":{}}"#, "\u{0}"] {
        assert_eq!(ClientFrame::parse(text).unwrap_err(), FrameError::Malformed, "{text}");
    }
    let huge = format!("\"{}\"", "x".repeat(convene_model::limits::FRAME_BYTES_MAX));
    assert_eq!(ClientFrame::parse(&huge).unwrap_err(), FrameError::TooLong);
    assert_eq!(serde_json::from_str::<RefuseCode>(r#""tired""#).unwrap(), RefuseCode::Other);
}

#[test]
fn a_proof_holds_for_what_was_signed_and_nothing_else() {
    let secret = SigningKey::from_bytes(&[5; 32]);
    let context = proof::Context { nonce: Nonce([1; 16]), link: LinkId([2; 16]), epoch: 3, end_point: None };
    let mut seat = Resume { key: SeatKey(secret.verifying_key().to_bytes()), ..resume() };
    seat.signature = proof::Signature(secret.sign(&proof::message(&context, &seat)).to_bytes());
    assert!(proof::holds(&context, &seat));
    assert!(!proof::holds(&proof::Context { epoch: 4, ..context }, &seat));
    assert!(!proof::holds(&proof::Context { nonce: Nonce([2; 16]), ..context }, &seat));
    assert!(!proof::holds(&proof::Context { end_point: Some([0; 32]), ..context }, &seat));
    assert!(!proof::holds(&context, &Resume { cursor: None, ..seat.clone() }));
    assert!(!proof::holds(&context, &Resume { key: SeatKey([9; 32]), ..seat }));
}

proptest! {
    #[test]
    fn no_text_makes_reading_fail_otherwise_than_by_an_error(text in any::<String>()) {
        prop_assert!(ClientFrame::parse(&text).is_err());
        prop_assert!(ServerFrame::parse(&text).is_err());
    }
}
