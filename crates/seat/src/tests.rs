//! The seat against a store that keeps only what it was given.

use std::collections::BTreeMap;
use std::sync::Arc;

use convene_conference::{Outcome, Receipt, Refusal, Right};
use convene_model::{CommandId, ConferenceId, JoinCode, LogId, ParticipantId};
use proptest::prelude::*;

use super::*;

fn record() -> SeatRecord {
    let join = JoinRequest { code: JoinCode([1; 16]), name: "Anna".parse().unwrap(), id: id(0) };
    SeatRecord::new(SeatSecret::from_bytes(&[7; 32]), join)
}

fn id(n: u128) -> CommandId {
    CommandId(format!("{n:032x}").parse::<CommandId>().unwrap().0)
}

fn body(n: u64) -> Arc<str> {
    format!(r#"{{"kind":"say","text":"{n}"}}"#).into()
}

fn membership(log: u8) -> Membership {
    Membership {
        conference: ConferenceId::from_random(5),
        participant: ParticipantId(1),
        role: Right::Participant,
        log: LogId([log; 8]),
    }
}

fn open(log: u8) -> Opening {
    Opening::Open { membership: membership(log), resumption: Resumption::Events, last_number: 0 }
}

fn said(seq: u64) -> EventText {
    let text = format!(
        r#"{{"seq":{seq},"at":"2026-11-23T09:00:00.000Z","by":"p1","body":{{"kind":"said","room":"plenary","text":"x"}}}}"#
    );
    EventText { seq, text: text.into() }
}

fn accepted(number: u64, n: u128) -> Receipt {
    Receipt { number, id: id(n), outcome: Outcome::Accepted { seq: number } }
}

/// Stores everything that waits, into what a restart would read.
fn store(seat: &mut Seat, disk: &mut SeatRecord) {
    while let Some((write_id, write)) = seat.poll_write() {
        disk.apply(&write);
        seat.handle_stored(write_id);
    }
}

fn sent(seat: &mut Seat) -> Vec<u64> {
    std::iter::from_fn(|| seat.poll_send()).map(|outgoing| outgoing.number).collect()
}

fn told(seat: &mut Seat) -> Vec<Delta> {
    std::iter::from_fn(|| seat.poll_delta()).collect()
}

#[test]
fn a_command_is_sent_only_when_it_is_stored() {
    let (mut seat, mut disk) = (Seat::new(record()), record());
    seat.handle_opened(open(1));
    let Ok(Acted::Queued { number: 1, write }) = seat.act(id(1), body(1)) else { panic!() };
    told(&mut seat);
    assert!(sent(&mut seat).is_empty() && !seat.is_stored(write));
    seat.act(id(1), body(1)).unwrap();
    store(&mut seat, &mut disk);
    assert_eq!((sent(&mut seat), seat.is_stored(write)), (vec![1], true));
    let queued = Queued { number: 1, id: id(1), body: body(1) };
    let deltas: Vec<Delta> =
        told(&mut seat).into_iter().filter(|delta| !matches!(delta, Delta::Phase(_))).collect();
    assert_eq!(deltas, [Delta::Queued(queued)], "it is told when it is stored, and once");
}

#[test]
fn everything_without_a_receipt_is_sent_again_in_order() {
    let (mut seat, mut disk) = (Seat::new(record()), record());
    seat.handle_opened(open(1));
    for n in 1..=4 {
        seat.act(id(n), body(0)).unwrap();
    }
    store(&mut seat, &mut disk);
    assert_eq!(sent(&mut seat), [1, 2, 3, 4]);
    seat.handle_receipts([accepted(2, 2)]);
    seat.handle_detached();
    assert!(sent(&mut seat).is_empty());
    seat.handle_opened(open(1));
    assert_eq!(sent(&mut seat), [1, 3, 4]);
}

#[test]
fn events_and_receipts_are_told_only_when_they_are_stored() {
    let (mut seat, mut disk) = (Seat::new(record()), record());
    seat.handle_opened(open(1));
    seat.act(id(1), body(1)).unwrap();
    store(&mut seat, &mut disk);
    told(&mut seat);
    assert_eq!(seat.handle_events(0, 1, vec![said(1)]), EventsOutcome::Taken);
    seat.handle_receipts([accepted(1, 1)]);
    assert!(told(&mut seat).is_empty());
    store(&mut seat, &mut disk);
    let deltas = told(&mut seat);
    assert!(matches!(&deltas[..], [Delta::Events { through: 1, .. }, Delta::Receipt(_)]), "{deltas:?}");
    assert_eq!((disk.cursor, disk.outbox.len()), (1, 0));
}

#[test]
fn events_are_taken_once_and_without_a_gap() {
    let (mut seat, mut disk) = (Seat::new(record()), record());
    seat.handle_opened(open(1));
    assert_eq!(seat.handle_events(0, 2, vec![said(1), said(2)]), EventsOutcome::Taken);
    assert_eq!(seat.handle_events(0, 2, vec![said(1), said(2)]), EventsOutcome::Old);
    assert_eq!(seat.handle_events(1, 4, vec![said(2), said(3)]), EventsOutcome::Taken);
    assert!(!seat.poll_reopen());
    assert_eq!(seat.handle_events(5, 6, vec![said(6)]), EventsOutcome::Gap);
    assert!(seat.poll_reopen());
    assert!(!seat.poll_reopen(), "asked once");
    store(&mut seat, &mut disk);
    let seqs: Vec<u64> = told(&mut seat)
        .into_iter()
        .filter_map(|delta| if let Delta::Events { items, .. } = delta { Some(items) } else { None })
        .flat_map(|items| items.iter().map(|item| item.seq).collect::<Vec<_>>())
        .collect();
    assert_eq!((seqs, disk.cursor), (vec![1, 2, 3], 4));
}

#[test]
fn the_same_id_is_the_same_command() {
    let (mut seat, mut disk) = (Seat::new(record()), record());
    seat.handle_opened(open(1));
    let first = seat.act(id(1), body(1)).unwrap();
    assert_eq!(seat.act(id(1), body(1)).unwrap(), first);
    assert_eq!(seat.act(id(1), body(2)), Err(ActError::IdReused));
    store(&mut seat, &mut disk);
    seat.handle_receipts([accepted(1, 1)]);
    assert_eq!(seat.act(id(1), body(1)), Ok(Acted::Settled(Outcome::Accepted { seq: 1 })));
    assert_eq!(seat.act(id(1), body(2)), Err(ActError::IdReused));
}

#[test]
fn a_refused_text_stays_until_it_is_dismissed() {
    let (mut seat, mut disk) = (Seat::new(record()), record());
    seat.handle_opened(open(1));
    seat.act(id(1), body(1)).unwrap();
    let refused = Outcome::Refused { code: Refusal::ConferenceEnded };
    seat.handle_receipts([Receipt { number: 1, id: id(1), outcome: refused }]);
    store(&mut seat, &mut disk);
    assert_eq!(disk.settled[&1].kept, Some(body(1)));
    told(&mut seat);
    assert!(seat.dismiss(id(1)) && !seat.dismiss(id(1)));
    assert_eq!(told(&mut seat), [], "it is not durable yet");
    store(&mut seat, &mut disk);
    assert_eq!(disk.settled[&1].kept, None);
    assert_eq!(told(&mut seat), [Delta::Dismissed(id(1))]);
}

#[test]
fn the_outbox_has_a_limit() {
    let mut seat = Seat::new(record());
    for n in 0..convene_model::limits::OUTBOX_COMMANDS_MAX as u128 {
        seat.act(id(n), body(0)).unwrap();
    }
    assert_eq!(seat.act(id(u128::MAX), body(0)), Err(ActError::OutboxFull));
    let long = "x".repeat(convene_model::limits::COMMAND_BYTES_MAX + 1);
    assert_eq!(seat.act(id(u128::MAX), long.into()), Err(ActError::TooLarge));
}

#[test]
fn a_refused_seat_takes_no_commands() {
    let (mut seat, mut disk) = (Seat::new(record()), record());
    seat.handle_opened(Opening::Refused { code: Refusal::NameTaken });
    store(&mut seat, &mut disk);
    assert_eq!(told(&mut seat), [Delta::Phase(Phase::Refused { code: Refusal::NameTaken })]);
    assert_eq!(seat.act(id(1), body(1)), Err(ActError::SeatRefused { code: Refusal::NameTaken }));
    assert_eq!(disk.phase(), Phase::Refused { code: Refusal::NameTaken });
}

#[test]
fn a_snapshot_is_followed_by_the_history_that_it_passed_over() {
    let (mut seat, mut disk) = (Seat::new(record()), record());
    seat.handle_opened(open(1));
    seat.handle_events(0, 1, vec![said(1)]);
    seat.handle_opened(Opening::Open {
        membership: membership(1),
        resumption: Resumption::Snapshot,
        last_number: 0,
    });
    let state = serde_json::to_string(&convene_conference::State::default()).unwrap();
    let (front, back) = state.split_at(state.len() / 2);
    seat.handle_snapshot(9, 0, 2, front);
    seat.handle_snapshot(9, 1, 2, back);
    assert_eq!(seat.handle_events(9, 10, vec![said(10)]), EventsOutcome::Taken);
    assert_eq!(seat.poll_history(), Some(Span { after: 1, through: 9 }));
    assert_eq!(seat.poll_history(), None, "one page at a time");
    seat.handle_history(1, 5, (2..=5).map(said).collect());
    assert_eq!(seat.poll_history(), Some(Span { after: 5, through: 9 }));
    seat.handle_history(5, 9, (6..=9).map(said).collect());
    assert_eq!(seat.poll_history(), None);
    store(&mut seat, &mut disk);
    assert_eq!((disk.cursor, disk.missing), (10, None));
    let deltas = told(&mut seat);
    let passed_over =
        deltas.iter().position(|delta| *delta == Delta::PassedOver(Span { after: 1, through: 9 }));
    let behind = deltas.iter().position(|delta| matches!(delta, Delta::Events { through: 10, .. }));
    assert!(passed_over.is_some() && passed_over < behind, "{deltas:?}");
    assert!(deltas.contains(&Delta::History { missing: None }));
}

#[test]
fn history_that_leads_no_further_is_not_asked_for_again() {
    let mut seat = Seat::new(record());
    seat.record.membership = Some(membership(1));
    seat.record.missing = Some(Span { after: 3, through: 9 });
    seat.handle_opened(open(1));
    assert_eq!(seat.poll_history(), Some(Span { after: 3, through: 9 }));
    seat.handle_history(3, 5, vec![said(4)]);
    assert_eq!(seat.poll_history(), Some(Span { after: 5, through: 9 }));
    seat.handle_history(5, 5, Vec::new());
    assert_eq!(seat.poll_history(), None);
    seat.handle_opened(open(1));
    assert_eq!(seat.poll_history(), Some(Span { after: 5, through: 9 }), "a new opening asks once more");
}

#[test]
fn a_snapshot_in_pieces_that_do_not_fit_is_asked_for_again() {
    let mut seat = Seat::new(record());
    seat.handle_opened(Opening::Open {
        membership: membership(1),
        resumption: Resumption::Snapshot,
        last_number: 0,
    });
    seat.handle_snapshot(9, 1, 2, "{");
    assert!(seat.poll_reopen());
}

#[test]
fn another_log_replaces_the_replica() {
    let (mut seat, mut disk) = (Seat::new(record()), record());
    seat.handle_opened(open(1));
    seat.handle_events(0, 3, vec![said(1), said(2), said(3)]);
    seat.handle_opened(open(2));
    assert_eq!(seat.handle_events(0, 1, vec![said(1)]), EventsOutcome::Taken);
    store(&mut seat, &mut disk);
    assert_eq!((disk.cursor, disk.membership), (1, Some(membership(2))));
    assert!(told(&mut seat).contains(&Delta::Reset { log: LogId([2; 8]), through: 0 }));
}

/// What may happen to a seat, in any order.
#[derive(Debug, Clone)]
enum Happening {
    Act(u8),
    Store,
    Crash,
    Open,
    Detach,
    Decide(u8),
    Deliver,
}

fn any_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0..40u8).prop_map(Happening::Act),
        Just(Happening::Store),
        Just(Happening::Store),
        Just(Happening::Crash),
        Just(Happening::Open),
        Just(Happening::Detach),
        (1..4u8).prop_map(Happening::Decide),
        Just(Happening::Deliver),
    ]
}

/// A server that decides each id once, in the order of arrival.
#[derive(Default)]
struct Server {
    arrived: Vec<Outgoing>,
    decided: BTreeMap<CommandId, u64>,
    order: Vec<u64>,
}

impl Server {
    fn decide(&mut self, count: usize) -> Vec<Receipt> {
        let taken: Vec<Outgoing> = self.arrived.drain(..count.min(self.arrived.len())).collect();
        taken.into_iter().map(|command| self.decide_one(&command)).collect()
    }

    fn decide_one(&mut self, command: &Outgoing) -> Receipt {
        let next = self.order.len() as u64 + 1;
        let seq = *self.decided.entry(command.id).or_insert(next);
        if seq == next {
            self.order.push(command.number);
        }
        Receipt { number: command.number, id: command.id, outcome: Outcome::Accepted { seq } }
    }
}

proptest! {
    #[test]
    fn what_was_told_is_kept_whatever_happens(happenings in proptest::collection::vec(any_happening(), 1..120)) {
        let (mut seat, mut disk, mut server) = (Seat::new(record()), record(), Server::default());
        let mut promised: BTreeMap<CommandId, WriteId> = BTreeMap::new();
        let mut kept: Vec<CommandId> = Vec::new();
        let mut shown: Vec<u64> = Vec::new();
        for happening in happenings {
            match happening {
                Happening::Act(n) => {
                    if let Ok(Acted::Queued { write, .. }) = seat.act(id(u128::from(n)), body(u64::from(n))) {
                        promised.insert(id(u128::from(n)), write);
                    }
                }
                Happening::Store => store(&mut seat, &mut disk),
                Happening::Crash => {
                    seat = Seat::new(disk.clone());
                    promised.clear();
                    server.arrived.clear();
                }
                Happening::Open => {
                    server.arrived.clear();
                    seat.handle_opened(open(1));
                }
                Happening::Detach => {
                    server.arrived.clear();
                    seat.handle_detached();
                }
                Happening::Decide(count) => seat.handle_receipts(server.decide(count.into())),
                Happening::Deliver => {
                    let cursor = seat.record().cursor;
                    seat.handle_events(cursor, cursor + 1, vec![said(cursor + 1)]);
                }
            }
            kept.extend(promised.iter().filter(|(_, write)| seat.is_stored(**write)).map(|(id, _)| *id));
            promised.retain(|_, write| !seat.is_stored(*write));
            server.arrived.extend(std::iter::from_fn(|| seat.poll_send()));
            for delta in told(&mut seat) {
                if let Delta::Events { items, .. } = delta {
                    shown.extend(items.iter().map(|item| item.seq));
                }
            }
        }
        // In the end the network holds: everything that was told queued is decided, in order, and settled.
        store(&mut seat, &mut disk);
        server.arrived.clear();
        seat.handle_opened(open(1));
        server.arrived.extend(std::iter::from_fn(|| seat.poll_send()));
        seat.handle_receipts(server.decide(usize::MAX));
        store(&mut seat, &mut disk);
        prop_assert!(kept.iter().all(|id| server.decided.contains_key(id)));
        prop_assert!(server.order.is_sorted());
        prop_assert!(disk.outbox.is_empty());
        prop_assert!(shown.windows(2).all(|pair| pair[1] == pair[0] + 1 ), "{:?}", shown);
    }
}
