//! What comes back is the fold of what was written.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Something that a seat writes, whatever stands in its record.
#[derive(Debug, Clone)]
enum Step {
    Open(u8),
    Refuse,
    Queue(u8),
    Settle {
        which: usize,
        refused: bool,
    },
    Dismiss {
        which: usize,
    },
    /// One number each; those that the seat may not see are left out.
    Events(Vec<bool>),
    Snapshot {
        to: u64,
        replaces: bool,
    },
    History {
        count: u64,
        beyond: u64,
    },
    Reopen,
}

fn any_step() -> impl Strategy<Value = Step> {
    let settle = (any::<usize>(), any::<bool>()).prop_map(|(which, refused)| Step::Settle { which, refused });
    prop_oneof![
        1 => (1..3u8).prop_map(Step::Open),
        1 => Just(Step::Refuse),
        4 => any::<u8>().prop_map(Step::Queue),
        3 => settle,
        1 => any::<usize>().prop_map(|which| Step::Dismiss { which }),
        5 => proptest::collection::vec(any::<bool>(), 0..6).prop_map(Step::Events),
        2 => (0..30u64, prop::bool::weighted(0.3)).prop_map(|(to, replaces)| Step::Snapshot { to, replaces }),
        3 => (0..8u64, 0..3u64).prop_map(|(count, beyond)| Step::History { count, beyond }),
        1 => Just(Step::Reopen),
    ]
}

/// The write that the step makes of this record.
fn write_of(step: &Step, record: &SeatRecord) -> Option<Write> {
    Some(match step {
        Step::Open(log) => Write::Opened(membership(*log)),
        Step::Refuse => Write::Refused { code: Refusal::NameTaken },
        Step::Queue(text) => queued(record.last_number + 1, &format!("\"{text}\0ä\"")),
        Step::Settle { which, refused } => {
            let number = *record.outbox.keys().nth(which % record.outbox.len().max(1))?;
            settled(number, refused.then_some("\"refused\""))
        }
        Step::Dismiss { which } => {
            let settled = record.settled.values().nth(which % record.settled.len().max(1))?;
            Write::Dismissed { id: settled.id }
        }
        Step::Events(visible) => {
            let numbered = (record.cursor + 1..).zip(visible);
            let items = numbered.filter(|(_, visible)| **visible).map(|(seq, _)| event(seq)).collect();
            Write::Events { items, through: record.cursor + visible.len() as u64 }
        }
        Step::Snapshot { to, replaces } => {
            // Mostly ahead, sometimes back: a server may have been restored.
            let through = (record.cursor + to).saturating_sub(5);
            let mut state = record.state.clone();
            state.evolve(&serde_json::from_str(&joined(through + 100).text).expect("an event"));
            let membership = membership(if *replaces { 8 } else { 1 });
            Write::Snapshot { membership, through, state: Box::new(state), replaces: *replaces }
        }
        Step::History { count, beyond } => {
            let missing = record.missing?;
            let through = missing.through.min(missing.after + count);
            Write::History { items: (missing.after + 1..=through + beyond).map(event).collect(), through }
        }
        Step::Reopen => return None,
    })
}

/// Every fifth event is of a later version.
fn event(seq: u64) -> EventText {
    if seq.is_multiple_of(5) { EventText { seq, text: r#"{"later":["ä"]}"#.into() } } else { joined(seq) }
}

/// The events that a replica must hold, by the rules of the writes alone.
fn replicate(replica: &mut BTreeMap<u64, Arc<str>>, write: &Write) {
    let (items, through) = match write {
        Write::Events { items, through } | Write::History { items, through } => (items, through),
        Write::Snapshot { through, replaces, .. } => {
            return replica.retain(|seq, _| !replaces && seq <= through);
        }
        Write::Opened(_)
        | Write::Refused { .. }
        | Write::Queued(_)
        | Write::Settled(_)
        | Write::Dismissed { .. } => return,
    };
    let taken = items.iter().filter(|item| item.seq <= *through);
    replica.extend(taken.map(|item| (item.seq, Arc::clone(&item.text))));
}

async fn read_all(store: &Store, seat: SeatId) -> BTreeMap<u64, Arc<str>> {
    let rows = move |connection: &Connection| {
        let mut statement = connection.prepare("SELECT seq, text FROM events WHERE seat = ?1")?;
        statement
            .query_map([seat.0], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)))?
            .collect()
    };
    store.read(rows).await.expect("readable")
}

async fn check(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let dir = directory();
    let (mut store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let (mut record, mut replica, mut number) = (new_record(), BTreeMap::new(), 0);
    for step in steps.iter().chain([&Step::Reopen]) {
        if let Some(write) = write_of(step, &record) {
            record.apply(&write);
            replicate(&mut replica, &write);
            number += 1;
            store.write(seat, WriteId(number), write).await.expect("the writer runs");
        }
        if matches!(step, Step::Reopen) {
            if number > 0 {
                durable(&mut notices, seat, number).await;
            }
            drop(store);
            prop_assert_eq!(notices.next().await, None);
            (store, notices) = open(dir.path());
            number = 0;
            let stored = store.load().expect("readable").pop().expect("a seat");
            prop_assert_eq!(content(&stored.record), content(&record));
            prop_assert_eq!(read_all(&store, seat).await, replica.clone());
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
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn a_reopened_record_is_the_fold_of_its_writes(steps in proptest::collection::vec(any_step(), 1..80)) {
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
    for number in 1..=4_200 {
        let write = settled(number, (number % 3 == 1).then_some("\"kept\""));
        record.apply(&write);
        store.write(seat, WriteId(number), write).await.expect("the writer runs");
    }
    durable(&mut notices, seat, 4_200).await;
    assert!(record.settled.len() < 4_200, "some are forgotten");
    assert_eq!(content(&store.load().expect("readable")[0].record), content(&record));
}

#[tokio::test]
async fn much_that_lies_behind_a_state_is_folded_once() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let mut record = new_record();
    let write = events(1..=3_000);
    record.apply(&write);
    super::store(&store, &mut notices, seat, 1, write).await;
    drop(store);
    assert_eq!(content(&reload(dir.path()).record), content(&record));
    let file = Connection::open(dir.path().join("seats.db")).expect("a database");
    let state_at: i64 = file.query_row("SELECT state_at FROM seats", [], |row| row.get(0)).expect("a seat");
    assert_eq!(state_at, 3_000);
    drop(file);
    assert_eq!(content(&reload(dir.path()).record), content(&record));
}

#[tokio::test]
async fn a_number_beyond_those_of_sqlite_comes_back_as_it_was() {
    let dir = directory();
    let (store, mut notices) = open(dir.path());
    let seat = store.add(new_seat()).await.expect("stored");
    let mut record = new_record();
    let high = u64::MAX - 1;
    let writes = [queued(high, "1"), queued(u64::MAX, "2"), settled(high, None), events(high..=u64::MAX)];
    for (number, write) in (1..).zip(writes) {
        record.apply(&write);
        super::store(&store, &mut notices, seat, number, write).await;
    }
    let stored = store.load().expect("readable").pop().expect("a seat").record;
    assert_eq!((stored.cursor, stored.last_number), (record.cursor, record.last_number));
    assert_eq!((stored.outbox, stored.settled), (record.outbox, record.settled));
}
