//! Rows hold what a [`Disk`](convene_seat::Disk) holds in memory.

use convene_conference::LEVEL;
use convene_seat::{Disk, Replica};
use proptest::prelude::*;

use super::*;

/// Something that a seat writes, whatever stands in its record.
#[derive(Debug, Clone)]
enum Step {
    Open(u8),
    Refuse,
    Queue {
        place: u64,
        id: u64,
    },
    /// Receipts for commands of the outbox, or for others.
    Settle {
        which: usize,
        ahead: u64,
        outcome: Outcome,
    },
    Dismiss(usize),
    /// For each next entry, the number of its events that this seat may see.
    Events(Vec<u32>),
    /// At a number so far ahead of, or behind, five below the cursor.
    Snapshot(u64),
    /// So much of the first, or last, missing span.
    History(u64, bool),
    /// The log and the replica have all but so much in common.
    Void(u64),
    Fold,
    OtherLog(u8),
    Reopen,
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        3 => Just(Outcome::Accepted),
        2 => Just(Outcome::Refused { code: Refusal::RoomClosed }),
        1 => Just(Outcome::Refused { code: Refusal::IdReused }),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let settle = (any::<usize>(), 0..9u64, any_outcome());
    prop_oneof![
        2 => (1..3u8).prop_map(Step::Open),
        1 => Just(Step::Refuse),
        4 => (1..40u64, 1..40u64).prop_map(|(place, id)| Step::Queue { place, id }),
        4 => settle.prop_map(|(which, ahead, outcome)| Step::Settle { which, ahead, outcome }),
        1 => any::<usize>().prop_map(Step::Dismiss),
        6 => proptest::collection::vec(0..3u32, 0..6).prop_map(Step::Events),
        2 => (0..30u64).prop_map(Step::Snapshot),
        3 => (1..8u64, any::<bool>()).prop_map(|(count, newest)| Step::History(count, newest)),
        2 => (0..12u64).prop_map(Step::Void),
        1 => Just(Step::Fold),
        1 => (1..8u8).prop_map(Step::OtherLog),
        2 => Just(Step::Reopen),
    ]
}

/// Every fifth event is of a later version.
fn event(seq: u64, step: u32) -> EventText {
    let text = if seq.is_multiple_of(5) { json(r#"{"later":["ä"]}"#) } else { joined(seq).text };
    EventText { seq, step, text }
}

/// A term begins with each tenth entry.
fn terms(after: u64, through: u64) -> Vec<TermStart> {
    let starts = (after + 1..=through).filter(|number| number % 10 == 3);
    starts
        .map(|from| TermStart { term: TermId(from.to_be_bytes().repeat(2).try_into().expect("16")), from })
        .collect()
}

fn missing_but(missing: &Missing, gone: Span) -> Missing {
    let rests = missing.spans().iter().flat_map(|span| {
        let front = Span { through: span.through.min(gone.after), ..*span };
        let back = Span { after: span.after.max(gone.through), ..*span };
        [front, back].into_iter().filter(|rest| rest.after < rest.through)
    });
    Missing::from_spans(rests)
}

/// A receipt for a command of the outbox, or for another one.
fn settle(record: &SeatRecord, which: usize, ahead: u64, outcome: Outcome) -> Option<Write> {
    let replica = record.replica.as_ref()?;
    let queued = record.outbox.iter().nth(which % record.outbox.len().max(1));
    let id = queued.map_or_else(|| id(u64::try_from(which % 50).expect("small")), |queued| queued.id);
    let number = (replica.cursor + ahead).saturating_sub(4).max(1);
    let body = json("\"settled\"");
    let after = replica.terms.starts().last().map_or(0, |last| last.from);
    let list = vec![DecidedCommand { id, number, outcome, body }];
    Some(Write::Receipts { list, terms: terms(after.max(replica.cursor), number) })
}

/// Mostly ahead, sometimes back, where the seat asked for one.
fn snapshot_at(replica: &Replica, to: u64) -> Write {
    let number = (replica.cursor + to).saturating_sub(5).max(1);
    let mut state = replica.state.clone().unwrap_or_default();
    state.evolve(&serde_json::from_str(joined(number + 100).text.get()).expect("an event"));
    let passed_over = Span { after: replica.cursor, through: number };
    let spans = replica.missing.spans().iter().copied().filter(|span| span.through <= number);
    let missing = spans.chain((passed_over.after < passed_over.through).then_some(passed_over));
    let known = replica.terms.starts().last().map_or(0, |last| last.from);
    let terms = terms(known.max(replica.cursor), number);
    let missing = Missing::from_spans(missing);
    Write::Snapshot { number, state: Box::new(state), level: LEVEL, terms, missing }
}

/// The write that the step makes, as a seat would, of this disk.
fn write_of(step: &Step, disk: &Disk) -> Option<Write> {
    let record = disk.read();
    let replica = record.replica.as_ref();
    Some(match step {
        Step::Open(log) => {
            let log = replica.map_or(LogId([*log; 8]), |replica| replica.log);
            Write::Opened { conference: ConferenceId::from_random(5), log, participant: ParticipantId(1) }
        }
        Step::Refuse => Write::Refused { code: Refusal::NameTaken },
        Step::Queue { place, id: n } => {
            Write::Queued(Queued { order: *place, id: id(*n), seen: None, body: json("\"a\\u0000ä\"") })
        }
        Step::Settle { which, ahead, outcome } => settle(&record, *which, *ahead, *outcome)?,
        Step::Dismiss(which) => {
            let id = record.returned.keys().nth(which % record.returned.len().max(1))?;
            Write::Dismissed { id: *id }
        }
        Step::Events(counts) => {
            let (cursor, known) =
                (replica?.cursor, replica?.terms.starts().last().map_or(0, |last| last.from));
            let numbered = (cursor + 1..).zip(counts);
            let items =
                numbered.flat_map(|(seq, count)| (1..=*count).map(move |step| event(seq, step))).collect();
            let through = cursor + counts.len() as u64;
            Write::Events { items, through, terms: terms(known.max(cursor), through) }
        }
        Step::Snapshot(to) => snapshot_at(replica?, *to),
        Step::History(count, newest) => {
            let missing = &replica?.missing;
            let span = if *newest { missing.spans().last()? } else { missing.spans().first()? };
            let page = if *newest {
                Span { after: span.through.saturating_sub(*count).max(span.after), ..*span }
            } else {
                Span { through: (span.after + count).min(span.through), ..*span }
            };
            let items = (page.after + 1..=page.through).map(|seq| event(seq, 1)).collect();
            Write::History { items, missing: missing_but(missing, page) }
        }
        Step::Void(back) => {
            let replica = replica?;
            let common = replica.cursor.saturating_sub(*back);
            let first_missing = replica.missing.spans().first().map_or(common, |span| span.after);
            let cursor = if replica.base > common { first_missing.min(common) } else { common };
            let base = if replica.base > cursor { 0 } else { replica.base };
            let above = Span { after: cursor, through: u64::MAX };
            Write::Voided { common, cursor, base, missing: missing_but(&replica.missing, above) }
        }
        Step::Fold => {
            let Replica { log, base, cursor, level, participant, .. } = *replica?;
            let state = Box::new(disk.fold(Refold { log, base, through: cursor }));
            Write::Folded { state, level, participant }
        }
        Step::OtherLog(log) => {
            let log = LogId([*log; 8]);
            if replica?.log == log {
                return None;
            }
            Write::OtherLog { log, name: format!("Anna {}", log.0[0]).parse().expect("a name") }
        }
        Step::Reopen => return None,
    })
}

async fn read_all(store: &Store, seat: SeatId) -> Vec<EventText> {
    let (mut all, mut span) = (Vec::new(), Span { after: 0, through: u64::MAX });
    loop {
        let page =
            store.read_page(seat, HistoryWish { span, newest: false }, 3, 300).await.expect("readable");
        all.extend(page.items);
        span.after = match page.beyond {
            Beyond::More => page.span.through,
            Beyond::Hole(hole) => hole.through,
            Beyond::Nothing => return all,
        };
    }
}

async fn read_back(store: &Store, seat: SeatId) -> Vec<EventText> {
    let (mut all, mut span) = (Vec::new(), Span { after: 0, through: u64::MAX });
    loop {
        let page = store.read_page(seat, HistoryWish { span, newest: true }, 3, 300).await.expect("readable");
        all.splice(0..0, page.items);
        span.through = match page.beyond {
            Beyond::More => page.span.after,
            Beyond::Hole(hole) => hole.after,
            Beyond::Nothing => return all,
        };
    }
}

/// The bytes of events and receipts as they are counted, and as they are; none where nothing was
/// counted.
fn sizes(dir: &Path) -> Option<(i64, i64)> {
    let file = Connection::open(dir.join("seats.db")).expect("a database");
    let sql = "SELECT bytes, (SELECT coalesce(sum(octet_length(text) + 64), 0) FROM events)
        + (SELECT coalesce(sum(coalesce(octet_length(body), 0) + 64), 0) FROM receipts) FROM sizes";
    file.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).ok()
}

async fn check(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let dir = directory();
    let (mut store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let (mut disk, mut number) = (Disk::new(new_record()), 0);
    for step in steps.iter().chain([&Step::Reopen]) {
        if let Some(write) = write_of(step, &disk) {
            disk.apply(&write);
            number += 1;
            store.write(seat, WriteId(number), write).await.expect("the writer runs");
        }
        if matches!(step, Step::Reopen) {
            if number > 0 {
                durable(&mut notices, seat, number).await;
            }
            drop(store);
            prop_assert_eq!(notices.next().await, None);
            let sizes = sizes(dir.path());
            prop_assert!(sizes.is_none_or(|(counted, kept)| counted == kept), "{:?}", sizes);
            (store, notices) = open(dir.path());
            number = 0;
            let stored = store.load().expect("readable").pop().expect("a seat");
            prop_assert_eq!(content(&stored.record), content(&disk.read()));
            let everything = disk.texts(Span { after: 0, through: u64::MAX - 1 });
            prop_assert_eq!(read_all(&store, seat).await, everything.clone());
            prop_assert_eq!(read_back(&store, seat).await, everything);
            if let Some(Replica { log, base, cursor, .. }) = disk.read().replica {
                let wish = Refold { log, base, through: cursor };
                let folded =
                    store.fold(seat, wish).await.expect("readable").map(|state| state.public().clone());
                prop_assert_eq!(folded, Some(disk.fold(wish).public().clone()));
            }
        }
    }
    Ok(())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(future)
}

proptest! {
    // Each case flushes a disk many times.
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn rows_are_the_fold_of_what_was_written(steps in proptest::collection::vec(any_step(), 1..80)) {
        block_on(check(steps))?;
    }
}

#[tokio::test]
async fn a_new_seat_comes_back_whole() {
    let dir = directory();
    let seat = open(dir.path()).0.add(new_seat()).await.expect("stored");
    let stored = reload(dir.path());
    assert_eq!((stored.id, stored.user.as_str()), (seat, "uid:1000"));
    assert_eq!(stored.server, new_seat().server);
    assert_eq!(content(&stored.record), content(&new_record()));
}

#[tokio::test]
async fn receipts_beyond_the_limit_are_forgotten_as_the_record_forgets_them() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let mut record = new_record();
    let receipt = |number| match number {
        1 => opened(1),
        number => settled(number, number % 200 == 1),
    };
    for number in 1..=4_200 {
        let write = receipt(number);
        record.apply(&write);
        store.write(seat, WriteId(number), write).await.expect("the writer runs");
    }
    durable(&mut notices, seat, 4_200).await;
    let kept = record.replica.as_ref().map_or(0, |replica| replica.receipts.iter().count());
    assert!(kept < 4_199, "some are forgotten");
    assert_eq!(content(&store.load().expect("readable")[0].record), content(&record));
}

#[tokio::test]
async fn much_that_lies_behind_a_state_is_folded_once() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let mut record = new_record();
    for (number, write) in (1..).zip([opened(1), events(1..=3_000)]) {
        record.apply(&write);
        super::store(&store, &mut notices, seat, number, write).await;
    }
    drop(store);
    assert_eq!(content(&reload(dir.path()).record), content(&record));
    let file = Connection::open(dir.path().join("seats.db")).expect("a database");
    let state_at: i64 =
        file.query_row("SELECT state_at FROM replicas", [], |row| row.get(0)).expect("a replica");
    assert_eq!(state_at, 3_000);
    drop(file);
    assert_eq!(content(&reload(dir.path()).record), content(&record));
}

#[tokio::test]
async fn a_state_that_code_of_a_lower_level_folded_is_told_with_its_level() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let of_before = Write::Snapshot {
        number: 9,
        state: Box::<State>::default(),
        level: 0,
        terms: Vec::new(),
        missing: Missing::from_spans([Span { after: 0, through: 9 }]),
    };
    for (number, write) in (1..).zip([opened(1), of_before, events(10..=1_500)]) {
        super::store(&store, &mut notices, seat, number, write).await;
    }
    drop(store);
    for _ in 0..2 {
        let replica = reload(dir.path()).record.replica.expect("a replica");
        assert_eq!((replica.level, replica.base), (0, 9), "also where its state was stored meanwhile");
    }
}

#[tokio::test]
async fn a_number_beyond_those_of_sqlite_comes_back_as_it_was() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let mut record = new_record();
    let high = u64::MAX - 1;
    let writes =
        [opened(1), queued(high, "1"), queued(u64::MAX, "2"), settled(high, true), events(high..=u64::MAX)];
    for (number, write) in (1..).zip(writes) {
        record.apply(&write);
        super::store(&store, &mut notices, seat, number, write).await;
    }
    let stored = store.load().expect("readable").pop().expect("a seat").record;
    let cursor = |record: &SeatRecord| record.replica.as_ref().map(|replica| replica.cursor);
    assert_eq!(cursor(&stored), cursor(&record));
    assert_eq!((stored.outbox, stored.returned), (record.outbox, record.returned));
}
