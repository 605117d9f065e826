//! A desk, told frame by frame, with a shell that the test plays.

use std::sync::Arc;

use convene_conference::Refusal;
use convene_model::limits::{COMMANDS_IN_FLIGHT_MAX, SEATS_PER_CONNECTION_MAX};
use convene_model::{CommandId, ConferenceId, JoinCode, Json, LinkId, Nonce, SeatKey, TermId};
use convene_protocol::proof::{Context, Signature, resume_message};
use convene_protocol::{
    ClientFrame, CloseSeat, Commands, HistoryRequest, Join, OpenSeats, Opened, OpenedOutcome,
    OutgoingCommand, Resume, ServerFrame,
};
use ed25519_dalek::{Signer as _, SigningKey};

use super::{Desk, DeskOutput, FAILED_MAX};
use crate::messages::{LinkNumber, Note, Told, Wish};

const TERM: TermId = TermId([7; 16]);

/// A conference, and how often it was started.
type At = (u8, u32);
const HERE: At = (1, 1);

fn context() -> Context {
    Context { nonce: Nonce([1; 16]), link: LinkId([2; 16]), epoch: 3, end_point: None }
}

fn secret(seat: u32) -> SigningKey {
    let mut bytes = [9; 32];
    bytes[..4].copy_from_slice(&seat.to_be_bytes());
    SigningKey::from_bytes(&bytes)
}

fn id(number: u128) -> CommandId {
    format!("{number:032x}").parse().unwrap()
}

fn resume(index: u32, count: u32) -> Resume {
    signed(Resume {
        index,
        count,
        key: SeatKey(secret(index).verifying_key().to_bytes()),
        conference: None,
        replica: None,
        snapshot: false,
        join: Join { code: JoinCode([1; 16]), name: "Anna".parse().unwrap(), id: id(1) },
        was_participant: false,
        signature: Signature([0; 64]),
    })
}

fn signed(mut resume: Resume) -> Resume {
    let signature = secret(resume.index).sign(&resume_message(&context(), &resume));
    resume.signature = Signature(signature.to_bytes());
    resume
}

fn told(note: Note) -> Told {
    Told { text: Arc::from(format!("{note:?}")), note }
}

struct Link {
    desk: Desk<At>,
}

impl Link {
    fn new() -> Self {
        Self { desk: Desk::new(LinkNumber(5), context()) }
    }

    /// A link with these seats, open.
    fn with_open(indexes: std::ops::Range<u32>) -> Self {
        let mut link = Self::new();
        for index in indexes {
            link.open(index, 1, false);
        }
        link
    }

    fn ask(&mut self, resume: Resume) -> Vec<String> {
        self.desk.handle_frame(ClientFrame::Open(OpenSeats { seats: vec![resume] }));
        self.done()
    }

    fn found(&mut self, index: u32, count: u32, found: Result<At, Refusal>) -> Vec<String> {
        self.desk.handle_found(index, count, found);
        self.done()
    }

    fn told(&mut self, at: At, note: Note) -> Vec<String> {
        self.desk.handle_told(&at, told(note));
        self.done()
    }

    fn opened(&mut self, index: u32, count: u32, more: bool) -> Vec<String> {
        self.told(HERE, Note::Opened { index, count, term: TERM, more })
    }

    fn open(&mut self, index: u32, count: u32, more: bool) {
        assert_eq!(self.ask(resume(index, count)).last().unwrap(), &format!("find {index} {count}"));
        assert_eq!(self.found(index, count, Ok(HERE)), [format!("open {index} {count} at 1.1")]);
        assert_eq!(self.opened(index, count, more).len(), 1);
    }

    fn commands(&mut self, index: u32, count: u32, ids: std::ops::Range<u128>) -> Vec<String> {
        let body = Json::parse("{}").unwrap();
        let list =
            ids.map(|number| OutgoingCommand { id: id(number), seen: None, body: body.clone() }).collect();
        self.desk.handle_frame(ClientFrame::Commands(Commands { index, count, list }));
        self.done()
    }

    fn close(&mut self, index: u32) -> Vec<String> {
        self.desk.handle_frame(ClientFrame::Close(CloseSeat { index }));
        self.done()
    }

    fn room(&mut self, bytes_waiting: usize) -> Vec<String> {
        self.desk.handle_room(bytes_waiting);
        self.done()
    }

    /// The tasks for the shell.
    fn done(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.desk.poll_output()).map(|output| written(&output)).collect()
    }
}

fn written(output: &DeskOutput<At>) -> String {
    match output {
        DeskOutput::Frame(text) => match ServerFrame::parse(text) {
            Ok(ServerFrame::Opened(list)) => match list.as_slice() {
                [Opened { index, count, outcome: OpenedOutcome::Later { code, .. }, .. }] => {
                    format!("{index} {count} later: {}", code.as_str())
                }
                [Opened { index, count, outcome: OpenedOutcome::Refused { code }, .. }] => {
                    format!("{index} {count} refused: {}", code.as_str())
                }
                other => panic!("{other:?}"),
            },
            Ok(ServerFrame::Reopen(reopen)) => format!("reopen {:?}", reopen.seats),
            Ok(other) => panic!("{other}"),
            Err(_) => format!("told {text}"),
        },
        DeskOutput::Find { index, count, .. } => format!("find {index} {count}"),
        DeskOutput::Wish { conference: (at, run), wish } => match wish {
            Wish::Open(resume) => format!("open {} {} at {at}.{run}", resume.index, resume.count),
            Wish::Close { index } => format!("close {index} at {at}.{run}"),
            Wish::History(request) => format!("history {} at {at}.{run}", request.index),
            Wish::Ready { index } => format!("ready {index} at {at}.{run}"),
        },
        DeskOutput::Commands { conference: (at, run), wish } => {
            assert_eq!((wish.term, wish.place.link), (TERM, LinkNumber(5)));
            format!("{} commands of {} at {at}.{run}", wish.list.len(), wish.place.index)
        }
        DeskOutput::Cut(code) => format!("cut: {code:?}"),
    }
}

#[test]
fn a_seat_is_found_asked_for_and_opened() {
    let mut link = Link::new();
    link.desk.handle_attach(vec![resume(0, 1), resume(1, 1)]);
    assert_eq!(link.done(), ["find 0 1", "find 1 1"]);
    assert_eq!(link.found(0, 1, Ok(HERE)), ["open 0 1 at 1.1"]);
    assert_eq!(link.opened(0, 1, false).len(), 1);
    assert_eq!(link.commands(0, 1, 0..3), ["3 commands of 0 at 1.1"]);
    assert_eq!(link.desk.conferences().collect::<Vec<_>>(), [&HERE]);
    assert_eq!(link.close(0), ["close 0 at 1.1"]);
    assert_eq!(link.desk.conferences().count(), 0);
}

#[test]
fn a_seat_that_does_not_prove_itself_reaches_no_conference() {
    let mut link = Link::new();
    let mut forged = resume(0, 1);
    forged.count = 2;
    assert_eq!(link.ask(forged), ["0 2 later: proof_invalid"]);
    assert_eq!(link.ask(resume(0, 3)), ["find 0 3"]);
}

#[test]
fn an_index_is_never_given_to_another_seat() {
    let other_key = |link: &mut Link| {
        let mut other = resume(1, 2);
        other.index = 0;
        link.ask(other)
    };
    let mut link = Link::with_open(0..1);
    assert_eq!(other_key(&mut link), ["cut: Malformed"]);
    let mut link = Link::with_open(0..1);
    link.close(0);
    assert_eq!(other_key(&mut link), ["cut: Malformed"], "nor once it is closed");

    let mut link = Link::new();
    let conference = Some(ConferenceId::from_random(1));
    assert_eq!(link.ask(signed(Resume { conference, ..resume(0, 1) })), ["find 0 1"]);
    let conference = Some(ConferenceId::from_random(2));
    assert_eq!(link.ask(signed(Resume { conference, ..resume(0, 2) })), ["cut: Malformed"]);
}

#[test]
fn resumes_are_counted() {
    let mut link = Link::with_open(0..1);
    assert_eq!(link.ask(resume(0, 1)), ["cut: Malformed"]);
    let mut link = Link::new();
    assert_eq!(link.ask(resume(0, 1)), ["find 0 1"]);
    assert_eq!(link.ask(resume(0, 2)), ["find 0 2"]);
    assert!(link.found(0, 1, Ok((2, 1))).is_empty(), "found for an earlier opening");
    assert_eq!(link.found(0, 2, Ok(HERE)), ["open 0 2 at 1.1"]);
    assert_eq!(link.ask(resume(0, 3)), ["close 0 at 1.1", "find 0 3"]);
    assert_eq!(link.found(0, 3, Ok(HERE)), ["open 0 3 at 1.1"]);
    assert!(link.opened(0, 2, false).is_empty(), "opened under an earlier count");
    assert_eq!(link.opened(0, 3, false).len(), 1);
}

#[test]
fn commands_are_dropped_outside_of_the_opening_for_which_they_were_sent() {
    let mut link = Link::new();
    link.ask(resume(0, 1));
    assert!(link.commands(0, 1, 0..1).is_empty());
    link.found(0, 1, Ok(HERE));
    assert!(link.commands(0, 1, 0..1).is_empty());
    link.opened(0, 1, false);
    assert_eq!(link.commands(0, 1, 0..1).len(), 1);
    assert_eq!(link.told(HERE, Note::Reopen { seats: vec![0] }).len(), 1);
    assert!(link.commands(0, 1, 1..2).is_empty(), "from `reopen` on");
    link.open(0, 2, false);
    assert!(link.commands(0, 1, 2..3).is_empty(), "of an earlier opening");
    assert_eq!(link.commands(0, 2, 0..3), ["3 commands of 0 at 1.1"]);
    assert!(link.commands(9, 1, 0..1).is_empty());
}

#[test]
fn more_undecided_commands_than_a_daemon_may_believe_to_have_end_the_link() {
    let credit = COMMANDS_IN_FLIGHT_MAX as u128;
    let mut link = Link::with_open(0..1);
    assert_eq!(link.commands(0, 1, 0..credit), ["256 commands of 0 at 1.1"]);
    let ids = vec![id(0), id(9_999)];
    link.told(HERE, Note::Receipts { index: 0, ids });
    assert_eq!(link.commands(0, 1, credit..credit + 1), ["1 commands of 0 at 1.1"]);
    // After an opening nothing is counted that was sent before: it is sent again.
    link.told(HERE, Note::Reopen { seats: vec![0] });
    link.open(0, 2, false);
    assert_eq!(link.commands(0, 2, 0..credit), ["256 commands of 0 at 1.1"]);
    assert_eq!(link.commands(0, 2, credit..2 * credit), ["256 commands of 0 at 1.1"]);
    assert_eq!(link.commands(0, 2, 2 * credit..2 * credit + 1), ["cut: Malformed"]);
}

#[test]
fn a_receipt_that_crosses_its_command_makes_no_daemon_a_liar() {
    let credit = COMMANDS_IN_FLIGHT_MAX as u128;
    let mut link = Link::with_open(0..1);
    // They were decided under an earlier opening; the daemon sends them again meanwhile, and others
    // once it has read this.
    link.told(HERE, Note::Receipts { index: 0, ids: (0..credit).map(id).collect() });
    assert_eq!(link.commands(0, 1, 0..credit), ["256 commands of 0 at 1.1"]);
    assert_eq!(link.commands(0, 1, credit..2 * credit), ["256 commands of 0 at 1.1"]);
}

#[test]
fn one_frame_holds_no_more_commands_than_the_credit_even_if_they_are_the_same() {
    let mut link = Link::with_open(0..1);
    let again = OutgoingCommand { id: id(1), seen: None, body: Json::parse("{}").unwrap() };
    let list = vec![again; COMMANDS_IN_FLIGHT_MAX + 1];
    link.desk.handle_frame(ClientFrame::Commands(Commands { index: 0, count: 1, list }));
    assert_eq!(link.done(), ["cut: Malformed"]);
}

#[test]
fn open_seats_are_limited_and_closed_ones_do_not_count() {
    let limit = u32::try_from(SEATS_PER_CONNECTION_MAX).unwrap();
    let mut link = Link::with_open(0..limit);
    assert_eq!(link.ask(resume(limit, 1)), [format!("{limit} 1 later: not_here_now")]);
    assert_eq!(link.ask(resume(0, 2)), ["close 0 at 1.1", "find 0 2"], "one of them may ask again");
    link.close(1);
    assert_eq!(link.ask(resume(limit, 2)), [format!("find {limit} 2")]);
}

#[test]
fn a_link_that_has_used_up_its_indexes_begins_anew() {
    let mut link = Link::new();
    for index in 0..1_024 {
        let wanted = signed(Resume { was_participant: true, ..resume(index, 1) });
        assert_eq!(link.ask(wanted).len(), 1);
    }
    assert_eq!(link.ask(resume(1_024, 1)), ["cut: Busy"]);
}

#[test]
fn a_conference_that_is_not_found_is_told_with_its_meaning() {
    for (code, was_participant, answer) in [
        (Refusal::CodeUnknown, false, "0 1 refused: code_unknown"),
        (Refusal::CodeUnknown, true, "0 1 later: code_unknown"),
        (Refusal::NotHereNow, false, "0 1 later: not_here_now"),
        (Refusal::ConferenceDeleted, true, "0 1 refused: conference_deleted"),
    ] {
        let mut link = Link::new();
        link.ask(signed(Resume { was_participant, ..resume(0, 1) }));
        assert_eq!(link.found(0, 1, Err(code)), [answer]);
    }
}

#[test]
fn what_an_earlier_opening_is_told_is_dropped() {
    let mut link = Link::with_open(0..1);
    assert_eq!(link.told(HERE, Note::None).len(), 1);
    assert!(link.told((1, 2), Note::None).is_empty(), "of another conference");
    assert!(link.told((1, 2), Note::Receipts { index: 0, ids: vec![id(1)] }).is_empty());
    link.ask(resume(0, 2));
    assert!(link.told(HERE, Note::None).is_empty());
    link.found(0, 2, Ok(HERE));
    assert!(link.told(HERE, Note::Reopen { seats: vec![0] }).is_empty());
    assert!(link.told(HERE, Note::More { index: 0 }).is_empty());
    assert!(link.told(HERE, Note::Receipts { index: 0, ids: vec![id(1)] }).is_empty());
    assert!(link.told(HERE, Note::NotOpened { index: 0, count: 1 }).is_empty());
    assert_eq!(link.told(HERE, Note::NotOpened { index: 0, count: 2 }).len(), 1);
    assert!(link.told(HERE, Note::None).is_empty(), "nobody is there any more");
}

#[test]
fn seats_of_a_conference_whose_task_has_died_are_asked_for_again() {
    let mut link = Link::with_open(0..2);
    link.ask(resume(2, 1));
    link.found(2, 1, Ok(HERE));
    link.ask(resume(3, 1));
    link.found(3, 1, Ok((2, 1)));
    link.desk.handle_conference_gone(&HERE);
    assert_eq!(link.done(), ["find 2 1", "reopen [0, 1]"]);
    assert!(link.told(HERE, Note::None).is_empty());
    assert!(link.commands(0, 1, 0..1).is_empty());
    assert_eq!(link.found(2, 1, Ok((1, 2))), ["open 2 1 at 1.2"]);
    assert_eq!(link.told((2, 1), Note::None).len(), 1, "others do not notice");
}

#[test]
fn pages_are_asked_for_while_the_seat_is_open() {
    let page = |link: &mut Link| {
        let request = HistoryRequest { index: 0, after: 0, through: 9, newest: true };
        link.desk.handle_frame(ClientFrame::History(request));
        link.done()
    };
    let mut link = Link::with_open(0..1);
    assert_eq!(page(&mut link), ["history 0 at 1.1"]);
    link.told(HERE, Note::Reopen { seats: vec![0] });
    assert!(page(&mut link).is_empty());
}

#[test]
fn seats_get_more_as_long_as_the_link_has_room_in_turn() {
    let mut link = Link::new();
    for index in 0..10 {
        link.open(index, 1, true);
    }
    assert!(link.room(256 * 1024).is_empty());
    assert_eq!(link.room(255 * 1024), ["ready 0 at 1.1"]);
    assert!(link.room(200 * 1024).is_empty(), "what was called for is still to come");
    assert_eq!(link.room(0), ["ready 1 at 1.1", "ready 2 at 1.1", "ready 3 at 1.1"]);
    link.told(HERE, Note::More { index: 0 });
    link.told(HERE, Note::Enough { index: 1 });
    assert_eq!(link.room(0), ["ready 4 at 1.1", "ready 5 at 1.1"]);
    link.told(HERE, Note::Reopen { seats: vec![2, 3, 4, 5, 6] });
    assert_eq!(link.room(0), ["ready 7 at 1.1", "ready 8 at 1.1", "ready 9 at 1.1", "ready 0 at 1.1"]);
    link.told(HERE, Note::Enough { index: 7 });
    assert!(link.room(0).is_empty(), "one has enough and is not hungry");
}

#[test]
fn a_link_whose_seats_ask_in_vain_again_and_again_is_cut_and_no_more_proofs_are_checked() {
    let mut link = Link::new();
    let forged = |count| Resume { signature: Signature([0; 64]), ..resume(1, count) };
    for count in 1..FAILED_MAX {
        assert!(link.ask(forged(count)).iter().all(|done| !done.starts_with("cut")));
    }
    assert_eq!(link.ask(forged(FAILED_MAX)).last().unwrap(), "cut: Busy");
    assert!(link.ask(forged(FAILED_MAX + 1)).is_empty());
    assert!(link.ask(resume(2, 1)).is_empty());
}

#[test]
fn a_link_has_an_open_seat_only_while_its_conference_says_so() {
    let mut link = Link::new();
    assert!(!link.desk.has_open_seat());
    link.ask(resume(1, 1));
    link.found(1, 1, Ok(HERE));
    assert!(!link.desk.has_open_seat(), "nobody has said that the seat is anybody's");
    link.opened(1, 1, false);
    assert!(link.desk.has_open_seat());
    link.ask(resume(1, 2));
    assert!(!link.desk.has_open_seat());
}
