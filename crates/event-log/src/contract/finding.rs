//! Receipts and snapshots.

use convene_model::{CommandId, ConferenceId, ParticipantId, TermId};

use super::{FIRST, LOG, SECOND, begin, conference, entries, entry, text};
use crate::{Entry, EventLog, FindError, NewEntry, NoLog, PutError, ReceiptKey, Snapshot};

/// Command ids are UUIDs; these differ in their last digit.
fn key(participant: u32, command: u32) -> ReceiptKey {
    let command = format!("00000000-0000-4000-8000-00000000000{command}").parse::<CommandId>();
    let command = command.unwrap_or_else(|error| panic!("{error}"));
    ReceiptKey { participant: ParticipantId(participant), command }
}

fn with(name: &str, key: ReceiptKey) -> NewEntry {
    NewEntry { text: text(name), receipt: Some(key) }
}

/// The receipts that are found, by number; without those above `through`, which an engine may leave
/// out.
fn found<L: EventLog>(
    log: &L,
    id: ConferenceId,
    keys: &[ReceiptKey],
    through: u64,
) -> impl Future<Output = Result<Vec<(ReceiptKey, Entry)>, FindError>> {
    let asked = log.find_receipts(id, keys.to_vec(), through);
    async move {
        let mut found = asked.await?;
        found.retain(|(_, entry)| entry.number <= through);
        found.sort_by_key(|(_, entry)| entry.number);
        Ok(found)
    }
}

pub(super) fn receipts_are_found_by_their_keys<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let (id, other) = (conference(40), conference(41));
        begin(log, id).await;
        begin(log, other).await;
        let batch = vec![with("b", key(1, 1)), entries(&["c"]).remove(0), with("d", key(2, 1))];
        assert_eq!(log.append(id, FIRST, 2, batch.clone(), None).await, Ok(()));
        assert_eq!(log.append(id, FIRST, 2, batch, None).await, Ok(()));
        assert_eq!(log.append(id, FIRST, 5, vec![with("e", key(1, 1))], None).await, Ok(()));
        assert_eq!(log.append(other, FIRST, 2, vec![with("f", key(1, 2))], None).await, Ok(()));
        let all = [key(2, 1), key(1, 1), key(1, 2), key(3, 1)];
        let both = vec![(key(1, 1), entry(3, FIRST, "b")), (key(2, 1), entry(5, FIRST, "d"))];
        assert_eq!(found(log, id, &all, 6).await, Ok(both.clone()), "the first one counts");
        assert_eq!(found(log, id, &all, 5).await, Ok(both));
        assert_eq!(found(log, id, &all, 4).await, Ok(vec![(key(1, 1), entry(3, FIRST, "b"))]));
        assert_eq!(found(log, id, &[], 6).await, Ok(Vec::new()));
        assert_eq!(found(log, other, &all, 3).await, Ok(vec![(key(1, 2), entry(3, FIRST, "f"))]));
    }
}

pub(super) fn receipts_are_not_looked_for_beyond_the_end<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(42);
        let missing = Err(FindError::NoLog(NoLog::NeverBegun));
        assert_eq!(found(log, id, &[key(1, 1)], 0).await, missing);
        begin(log, id).await;
        assert_eq!(found(log, id, &[key(1, 1)], 2).await, Ok(Vec::new()));
        assert_eq!(found(log, id, &[key(1, 1)], 3).await, Err(FindError::Short { last: 2 }));
    }
}

fn snapshot(number: u64, term: TermId, name: &str) -> Snapshot {
    Snapshot { number, term, text: text(name) }
}

pub(super) fn a_snapshot_never_replaces_a_newer_one<L: EventLog>(log: &L) -> impl Future<Output = ()> {
    async move {
        let id = conference(43);
        let missing = Err(PutError::NoLog(NoLog::NeverBegun));
        assert_eq!(log.put_snapshot(id, snapshot(1, TermId::of_log(LOG), "s")).await, missing);
        begin(log, id).await;
        assert_eq!(log.append(id, FIRST, 2, entries(&["b", "c"]), None).await, Ok(()));
        assert_eq!(log.latest_snapshot(id).await, Ok(None));
        let third = snapshot(3, FIRST, "third");
        assert_eq!(log.put_snapshot(id, third.clone()).await, Ok(()));
        for older in [snapshot(2, FIRST, "x"), snapshot(1, TermId::of_log(LOG), "x"), snapshot(3, FIRST, "x")]
        {
            assert_eq!(log.put_snapshot(id, older).await, Ok(()));
            assert_eq!(log.latest_snapshot(id).await, Ok(Some(third.clone())));
        }
        let fourth = snapshot(4, FIRST, "fourth");
        assert_eq!(log.put_snapshot(id, fourth.clone()).await, Ok(()));
        assert_eq!(log.latest_snapshot(id).await, Ok(Some(fourth)));
    }
}

pub(super) fn a_snapshot_counts_only_where_the_log_holds_its_entry<L: EventLog>(
    log: &L,
) -> impl Future<Output = ()> {
    async move {
        let id = conference(44);
        begin(log, id).await;
        let nowhere = [
            snapshot(2, SECOND, "x"),
            snapshot(2, TermId::of_log(LOG), "x"),
            snapshot(3, FIRST, "x"),
            snapshot(0, TermId::of_log(LOG), "x"),
            snapshot(u64::MAX, FIRST, "x"),
        ];
        for nowhere in nowhere {
            assert_eq!(log.put_snapshot(id, nowhere.clone()).await, Ok(()));
            assert_eq!(log.latest_snapshot(id).await, Ok(None), "{nowhere:?}");
        }
        let held = snapshot(1, TermId::of_log(LOG), "held");
        assert_eq!(log.put_snapshot(id, held.clone()).await, Ok(()));
        assert_eq!(log.latest_snapshot(id).await, Ok(Some(held)));
    }
}
