//! A publisher with links and the seats on them.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use convene_model::limits::FRAME_BYTES_MAX;
use convene_model::{ConferenceId, LogId, SeatKey, TermId};
use convene_protocol::{HistoryRequest, OpenedOutcome, Point, Presence, ServerFrame, To};

use super::seat::FakeSeat;
use super::writing::Log;
use crate::messages::{Answer, AnswerKind, JoinWish, LinkNumber, Note, Place, Wish};
use crate::publisher::{Output, Publisher, Read};

pub(super) const LOG: LogId = LogId([1; 8]);

pub(super) fn place(link: u64, index: u32) -> Place {
    Place { link: LinkNumber(link), index }
}

#[expect(clippy::disallowed_methods, reason = "only differences count: this is the test clock's zero")]
fn zero() -> Instant {
    Instant::now()
}

pub(super) struct World {
    pub(super) publisher: Publisher<LinkNumber>,
    pub(super) log: Log,
    pub(super) now: Instant,
    pub(super) seats: BTreeMap<Place, FakeSeat>,
    /// The frames that were told on each link, in order.
    pub(super) frames: BTreeMap<LinkNumber, Vec<String>>,
    /// The notes for each link's desk.
    pub(super) notes: Vec<(LinkNumber, Note)>,
    pub(super) joins: Vec<JoinWish>,
    pub(super) presences: Vec<(Vec<LinkNumber>, Presence)>,
    /// The number of frames that were made for all that follow, and of the links that the last was
    /// for.
    pub(super) shared: usize,
    pub(super) recipients: usize,
    /// The number of frames that were each told to one link.
    pub(super) told: usize,
    hungry: VecDeque<Place>,
    pub(super) reads: VecDeque<Read>,
    /// Whether links have no room, so that nobody is brought up.
    pub(super) is_full: bool,
    /// Whether the log does not answer.
    pub(super) is_silent: bool,
    /// Entries in a page that is read.
    pub(super) page: usize,
}

impl World {
    /// A publisher that has read this log.
    pub(super) fn new(log: Log) -> Self {
        let mut world = Self::with(Publisher::new(ConferenceId::from_random(1), LOG), log);
        world.publish();
        world
    }

    pub(super) fn with(publisher: Publisher<LinkNumber>, log: Log) -> Self {
        Self {
            publisher,
            log,
            now: zero(),
            seats: BTreeMap::new(),
            frames: BTreeMap::new(),
            notes: Vec::new(),
            joins: Vec::new(),
            presences: Vec::new(),
            shared: 0,
            recipients: 0,
            told: 0,
            hungry: VecDeque::new(),
            reads: VecDeque::new(),
            is_full: false,
            is_silent: false,
            page: 100,
        }
    }

    /// The publisher reads what it has not read of the log.
    pub(super) fn publish(&mut self) {
        let entries = self.log.above(self.publisher.last());
        self.publisher.handle_entries(&entries, self.now);
        self.run();
    }

    /// A device asks for the first time on this link.
    pub(super) fn enter(&mut self, place: Place, key: SeatKey) {
        self.seats.insert(place, FakeSeat::new(key, place.index, LOG));
        self.open(place);
    }

    /// The same device comes on another link.
    pub(super) fn reconnect(&mut self, from: Place, to: Place) {
        let mut seat = self.seats.remove(&from).unwrap();
        self.publisher.handle_link_gone(from.link, self.now);
        (seat.index, seat.count, seat.is_open, seat.follows) = (to.index, 0, false, false);
        self.seats.insert(to, seat);
        self.open(to);
    }

    pub(super) fn open(&mut self, place: Place) {
        let resume = self.seats.get_mut(&place).unwrap().resume();
        self.wish(place, Wish::Open(resume));
    }

    pub(super) fn wish(&mut self, place: Place, wish: Wish) {
        self.publisher.handle_wish(place.link, place.link, wish, self.now);
        self.run();
    }

    pub(super) fn history(&mut self, place: Place, after: u64, through: u64, newest: bool) {
        let request = HistoryRequest { index: place.index, after, through, newest };
        self.wish(place, Wish::History(request));
    }

    pub(super) fn answer(&mut self, place: Place, rests_on: (u64, u8), what: AnswerKind) {
        let rests_on = Point { number: rests_on.0, term: TermId([rests_on.1; 16]) };
        self.publisher.handle_answer(Answer { place, rests_on, what });
        self.run();
    }

    pub(super) fn later(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
        if self.publisher.poll_timeout().is_some_and(|due| due <= self.now) {
            self.publisher.handle_timeout(self.now);
        }
        self.run();
    }

    /// Does what the publisher wants until it wants no more.
    pub(super) fn run(&mut self) {
        loop {
            while let Some(output) = self.publisher.poll_output() {
                self.handle(output);
            }
            if !self.is_silent
                && let Some(read) = self.reads.pop_front()
            {
                let page = self.log.above(read.after);
                let through = read.through;
                let page: Vec<_> =
                    page.into_iter().take_while(|(number, _)| *number <= through).take(self.page).collect();
                self.publisher.handle_page(read, &page);
            } else if !self.is_full
                && let Some(place) = self.hungry.pop_front()
            {
                let wish = Wish::Ready { index: place.index };
                self.publisher.handle_wish(place.link, place.link, wish, self.now);
            } else {
                return;
            }
        }
    }

    /// Seats that must ask again do so.
    pub(super) fn ask_again(&mut self) {
        let again: Vec<Place> =
            self.seats.iter().filter(|(_, seat)| seat.reopened).map(|(place, _)| *place).collect();
        for place in again {
            self.open(place);
        }
    }

    fn handle(&mut self, output: Output<LinkNumber>) {
        match output {
            Output::Tell { link, told } => {
                self.told += 1;
                self.deliver(link, &told.text);
                let place = |index| Place { link, index };
                if let Note::Opened { index, more: true, .. } | Note::More { index } = &told.note {
                    self.hungry.push_back(place(*index));
                }
                self.notes.push((link, told.note));
            }
            Output::Share { links, text } => {
                self.shared += 1;
                self.recipients = links.len();
                for link in links.iter() {
                    self.deliver(*link, &text);
                }
            }
            Output::Presence { links, text } => {
                let ServerFrame::Presence(presence) = ServerFrame::parse(&text).unwrap() else {
                    panic!("{text}")
                };
                self.presences.push((links.to_vec(), presence));
            }
            Output::Read(read) => self.reads.push_back(read),
            Output::Join(wish) => self.joins.push(wish),
        }
    }

    fn deliver(&mut self, link: LinkNumber, text: &str) {
        assert!(text.len() <= FRAME_BYTES_MAX, "{} bytes", text.len());
        self.frames.entry(link).or_default().push(text.to_owned());
        let frame = ServerFrame::parse(text).unwrap();
        let (first, last) = (Place { link, index: 0 }, Place { link, index: u32::MAX });
        for (_, seat) in self.seats.range_mut(first..=last) {
            seat.take(&frame);
        }
    }

    pub(super) fn seat(&self, place: Place) -> &FakeSeat {
        &self.seats[&place]
    }

    /// The numbers of the events that a seat holds.
    pub(super) fn numbers(&self, place: Place) -> Vec<u64> {
        self.seat(place).numbers()
    }

    pub(super) fn last_answer(&self, place: Place) -> &OpenedOutcome {
        &self.seat(place).answers.last().expect("an answer").outcome
    }

    /// The kinds of the frames on a link since the last call, such as `events [0]`.
    pub(super) fn kinds(&mut self, link: u64) -> Vec<String> {
        let texts = self.frames.remove(&LinkNumber(link)).unwrap_or_default();
        texts.iter().map(|text| kind(&ServerFrame::parse(text).unwrap())).collect()
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "publishers make no other frames")]
fn kind(frame: &ServerFrame) -> String {
    match frame {
        ServerFrame::Opened(list) => {
            format!("opened {}", list.iter().map(|one| one.index.to_string()).collect::<String>())
        }
        ServerFrame::Reopen(reopen) => format!("reopen {:?}", reopen.seats),
        ServerFrame::Follow(follow) => {
            format!("{} {}", if follow.following { "follow" } else { "unfollow" }, follow.index)
        }
        ServerFrame::Events(events) => {
            let span = format!("{}..{}", events.after, events.through);
            let To::Seats(seats) = &events.to else { return format!("events {span}") };
            format!("events {span} {seats:?}")
        }
        ServerFrame::Receipts(receipts) => format!("receipts {}", receipts.index),
        ServerFrame::Snapshot(part) => format!("snapshot {} part {}", part.number, part.part),
        ServerFrame::Own(own) => format!("own {} {}", own.number, own.index),
        ServerFrame::History(page) => format!("history {}..{}", page.after, page.through),
        other => panic!("{other}"),
    }
}
