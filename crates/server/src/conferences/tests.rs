use convene_conference::Settings;
use convene_event_log::{Fault, MemoryLog, NewEntry};
use convene_event_log_sqlite::{FirstForm, Options, SqliteLog};
use convene_hosting::{Note, Place, Told};
use convene_model::limits::{COMMANDS_IN_FLIGHT_MAX, UNDECIDED_COMMANDS_MAX};
use convene_model::{CommandId, SeatKey, TermId};
use convene_protocol::proof::Signature;
use convene_protocol::{Join, OutgoingCommand, Resume};
use tokio::sync::mpsc;
use tokio::time::{Duration, sleep};

use super::*;
use crate::delivery::Delivery;

/// A server's conferences over a log that is shared with the test.
struct Server {
    log: Arc<MemoryLog>,
    conferences: Conferences<MemoryLog>,
}

/// A link with what conferences gave it. Its seat has index 1, and it always has room.
struct Link {
    handle: LinkHandle,
    deliveries: mpsc::Receiver<Delivery>,
    count: u32,
    /// In which term its seat was opened.
    term: TermId,
}

impl Link {
    fn new(number: u64) -> Self {
        let (handle, deliveries) = LinkHandle::new(LinkNumber(number));
        Self { handle, deliveries, count: 0, term: TermId([0; 16]) }
    }

    /// The next frame that holds this text; others are passed over.
    async fn told(&mut self, door: &Door, text: &str) -> String {
        // Presence is told again and again: each frame alone would never be late.
        let deadline = tokio::time::Instant::now() + Duration::from_secs(600);
        loop {
            let delivery = tokio::time::timeout_at(deadline, self.deliveries.recv()).await;
            let frame = match delivery.unwrap_or_else(|_| panic!("nobody says {text}")).unwrap() {
                Delivery::Told(message) => {
                    let Told { text, note } = message.told;
                    if let Note::Opened { term, .. } = note {
                        self.term = term;
                    }
                    if let Note::More { index } | Note::Opened { index, more: true, .. } = note {
                        let (link, wish) = (self.handle.clone(), Wish::Ready { index });
                        assert!(door.inputs().send(Input::Wish { link, wish }).await.is_ok());
                    }
                    text.to_string()
                }
                Delivery::Shared(frame) => frame.text.as_str().to_owned(),
                Delivery::Presence(_) | Delivery::Panic => continue,
            };
            if frame.contains(text) {
                return frame;
            }
        }
    }

    async fn say(&self, door: &Door, number: u32, text: &str) {
        door.inputs().send(self.commands(number..number + 1, text)).await.unwrap();
    }

    fn commands(&self, numbers: std::ops::Range<u32>, text: &str) -> Input {
        let body = Json::parse(&format!(r#"{{"kind":"say","room":"plenary","text":"{text}"}}"#)).unwrap();
        let command = |number| OutgoingCommand { id: command_id(number), seen: None, body: body.clone() };
        let list = numbers.map(command).collect();
        let place = Place { link: self.handle.number(), index: 1 };
        Input::Commands(CommandsWish { place, key: SeatKey([5; 32]), term: self.term, list })
    }
}

impl Server {
    async fn of(log: &Arc<MemoryLog>) -> Self {
        let log = Arc::clone(log);
        Self { conferences: Conferences::of(Arc::clone(&log), DataLimits::default()).await.unwrap(), log }
    }

    async fn create(&self, title: &str) -> Invitation {
        let settings = Settings { title: title.to_owned(), ..Settings::default() };
        let description = Description { settings, ..Description::default() };
        self.conferences.create(&description).await.unwrap()
    }

    async fn find(&self, invitation: &Invitation) -> Result<Door, Refusal> {
        self.conferences.find(Some(invitation.conference), code(invitation)).await
    }

    /// Asks for the seat with index 1, which joins if it has not. Gives the conference's door.
    async fn open(&self, link: &mut Link, invitation: &Invitation) -> Result<Door, Refusal> {
        let door = self.find(invitation).await?;
        link.count += 1;
        let wish = Wish::Open(Arc::new(resume(invitation, link.count)));
        let open = Input::Wish { link: link.handle.clone(), wish };
        assert!(door.inputs().send(open).await.is_ok(), "the door is open");
        Ok(door)
    }

    async fn join(&self, link: &mut Link, invitation: &Invitation) -> Door {
        let door = self.open(link, invitation).await.unwrap();
        link.told(&door, r#""outcome":"open""#).await;
        door
    }

    async fn entries(&self, conference: ConferenceId) -> Vec<convene_event_log::Entry> {
        self.log.read(conference, 0, 100, 100_000).await.unwrap()
    }

    /// The terms that were begun.
    async fn terms(&self, conference: ConferenceId) -> Vec<TermId> {
        let mut terms: Vec<TermId> = self.entries(conference).await.iter().map(|entry| entry.term).collect();
        terms.dedup();
        terms.remove(0);
        terms
    }
}

fn code(invitation: &Invitation) -> JoinCode {
    *invitation.codes.iter().find(|(_, role)| **role == Role::Participant).unwrap().0
}

fn resume(invitation: &Invitation, count: u32) -> Resume {
    let join = Join { code: code(invitation), name: "Anna".parse().unwrap(), id: command_id(0) };
    Resume {
        index: 1,
        count,
        key: SeatKey([5; 32]),
        conference: Some(invitation.conference),
        replica: None,
        snapshot: false,
        join,
        was_participant: false,
        signature: Signature([0; 64]),
    }
}

fn command_id(number: u32) -> CommandId {
    format!("00000000-0000-4000-8000-{number:012}").parse().unwrap()
}

/// As another process begins a term.
fn term_text(term: TermId) -> Arc<str> {
    Entry::term(term, wall().into()).text()
}

#[tokio::test(start_paused = true)]
async fn a_start_loads_nothing_and_a_conference_is_loaded_when_it_is_wanted() {
    let log = Arc::new(MemoryLog::default());
    let before = Server::of(&log).await;
    let (one, other) = (before.create("One").await, before.create("Other").await);
    let server = Server::of(&log).await;
    assert_eq!(server.conferences.list().await.unwrap().len(), 2);
    assert_eq!(server.conferences.register.running(), 0);
    // By its code: the conference is not named.
    assert!(server.conferences.find(None, code(&one)).await.is_ok());
    server.join(&mut Link::new(1), &one).await;
    assert_eq!(server.conferences.register.running(), 1);
    assert_eq!(server.terms(one.conference).await.len(), 1);
    assert_eq!(server.entries(other.conference).await.len(), 1, "nothing was written to it");
}

/// By a code that the conference made while it runs, and at the next start too.
#[tokio::test(start_paused = true)]
async fn a_conference_is_found_by_a_personal_link() {
    let log = Arc::new(MemoryLog::default());
    let server = Server::of(&log).await;
    let invitation = server.create("Our next year").await;
    let mut link = Link::new(1);
    let door = server.join(&mut link, &invitation).await;
    let body = Json::parse(r#"{"kind":"make_link"}"#).unwrap();
    let list = vec![OutgoingCommand { id: command_id(1), seen: None, body }];
    let place = Place { link: link.handle.number(), index: 1 };
    let wish = CommandsWish { place, key: SeatKey([5; 32]), term: link.term, list };
    door.inputs().send(Input::Commands(wish)).await.unwrap();
    let told = link.told(&door, "link_told").await;
    let code = told.split(r#""code":""#).nth(1).and_then(|rest| rest.split('"').next());
    let code: JoinCode = code.unwrap().parse().unwrap();
    assert!(server.conferences.find(None, code).await.is_ok());
    assert!(Server::of(&log).await.conferences.find(None, code).await.is_ok());
    assert!(server.conferences.find(None, JoinCode([9; 16])).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_summary_says_who_takes_part_and_what_has_ended() {
    let server = Server::of(&Arc::default()).await;
    let invitation = server.create("Our next year").await;
    server.join(&mut Link::new(1), &invitation).await;
    let about = server.conferences.describe(invitation.conference).await.unwrap();
    assert_eq!((about.summary.participants, about.summary.taking_part, about.last), (1, 1, 3));
    assert_eq!((about.summary.title.as_str(), about.summary.ended), ("Our next year", false));
    server.conferences.end(invitation.conference).await.unwrap();
    let about = server.conferences.describe(invitation.conference).await.unwrap();
    assert!(about.summary.ended);
}

#[tokio::test(start_paused = true)]
async fn a_conference_that_does_not_run_yet_can_be_ended() {
    let log = Arc::new(MemoryLog::default());
    let invitation = Server::of(&log).await.create("Our next year").await;
    let server = Server::of(&log).await;
    server.conferences.end(invitation.conference).await.unwrap();
    let about = server.conferences.describe(invitation.conference).await.unwrap();
    assert!(about.summary.ended);
}

#[tokio::test(start_paused = true)]
async fn one_unreadable_entry_stops_one_conference() {
    let server = Server::of(&Arc::default()).await;
    let (damaged, sound) = (server.create("Damaged").await, server.create("Sound").await);
    let term = TermId([9; 16]);
    let nonsense = vec![NewEntry { text: Arc::from("nonsense"), receipt: None }];
    server.log.claim(damaged.conference, term, term_text(term)).await.unwrap();
    server.log.append(damaged.conference, term, 2, nonsense, None).await.unwrap();
    let mut link = Link::new(1);
    let door = server.open(&mut link, &damaged).await.unwrap();
    link.told(&door, "conference_damaged").await;
    let refused = server.conferences.end(damaged.conference).await;
    assert!(matches!(refused, Err(OperationError::Refused(Refusal::ConferenceDamaged))));
    assert_eq!(server.entries(damaged.conference).await.len(), 3, "it was not taken over");
    server.join(&mut link, &sound).await;
}

#[tokio::test(start_paused = true)]
async fn a_log_that_can_be_read_again_is_read_again_after_a_while() {
    let server = Server::of(&Arc::default()).await;
    let invitation = server.create("Our next year").await;
    let mut link = Link::new(1);
    // Neither its snapshot nor its entries can be read.
    for _ in 0..2 {
        server.log.fail_read(StorageError::Failed { detail: "a bad sector".to_owned() });
    }
    for _ in 0..2 {
        let door = server.open(&mut link, &invitation).await.unwrap();
        let told = link.told(&door, "not_here_now").await;
        assert!(told.contains(r#""outcome":"later""#), "its seat stays and asks again: {told}");
    }
    sleep(Duration::from_secs(60)).await;
    server.join(&mut link, &invitation).await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_found_out_and_cuts_nobody() {
    let unknown = [
        Fault::Unknown { entries: 0 },
        Fault::Unknown { entries: 1 },
        Fault::Late,
        Fault::Failed(StorageError::Full),
    ];
    for fault in unknown {
        let server = Server::of(&Arc::default()).await;
        let invitation = server.create("Our next year").await;
        let mut link = Link::new(1);
        let door = server.join(&mut link, &invitation).await;
        server.log.next(fault);
        link.say(&door, 1, "Good morning").await;
        link.told(&door, "Good morning").await;
        link.told(&door, "receipts").await;
        server.log.land(0, usize::MAX);
        let said = server.entries(invitation.conference).await;
        assert_eq!(said.iter().filter(|entry| entry.text.contains("Good morning")).count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_delays_and_cuts_nobody() {
    let server = Server::of(&Arc::default()).await;
    let invitation = server.create("Our next year").await;
    let mut link = Link::new(1);
    server.log.set_full(true);
    let door = server.open(&mut link, &invitation).await.unwrap();
    sleep(Duration::from_secs(20)).await;
    server.log.set_full(false);
    link.told(&door, r#""outcome":"open""#).await;
    server.log.set_full(true);
    link.say(&door, 1, "Good morning").await;
    sleep(Duration::from_secs(20)).await;
    server.log.set_full(false);
    link.told(&door, "receipts").await;
}

#[tokio::test(start_paused = true)]
async fn of_a_burst_no_more_is_taken_than_may_be_undecided() {
    let server = Server::of(&Arc::default()).await;
    let invitation = server.create("Our next year").await;
    let mut link = Link::new(1);
    let door = server.join(&mut link, &invitation).await;
    server.log.set_full(true);
    let credit = u32::try_from(COMMANDS_IN_FLIGHT_MAX).unwrap();
    let taken = UNDECIDED_COMMANDS_MAX / COMMANDS_IN_FLIGHT_MAX;
    for batch in 0..u32::try_from(2 * taken).unwrap() {
        let numbers = 1 + batch * credit..1 + (batch + 1) * credit;
        assert!(door.inputs().try_send(link.commands(numbers, "Good morning")).is_ok());
    }
    sleep(Duration::from_secs(20)).await;
    assert_eq!(door.inputs().max_capacity() - door.inputs().capacity(), taken, "they wait at the door");
    server.log.set_full(false);
    let last = command_id(2 * u32::try_from(UNDECIDED_COMMANDS_MAX).unwrap());
    link.told(&door, &last.to_string()).await;
}

#[tokio::test(start_paused = true)]
async fn a_conference_that_another_process_takes_over_is_taken_back_and_opened_again() {
    let server = Server::of(&Arc::default()).await;
    let invitation = server.create("Our next year").await;
    let mut link = Link::new(1);
    let door = server.join(&mut link, &invitation).await;
    let other = TermId([9; 16]);
    server.log.claim(invitation.conference, other, term_text(other)).await.unwrap();
    link.say(&door, 1, "Good morning").await;
    link.told(&door, "reopen").await;
    let door = server.join(&mut link, &invitation).await;
    link.say(&door, 1, "Good morning").await;
    link.told(&door, "Good morning").await;
    let terms = server.terms(invitation.conference).await;
    assert_eq!((terms.len(), terms[1]), (3, other));
    assert_ne!(terms[0], terms[2]);
}

#[tokio::test(start_paused = true)]
async fn a_conference_that_panics_is_loaded_again_in_a_new_term() {
    let server = Server::of(&Arc::default()).await;
    let (invitation, other) = (server.create("Our next year").await, server.create("Other").await);
    let mut link = Link::new(1);
    let mut closed = server.conferences.closed();
    let (door, of_other) = (server.join(&mut link, &invitation).await, server.join(&mut link, &other).await);
    door.inputs().send(Input::Panic).await.unwrap();
    door.inputs().closed().await;
    assert!(!server.find(&invitation).await.unwrap().inputs().is_closed(), "from the first moment on");
    closed.changed().await.unwrap();
    assert!(door.inputs().is_closed() && !of_other.inputs().is_closed());
    server.join(&mut link, &invitation).await;
    let terms = server.terms(invitation.conference).await;
    assert_eq!(terms.len(), 2);
    assert_eq!(server.conferences.register.running(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_and_is_not_wanted_is_let_go_and_goes_on_in_its_term() {
    let server = Server::of(&Arc::default()).await;
    let (ended, open) = (server.create("Ended").await, server.create("Open").await);
    let mut link = Link::new(1);
    let (door, _of_open) = (server.join(&mut link, &ended).await, server.join(&mut link, &open).await);
    server.conferences.end(ended.conference).await.unwrap();
    sleep(Duration::from_secs(600)).await;
    assert_eq!(server.conferences.register.running(), 2, "somebody has a seat in it");
    drop(door);
    sleep(Duration::from_secs(600)).await;
    assert_eq!(server.conferences.register.running(), 1);
    let before = server.entries(ended.conference).await.len();
    server.join(&mut link, &ended).await;
    assert_eq!(server.conferences.register.running(), 2);
    assert_eq!(server.entries(ended.conference).await.len(), before, "nothing was written");
}

#[tokio::test(start_paused = true)]
async fn seats_of_a_deleted_conference_are_refused_by_name() {
    let log = Arc::default();
    let server = Server::of(&log).await;
    let invitation = server.create("Our next year").await;
    let mut link = Link::new(1);
    let mut closed = server.conferences.closed();
    let door = server.join(&mut link, &invitation).await;
    server.conferences.delete(invitation.conference).await.unwrap();
    closed.changed().await.unwrap();
    assert!(door.inputs().is_closed());
    let restarted = Server::of(&log).await;
    for server in [&server, &restarted] {
        let refused = server.open(&mut link, &invitation).await;
        assert_eq!(refused.err(), Some(Refusal::ConferenceDeleted));
        let unnamed = server.conferences.find(None, code(&invitation)).await;
        assert_eq!(unnamed.err(), Some(Refusal::CodeUnknown));
    }
    let unknown = Invitation { conference: ConferenceId::from_random(1), codes: invitation.codes };
    assert_eq!(server.open(&mut link, &unknown).await.err(), Some(Refusal::ConferenceUnknown));
}

#[tokio::test]
async fn a_code_tells_of_its_conference_without_loading_it() {
    let server = Server::of(&Arc::default()).await;
    let start = Some("2026-12-01T08:00:00.000Z".parse().unwrap());
    let (title, theme, hosts) = ("Our next year".to_owned(), "What?".to_owned(), "The council".to_owned());
    let invited = Invited { title, theme, hosts, start, is_over: false };
    let (title, theme, hosts) = (invited.title.clone(), invited.theme.clone(), invited.hosts.clone());
    let settings = Settings { title, theme, hosts, start, ..Settings::default() };
    let description = Description { settings, ..Description::default() };
    let created = server.conferences.create(&description).await.unwrap();
    let other = server.create("Another year").await;
    for code in created.codes.keys() {
        assert_eq!(server.conferences.invited(*code).as_deref(), Some(&invited));
    }
    assert_eq!(server.conferences.invited(code(&other)).unwrap().title, "Another year");
    assert_eq!(server.conferences.invited(JoinCode([9; 16])), None);
    assert_eq!(server.entries(created.conference).await.len(), 1, "no term has begun");
    let restarted = Server::of(&server.log).await;
    assert_eq!(restarted.conferences.invited(code(&created)).as_deref(), Some(&invited));
    restarted.conferences.end(created.conference).await.unwrap();
    let over = Invited { is_over: true, ..invited };
    assert_eq!(restarted.conferences.invited(code(&created)).as_deref(), Some(&over));
    let restarted = Server::of(&server.log).await;
    assert_eq!(restarted.conferences.invited(code(&created)).as_deref(), Some(&over));
    restarted.conferences.delete(created.conference).await.unwrap();
    assert_eq!(restarted.conferences.invited(code(&created)), None);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_outcome_is_unknown_is_done_again() {
    let server = Server::of(&Arc::default()).await;
    let invitation = server.create("Our next year").await;
    server.log.next(Fault::Unknown { entries: 0 });
    server.conferences.delete(invitation.conference).await.unwrap();
    assert!(server.conferences.list().await.unwrap().is_empty());
    server.log.next(Fault::Unknown { entries: 1 });
    let again = server.create("Another year").await;
    assert_eq!(server.conferences.list().await.unwrap()[0].conference, again.conference);
}

#[tokio::test]
async fn a_log_of_the_first_form_is_summed_up_and_runs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    let events = include_bytes!("../../../event-log-sqlite/tests/fixtures/format-1/events.db");
    std::fs::write(&path, events).unwrap();
    let first_form: Option<fn() -> Box<dyn FirstForm>> = Some(|| Box::<FirstFormEntries>::default());
    let log = SqliteLog::open(&path, &Options { vfs: None, first_form }).unwrap();
    let conferences = Conferences::of(Arc::new(log), DataLimits::default()).await.unwrap();
    let mut list = conferences.list().await.unwrap();
    list.sort_by(|one, other| one.summary.title.cmp(&other.summary.title));
    let brief = |one: &Summarized| {
        let Summary { codes, title, participants, taking_part, ended, .. } = &one.summary;
        (title.clone(), one.last, codes.len(), *participants, *taking_part, *ended)
    };
    assert_eq!(
        list.iter().map(brief).collect::<Vec<_>>(),
        [
            ("Not begun".to_owned(), 1, 2, 0, 0, false),
            ("Our next year".to_owned(), 9, 2, 3, 2, false),
            ("Over and done".to_owned(), 4, 2, 1, 1, true),
        ]
    );
    for one in &list {
        let codes = conferences.invite(one.conference).await.unwrap().codes;
        let invitation = Invitation { conference: one.conference, codes };
        assert!(conferences.find(None, code(&invitation)).await.is_ok());
        let term_began = async {
            while conferences.describe(one.conference).await.unwrap().last == one.last {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), term_began).await.expect("a term begins");
        assert_eq!(conferences.describe(one.conference).await.unwrap().last, one.last + 1);
    }
    conferences.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_goes_down_runs_nothing_more_and_ends_no_seat() {
    let server = Server::of(&Arc::default()).await;
    let invitation = server.create("Our next year").await;
    let door = server.join(&mut Link::new(1), &invitation).await;
    server.conferences.stop().await;
    assert!(door.inputs().is_closed());
    assert_eq!(server.find(&invitation).await.err(), Some(Refusal::NotHereNow), "it comes again later");
    assert!(matches!(server.conferences.end(invitation.conference).await, Err(OperationError::Stopping)));
}
