use convene_conference::{May, Permit, State};
use convene_model::limits::REQUEST_PARAMS_BYTES_MAX;
use convene_model::{CommandId, ConferenceId, Json, ParticipantId, SeatName, TermId};
use serde_json::json;

use super::*;

#[test]
fn the_document_in_docs_is_that_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openrpc.json");
    let kept: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(kept == openrpc(), "run `cargo xtask api`");
}

#[test]
fn every_error_has_a_number_and_a_word_of_its_own() {
    for (at, one) in ErrorCode::ALL.iter().enumerate() {
        for other in &ErrorCode::ALL[at + 1..] {
            assert_ne!(one.number(), other.number());
            assert_ne!(one.as_str(), other.as_str());
        }
    }
}

#[test]
fn requests_are_read_and_bad_ones_get_the_error_that_fits() {
    let request =
        read_request(r#"{"jsonrpc":"2.0","id":7,"method":"hello","params":{"client":"a"}}"#).unwrap();
    assert_eq!((request.id, request.method.as_str()), (Some(Id::Number(7)), "hello"));
    assert_eq!(read_request(r#"{"jsonrpc":"2.0","id":"x","method":"hello"}"#).unwrap().params.get(), "{}");
    let unanswered = read_request(r#"{"jsonrpc":"2.0","method":"hello"}"#).unwrap();
    assert_eq!(unanswered.id, None);
    let null = read_request(r#"{"jsonrpc":"2.0","id":null,"method":"hello"}"#).unwrap();
    assert_eq!(result_line(&null.id.unwrap(), &Empty {}), r#"{"jsonrpc":"2.0","id":null,"result":{}}"#);
    let cases = [
        ("nonsense", None, -32700),
        (r#"{"jsonrpc":"2.0","id":1,"#, None, -32700),
        ("[]", None, -32600),
        (r#"{"id":1,"method":"hello"}"#, Some(Id::Number(1)), -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"hello"}"#, Some(Id::Number(1)), -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"hello","params":[1]}"#, Some(Id::Number(1)), -32602),
        (r#"{"jsonrpc":"2.0","id":{},"method":"hello"}"#, None, -32600),
    ];
    for (line, id, code) in cases {
        let (told, error) = read_request(line).unwrap_err();
        assert_eq!((told, error.code), (id, code), "{line}");
        assert_eq!(error.field("code"), Some(error.message.as_str()));
    }
}

#[test]
fn parameters_that_are_too_long_are_not_read() {
    let request = |bytes: usize| {
        let params = json!({ "client": "x".repeat(bytes - r#"{"client":""}"#.len()) });
        json!({ "jsonrpc": "2.0", "id": 1, "method": "hello", "params": params }).to_string()
    };
    assert!(read_request(&request(REQUEST_PARAMS_BYTES_MAX)).is_ok());
    let (id, error) = read_request(&request(REQUEST_PARAMS_BYTES_MAX + 1)).unwrap_err();
    assert_eq!((id, error.code, error.field("reason")), (Some(Id::Number(1)), -32602, Some("too long")));
}

#[test]
fn what_a_daemon_writes_a_frontend_reads() {
    let line = result_line(&Id::Number(1), &HelloResult { daemon: "convened".to_owned(), api: 1 });
    assert_eq!(line, r#"{"jsonrpc":"2.0","id":1,"result":{"daemon":"convened","api":1}}"#);
    assert!(matches!(read_incoming(&line), Some(Incoming::Reply(Reply { result: Ok(_), .. }))));
    let line = error_line(None, &ErrorObject::new(ErrorCode::Refused).with("refusal", "name_taken"));
    let Some(Incoming::Reply(Reply { result: Err(error), .. })) = read_incoming(&line) else {
        panic!("{line}")
    };
    assert_eq!(error.field("refusal"), Some("name_taken"));
    let conference = SeatName::Conference(ConferenceId::from_random(1));
    let line = notification_line(&ResetNotification { conference, cursor: 7, term: None });
    assert!(
        matches!(read_incoming(&line), Some(Incoming::Notification { method, .. }) if method == "conference.reset")
    );
    assert!(read_incoming("{}").is_none());
}

#[test]
fn a_join_shows_its_link_to_nobody() {
    let params =
        JoinParams { link: "https://secret".to_owned(), name: "secret".to_owned(), log: None, wait_ms: 1 };
    assert!(!format!("{params:?}").contains("secret"));
}

fn told(method: &str, params: &serde_json::Value) -> Told {
    Told::read(method, &serde_json::value::to_raw_value(params).unwrap()).unwrap()
}

fn events(after: u64, through: u64, seqs: &[u64]) -> Told {
    let event = |seq: &u64| {
        json!({"seq": seq, "at": "2026-11-23T09:00:00.000Z", "by": "p1", "command": CommandId(Default::default()),
               "body": {"kind": "said", "room": "plenary", "text": "…"}})
    };
    let events: Vec<_> = seqs.iter().map(event).collect();
    let params = json!({"conference": ConferenceId::from_random(1), "after": after, "through": through, "events": events});
    told("conference.events", &params)
}

/// The answer to a watch behind this number.
fn watched(after: u64) -> WatchResult {
    WatchResult {
        conference: SeatName::Conference(ConferenceId::from_random(1)),
        participant: None,
        log: None,
        seat: SeatState::Joined,
        code: None,
        other_log: None,
        clock_offset_ms: None,
        cursor: after,
        after,
        term: None,
        level: 1,
        state: None,
        may: None,
        parts: None,
    }
}

#[test]
fn a_mirror_takes_each_event_once_and_notices_a_gap() {
    let mut mirror = Mirror::new(watched(5)).unwrap();
    let mut handle = |after, through, seqs: &[u64]| match mirror.handle(events(after, through, seqs)) {
        Ok(Change::Events(fresh)) => Ok(fresh.len()),
        Ok(change) => {
            assert!(matches!(change, Change::Nothing), "{change:?}");
            Ok(0)
        }
        Err(gap) => Err(gap),
    };
    assert_eq!(handle(5, 7, &[6, 7]), Ok(2));
    assert_eq!(handle(5, 7, &[6, 7]), Ok(0), "known already");
    assert_eq!(handle(6, 9, &[7, 9]), Ok(1), "overlaps");
    assert_eq!(handle(10, 12, &[11]), Err(Gap));
}

#[test]
fn a_mirror_knows_behind_what_to_watch_again() {
    let conference = SeatName::Conference(ConferenceId::from_random(1));
    let state = Some(Json::of(&json!({ "public": State::default().public() })).unwrap());
    let mut mirror = Mirror::new(WatchResult { state, ..watched(5) }).unwrap();
    assert_eq!((mirror.after(), mirror.state().is_some()), (After::Number(5), true));
    let term = TermId([7; 16]);
    let mut handle = |method: &str, params: serde_json::Value| {
        let change = mirror.handle(told(method, &params)).unwrap();
        (change, mirror.after(), mirror.state().is_some())
    };
    let passed_over = json!({"conference": conference, "after": 5, "through": 90, "term": term});
    let after = After::Folded(FoldedPoint { number: 90, term, level: 1 });
    assert!(
        matches!(handle("conference.passed_over", passed_over.clone()), (Change::PassedOver { through: 90 }, at, false) if at == after)
    );
    assert!(matches!(handle("conference.passed_over", passed_over), (Change::Nothing, ..)), "known already");
    let reset = json!({"conference": conference, "cursor": 7});
    assert!(matches!(handle("conference.reset", reset), (Change::Reset { to: 7 }, After::Number(7), false)));
    let other = json!({"conference": ConferenceId::from_random(2), "cursor": 1});
    assert!(matches!(handle("conference.reset", other), (Change::Nothing, After::Number(7), false)));
}

#[test]
fn a_mirror_keeps_what_one_may_do_as_it_was_told_last() {
    let conference = SeatName::Conference(ConferenceId::from_random(1));
    let may = May::of(&State::default(), ParticipantId(1));
    let mut mirror = Mirror::new(WatchResult { may: Some(may.clone()), ..watched(5) }).unwrap();
    assert_eq!(mirror.may(), Some(&may));
    let other = json!({"conference": ConferenceId::from_random(2)});
    assert!(matches!(mirror.handle(told("conference.may", &other)), Ok(Change::Nothing)));
    let mut more = may;
    more.acts.insert("end".to_owned(), Permit { allowed: true, ..Permit::default() });
    let told_more = json!({"conference": conference, "may": more});
    assert!(matches!(mirror.handle(told("conference.may", &told_more)), Ok(Change::May)));
    assert_eq!(mirror.may(), Some(&more));
    let nothing = json!({"conference": conference});
    assert!(matches!(mirror.handle(told("conference.may", &nothing)), Ok(Change::May)));
    assert_eq!(mirror.may(), None);
}

#[test]
fn a_refused_command_travels_with_its_receipt() {
    let conference = SeatName::Conference(ConferenceId::from_random(1));
    let (command, code) = (CommandId(Default::default()), Some("room_closed".to_owned()));
    let result = ActResult { command, state: CommandState::Refused, seq: None, code, opens: None };
    let body = Json::of(&json!({"kind": "say", "text": "kept"})).unwrap();
    let line = notification_line(&ReceiptNotification { conference, result, body: Some(body) });
    let Some(Incoming::Notification { params, .. }) = read_incoming(&line) else { panic!("{line}") };
    let read: ReceiptNotification = serde_json::from_str(params.get()).unwrap();
    assert_eq!(read.result.state, CommandState::Refused);
    assert_eq!(read.body.unwrap().get(), r#"{"kind":"say","text":"kept"}"#);
}

#[test]
fn the_place_of_a_setting_travels_by_its_word() {
    use SettingSourceKind::{Api, Default, DropIn, File, Installer, Policy, System};
    for kind in [Default, System, File, DropIn, Installer, Api, Policy] {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}
