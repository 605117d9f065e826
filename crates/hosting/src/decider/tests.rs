//! The decider, told command by command, on a log that the test plays.

mod doors;

use convene_conference::{Description, Outcome, Role, Settings};
use convene_model::{JoinCode, Name, SeatKey};
use convene_protocol::{Join, OutgoingCommand};

use super::joins::{JOIN_EVERY, JOINS_AT_ONCE};
use super::*;
use crate::messages::{CommandsWish, JoinWish};
use crate::publisher::Publisher;

const TERM: TermId = TermId([7; 16]);
const CODE: JoinCode = JoinCode([1; 16]);
const ORGANIZERS_CODE: JoinCode = JoinCode([2; 16]);
const ANNA: Place = Place { link: LinkNumber(1), index: 0 };
const LATER: Duration = Duration::from_secs(1);

#[expect(clippy::disallowed_methods, reason = "only differences count: this is the test clock's zero")]
fn zero() -> Instant {
    Instant::now()
}

fn id(number: u128) -> CommandId {
    format!("{number:032x}").parse().unwrap()
}

fn say(number: u128, text: &str) -> OutgoingCommand {
    let body = Json::parse(&format!(r#"{{"kind":"say","text":"{text}"}}"#)).unwrap();
    OutgoingCommand { id: id(number), seen: None, body }
}

/// A decider and the log that it writes.
struct Host {
    decider: Decider,
    log: Vec<NewEntry>,
    under_way: Option<Append>,
    now: Now,
}

impl Host {
    /// A conference with its creation and one term.
    fn new() -> Self {
        let at = Timestamp::from_millis(0);
        let now = Now { instant: zero(), at };
        let settings = Settings { title: "T".into(), ..Settings::default() };
        let description = Description { settings, ..Description::default() };
        let codes = Codes::from([(CODE, Role::Participant), (ORGANIZERS_CODE, Role::Organizer)]);
        let creation = Entry::creation(&description, codes, at);
        let log =
            [creation, Entry::term(TERM, at)].map(|entry| NewEntry { text: entry.text(), receipt: None });
        Self::load(log.to_vec(), now)
    }

    /// As a host has it: with what a publisher has read, and a filter that knows every receipt.
    fn load(log: Vec<NewEntry>, now: Now) -> Self {
        let (conference, id) = (ConferenceId::from_random(1), LogId([1; 8]));
        let mut publisher = Publisher::<()>::new(conference, id);
        let entries = (1..).zip(&log).map(|(number, entry)| (number, Arc::clone(&entry.text)));
        publisher.handle_entries(&entries.collect::<Vec<_>>(), now.instant);
        let mut filter = Filter::default();
        for (participant, id) in log.iter().filter_map(|entry| entry.receipt) {
            filter.insert(participant, id);
        }
        let limits = DataLimits::default();
        let decider = Decider::begin(conference, id, &publisher.stored(), filter, [0; 32], limits);
        Self { decider, log, under_way: None, now }
    }

    fn join(&mut self, place: Place, name: &str, was_participant: bool) {
        self.join_by(CODE, place, name, was_participant);
    }

    fn join_by(&mut self, code: JoinCode, place: Place, name: &str, was_participant: bool) {
        let key = key(place);
        let name: Name = name.parse().unwrap();
        let join = Join { code, name, id: id(1_000 + u128::from(place.link.0)) };
        let wish = JoinWish { place, count: 1, key, term: TERM, join, was_participant };
        self.decider.handle_join(&wish, self.now);
    }

    fn command(&mut self, place: Place, command: OutgoingCommand) {
        let wish = CommandsWish { place, key: key(place), term: TERM, list: vec![command] };
        self.decider.handle_commands(wish, self.now);
    }

    /// Takes the next batch to the log.
    fn begin(&mut self) -> Option<u64> {
        self.under_way = self.decider.poll_append(self.now.instant);
        self.under_way.as_ref().map(|append| append.after)
    }

    fn end(&mut self, outcome: AppendOutcome) {
        let append = self.under_way.take().unwrap();
        if outcome == AppendOutcome::Done {
            assert_eq!(append.after, self.log.len() as u64);
            self.log.extend(append.entries);
        }
        self.decider.handle_append(outcome, self.now.instant);
    }

    fn store(&mut self) {
        while self.begin().is_some() {
            self.end(AppendOutcome::Done);
        }
    }

    fn answers(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.decider.poll_answer())
            .map(|answer| {
                let Place { link: LinkNumber(link), .. } = answer.place;
                let rests = answer.rests_on.number;
                match answer.what {
                    AnswerKind::JoinRefused { code, .. } => format!("{link}: {} at {rests}", code.as_str()),
                    AnswerKind::JoinLater { code, .. } => {
                        format!("{link}: later, {} at {rests}", code.as_str())
                    }
                    AnswerKind::Repeated { receipt, .. } => {
                        format!("{link}: {:?} in {} at {rests}", receipt.outcome, receipt.number)
                    }
                    AnswerKind::IdReused { .. } => format!("{link}: id reused at {rests}"),
                }
            })
            .collect()
    }

    /// Answers the question for the index out of the log up to `through`, or up to the asked
    /// number.
    fn look_up(&mut self, through: Option<u64>) -> Vec<Named> {
        let lookup = self.decider.poll_lookup(self.now.instant).expect("a question");
        let end = usize::try_from(through.unwrap_or(lookup.through)).unwrap();
        let held = (1..).zip(self.log.iter().take(end));
        let found = held.filter(|(_, entry)| entry.receipt.is_some_and(|named| lookup.keys.contains(&named)));
        let found: Vec<(u64, Arc<str>)> =
            found.map(|(number, entry)| (number, Arc::clone(&entry.text))).collect();
        self.decider.handle_found(&found, self.now).unwrap();
        lookup.keys
    }

    fn outcomes(&self) -> Vec<Option<Outcome>> {
        let entries = self.log.iter().map(|entry| Entry::parse(&entry.text).unwrap());
        entries.map(|entry| entry.receipt.map(|receipt| receipt.outcome)).collect()
    }
}

type Named = (ParticipantId, CommandId);

fn key(place: Place) -> SeatKey {
    SeatKey([u8::try_from(place.link.0).unwrap(); 32])
}

fn at_link(link: u64) -> Place {
    Place { link: LinkNumber(link), index: 0 }
}

/// With Anna as a participant, everything durable.
fn with_anna() -> Host {
    let mut host = Host::new();
    host.join(ANNA, "Anna", false);
    host.store();
    host
}

#[test]
fn what_is_decided_while_the_log_is_busy_is_appended_together() {
    let mut host = with_anna();
    host.command(ANNA, say(1, "one"));
    assert_eq!(host.begin(), Some(3));
    host.command(ANNA, say(2, "two"));
    host.command(ANNA, say(3, ""));
    assert_eq!(host.decider.poll_append(host.now.instant), None, "one batch at a time");
    host.end(AppendOutcome::Done);
    host.store();
    let refused = Outcome::Refused { code: Refusal::TextEmpty };
    let said = [Some(Outcome::Accepted), Some(Outcome::Accepted), Some(refused)];
    assert_eq!(host.outcomes(), [vec![None; 3], said.to_vec()].concat());
    assert_eq!(host.answers(), Vec::<String>::new(), "receipts are in the entries");
}

#[test]
fn joins_wait_for_others_where_many_are_told_of_them_and_nothing_else_does() {
    let mut host = Host::new();
    let place = |link| Place { link: LinkNumber(link), index: 0 };
    host.decider.expect_listeners(1_000);
    host.join(place(1), "Anna", false);
    assert_eq!(host.begin(), None);
    let due = host.decider.poll_timeout().unwrap();
    assert_eq!(due - host.now.instant, Duration::from_millis(20));
    host.now.instant += Duration::from_millis(15);
    host.join(place(2), "Bert", false);
    assert_eq!((host.begin(), host.decider.poll_timeout()), (None, Some(due)), "the first one counts");
    host.now.instant = due;
    assert_eq!(host.begin(), Some(2));
    assert_eq!(host.under_way.as_ref().unwrap().entries.len(), 2);
    host.end(AppendOutcome::Done);

    host.join(place(3), "Carla", false);
    assert_eq!(host.begin(), None);
    host.command(place(1), say(1, "one"));
    assert_eq!(host.begin(), Some(4), "a message waits for nobody");
    host.join(place(4), "Dora", false);
    host.end(AppendOutcome::Done);
    assert_eq!(host.begin(), None, "its wait has just begun");
    host.now.instant += Duration::from_millis(20);
    assert_eq!(host.begin(), Some(6));
    host.end(AppendOutcome::Again);
    host.now.instant += LATER;
    assert_eq!(host.begin(), Some(6), "what is tried again waits no more");
    host.end(AppendOutcome::Done);
    assert_eq!(host.decider.poll_timeout(), None);
}

#[test]
fn in_a_small_room_no_join_waits_and_in_the_largest_none_for_long() {
    for (listeners, wait) in [(0, 0), (99, 0), (100, 2), (1_500, 30), (usize::MAX, 40)] {
        let mut host = Host::new();
        host.decider.expect_listeners(listeners);
        host.join(ANNA, "Anna", false);
        if wait > 0 {
            assert_eq!(host.begin(), None, "{listeners}");
        }
        host.now.instant += Duration::from_millis(wait);
        assert_eq!(host.begin(), Some(2), "{listeners}");
    }
}

#[test]
fn an_unknown_or_failed_append_is_tried_again_as_it_was() {
    let mut host = with_anna();
    host.command(ANNA, say(1, "one"));
    assert_eq!(host.begin(), Some(3));
    let first = host.under_way.clone().unwrap();
    host.end(AppendOutcome::Again);
    host.command(ANNA, say(2, "two"));
    assert_eq!(host.decider.poll_append(host.now.instant), None, "not at once");
    assert_eq!(host.decider.poll_timeout(), Some(host.now.instant + LATER));
    host.now.instant += LATER;
    assert_eq!(host.begin(), Some(3));
    assert_eq!(host.under_way.as_ref(), Some(&first), "the same batch, without what came later");
    host.end(AppendOutcome::Done);
    assert_eq!(host.decider.poll_timeout(), None);
    host.store();
    assert_eq!(host.log.len(), 5);
}

#[test]
fn a_decider_that_lost_its_term_appends_nothing_more() {
    let mut host = with_anna();
    host.command(ANNA, say(1, "one"));
    host.begin();
    host.end(AppendOutcome::Lost);
    assert!(host.decider.is_lost());
    host.command(ANNA, say(2, "two"));
    assert_eq!(host.begin(), None);
}

#[test]
fn a_repeat_is_answered_once_its_first_decision_is_durable() {
    let mut host = with_anna();
    host.command(ANNA, say(1, "one"));
    host.begin();
    for _ in 0..3 {
        host.command(ANNA, say(1, "one"));
    }
    host.command(at_link(1), say(1, "other"));
    assert_eq!(host.answers(), ["1: id reused at 4"]);
    host.end(AppendOutcome::Done);
    assert_eq!(host.answers(), ["1: Accepted in 4 at 4"]);
    assert_eq!(host.log.len(), 4);
}

#[test]
fn a_known_id_is_looked_up_and_its_seat_alone_waits_in_order() {
    let mut host = with_anna();
    host.join(at_link(2), "Bernd", false);
    host.command(ANNA, say(1, "one"));
    host.store();
    host.command(ANNA, say(1, "one"));
    host.command(ANNA, say(2, "two"));
    host.command(ANNA, say(1, "something else"));
    host.command(at_link(2), say(9, "nine"));
    assert_eq!(host.begin(), Some(5), "Bernd does not wait");
    host.end(AppendOutcome::Done);
    assert_eq!(host.look_up(None), [(ParticipantId(1), id(1))], "what is new needs no question");
    assert_eq!(host.answers(), ["1: Accepted in 5 at 6", "1: id reused at 7"]);
    host.store();
    assert_eq!(host.log.len(), 7);
    assert!(host.decider.is_idle());
}

#[test]
fn an_id_that_was_decided_since_it_was_asked_about_is_answered_by_that_decision() {
    let mut host = with_anna();
    // The filter does not know which ids are new any more: as if each were a false alarm.
    for number in 1..4 {
        host.decider.filter.insert(ParticipantId(1), id(number));
    }
    host.command(ANNA, say(1, "one"));
    let asked = host.decider.poll_lookup(host.now.instant).unwrap();
    assert_eq!(asked.through, 3);
    // Another device of Anna's sends the same command, which is decided and stored meanwhile.
    let receipt = StoredReceipt {
        participant: ParticipantId(1),
        key: SeatKey([9; 32]),
        id: id(1),
        hash: crate::entry::BodyHash::of(&say(1, "one").body),
        outcome: Outcome::Accepted,
    };
    host.decider.put(host.now.at, Made::default(), Some(receipt), None);
    host.store();
    host.decider.handle_found(&[], host.now).unwrap();
    assert_eq!(host.answers(), ["1: Accepted in 4 at 4"]);
    host.store();
    assert_eq!(host.log.len(), 4, "decided once");
}

#[test]
fn an_index_that_fails_is_asked_again() {
    let mut host = with_anna();
    host.command(ANNA, say(1, "one"));
    host.store();
    host.command(ANNA, say(1, "one"));
    assert!(host.decider.poll_lookup(host.now.instant).is_some());
    assert_eq!(host.decider.poll_lookup(host.now.instant), None, "one at a time");
    host.decider.handle_lookup_failed(host.now.instant);
    assert_eq!(host.decider.poll_lookup(host.now.instant), None, "not at once");
    host.now.instant = host.decider.poll_timeout().unwrap();
    host.look_up(None);
    assert_eq!(host.answers(), ["1: Accepted in 4 at 4"]);
}

#[test]
fn a_link_that_is_gone_waits_for_nothing() {
    let mut host = with_anna();
    host.command(ANNA, say(1, "one"));
    host.begin();
    host.command(ANNA, say(1, "one"));
    host.decider.handle_link_gone(ANNA.link);
    host.end(AppendOutcome::Done);
    host.command(ANNA, say(1, "one"));
    assert!(!host.decider.is_idle());
    host.decider.handle_link_gone(ANNA.link);
    assert!(host.decider.is_idle());
    assert_eq!(host.answers(), Vec::<String>::new());
}

#[test]
fn a_join_is_an_entry_or_refused_upon_what_is_decided() {
    let mut host = with_anna();
    host.join(at_link(2), "anna", false);
    assert_eq!(host.answers(), ["2: name_taken at 3"]);
    host.join(at_link(2), "anna", true);
    host.join(at_link(2), "anna", true);
    host.store();
    assert_eq!(host.log.len(), 4, "a key joins once");
    let name = &host.decider.state().public().participants().get(ParticipantId(2)).unwrap().name;
    assert_eq!(name, "anna 2", "who was a participant is not refused for a name");
    let name: Name = "Clara".parse().unwrap();
    let join = Join { code: JoinCode([9; 16]), name, id: id(5) };
    let place = at_link(3);
    let wish = JoinWish { place, count: 1, key: key(place), term: TERM, join, was_participant: false };
    host.decider.handle_join(&wish, host.now);
    assert_eq!(host.answers(), ["3: code_unknown at 4"]);
}

#[test]
fn a_code_that_let_a_crowd_in_lets_the_next_ones_in_a_little_later() {
    let mut host = with_anna();
    host.decider.joins_until = Some(host.now.instant + JOIN_EVERY * JOINS_AT_ONCE);
    host.join(at_link(2), "Bert", false);
    assert_eq!(host.answers(), ["2: later, not_here_now at 3"]);
    host.now.instant += JOIN_EVERY;
    host.join(at_link(2), "Bert", false);
    assert!(host.answers().is_empty());
    host.join(at_link(3), "Clara", true);
    assert_eq!(host.answers().len(), 1, "nobody shows that they return");
    host.join_by(ORGANIZERS_CODE, at_link(4), "Olga", false);
    assert!(host.answers().is_empty(), "organizers can always join");
}

#[test]
fn wishes_of_another_term_and_of_nobody_are_dropped() {
    let mut host = with_anna();
    let list = vec![say(1, "one")];
    let old = CommandsWish { place: ANNA, key: key(ANNA), term: TermId([8; 16]), list: list.clone() };
    host.decider.handle_commands(old, host.now);
    let nobody = CommandsWish { place: at_link(4), key: key(at_link(4)), term: TERM, list };
    host.decider.handle_commands(nobody, host.now);
    assert_eq!(host.begin(), None);
    assert_eq!(host.answers(), Vec::<String>::new());
}

#[test]
fn a_key_that_was_replaced_is_refused_by_receipts() {
    let mut host = with_anna();
    let at = host.now.at;
    let key = StoredKey { key: SeatKey([5; 32]), participant: ParticipantId(1), replaces: true };
    host.decider.put(at, Made::default(), None, Some(key));
    host.command(ANNA, say(1, "one"));
    host.store();
    let last = host.outcomes().pop().flatten();
    assert_eq!(last, Some(Outcome::Refused { code: Refusal::KeyReplaced }));
}

#[test]
fn a_decider_goes_on_from_its_log() {
    let mut host = with_anna();
    host.command(ANNA, say(1, "one"));
    host.store();
    let term = TermId([8; 16]);
    host.log.push(NewEntry { text: Entry::term(term, host.now.at).text(), receipt: None });
    let mut next = Host::load(host.log, host.now);
    assert_eq!(next.decider.state(), host.decider.state());
    let list = vec![say(1, "one"), say(2, "two")];
    next.decider.handle_commands(CommandsWish { place: ANNA, key: key(ANNA), term, list }, next.now);
    next.look_up(None);
    assert_eq!(next.answers(), ["1: Accepted in 4 at 5"]);
    next.store();
    assert_eq!(next.log.len(), 6);
}

#[test]
fn the_end_is_written_with_the_summary_that_says_so() {
    let mut host = with_anna();
    assert_eq!(host.decider.handle_end(host.now), Ok(4));
    assert_eq!(host.decider.handle_end(host.now), Ok(4), "once");
    host.begin();
    let summary = host.under_way.as_ref().and_then(|append| append.summary.clone()).unwrap();
    assert!(summary.ended);
    assert_eq!(summary.codes.len(), 2);
}

#[test]
fn the_decider_is_full_long_before_memory_is() {
    let mut host = with_anna();
    let mut taken = 0;
    while !host.decider.is_full() {
        taken += 1;
        host.command(ANNA, say(taken, "x"));
    }
    assert_eq!(taken, UNDECIDED_COMMANDS_MAX as u128);
    host.store();
    assert!(!host.decider.is_full());
}

#[test]
fn what_the_author_saw_is_known_as_far_as_its_term_goes() {
    let mut host = with_anna();
    let second = TermStart { term: TermId([8; 16]), from: 4 };
    host.decider.terms.push(second);
    let knows = |number, term| host.decider.knows(Some(Point { number, term }));
    assert!(knows(3, TERM) && !knows(4, TERM), "the term ended with entry 3");
    assert!(knows(1, TermId::of_log(LogId([1; 8]))) && !knows(2, TermId::of_log(LogId([1; 8]))));
    assert!(!knows(1, TermId([9; 16])), "a term that the log does not hold");
    assert!(host.decider.knows(None));
}
