//! A host on a log that the test plays: entries with terms, and the newest term alone appends.

use convene_conference::{Codes, Description, Outcome, Role, Settings};
use convene_model::{CommandId, JoinCode, Json, SeatKey};
use convene_protocol::proof::Signature;
use convene_protocol::{Join, OutgoingCommand, Resume, ServerFrame};

mod cut;

use super::*;
use crate::messages::{Note, Place};

fn conference() -> ConferenceId {
    ConferenceId::from_random(1)
}
const LOG: LogId = LogId([1; 8]);
const CODE: JoinCode = JoinCode([1; 16]);
const LINK: LinkNumber = LinkNumber(1);

#[expect(clippy::disallowed_methods, reason = "only differences count: this is the test clock's zero")]
fn zero() -> Instant {
    Instant::now()
}

/// A log, and a host with one link.
struct World {
    host: Host<LinkNumber>,
    log: Vec<(TermId, Arc<str>)>,
    said: Vec<ServerFrame>,
    notes: Vec<Note>,
    stored: Option<Arc<StoredSnapshot>>,
    now: Now,
    /// The outcomes of the next claim and of the next append, where they are to fail.
    claim_fails: Option<ClaimOutcome>,
    append_fails: Option<AppendOutcome>,
    /// Whether a claim that fails is written all the same.
    claim_lands: bool,
    /// A term that another process begins right behind the next claim.
    another: Option<TermId>,
    /// Appends and lookups of a log that is slow; `None` where it answers at once.
    held: Option<Vec<Work<LinkNumber>>>,
    /// The number of entries that are left in the log once the next claim or append was answered.
    cut: Option<usize>,
}

impl World {
    fn new() -> Self {
        let at = Timestamp::from_millis(0);
        let settings = Settings { title: "T".into(), ..Settings::default() };
        let description = Description { settings, ..Description::default() };
        let creation = Entry::creation(&description, Codes::from([(CODE, Role::Participant)]), at);
        Self::on(vec![(TermId::of_log(LOG), creation.text())], None)
    }

    fn on(log: Vec<(TermId, Arc<str>)>, stored: Option<StoredSnapshot>) -> Self {
        let now = Now { instant: zero(), at: Timestamp::from_millis(0) };
        let seed = [u8::try_from(log.len() % 200).unwrap(); 32];
        let term = TermId([u8::try_from(log.len() % 200).unwrap() + 1; 16]);
        let host = Host::new(conference(), LOG, stored, term, seed);
        Self {
            host,
            log,
            said: Vec::new(),
            notes: Vec::new(),
            stored: None,
            now,
            claim_fails: None,
            append_fails: None,
            claim_lands: false,
            another: None,
            held: None,
            cut: None,
        }
    }

    /// Brings the log to the host and does all that it wants, until nothing is left to do.
    fn settle(&mut self) {
        loop {
            let (from, _) = self.host.follows_from();
            let behind = self.log.iter().enumerate().skip(usize::try_from(from).unwrap());
            let fresh: Vec<Followed> = behind
                .map(|(place, (_, text))| Followed { number: place as u64 + 1, text: Arc::clone(text) })
                .collect();
            let fresh = if self.host.stopped().is_some() { Vec::new() } else { fresh };
            if !fresh.is_empty() {
                self.host.handle_followed(&fresh, self.now);
            }
            if fresh.is_empty() {
                self.host.handle_caught_up(self.now);
            }
            let Some(work) = self.host.poll_work() else {
                if fresh.is_empty() {
                    return;
                }
                continue;
            };
            match &mut self.held {
                Some(held) if matches!(work, Work::Append(_) | Work::Look(_)) => held.push(work),
                _ => self.work(work),
            }
        }
    }

    /// The first answer of the slow log.
    fn answer(&mut self) {
        let work = self.held.as_mut().expect("a slow log").remove(0);
        self.work(work);
        self.settle();
    }

    /// Another process begins a term. The host claims again, and its seat is opened again.
    fn take_over(&mut self, count: u32) {
        let other = TermId([99; 16]);
        self.log.push((other, Entry::term(other, self.now.at).text()));
        self.settle();
        self.open(count);
    }

    fn work(&mut self, work: Work<LinkNumber>) {
        let writes = matches!(work, Work::Claim(_) | Work::Append(_));
        self.do_work(work);
        if writes && let Some(length) = self.cut.take() {
            self.log.truncate(length);
        }
    }

    fn do_work(&mut self, work: Work<LinkNumber>) {
        match work {
            Work::Publish(Output::Tell { told, .. }) => {
                self.said.push(ServerFrame::parse(&told.text).unwrap());
                // The link always has room.
                if let Note::More { index } | Note::Opened { index, more: true, .. } = told.note {
                    self.host.handle_wish(LINK, LINK, Wish::Ready { index }, self.now);
                }
                self.notes.push(told.note);
            }
            Work::Publish(Output::Share { text, .. } | Output::Presence { text, .. }) => {
                self.said.push(ServerFrame::parse(&text).unwrap());
            }
            Work::Publish(Output::Read(read)) => {
                let entries: Vec<(u64, Arc<str>)> = (1..)
                    .zip(&self.log)
                    .filter(|(number, _)| *number > read.after && *number <= read.through)
                    .map(|(number, (_, text))| (number, Arc::clone(text)))
                    .collect();
                self.host.handle_page(read, &entries, self.now);
            }
            Work::Publish(Output::Join(_)) => panic!("joins are the host's"),
            Work::Claim(claim) => {
                let outcome = self.claim_fails.take().unwrap_or(ClaimOutcome::Done);
                let stands = self.log.iter().any(|(term, _)| *term == claim.term);
                if !stands && (outcome == ClaimOutcome::Done || self.claim_lands) {
                    self.log.push((claim.term, claim.text));
                }
                if let Some(term) = self.another.take() {
                    self.log.push((term, Entry::term(term, self.now.at).text()));
                }
                self.host.handle_claimed(claim.term, outcome, self.now);
            }
            Work::Append(append) => {
                let newest = self.log.last().map(|(term, _)| *term);
                let owns = newest == Some(append.term);
                let outcome = self.append_fails.take();
                let outcome = outcome.unwrap_or(if owns { AppendOutcome::Done } else { AppendOutcome::Lost });
                if outcome == AppendOutcome::Done {
                    assert_eq!(append.after, self.log.len() as u64);
                    let fresh = append.entries.into_iter();
                    self.log.extend(fresh.map(|entry| (append.term, entry.text)));
                }
                self.host.handle_append(append.term, outcome, self.now);
            }
            Work::Look(lookup) => {
                let found: Vec<(u64, Arc<str>)> = (1..)
                    .zip(&self.log)
                    .filter(|(_, (_, text))| {
                        let receipt = Entry::parse(text).unwrap().receipt;
                        receipt.is_some_and(|one| lookup.keys.contains(&(one.participant, one.id)))
                    })
                    .map(|(number, (_, text))| (number, Arc::clone(text)))
                    .collect();
                self.host.handle_found(lookup.term, &found, self.now).unwrap();
            }
            Work::Store(stored) => self.stored = Some(stored),
        }
    }

    fn open(&mut self, count: u32) {
        let join = Join { code: CODE, name: "Anna".parse().unwrap(), id: id(1_000) };
        let resume = Resume {
            index: 0,
            count,
            key: SeatKey([1; 32]),
            conference: None,
            replica: None,
            snapshot: false,
            join,
            was_participant: false,
            signature: Signature([0; 64]),
        };
        self.host.handle_wish(LINK, LINK, Wish::Open(Arc::new(resume)), self.now);
        self.settle();
    }

    fn say(&mut self, number: u128) {
        let body = Json::parse(r#"{"kind":"say","text":"hi"}"#).unwrap();
        let list = vec![OutgoingCommand { id: id(number), seen: None, body }];
        let term = self.host.publisher().term();
        let place = Place { link: LINK, index: 0 };
        let wish = CommandsWish { place, key: SeatKey([1; 32]), term, list };
        self.host.handle_commands(wish, self.now);
        self.settle();
    }

    /// Lets time pass until the host decides.
    fn wait(&mut self) {
        while self.host.decider().is_none() {
            self.now.instant = self.host.poll_timeout().expect("something to wait for");
            self.host.handle_timeout(self.now);
            self.settle();
        }
    }

    /// The commands that were decided, in the order of the log.
    fn decided(&self) -> Vec<CommandId> {
        let receipts = self.log.iter().filter_map(|(_, text)| Entry::parse(text).unwrap().receipt);
        receipts.map(|receipt| receipt.id).collect()
    }

    fn receipts(&self) -> usize {
        let count = |frame: &ServerFrame| {
            let ServerFrame::Receipts(receipts) = frame else { return 0 };
            receipts.list.len()
        };
        self.said.iter().map(count).sum()
    }

    fn opened(&self) -> usize {
        self.notes.iter().filter(|note| matches!(note, Note::Opened { .. })).count()
    }

    fn reopened(&self) -> usize {
        self.notes.iter().filter(|note| matches!(note, Note::Reopen { .. })).count()
    }
}

fn id(number: u128) -> CommandId {
    format!("{number:032x}").parse().unwrap()
}

#[test]
fn a_seat_that_comes_first_joins_and_speaks_in_the_first_term() {
    let mut world = World::new();
    world.open(1);
    assert_eq!((world.opened(), world.reopened()), (1, 0), "it was not opened before the term began");
    world.say(1);
    world.say(1);
    assert_eq!(world.receipts(), 2, "the first one, and again when it came again");
    assert_eq!(world.log.len(), 4);
    let last = Entry::parse(&world.log[3].1).unwrap();
    assert_eq!(last.receipt.unwrap().outcome, Outcome::Accepted);
    assert!(world.host.is_idle());
}

#[test]
fn while_no_claim_succeeds_the_past_can_be_read() {
    let mut world = World::new();
    world.open(1);
    world.say(1);
    let mut world = World::on(world.log, None);
    world.claim_fails = Some(ClaimOutcome::Again);
    world.open(2);
    assert_eq!(world.opened(), 1, "a key that is a participant's is opened without a decider");
    world.say(2);
    assert_eq!(world.receipts(), 0);
    world.wait();
    assert_eq!(world.reopened(), 1, "once the term begins, what has no receipt is sent again");
    world.open(3);
    world.say(2);
    assert_eq!(world.receipts(), 1);
}

#[test]
fn another_term_ends_the_decider_and_it_claims_again() {
    let mut world = World::new();
    world.open(1);
    let other = TermId([99; 16]);
    world.log.push((other, Entry::term(other, world.now.at).text()));
    world.say(1);
    assert_eq!(world.reopened(), 1, "its seat asks again once, and is opened in the newest term");
    let terms: Vec<TermId> = world.log.iter().map(|(term, _)| *term).collect();
    assert_ne!(terms.last(), Some(&other));
    assert_eq!(world.receipts(), 0, "what was sent under an earlier term is dropped");
    world.open(2);
    world.say(1);
    assert_eq!(world.receipts(), 1);
}

#[test]
fn a_late_answer_of_the_index_to_an_earlier_decider_decides_nothing() {
    let mut world = World::new();
    world.open(1);
    world.say(1);
    world.say(2);
    world.held = Some(Vec::new());
    world.say(1);
    world.take_over(2);
    world.say(2);
    world.answer();
    assert_eq!(world.decided(), [id(1), id(2)], "the answer was of the first command alone");
    world.answer();
    assert_eq!((world.decided(), world.receipts()), (vec![id(1), id(2)], 3));
}

#[test]
fn a_late_answer_to_a_batch_of_an_earlier_decider_ends_no_term() {
    let mut world = World::new();
    world.open(1);
    world.held = Some(Vec::new());
    world.say(1);
    world.take_over(2);
    world.say(2);
    let term = world.host.decider().expect("it decides again").term();
    world.answer();
    assert_eq!(world.host.decider().map(Decider::term), Some(term));
    world.answer();
    assert_eq!((world.decided(), world.receipts()), (vec![id(2)], 1));
}

#[test]
fn a_claim_that_comes_too_late_is_made_with_another_term() {
    let mut world = World::new();
    world.claim_fails = Some(ClaimOutcome::Over);
    world.open(1);
    assert_eq!(world.opened(), 1);
    assert_ne!(world.log[1].0, TermId([2; 16]));
}

#[test]
fn a_join_that_was_asked_for_before_the_claim_was_answered_is_asked_for_again() {
    let mut world = World::new();
    (world.claim_fails, world.claim_lands) = (Some(ClaimOutcome::Again), true);
    world.open(1);
    assert_eq!((world.log.len(), world.opened()), (2, 0), "the term has begun, and nobody decides yet");
    world.wait();
    assert_eq!((world.log.len(), world.opened()), (3, 1));
}

#[test]
fn commands_that_came_before_the_claim_was_answered_are_asked_for_again_and_not_overtaken() {
    let mut world = World::new();
    world.open(1);
    let mut world = World::on(world.log, None);
    (world.claim_fails, world.claim_lands) = (Some(ClaimOutcome::Again), true);
    world.open(2);
    world.open(3);
    assert_eq!((world.opened(), world.reopened()), (2, 1), "open in the term that has begun");
    world.say(1);
    world.wait();
    assert_eq!(world.reopened(), 2, "nobody has heard the first command");
    // The second one was under way when the seat was told to ask again.
    world.say(2);
    world.open(4);
    world.say(1);
    world.say(2);
    assert_eq!(world.decided(), [id(1), id(2)]);
}

#[test]
fn a_claim_that_was_over_before_its_entry_was_read_is_made_again() {
    let mut world = World::new();
    let other = TermId([99; 16]);
    world.another = Some(other);
    world.open(1);
    assert_eq!((world.log[2].0, world.opened()), (other, 1));
    world.say(1);
    assert_eq!(world.receipts(), 1, "it has claimed behind the other one");
}

#[test]
fn a_log_that_was_cut_is_read_anew_and_claimed_with_a_new_term() {
    let mut world = World::new();
    world.open(1);
    world.say(1);
    let before = world.host.publisher().term();
    world.log.truncate(3);
    world.host.handle_log_lost(None, world.now);
    world.settle();
    assert_eq!(world.reopened(), 1);
    assert_ne!(world.host.publisher().term(), before);
    world.open(2);
    world.say(1);
    assert_eq!(world.log.len(), 5, "what the restore lost is decided when it comes again");
}

#[test]
fn a_start_goes_on_from_a_stored_snapshot_and_what_lies_behind() {
    let mut world = World::new();
    world.open(1);
    for number in 1..=u128::from(STORED_EVERY) {
        world.say(number);
    }
    let stored = world.stored.take().expect("a snapshot");
    let read = StoredSnapshot::parse(&stored.text()).unwrap().unwrap();
    assert_eq!(read, *stored);
    let log = world.log.clone();
    let mut fresh = World::on(log.clone(), Some(read));
    assert_eq!(fresh.host.follows_from().0, stored.point().number);
    fresh.settle();
    let mut whole = World::on(log, None);
    whole.settle();
    assert_eq!(fresh.host.publisher().state(), whole.host.publisher().state());
    fresh.open(2);
    let receipts = fresh.receipts();
    fresh.say(7);
    assert_eq!(fresh.receipts(), receipts + 1, "a command of before the snapshot is found in the index");
    assert_eq!(fresh.log.len(), whole.log.len(), "and not decided again");
}

#[test]
fn a_snapshot_of_a_later_level_is_passed_over() {
    assert_eq!(StoredSnapshot::parse(r#"{"level":9,"shape":"other"}"#), Ok(None));
    assert_eq!(StoredSnapshot::parse("{}"), Err(EntryError));
}

#[test]
fn a_log_of_a_later_level_is_not_claimed() {
    let mut world = World::new();
    world.log.push((TermId::of_log(LOG), r#"{"level":9}"#.into()));
    world.host = Host::new(conference(), LOG, None, TermId([2; 16]), [0; 32]);
    world.open(1);
    assert_eq!(world.host.stopped(), Some(Refusal::ConferenceOfLaterVersion));
    assert_eq!(world.log.len(), 2, "no term");
    let later = world.said.iter().any(|frame| frame.to_string().contains("conference_of_later_version"));
    assert!(later, "{:?}", world.said);
    assert_eq!(world.host.handle_end(world.now), Err(Refusal::NotHereNow));
}

#[test]
fn wishes_that_wait_for_the_first_claim_have_a_limit() {
    let mut world = World::new();
    let mut asked = 0;
    while !world.host.is_full() {
        asked += 1;
        // Without a shell that does anything, the claim stays under way.
        world.host.handle_wish(LINK, LINK, Wish::Close { index: 0 }, world.now);
    }
    assert_eq!(asked, UNDECIDED_COMMANDS_MAX);
    world.settle();
    assert!(!world.host.is_full());
}

#[test]
fn answers_that_wait_for_the_log_have_a_limit() {
    let mut world = World::new();
    world.open(1);
    let command = |text: &str| OutgoingCommand {
        id: id(1),
        seen: None,
        body: Json::parse(&format!(r#"{{"kind":"say","text":"{text}"}}"#)).unwrap(),
    };
    let (term, place) = (world.host.publisher().term(), Place { link: LINK, index: 0 });
    let wish = |text| CommandsWish { place, key: SeatKey([1; 32]), term, list: vec![command(text)] };
    world.host.handle_commands(wish("one"), world.now);
    let mut asked = 0;
    while !world.host.is_full() {
        asked += 1;
        world.host.handle_commands(wish("another"), world.now);
    }
    assert_eq!(asked, UNDECIDED_COMMANDS_MAX);
    world.settle();
    assert!(!world.host.is_full());
    assert_eq!(world.receipts(), UNDECIDED_COMMANDS_MAX + 1);
}
