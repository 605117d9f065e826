//! How much of the disk each seat takes: what has come of its conference, and its drafts.
//!
//! A server sends what it likes, so there is a limit for each seat and a share for each user. At
//! the limit nothing is let go, as nobody could say that it is not needed: the seat asks its server
//! for nothing more. What people write has limits of its own: the outbox counts commands, and
//! drafts have a share that no server can take.
//!
//! The table of sizes is made with the first of them. An earlier program of this form passes over
//! it; what that stores is not counted before the seat is counted anew.

use std::collections::{BTreeMap, BTreeSet};

use convene_model::ShareLimit;
use convene_model::limits::{
    DRAFT_BYTES_MAX, DRAFT_BYTES_PER_USER_MAX, REPLICA_BYTES_MAX, REPLICA_BYTES_PER_SEAT_MAX,
    REPLICA_BYTES_PER_USER_MAX,
};
use convene_seat::Write;
use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::{SeatId, apply, drafts};

/// Bytes of the texts of all events and receipts of a seat, each with its row.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS sizes (
    seat INTEGER PRIMARY KEY REFERENCES seats ON DELETE CASCADE,
    bytes INTEGER NOT NULL
) STRICT";
/// Those of one seat.
const COUNTED: &str = "coalesce((SELECT bytes FROM sizes WHERE sizes.seat = seats.id), 0)";
/// The states of its replicas, of which there are few: their sizes stand before their texts.
const STATES: &str = "coalesce((SELECT sum(coalesce(octet_length(state), 0)
    + coalesce(octet_length(base_state), 0)) FROM replicas WHERE replicas.seat = seats.id), 0)";
/// Bytes that a row takes beside its text: an event of a few bytes is not for nothing.
pub(super) const ROW_BYTES: i64 = 64;

/// How much may be kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota {
    /// Of the conference of one seat.
    pub(crate) seat: usize,
    /// Of all conferences, by user.
    pub(crate) replicas: ShareLimit,
    /// Of drafts, by user.
    pub(crate) drafts: ShareLimit,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            seat: REPLICA_BYTES_PER_SEAT_MAX,
            replicas: ShareLimit { each: REPLICA_BYTES_PER_USER_MAX, whole: REPLICA_BYTES_MAX },
            drafts: ShareLimit { each: DRAFT_BYTES_PER_USER_MAX, whole: DRAFT_BYTES_MAX },
        }
    }
}

/// The seats, and the users with all of their seats, for whom no more of conferences is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Full {
    seats: BTreeSet<SeatId>,
    users: BTreeSet<String>,
}

impl Full {
    /// Whether this seat of this user is one of them.
    pub(crate) fn holds(&self, user: &str, seat: SeatId) -> bool {
        self.seats.contains(&seat) || self.users.contains(user)
    }
}

/// The sizes of all seats.
#[derive(Debug)]
pub(super) struct Sizes {
    quota: Quota,
    replicas: Tally,
    drafts: Tally,
    full: Full,
}

/// The bytes of one kind, by seat and by user. What has none is not listed.
#[derive(Debug, Default)]
struct Tally {
    seats: BTreeMap<SeatId, (String, usize)>,
    users: BTreeMap<String, usize>,
    total: usize,
}

impl Tally {
    fn set(&mut self, seat: SeatId, user: &str, bytes: usize) {
        self.remove(seat);
        if bytes > 0 {
            self.seats.insert(seat, (user.to_owned(), bytes));
            *self.users.entry(user.to_owned()).or_default() += bytes;
            self.total += bytes;
        }
    }

    fn remove(&mut self, seat: SeatId) {
        let Some((user, bytes)) = self.seats.remove(&seat) else { return };
        self.total -= bytes;
        if let Some(held) = self.users.get_mut(&user) {
            *held -= bytes;
            if *held == 0 {
                self.users.remove(&user);
            }
        }
    }

    fn of(&self, seat: SeatId) -> usize {
        self.seats.get(&seat).map_or(0, |(_, bytes)| *bytes)
    }

    /// How much more this user may have.
    fn room(&self, limit: ShareLimit, user: &str) -> usize {
        let own = self.users.get(user).copied().unwrap_or_default();
        limit.room(own, self.total - own)
    }
}

impl Sizes {
    /// As they are stored.
    pub(super) fn load(connection: &Connection, quota: Quota) -> Result<Self> {
        let (replicas, drafts, full) = (Tally::default(), Tally::default(), Full::default());
        let mut sizes = Self { quota, replicas, drafts, full };
        let sql = format!("SELECT id, user, {} + {STATES} FROM seats", counted(connection)?);
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let (seat, user) = (SeatId(row.get(0)?), row.get::<_, String>(1)?);
            sizes.replicas.set(seat, &user, bytes(row.get(2)?));
            let of_drafts = drafts::bytes_of(connection, seat)?;
            sizes.drafts.set(seat, &user, of_drafts);
        }
        let seats: Vec<SeatId> = sizes.replicas.seats.keys().copied().collect();
        seats.into_iter().for_each(|seat| sizes.judge(seat));
        Ok(sizes)
    }

    /// Looks at what a seat keeps of its conference now.
    pub(super) fn look(&mut self, connection: &Connection, seat: SeatId) -> Result<()> {
        let sql = format!("SELECT user, {} + {STATES} FROM seats WHERE id = ?1", counted(connection)?);
        let size = connection
            .prepare_cached(&sql)?
            .query_row(params![seat.0], |row| Ok((row.get::<_, String>(0)?, bytes(row.get(1)?))))
            .optional()?;
        match size {
            Some((user, bytes)) => self.replicas.set(seat, &user, bytes),
            None => self.replicas.remove(seat),
        }
        self.judge(seat);
        Ok(())
    }

    /// A seat is gone.
    pub(super) fn forget(&mut self, seat: SeatId) {
        self.replicas.remove(seat);
        self.drafts.remove(seat);
        self.judge(seat);
    }

    /// The bytes that the drafts of this seat may have, whatever its own limit is.
    pub(super) fn room_for_drafts(&self, seat: SeatId, user: &str) -> usize {
        self.drafts.of(seat).saturating_add(self.drafts.room(self.quota.drafts, user))
    }

    /// The drafts of a seat have so many bytes now.
    pub(super) fn note_drafts(&mut self, seat: SeatId, user: &str, bytes: usize) {
        self.drafts.set(seat, user, bytes);
    }

    /// For whom no more is kept.
    pub(super) fn full(&self) -> &Full {
        &self.full
    }

    /// Finds out whether this seat is full, and which users are: the room of one depends on what
    /// the others have.
    fn judge(&mut self, seat: SeatId) {
        if self.replicas.of(seat) >= self.quota.seat {
            self.full.seats.insert(seat);
        } else {
            self.full.seats.remove(&seat);
        }
        let (replicas, limit) = (&self.replicas, self.quota.replicas);
        let is_full = |user: &&String| replicas.room(limit, user) == 0;
        self.full.users = replicas.users.keys().filter(is_full).cloned().collect();
    }
}

/// Whether a write changes how much a seat keeps of its conference.
pub(super) fn are_changed_by(write: &Write) -> bool {
    match write {
        Write::Receipts { .. }
        | Write::Events { .. }
        | Write::Snapshot { .. }
        | Write::History { .. }
        | Write::Voided { .. }
        | Write::Folded { .. }
        | Write::OtherLog { .. } => true,
        Write::Opened { .. } | Write::Refused { .. } | Write::Queued(_) | Write::Dismissed { .. } => false,
    }
}

/// The bytes of a row with a text of this length.
pub(super) fn of_row(text: usize) -> i64 {
    i64::try_from(text).unwrap_or(i64::MAX).saturating_add(ROW_BYTES)
}

/// The events and receipts of a seat have become more by so many bytes, or less. Called behind the
/// change: a seat that was never counted is counted now.
pub(super) fn change(connection: &Connection, seat: SeatId, by: i64) -> Result<()> {
    connection.execute_batch(TABLE)?;
    let counted = connection
        .prepare_cached("UPDATE sizes SET bytes = max(bytes + ?2, 0) WHERE seat = ?1")?
        .execute(params![seat.0, by])?;
    if counted == 0 { count(connection, seat) } else { Ok(()) }
}

/// Counts the events and receipts of a seat anew.
pub(super) fn count(connection: &Connection, seat: SeatId) -> Result<()> {
    connection.execute_batch(TABLE)?;
    apply::run(
        connection,
        "INSERT OR REPLACE INTO sizes (seat, bytes) SELECT id,
             (SELECT coalesce(sum(octet_length(text) + ?2), 0) FROM events WHERE seat = ?1)
             + (SELECT coalesce(sum(coalesce(octet_length(body), 0) + ?2), 0) FROM receipts WHERE seat = ?1)
             FROM seats WHERE id = ?1",
        params![seat.0, ROW_BYTES],
    )
}

/// What stands for the events and receipts of a seat in a statement about seats.
fn counted(connection: &Connection) -> Result<&'static str> {
    let is_there =
        connection.prepare_cached("SELECT 1 FROM sqlite_schema WHERE name = 'sizes'")?.exists(())?;
    Ok(if is_there { COUNTED } else { "0" })
}

fn bytes(sum: i64) -> usize {
    usize::try_from(sum).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota {
        seat: 100,
        replicas: ShareLimit { each: 150, whole: 400 },
        drafts: ShareLimit { each: 50, whole: 200 },
    };

    fn sizes() -> Sizes {
        let (replicas, drafts, full) = (Tally::default(), Tally::default(), Full::default());
        Sizes { quota: QUOTA, replicas, drafts, full }
    }

    impl Sizes {
        fn keep(&mut self, seat: i64, user: &str, bytes: usize) {
            self.replicas.set(SeatId(seat), user, bytes);
            self.judge(SeatId(seat));
        }

        fn are_full(&self, seats: &[(&str, i64)]) -> Vec<bool> {
            seats.iter().map(|(user, seat)| self.full().holds(user, SeatId(*seat))).collect()
        }
    }

    #[test]
    fn s2_a_seat_and_a_user_have_a_limit_and_others_have_room_beside() {
        let mut sizes = sizes();
        let all = [("anna", 1), ("anna", 2), ("bert", 3), ("clara", 4)];
        sizes.keep(1, "anna", 99);
        sizes.keep(2, "anna", 50);
        assert_eq!(sizes.are_full(&all), [false; 4]);
        sizes.keep(1, "anna", 100);
        assert_eq!(sizes.are_full(&all), [true, true, false, false], "the seat, and the user");
        sizes.keep(3, "bert", 80);
        sizes.keep(4, "clara", 85);
        assert_eq!(sizes.are_full(&all), [true, true, false, true], "half of what two others leave");
        sizes.forget(SeatId(1));
        assert_eq!(sizes.are_full(&all), [false; 4]);
        sizes.forget(SeatId(2));
        sizes.forget(SeatId(3));
        sizes.forget(SeatId(4));
        assert_eq!((sizes.replicas.total, sizes.replicas.users.len(), sizes.replicas.seats.len()), (0, 0, 0));
    }

    #[test]
    fn drafts_have_a_share_that_no_conference_takes() {
        let mut sizes = sizes();
        sizes.keep(1, "anna", 1_000);
        assert_eq!(sizes.room_for_drafts(SeatId(1), "anna"), 50);
        sizes.note_drafts(SeatId(1), "anna", 30);
        sizes.note_drafts(SeatId(2), "anna", 15);
        assert_eq!(sizes.room_for_drafts(SeatId(1), "anna"), 35);
        assert_eq!(sizes.room_for_drafts(SeatId(2), "anna"), 20);
        assert_eq!(sizes.room_for_drafts(SeatId(3), "bert"), 50);
        sizes.forget(SeatId(1));
        assert_eq!(sizes.room_for_drafts(SeatId(2), "anna"), 50);
    }
}
