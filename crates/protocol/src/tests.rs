//! Frames as golden bytes: what these tests hold is what older and newer programs rely on.

#[expect(clippy::wildcard_enum_match_arm, reason = "a frame of another kind fails the test")]
mod later;

use convene_conference::{Outcome, Receipt, Refusal, Role};
use convene_model::{ConferenceId, JoinCode, Json, LogId, Nonce, ParticipantId, SeatKey, TermId, Timestamp};
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

use super::*;

const ID: &str = "00000000-0000-0000-0000-000000000007";
const JOIN: &str =
    r#""join":{"code":"AAAAAAAAAAAAAAAAAAAAAA","name":"Anna","id":"00000000-0000-0000-0000-000000000007"}"#;
const TERM: &str = r#"{"term":"AAAAAAAAAAAAAAAAAAAAAA","from":2}"#;

fn term() -> TermStart {
    TermStart { term: TermId([0; 16]), from: 2 }
}

fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

fn resume() -> Resume {
    Resume {
        index: 3,
        count: 1,
        key: SeatKey([0; 32]),
        conference: Some(ConferenceId::from_random(0)),
        replica: Some(Replica { log: LogId([0; 8]), number: 9, receipts: 12, terms: vec![term()] }),
        snapshot: true,
        join: Join { code: JoinCode([0; 16]), name: "Anna".parse().unwrap(), id: ID.parse().unwrap() },
        was_participant: true,
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
        &ClientFrame::Hello(ClientHello { versions: vec![2], program: "convened 0.1.0".into() }),
        r#"{"hello":{"versions":[2],"program":"convened 0.1.0"}}"#,
    );
    let hello = ServerHello {
        version: 2,
        server: "conference.example.org".into(),
        nonce: Nonce([0; 16]),
        now: Timestamp::from_millis(0),
        end_points: Vec::new(),
    };
    server(
        &ServerFrame::Hello(hello.clone()),
        r#"{"hello":{"version":2,"server":"conference.example.org","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z"}}"#,
    );
    let key = "A".repeat(43);
    server(
        &ServerFrame::Hello(ServerHello { end_points: vec![[0; 32], [0; 32]], ..hello }),
        &format!(
            r#"{{"hello":{{"version":2,"server":"conference.example.org","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z","end_points":["{key}","{key}"]}}}}"#
        ),
    );
    let short = r#"{"hello":{"version":2,"server":"a","nonce":"AAAAAAAAAAAAAAAAAAAAAA","now":"1970-01-01T00:00:00.000Z","end_points":["AAAA"]}}"#;
    assert!(ServerFrame::parse(short).is_err());
}

#[test]
fn attaching() {
    let attach = Attach {
        link: proof::LinkKey([0; 32]),
        epoch: 2,
        received: 5,
        end_point: Some([0; 32]),
        seats: vec![resume()],
        signature: proof::Signature([0; 64]),
    };
    let (signature, key) = ("A".repeat(86), "A".repeat(43));
    client(
        &ClientFrame::Attach(attach),
        &format!(
            r#"{{"attach":{{"link":"{key}","epoch":2,"received":5,"end_point":"{key}","seats":[{{"index":3,"count":1,"key":"{key}","conference":"aaaaaaaaaa","replica":{{"log":"AAAAAAAAAAA","number":9,"receipts":12,"terms":[{TERM}]}},"snapshot":true,{JOIN},"was_participant":true,"signature":"{signature}"}}],"signature":"{signature}"}}}}"#
        ),
    );
    let attached = Attached { received: 4, resumed: true, end_point_known: Some(true) };
    server(
        &ServerFrame::Attached(attached),
        r#"{"attached":{"received":4,"resumed":true,"end_point_known":true}}"#,
    );
    let refused = Refused::of(RefuseCode::OldEpoch);
    server(&ServerFrame::Refused(refused), r#"{"refused":{"code":"old_epoch"}}"#);
    let refused = Refused { versions: vec![2], ..Refused::of(RefuseCode::VersionUnsupported) };
    server(&ServerFrame::Refused(refused), r#"{"refused":{"code":"version_unsupported","versions":[2]}}"#);
}

#[test]
fn asking_for_seats_and_closing_them() {
    let seat =
        Resume { conference: None, replica: None, snapshot: false, was_participant: false, ..resume() };
    client(
        &ClientFrame::Open(OpenSeats { seats: vec![seat] }),
        &format!(
            r#"{{"open":{{"seats":[{{"index":3,"count":1,"key":"{}",{JOIN},"signature":"{}"}}]}}}}"#,
            "A".repeat(43),
            "A".repeat(86)
        ),
    );
    client(&ClientFrame::Close(CloseSeat { index: 3 }), r#"{"close":{"index":3}}"#);
    server(&ServerFrame::Reopen(Reopen { seats: vec![3, 5] }), r#"{"reopen":{"seats":[3,5]}}"#);
    server(
        &ServerFrame::Follow(Follow { index: 3, following: true }),
        r#"{"follow":{"index":3,"following":true}}"#,
    );
}

#[test]
fn answers_to_seats() {
    let open = |resume| OpenedOutcome::Open {
        participant: ParticipantId(1),
        conference: ConferenceId::from_random(0),
        log: LogId([0; 8]),
        role: Role::Organizer,
        credit: 256,
        resume,
    };
    let later =
        OpenedOutcome::Later { code: Refusal::OtherLog, retry_after_ms: 5_000, log: Some(LogId([0; 8])) };
    let refused = OpenedOutcome::Refused { code: Refusal::NameTaken };
    let opened = |index, void_after, outcome| Opened { index, count: 2, void_after, outcome };
    server(
        &ServerFrame::Opened(vec![
            opened(3, Some(7), open(Resumption::Snapshot { number: 9 })),
            opened(4, None, open(Resumption::Replay)),
            opened(5, None, later),
            opened(6, None, refused),
        ]),
        r#"{"opened":[{"index":3,"count":2,"void_after":7,"outcome":"open","participant":"p1","conference":"aaaaaaaaaa","log":"AAAAAAAAAAA","role":"organizer","credit":256,"resume":{"kind":"snapshot","number":9}},{"index":4,"count":2,"outcome":"open","participant":"p1","conference":"aaaaaaaaaa","log":"AAAAAAAAAAA","role":"organizer","credit":256,"resume":{"kind":"replay"}},{"index":5,"count":2,"outcome":"later","code":"other_log","retry_after_ms":5000,"log":"AAAAAAAAAAA"},{"index":6,"count":2,"outcome":"refused","code":"name_taken"}]}"#,
    );
}

#[test]
fn commands_and_receipts() {
    let text = format!(
        r#"{{"commands":{{"index":3,"count":2,"list":[{{"id":"{ID}","seen":{{"number":9,"term":"AAAAAAAAAAAAAAAAAAAAAA"}},"body":{{"kind":"say",  "text":"hi"}}}}]}}}}"#
    );
    let ClientFrame::Commands(commands) = ClientFrame::parse(&text).unwrap() else { panic!() };
    assert_eq!(
        commands.list[0].body.get(),
        r#"{"kind":"say",  "text":"hi"}"#,
        "the body passes through unread"
    );
    client(&ClientFrame::Commands(commands), &text);
    let id = ID.parse().unwrap();
    let accepted = Receipt { id, number: 9, outcome: Outcome::Accepted };
    let refused = Receipt { id, number: 10, outcome: Outcome::Refused { code: Refusal::RoomClosed } };
    server(
        &ServerFrame::Receipts(Receipts { index: 3, terms: vec![term()], list: vec![accepted, refused] }),
        &format!(
            r#"{{"receipts":{{"index":3,"terms":[{TERM}],"list":[{{"id":"{ID}","number":9,"outcome":"accepted"}},{{"id":"{ID}","number":10,"outcome":"refused","code":"room_closed"}}]}}}}"#
        ),
    );
}

#[test]
fn events_and_history() {
    let (conference, log) = (ConferenceId::from_random(0), LogId([0; 8]));
    let list = [json(r#"{"seq":5}"#), json(r#"{"seq":6}"#)];
    for (to, terms, golden) in [
        (
            To::Following,
            vec![],
            r#"{"events":{"conference":"aaaaaaaaaa","log":"AAAAAAAAAAA","to":"following","after":4,"through":6,"list":[{"seq":5},{"seq":6}]}}"#.to_owned(),
        ),
        (
            To::Seats(vec![3, 7]),
            vec![term()],
            format!(
                r#"{{"events":{{"conference":"aaaaaaaaaa","log":"AAAAAAAAAAA","to":[3,7],"after":4,"through":6,"terms":[{TERM}],"list":[{{"seq":5}},{{"seq":6}}]}}}}"#
            ),
        ),
    ] {
        let head = EventsHead { conference, log, to: &to, after: 4, through: 6, terms: &terms };
        let text = events_text(&head, &list);
        assert_eq!(text, golden);
        let ServerFrame::Events(events) = ServerFrame::parse(&text).unwrap() else { panic!() };
        assert_eq!(events.head(), head);
        server(&ServerFrame::Events(events), &golden);
    }
    let text = history_text(3, 4, 6, &list[..1]);
    assert_eq!(text, r#"{"history":{"index":3,"after":4,"through":6,"list":[{"seq":5}]}}"#);
    assert_eq!(ServerFrame::parse(&text).unwrap().to_string(), text);
    let request = HistoryRequest { index: 3, after: 4, through: 6, newest: false };
    client(&ClientFrame::History(request), r#"{"history":{"index":3,"after":4,"through":6}}"#);
    client(
        &ClientFrame::History(HistoryRequest { newest: true, ..request }),
        r#"{"history":{"index":3,"after":4,"through":6,"newest":true}}"#,
    );
}

#[test]
fn snapshots_and_presence() {
    let (conference, log) = (ConferenceId::from_random(0), LogId([0; 8]));
    let snapshot = Snapshot {
        conference,
        log,
        number: 6,
        level: 1,
        terms: vec![term()],
        part: 0,
        parts: 2,
        data: "AAAA".into(),
    };
    server(
        &ServerFrame::Snapshot(snapshot),
        &format!(
            r#"{{"snapshot":{{"conference":"aaaaaaaaaa","log":"AAAAAAAAAAA","number":6,"level":1,"terms":[{TERM}],"part":0,"parts":2,"data":"AAAA"}}}}"#
        ),
    );
    server(
        &ServerFrame::Own(OwnPart { index: 3, number: 6, state: json("{}") }),
        r#"{"own":{"index":3,"number":6,"state":{}}}"#,
    );
    server(
        &ServerFrame::Presence(Presence { conference, log, online: "BQ".into() }),
        r#"{"_presence":{"conference":"aaaaaaaaaa","log":"AAAAAAAAAAA","online":"BQ"}}"#,
    );
}

#[test]
fn frames_that_are_not_counted() {
    client(&ClientFrame::Ack(Ack { received: 3, again: false }), r#"{"_ack":{"received":3}}"#);
    server(&ServerFrame::Ack(Ack { received: 3, again: true }), r#"{"_ack":{"received":3,"again":true}}"#);
    client(&ClientFrame::Ping(Ping { id: 1 }), r#"{"_ping":{"id":1}}"#);
    server(&ServerFrame::Pong(Pong { id: 1, received: 2 }), r#"{"_pong":{"id":1,"received":2}}"#);
    let bye = Bye { code: RefuseCode::Restarting, retry_after_ms: Some(500) };
    server(&ServerFrame::Bye(bye), r#"{"_bye":{"code":"restarting","retry_after_ms":500}}"#);
}

#[test]
fn unknown_fields_are_ignored_and_unknown_kinds_named() {
    assert!(ClientFrame::parse(r#"{"_ack":{"received":3,"mood":"fine"}}"#).is_ok());
    let unknown = |kind: &str| FrameError::Unknown(Unknown { kind: kind.into() });
    assert_eq!(ClientFrame::parse(r#"{"dance":{}}"#).unwrap_err(), unknown("dance"));
    let long = format!(r#"{{"{}":1}}"#, "ä".repeat(100));
    assert_eq!(ClientFrame::parse(&long).unwrap_err(), unknown(&"ä".repeat(32)));
    assert!(Unknown { kind: "dance".into() }.is_counted() && !Unknown { kind: "_dance".into() }.is_counted());
    for text in ["", "1", "[]", "{}", r#"{"_ack":{}}"#, r#"{"_ack":{"received":3},"_ping":{}}"#, "\u{0}"] {
        assert_eq!(ClientFrame::parse(text).unwrap_err(), FrameError::Malformed, "{text}");
    }
    let huge = format!("\"{}\"", "x".repeat(convene_model::limits::FRAME_BYTES_MAX));
    assert_eq!(ClientFrame::parse(&huge).unwrap_err(), FrameError::TooLong);
}

#[test]
fn a_link_is_named_after_its_key() {
    let key = proof::LinkKey([0; 32]);
    // The beginning of the SHA-256 of 32 zero bytes.
    assert_eq!(key.id().0[..4], [0x66, 0x68, 0x7a, 0xad]);
    assert_eq!(key.to_string().parse(), Ok(key));
    assert!("AAAA".parse::<proof::LinkKey>().is_err());
}

#[test]
fn a_proof_holds_for_what_was_signed_and_nothing_else() {
    let secret = SigningKey::from_bytes(&[5; 32]);
    let link = proof::LinkKey([2; 32]).id();
    let context = proof::Context { nonce: Nonce([1; 16]), link, epoch: 3, end_point: None };
    let mut seat = Resume { key: SeatKey(secret.verifying_key().to_bytes()), ..resume() };
    seat.signature = proof::Signature(secret.sign(&proof::resume_message(&context, &seat)).to_bytes());
    assert!(proof::resume_holds(&context, &seat));
    assert!(!proof::resume_holds(&proof::Context { epoch: 4, ..context }, &seat));
    assert!(!proof::resume_holds(&proof::Context { nonce: Nonce([2; 16]), ..context }, &seat));
    assert!(!proof::resume_holds(&proof::Context { end_point: Some([0; 32]), ..context }, &seat));
    let replica = seat.replica.clone().unwrap();
    let changed: [Resume; 9] = [
        Resume { index: 4, ..seat.clone() },
        Resume { count: 2, ..seat.clone() },
        Resume { conference: None, ..seat.clone() },
        Resume { replica: None, ..seat.clone() },
        Resume { replica: Some(Replica { receipts: 13, ..replica.clone() }), ..seat.clone() },
        Resume { replica: Some(Replica { terms: Vec::new(), ..replica }), ..seat.clone() },
        Resume { snapshot: false, ..seat.clone() },
        Resume { was_participant: false, ..seat.clone() },
        Resume { key: SeatKey([9; 32]), ..seat },
    ];
    for changed in changed {
        assert!(!proof::resume_holds(&context, &changed), "{changed:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_reading_fail_otherwise_than_by_an_error(text in any::<String>()) {
        prop_assert!(ClientFrame::parse(&text).is_err());
        prop_assert!(ServerFrame::parse(&text).is_err());
    }
}
