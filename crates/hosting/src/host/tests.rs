//! A host with one seat, driven by hand.

use convene_model::SeatKey;
use convene_protocol::proof::Signature;
use convene_protocol::{HistoryPage, HistoryRequest, Join, OutgoingCommand, Resume, ServerFrame};
use serde_json::value::RawValue;

use super::*;

const CODE: JoinCode = JoinCode([1; 16]);
const LINK: LinkId = LinkId([1; 16]);

fn now() -> Timestamp {
    Timestamp::from_millis(1)
}

/// The frames for the seat, once everything decided is durable.
fn sent(host: &mut Host<()>) -> Vec<ServerFrame> {
    let mut frames = Vec::new();
    loop {
        while let Some(output) = host.poll_output() {
            match output {
                Output::Frame { text, .. } | Output::Class { text, .. } => {
                    frames.push(ServerFrame::parse(&text).unwrap());
                }
                Output::Read(read) => host.handle_read(read, &[]).unwrap(),
            }
        }
        if host.poll_append().is_none() {
            return frames;
        }
        host.handle_appended();
    }
}

fn joined() -> Host<()> {
    let codes = Codes::from([(CODE, Right::Participant)]);
    let mut host = Host::new(ConferenceId::from_random(1), LogId([1; 8]));
    host.handle_entry(&opening_entry(Settings::default(), &codes, now())).unwrap();
    let id = "00000000-0000-0000-0000-000000000001".parse().unwrap();
    let resume = Resume {
        index: 0,
        key: SeatKey([1; 32]),
        conference: None,
        cursor: None,
        join: Some(Join { code: CODE, name: "Anna".parse().unwrap(), id }),
        signature: Signature([0; 64]),
    };
    host.handle_open(LINK, (), &resume, now());
    sent(&mut host);
    host
}

fn history(host: &mut Host<()>, after: u64, through: u64) -> HistoryPage {
    host.handle_history(LINK, HistoryRequest { index: 0, after, through });
    match <[ServerFrame; 1]>::try_from(sent(host)) {
        Ok([ServerFrame::History(page)]) => page,
        other => panic!("{other:?}"),
    }
}

#[test]
fn history_beyond_the_end_is_a_page_that_leads_no_further() {
    let mut host = joined();
    let end = host.durable();
    assert_eq!(history(&mut host, 0, 900).through, end);
    for after in [end, 700] {
        let page = history(&mut host, after, 900);
        assert_eq!((page.after, page.through, page.list.len()), (after, after, 0));
    }
}

#[test]
fn who_left_reads_up_to_their_leaving_and_no_further() {
    let mut host = joined();
    let body = RawValue::from_string(r#"{"kind":"leave"}"#.to_owned()).unwrap();
    let id = "00000000-0000-0000-0000-000000000002".parse().unwrap();
    host.handle_commands(LINK, 0, &[OutgoingCommand { number: 1, id, body }], now());
    sent(&mut host);
    let left = host.durable();
    host.end(now()).unwrap();
    sent(&mut host);
    assert_eq!(history(&mut host, left - 1, 900).through, left);
    assert_eq!(history(&mut host, left, 900).through, left);
}
