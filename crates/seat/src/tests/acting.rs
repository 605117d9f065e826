//! Commands, receipts, and texts that come back.

use super::*;

#[test]
fn a_command_is_sent_only_when_it_is_stored() {
    let mut play = Play::open();
    assert_eq!(play.act(1), Ok(Acceptance::Taken));
    assert!(play.sent().is_empty());
    assert_eq!(play.act(1), Ok(Acceptance::Taken), "it is not durable yet");
    assert_eq!(play.settle(), [Delta::Queued { id: id(1) }]);
    assert_eq!(play.act(1), Ok(Acceptance::Queued));
    assert_eq!(play.sent(), [id(1)]);
}

#[test]
fn a_command_bears_where_its_author_saw_the_conference() {
    let mut play = Play::open();
    let seen = Some(Point { number: 7, term: TermId([3; 16]) });
    play.seat.act(id(1), body(1), seen).unwrap();
    play.settle();
    play.restart();
    play.ask(open(Resumption::Events));
    assert_eq!(play.seat.poll_send(), Some(Outgoing { id: id(1), seen, body: body(1) }));
}

#[test]
fn everything_without_a_receipt_is_sent_again_in_order() {
    let mut play = Play::open();
    for n in [4, 1, 3, 2] {
        play.act(n).unwrap();
    }
    play.settle();
    assert_eq!(play.sent(), [4, 1, 3, 2].map(id));
    play.receipts([accepted(1, 9)]);
    play.seat.handle_detached();
    assert!(play.sent().is_empty());
    play.ask(open(Resumption::Events));
    assert_eq!(play.sent(), [4, 3, 2].map(id));
    play.settle();
    play.restart();
    play.ask(open(Resumption::Events));
    assert_eq!(play.sent(), [4, 3, 2].map(id));
}

#[test]
fn a_command_behind_an_emptied_outbox_is_sent() {
    let mut play = Play::open();
    for n in 1..4 {
        play.act(n).unwrap();
        play.settle();
        assert_eq!(play.sent(), [id(n)]);
        play.receipts([accepted(n, 9)]);
        play.settle();
    }
}

#[test]
fn no_more_than_the_credit_is_under_way() {
    let mut play = Play::open();
    for n in 0..40 {
        play.act(n).unwrap();
    }
    play.settle();
    assert_eq!(play.sent().len(), 16);
    // Receipts of what was sent before the link broke give no credit for what is under way now.
    play.reopen(None, open(Resumption::Events));
    assert_eq!(play.sent().len(), 16);
    play.receipts([accepted(0, 1), accepted(0, 1), accepted(39, 2)]);
    assert_eq!(play.sent(), [id(16)]);
}

#[test]
fn the_same_id_is_the_same_command() {
    let mut play = Play::open();
    play.act(1).unwrap();
    assert_eq!(play.seat.act(id(1), body(2), None), Err(ActError::IdReused));
    play.settle();
    play.receipts([accepted(1, 7)]);
    assert_eq!(play.act(1), Ok(Acceptance::Decided(accepted(1, 7))));
    assert_eq!(play.seat.act(id(1), body(2), None), Err(ActError::IdReused));
    play.settle();
    play.restart();
    assert_eq!(play.act(1), Ok(Acceptance::Decided(accepted(1, 7))));
}

#[test]
fn a_refused_text_stays_until_it_is_dismissed() {
    let mut play = Play::open();
    play.act(1).unwrap();
    play.settle();
    let receipt = rejected(1, 3, Refusal::RoomClosed);
    play.receipts([receipt]);
    assert_eq!(play.settle(), [Delta::Receipt(receipt)]);
    let why = WhyReturned::Refused { code: Refusal::RoomClosed };
    assert_eq!(play.disk.read().returned[&id(1)], Returned { body: body(1), why });
    assert!(play.seat.dismiss(id(1)) && !play.seat.dismiss(id(1)));
    assert_eq!(play.settle(), [Delta::Dismissed { id: id(1) }]);
    assert!(play.disk.read().returned.is_empty());
    assert_eq!(play.act(1), Ok(Acceptance::Decided(receipt)), "the receipt is still known");
}

#[test]
fn an_id_that_was_used_elsewhere_gives_the_text_back_and_leaves_no_receipt() {
    let mut play = Play::open();
    play.act(1).unwrap();
    play.settle();
    play.receipts([rejected(1, 30, Refusal::IdReused)]);
    play.settle();
    assert!(play.replica().receipts.get(id(1)).is_none() && play.seat.record().outbox.is_empty());
    assert_eq!(play.seat.record().returned[&id(1)].body, body(1));
}

#[test]
fn receipts_of_other_devices_and_repeated_ones_are_passed_over() {
    let mut play = Play::open();
    play.act(1).unwrap();
    play.settle();
    play.receipts([accepted(2, 5), accepted(1, 6), accepted(1, 6)]);
    play.receipts([accepted(1, 6)]);
    assert_eq!(play.settle(), [Delta::Receipt(accepted(1, 6))]);
    assert_eq!(play.replica().receipts.iter().count(), 1);
}

#[test]
fn an_outcome_of_a_later_version_leaves_the_command_where_it_is() {
    let mut play = Play::open();
    for n in 0..17 {
        play.act(n).unwrap();
    }
    play.settle();
    assert_eq!(play.sent().len(), 16);
    play.receipts([Receipt { id: id(1), number: 4, outcome: Outcome::Other }]);
    assert_eq!((play.settle(), play.seat.record().outbox.len()), (vec![], 17));
    assert_eq!(play.sent(), [id(16)], "it is decided: the next one may go");
}

#[test]
fn a_receipt_teaches_the_terms_up_to_its_number() {
    let mut play = Play::open();
    play.events_of(0, 4, &[term(1, 2)], vec![said(1)]);
    play.act(1).unwrap();
    play.settle();
    play.seat.handle_receipts(&[term(1, 2), term(2, 6), term(3, 12)], [accepted(1, 9)]);
    play.settle();
    let asked = play.seat.asked().replica.unwrap();
    assert_eq!((asked.number, asked.receipts, asked.terms), (4, 9, &[term(1, 2), term(2, 6)][..]));
    // Receipts of others teach nothing: the terms would go further than what the seat tells.
    play.seat.handle_receipts(&[term(3, 12)], [accepted(77, 14)]);
    play.settle();
    assert_eq!(play.seat.asked().replica.unwrap().terms.len(), 2);
}

#[test]
fn a_receipt_that_is_not_kept_teaches_no_terms_that_would_outlive_a_restored_backup() {
    let mut play = Play::open();
    play.events_of(0, 4, &[term(1, 2)], vec![said(1)]);
    play.act(1).unwrap();
    play.settle();
    play.seat.handle_receipts(&[term(1, 2), term(2, 6)], [rejected(1, 9, Refusal::IdReused)]);
    play.settle();
    // Term 2 is lost with a backup that is restored, and nothing is void: the cursor lies below it.
    play.reopen(None, open(Resumption::Events));
    play.events_of(4, 8, &[term(3, 6)], vec![said(7)]);
    play.settle();
    assert_eq!(play.replica().terms.starts(), [term(1, 2), term(3, 6)]);
}

#[test]
fn the_outbox_has_a_limit() {
    let mut play = Play::new();
    for n in 0..convene_model::limits::OUTBOX_COMMANDS_MAX as u128 {
        play.act(n).unwrap();
    }
    assert_eq!(play.act(u128::MAX), Err(ActError::OutboxFull));
    let long = format!(r#""{}""#, "x".repeat(convene_model::limits::COMMAND_BYTES_MAX));
    let long = Json::parse(&long).unwrap();
    assert_eq!(play.seat.act(id(u128::MAX), long, None), Err(ActError::TooLarge));
}

#[test]
fn texts_that_came_back_count_towards_the_limit() {
    let mut play = Play::open();
    let most = convene_model::limits::OUTBOX_COMMANDS_MAX as u128;
    for n in 0..most {
        play.act(n).unwrap();
    }
    play.settle();
    play.receipts((0..most).map(|n| rejected(n, 5, Refusal::TextEmpty)));
    play.settle();
    assert_eq!(play.act(most), Err(ActError::OutboxFull));
    play.seat.dismiss(id(0));
    assert_eq!(play.act(most), Ok(Acceptance::Taken));
}

#[test]
fn the_last_place_in_the_order_is_an_error_and_no_panic() {
    let mut record = record();
    record.outbox.insert(Queued { order: u64::MAX, id: id(1), seen: None, body: body(1) });
    let mut seat = Seat::new(record);
    assert_eq!(seat.act(id(2), body(2), None), Err(ActError::OutboxFull));
}

#[test]
fn ten_thousand_commands_are_settled_in_full_batches() {
    let mut play = Play::open();
    let most = convene_model::limits::OUTBOX_COMMANDS_MAX as u128;
    for round in 0..2 {
        let ids = round * most..(round + 1) * most;
        for n in ids.clone() {
            play.act(n).unwrap();
        }
        play.store();
        for n in ids {
            play.receipts([accepted(n, u64::try_from(n).unwrap() + 1)]);
            play.store();
        }
        assert!(play.seat.record().outbox.is_empty());
    }
    assert_eq!(play.replica().receipts.iter().count(), 4_096);
    assert_eq!(play.replica().receipts.highest(), 20_000);
    assert!(play.replica().receipts.get(id(15_903)).is_none());
    assert!(play.replica().receipts.get(id(15_904)).is_some());
}

/// Measures how long a hundred receipts take in an outbox of so many commands, the latest first;
/// the best of some runs, so that other programs on the machine do not count.
fn time_of_receipts(outbox: u128) -> Duration {
    let run = |_| {
        let mut play = Play::open();
        for n in 1..=outbox {
            play.act(n).unwrap();
        }
        play.store();
        let began = start();
        for (number, n) in (1..).zip((1..=outbox).rev().take(100)) {
            play.receipts([accepted(n, number)]);
            while let Some((write, _)) = play.seat.poll_write() {
                play.seat.handle_stored(write);
            }
        }
        assert_eq!(play.seat.record().outbox.len() as u128, outbox - 100);
        start() - began
    };
    (0..5).map(run).min().unwrap()
}

#[test]
fn a_receipt_costs_about_the_same_however_much_waits() {
    let (few, many) = (time_of_receipts(200), time_of_receipts(10_000));
    assert!(many < 8 * few, "{few:?} in a short outbox, {many:?} in a long one");
}

#[test]
fn refused_commands_do_not_push_out_accepted_ones() {
    let mut receipts = Receipts::default();
    let kept = |number, body: Option<Json>| KeptReceipt {
        number,
        outcome: Outcome::Accepted,
        digest: Digest([0; 16]),
        body,
    };
    receipts.insert(id(1), kept(1, Some(body(1))));
    for n in 2..6_000 {
        receipts.insert(id(n), kept(u64::try_from(n).unwrap(), None));
    }
    assert!(receipts.get(id(1)).is_some() && receipts.get(id(2)).is_none());
    assert_eq!(receipts.iter().count(), 4_097);
}
