//! Random histories of a seat, its store and a server that is restored from backups now and then.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;

use super::*;

/// Something that may happen, in any order.
#[derive(Debug, Clone)]
enum Happening {
    Act(u8),
    /// The store is given a write.
    Give,
    /// It makes everything durable that it was given.
    Store,
    /// It fails at the first write that it was given; whether it knows that nothing of it is
    /// stored, and whether it is there.
    Fail(bool, bool),
    Crash,
    Open,
    /// It is opened with a snapshot of all that was decided, where that is more than it has.
    OpenAtSnapshot,
    Detach,
    Decide(u8),
    Deliver(u8),
    Noise,
    Restore(u8),
    Fetch,
}

fn any_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (0..12u8).prop_map(Happening::Act),
        3 => Just(Happening::Give),
        6 => Just(Happening::Store),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(undone, landed)| Happening::Fail(undone, landed)),
        1 => Just(Happening::Crash),
        4 => Just(Happening::Open),
        1 => Just(Happening::OpenAtSnapshot),
        1 => Just(Happening::Detach),
        4 => (1..4u8).prop_map(Happening::Decide),
        5 => (1..5u8).prop_map(Happening::Deliver),
        2 => Just(Happening::Noise),
        1 => (1..9u8).prop_map(Happening::Restore),
        1 => Just(Happening::Fetch),
    ]
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    term: TermId,
    /// Different for each entry that ever was.
    uid: u64,
    command: Option<CommandId>,
}

/// A server with one log and one seat.
struct Server {
    log: Vec<Entry>,
    made: u64,
    /// Decided, in the log as it is.
    arrived: VecDeque<CommandId>,
    receipts: Vec<Receipt>,
    sent: u64,
}

impl Server {
    fn new() -> Self {
        let (arrived, receipts) = (VecDeque::new(), Vec::new());
        let mut server = Self { log: Vec::new(), made: 0, arrived, receipts, sent: 0 };
        server.begin_term();
        server
    }

    fn begin_term(&mut self) {
        let mut name = [0; 16];
        name[..8].copy_from_slice(&self.made.to_be_bytes());
        self.push(TermId(name), None);
    }

    fn push(&mut self, term: TermId, command: Option<CommandId>) {
        self.made += 1;
        self.log.push(Entry { term, uid: self.made, command });
    }

    fn term(&self) -> TermId {
        self.log.last().unwrap().term
    }

    fn last(&self) -> u64 {
        self.log.len() as u64
    }

    fn decide(&mut self) {
        let Some(id) = self.arrived.pop_front() else { return };
        let known = self.log.iter().position(|entry| entry.command == Some(id));
        if known.is_none() {
            self.push(self.term(), Some(id));
        }
        let number = known.map_or_else(|| self.last(), |at| at as u64 + 1);
        self.receipts.push(Receipt { id, number, outcome: Outcome::Accepted });
    }

    /// Everything that was under way in another term is dropped.
    fn restore(&mut self, back: usize) {
        self.arrived.clear();
        self.receipts.clear();
        self.log.truncate(self.log.len().saturating_sub(back).max(1));
        self.begin_term();
    }

    fn terms(&self, after: u64, through: u64) -> Vec<TermStart> {
        let starts = |number: u64| {
            let of = |number: u64| Some(self.log.get(usize::try_from(number).unwrap().checked_sub(1)?)?.term);
            (of(number) != of(number - 1)).then(|| TermStart { term: of(number).unwrap(), from: number })
        };
        (after + 1..=through).filter_map(starts).collect()
    }

    fn events(&self, after: u64, through: u64) -> Vec<EventText> {
        let text = |number: u64| {
            let uid = self.log[usize::try_from(number).unwrap() - 1].uid;
            event(number, 1, &format!(r#"{{"kind":"said","room":"plenary","text":"{uid}"}}"#))
        };
        (after + 1..=through).map(text).collect()
    }
}

struct World {
    play: Play,
    server: Server,
    given: VecDeque<(WriteId, Write)>,
    /// The cursor of a frontend that watches, and the texts that it was told.
    front: (u64, Vec<EventText>),
    /// The last that was told of each command.
    told: BTreeMap<CommandId, &'static str>,
    /// When each command was taken.
    taken: BTreeMap<CommandId, Vec<usize>>,
    acts: usize,
}

impl World {
    fn new() -> Self {
        Self {
            play: Play::new(),
            server: Server::new(),
            given: VecDeque::new(),
            front: (0, Vec::new()),
            told: BTreeMap::new(),
            taken: BTreeMap::new(),
            acts: 0,
        }
    }

    fn happen(&mut self, happening: &Happening) {
        match *happening {
            Happening::Act(n) => self.act(id(n.into())),
            Happening::Give => self.given.extend(self.play.seat.poll_write()),
            Happening::Store => self.store(),
            Happening::Fail(undone, landed) => self.fail(undone, landed),
            Happening::Crash => {
                self.given.clear();
                self.told.retain(|_, what| *what != "taken");
                self.play.restart();
                self.server.arrived.clear();
                self.watch_anew();
            }
            Happening::Open => self.open(false),
            Happening::OpenAtSnapshot => self.open(true),
            Happening::Detach => self.play.seat.handle_detached(),
            Happening::Decide(count) => (0..count).for_each(|_| self.server.decide()),
            Happening::Deliver(count) => self.deliver(count.into()),
            Happening::Noise => self.server.push(self.server.term(), None),
            Happening::Restore(back) => {
                self.play.seat.handle_detached();
                self.server.restore(back.into());
            }
            Happening::Fetch => self.fetch(),
        }
        self.listen();
    }

    fn act(&mut self, id: CommandId) {
        match self.play.seat.act(id, body(1), None) {
            Ok(Acceptance::Taken) => {
                if self.told.insert(id, "taken") != Some("taken") {
                    self.acts += 1;
                    self.taken.entry(id).or_default().push(self.acts);
                }
            }
            Ok(Acceptance::Queued) => {
                self.told.insert(id, "queued");
            }
            Ok(Acceptance::Decided(_)) => {
                self.told.insert(id, "accepted");
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn store(&mut self) {
        self.given.extend(std::iter::from_fn(|| self.play.seat.poll_write()));
        for (id, write) in std::mem::take(&mut self.given) {
            self.play.disk.apply(&write);
            self.play.seat.handle_stored(id);
        }
        while let Some(wish) = self.play.seat.poll_refold() {
            let state = self.play.disk.fold(wish);
            self.play.seat.handle_refolded(wish, state);
            self.store();
        }
    }

    fn fail(&mut self, undone: bool, landed: bool) {
        let Some((id, write)) = self.given.pop_front() else { return };
        if undone {
            if matches!(write, Write::Queued(_)) {
                self.play.seat.handle_write_failed(id, true);
            } else {
                // A write of another kind is tried again.
                self.given.push_front((id, write));
            }
            return;
        }
        if landed {
            self.play.disk.apply(&write);
        }
        self.given.clear();
        self.play.seat.handle_write_failed(id, false);
        self.listen();
        self.play.seat.handle_reread(self.play.disk.read());
    }

    fn open(&mut self, at_snapshot: bool) {
        self.play.seat.handle_detached();
        self.play.wait(Duration::from_secs(60));
        if !self.play.seat.wants_open() {
            return;
        }
        self.server.arrived.clear();
        self.server.receipts.clear();
        let (mut common, mut top) = (0, 0);
        if let Some(asked) = self.play.seat.asked().replica {
            top = asked.number.max(asked.receipts);
            let terms = Terms::from_starts(asked.terms.to_vec());
            let log = &self.server.log;
            let same = |number: &u64| {
                let entry = usize::try_from(*number).ok().and_then(|number| log.get(number - 1));
                entry.is_some_and(|entry| entry.term == terms.term_of(LOG, *number))
            };
            common = (1..=top).rev().find(same).unwrap_or(0);
        }
        self.server.sent = self.play.seat.asked().replica.map_or(0, |asked| asked.number).min(common);
        let number = self.server.last();
        let at_snapshot = at_snapshot && number > self.server.sent && common == top;
        let resumption = if at_snapshot { Resumption::Snapshot { number } } else { Resumption::Events };
        self.play.ask_void((common < top).then_some(common), open(resumption));
        if at_snapshot {
            let public = r#"{"settings":{"title":""}}"#.to_owned();
            let snapshot = SnapshotText { number, level: 1, terms: self.server.terms(0, number), public };
            self.play.seat.handle_snapshot(&snapshot, "{}", self.play.now);
            self.server.sent = number;
        }
    }

    fn deliver(&mut self, count: u64) {
        let (after, through) = (self.server.sent, (self.server.sent + count).min(self.server.last()));
        if !self.play.seat.is_open() {
            return;
        }
        if after < through {
            let terms = self.server.terms(after, through);
            let items = self.server.events(after, through);
            self.play.events_of(after, through, &terms, items);
            self.server.sent = through;
        }
        let (due, held) = self.server.receipts.iter().partition(|receipt| receipt.number <= through);
        self.server.receipts = held;
        let due: Vec<Receipt> = due;
        self.play.seat.handle_receipts(&[], due);
    }

    fn fetch(&mut self) {
        let wish = HistoryWish { span: Span { after: 0, through: u64::MAX }, newest: true };
        self.play.seat.want_history(wish);
        let Some(HistoryWish { span, .. }) = self.play.seat.poll_history() else { return };
        let through = span.through.min(self.server.last());
        let after = span.after.max(through.saturating_sub(2));
        let items = self.server.events(after, through);
        self.play.seat.handle_history(after, through, items);
    }

    /// The commands that the seat sends go to the server, and the news that it tells goes to a
    /// frontend.
    fn listen(&mut self) {
        self.server.arrived.extend(self.play.sent());
        while let Some(delta) = self.play.seat.poll_delta() {
            match delta {
                Delta::Events { after, through, items } => {
                    assert_eq!(after, self.front.0, "no gap");
                    self.front.0 = through;
                    self.front.1.extend(items.iter().cloned());
                }
                Delta::PassedOver(span) => {
                    assert_eq!(span.after, self.front.0, "no gap");
                    self.front.0 = span.through;
                }
                Delta::Reset { number } => {
                    self.front.0 = number;
                    self.front.1.retain(|item| item.seq <= number);
                }
                Delta::WatchAnew => self.watch_anew(),
                Delta::Queued { id } => {
                    self.told.insert(id, "queued");
                }
                Delta::NotQueued { id, unsure } => {
                    self.told.insert(id, if unsure { "unsure" } else { "nothing" });
                }
                Delta::Receipt(receipt) => {
                    self.told.insert(receipt.id, "accepted");
                }
                Delta::Lost { id, .. } => {
                    self.told.insert(id, "lost");
                }
                Delta::History { came, .. } => {
                    let came = came.unwrap_or(Span { after: 0, through: 0 });
                    let held = |item: &EventText| item.seq > came.after && item.seq <= came.through;
                    self.front.1.retain(|item| !held(item));
                    self.front.1.extend(self.play.disk.texts(came));
                    self.front.1.sort_by_key(|item| item.seq);
                }
                Delta::Seat(_) | Delta::Dismissed { .. } => {}
            }
        }
    }

    /// A frontend begins again with what the store holds.
    fn watch_anew(&mut self) {
        let record = self.play.disk.read();
        let cursor = record.replica.as_ref().map_or(0, |replica| replica.cursor);
        self.front = (cursor, self.play.disk.texts(Span { after: 0, through: cursor }));
        let receipts = record.replica.iter().flat_map(|replica| replica.receipts.iter());
        self.told.extend(receipts.map(|(id, _)| (id, "accepted")));
        self.told.extend(record.returned.keys().map(|id| (*id, "lost")));
    }

    /// In the end the disk and the network hold.
    fn quiet(&mut self) {
        for _ in 0..6 {
            self.store();
            self.listen();
            self.open(false);
            self.listen();
            while !self.server.arrived.is_empty() {
                self.server.decide();
            }
            self.deliver(u64::MAX / 2);
            self.listen();
        }
        self.store();
        self.listen();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn what_was_told_holds_whatever_happens(
        happenings in proptest::collection::vec(any_happening(), 1..160),
    ) {
        let mut world = World::new();
        for happening in &happenings {
            world.happen(happening);
        }
        world.quiet();
        let record = world.play.disk.read();
        prop_assert_eq!(&record, world.play.seat.record(), "a restart reads what the machine holds");
        prop_assert!(record.outbox.is_empty());
        let replica = record.replica.unwrap();
        prop_assert_eq!(replica.cursor, world.server.last());
        prop_assert_eq!(replica.terms.starts(), world.server.terms(0, world.server.last()));

        let missing = |item: &EventText| replica.missing.holds(item.seq);
        let log = world.server.events(0, world.server.last());
        let held: Vec<EventText> = log.into_iter().filter(|item| !missing(item)).collect();
        let everything = Span { after: 0, through: u64::MAX };
        prop_assert_eq!(&world.play.disk.texts(everything), &held);
        prop_assert_eq!(&world.front.1, &held);

        let decided: Vec<CommandId> = world.server.log.iter().filter_map(|entry| entry.command).collect();
        for (id, what) in &world.told {
            let times = decided.iter().filter(|decided| *decided == id).count();
            match *what {
                "accepted" => prop_assert_eq!(times, 1, "{} was accepted", id),
                "lost" => prop_assert_eq!(times, 0, "{} was lost", id),
                "nothing" => prop_assert_eq!(times, 0, "nothing of {} was accepted", id),
                "unsure" => prop_assert!(times <= 1),
                other => prop_assert!(false, "{} is still {}", id, other),
            }
        }
        // Of one that was taken twice, because it was lost or the store failed, either may count.
        let once = |id: &CommandId| world.taken.get(id).filter(|taken| taken.len() == 1)?.first();
        let order: Vec<&usize> = decided.iter().filter_map(once).collect();
        prop_assert!(order.is_sorted(), "{:?}", order);
    }
}
