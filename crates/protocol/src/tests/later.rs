//! The next version of the protocol's words, as far as this one must bear them: each reads as
//! "other", and no frame is lost for it.

use super::*;

fn read(text: &str) -> ServerFrame {
    ServerFrame::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn an_unknown_word_in_any_closed_list_reads_as_other() {
    let opened = |outcome: &str| read(&format!(r#"{{"opened":[{{"index":3,"count":2,{outcome}}}]}}"#));
    let outcome = |frame| match frame {
        ServerFrame::Opened(list) => list[0].outcome.clone(),
        other => panic!("{other}"),
    };
    assert_eq!(outcome(opened(r#""outcome":"postponed","until":7,"by":["x"]"#)), OpenedOutcome::Other);
    let open = r#""outcome":"open","participant":"p1","conference":"aaaaaaaaaa","log":"AAAAAAAAAAA","role":"observer","credit":1,"resume":{"kind":"delta","of":[1]}"#;
    match outcome(opened(open)) {
        OpenedOutcome::Open { role, resume, .. } => {
            assert_eq!((role, resume), (Role::Other, Resumption::Other));
        }
        other => panic!("{other:?}"),
    }
    let later = outcome(opened(r#""outcome":"later","code":"too_early","retry_after_ms":1"#));
    assert_eq!(later, OpenedOutcome::Later { code: Refusal::Other, retry_after_ms: 1, log: None });
    let refused = outcome(opened(r#""outcome":"refused","code":"too_early""#));
    assert_eq!(refused, OpenedOutcome::Refused { code: Refusal::Other });
    match read(&format!(
        r#"{{"receipts":{{"index":3,"list":[{{"id":"{ID}","number":9,"outcome":"split","into":[1,2]}},{{"id":"{ID}","number":9,"outcome":"refused","code":"new"}}]}}}}"#
    )) {
        ServerFrame::Receipts(receipts) => {
            let outcomes = receipts.list.iter().map(|receipt| receipt.outcome);
            let refused = Outcome::Refused { code: Refusal::Other };
            assert_eq!(outcomes.collect::<Vec<_>>(), [Outcome::Other, refused]);
        }
        other => panic!("{other}"),
    }
    for code in [r#"{"refused":{"code":"tired"}}"#, r#"{"_bye":{"code":"tired"}}"#] {
        match read(code) {
            ServerFrame::Refused(Refused { code, .. }) | ServerFrame::Bye(Bye { code, .. }) => {
                assert_eq!(code, RefuseCode::Other);
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn events_for_an_unknown_audience_are_for_nobody() {
    for to in [r#""lurkers""#, r#"{"rooms":["a"]}"#, r#"["p1"]"#, "null"] {
        let text = format!(
            r#"{{"events":{{"conference":"aaaaaaaaaa","log":"AAAAAAAAAAA","to":{to},"after":4,"through":6,"list":[]}}}}"#
        );
        match read(&text) {
            ServerFrame::Events(events) => assert_eq!(events.to, To::Other, "{to}"),
            other => panic!("{other}"),
        }
    }
}
