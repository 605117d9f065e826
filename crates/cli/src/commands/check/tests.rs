use convene_local_api::{AccessReason, AccessStep, AccessStepKind, AccessStepState};
use convene_model::{Code, PortRange, Stage};
use convene_wording::{Language, Wording};

use super::*;

fn step(kind: AccessStepKind, state: AccessStepState) -> AccessStep {
    AccessStep {
        kind,
        target: "conference.test:4500\u{1b}[31m".to_owned(),
        state,
        ms: Some(340),
        attempt: None,
        rung: None,
        carrier: None,
        named_by: Some("gnome".to_owned()),
        logins: Vec::new(),
        inspected_by: Some("CN=Box".to_owned()),
        clock_offset_ms: Some(61_000),
    }
}

fn refused() -> Attempt {
    Attempt {
        stage: Stage::Tcp,
        target: "conference.test:4500".to_owned(),
        code: Code::Refused,
        ms: 7,
        remedy: Remedy::AllowServer,
        evidence: None,
    }
}

fn record(verdict: Option<AccessVerdict>) -> AccessCheckRecord {
    AccessCheckRecord {
        server: "conference.test".to_owned(),
        ports: PortRange::DEFAULT,
        https_port: 443,
        reason: AccessReason::Asked,
        began: "b".to_owned(),
        ended: verdict.map(|_| "e".to_owned()),
        verdict,
        steps: vec![AccessStep {
            attempt: Some(refused()),
            ..step(AccessStepKind::Port, AccessStepState::Failed)
        }],
        contact: None,
        machine: "office-7".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

fn connection(state: ConnectionState) -> Connection {
    Connection {
        server: "conference.test".to_owned(),
        ports: PortRange::DEFAULT,
        https_port: 443,
        state,
        route: None,
        since: "s".to_owned(),
        attempts: Vec::new(),
        inspected_by: None,
        contact: None,
        storage: None,
        clock_offset_ms: None,
    }
}

#[test]
fn every_step_in_every_state_that_is_told_has_a_line_in_both_languages_and_is_inert() {
    for language in [Language::De, Language::En] {
        let wording = Wording::new(language);
        for kind in AccessStepKind::ALL {
            for state in AccessStepState::ALL.into_iter().filter(|state| state.is_over()) {
                let told = lines::lines(&step(kind, state), &wording);
                let [line] = &told[..] else { panic!("{told:?}") };
                let (before, sentence) = line.split_at_checked(9).expect("a time");
                assert_eq!(before.trim(), "340 ms");
                let words = sentence.trim().chars().filter(|letter| letter.is_alphabetic()).count();
                assert!(words > 8, "{language:?} {kind:?} {state:?}: {line}");
                assert!(!line.contains('\u{1b}'), "{line}");
            }
        }
    }
}

#[test]
fn every_verdict_and_one_of_a_later_daemon_has_a_sentence_in_both_languages() {
    let later: AccessVerdict = serde_json::from_str(r#""blue""#).unwrap();
    let verdicts = [AccessVerdict::Green, AccessVerdict::Yellow, AccessVerdict::Red, later].map(Some);
    for language in [Language::De, Language::En] {
        let wording = Wording::new(language);
        for verdict in verdicts.into_iter().chain([None]) {
            let told = lines::conclusion(&record(verdict), &wording);
            let sentence = told.split_once("conference.test").map_or("", |(_, sentence)| sentence);
            assert!(sentence.len() > 20, "{language:?} {verdict:?}: {told}");
        }
    }
}

#[test]
fn a_step_that_failed_says_what_to_do_and_who_can_do_it() {
    let wording = Wording::new(Language::En);
    let record = record(Some(AccessVerdict::Red));
    let told = lines::lines(&record.steps[0], &wording).join("\n");
    for fact in ["refused", &wording.remedy(Remedy::AllowServer), &wording.who(Remedy::AllowServer)] {
        assert!(told.contains(fact), "{fact} is missing in {told}");
    }
}

#[test]
fn a_proxy_is_told_with_the_place_that_names_it_and_the_ways_to_log_in() {
    let proxy = step(AccessStepKind::Proxy, AccessStepState::Good);
    let proxy = AccessStep { logins: vec!["NTLM".to_owned(), "Basic".to_owned()], ..proxy };
    let told = lines::lines(&proxy, &Wording::new(Language::En)).join("\n");
    assert!(told.contains("GNOME") && told.contains("NTLM, Basic"), "{told}");
    let elsewhere = AccessStep { named_by: Some("a later place".to_owned()), ..proxy };
    let told = lines::lines(&elsewhere, &Wording::new(Language::De)).join("\n");
    assert!(told.contains("a later place"), "{told}");
}

#[test]
fn a_server_is_waited_for_until_its_check_is_over_and_it_is_connected_where_that_can_be() {
    use ConnectionState::{Blocked, Connected};
    let board =
        |state, verdict| Board { connections: vec![connection(state)], checks: vec![record(verdict)] };
    for (state, verdict, is_decided, is_reached) in [
        (Connected, None, false, true),
        (Blocked, None, false, false),
        (Blocked, Some(AccessVerdict::Green), false, true),
        (Connected, Some(AccessVerdict::Yellow), true, true),
        (Blocked, Some(AccessVerdict::Red), true, false),
        (Connected, Some(AccessVerdict::Red), true, true),
    ] {
        let board = board(state, verdict);
        let places = board.places();
        let [place] = &places[..] else { panic!("one server") };
        assert_eq!(
            (place.is_decided(), place.is_reached()),
            (is_decided, is_reached),
            "{state:?} {verdict:?}"
        );
    }
}

#[test]
fn a_line_for_scripts_has_the_connection_and_the_check_and_one_without_a_connection_no_state() {
    let mut board = Board { connections: vec![connection(ConnectionState::Blocked)], checks: Vec::new() };
    board.take(record(None));
    board.take(record(Some(AccessVerdict::Red)));
    let alone = AccessCheckRecord { https_port: 4_443, ..record(Some(AccessVerdict::Green)) };
    board.take(alone);
    let lines: Vec<_> = board.places().iter().map(Place::fields).collect();
    let [first, second] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&first["state"], &first["check"]["verdict"]), (&json!("blocked"), &json!("red")));
    assert_eq!(first["attempts"], json!([]), "those of the connection");
    assert_eq!((second.get("state"), &second["server"]), (None, &json!("conference.test")));
    assert_eq!(second["attempts"][0]["code"], "refused");
    assert_eq!(second["https_port"], 4_443);
}
