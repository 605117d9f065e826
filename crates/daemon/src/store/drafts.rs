//! Drafts, and what else frontends keep with a seat: each is a text by its key.
//!
//! Their table is made with the first of them. An earlier program of this form passes over it, and
//! takes the drafts of a seat away with the seat.

use convene_local_api::{DRAFT_MAX, DRAFTS_MAX, Draft, DraftSetParams};
use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use super::columns::Number;
use super::sizes::Sizes;
use super::{SeatId, apply};

/// `bytes` is the size of a draft as it travels. One that was removed has no text and goes on
/// counting its revisions.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS drafts (
    seat INTEGER NOT NULL REFERENCES seats ON DELETE CASCADE,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    text TEXT NOT NULL,
    other TEXT,
    other_revision INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (seat, key)
) STRICT";

/// Bytes of all drafts of a seat as they travel: half a line, since one answer holds them all.
pub(super) const DRAFTS_BYTES_MAX: u64 = 512 * 1024;
/// Drafts of a seat that were removed last, and whose revisions are still known: a frontend that
/// has heard of them takes a lower revision for an older one.
const REMOVED_MAX: i64 = 64;

/// Why a draft is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DraftRefusal {
    /// The seat is not there any more.
    NoSeat,
    /// The seat has as many as it may.
    TooMany,
    /// All drafts of the seat together would not fit into one answer, or those of its user would be
    /// more than is kept.
    TooLarge,
}

/// A draft that was set. It is durable.
#[derive(Debug)]
pub(crate) struct DraftChange {
    pub(crate) seat: SeatId,
    /// The number of the frontend that set it.
    pub(crate) by: u64,
    /// As it is now.
    pub(crate) draft: Draft,
}

/// A draft as it is stored.
struct Kept {
    draft: Draft,
    /// The revision at which `other` was the text.
    other_revision: u64,
}

/// The drafts of a seat that are not empty, in the order of their keys.
pub(super) fn all(connection: &Connection, seat: SeatId) -> Result<Vec<Draft>> {
    let look = connection.unchecked_transaction()?;
    if !is_there(&look)? {
        return Ok(Vec::new());
    }
    let mut statement = look.prepare_cached(
        "SELECT key, revision, text, other, other_revision FROM drafts
             WHERE seat = ?1 AND text <> '' ORDER BY key",
    )?;
    let rows = statement.query_map(params![seat.0], kept)?;
    rows.map(|row| row.map(|kept| kept.draft)).collect()
}

/// Keeps a draft, and gives it as it is now, or why it is not kept. Called in the transaction of a
/// batch, which nothing that a frontend says may fail.
pub(super) fn set(
    connection: &Connection,
    seat: SeatId,
    wanted: &DraftSetParams,
    sizes: &mut Sizes,
) -> Result<std::result::Result<Draft, DraftRefusal>> {
    let Some(user) = apply::user(connection, seat)? else {
        return Ok(Err(DraftRefusal::NoSeat));
    };
    connection.execute_batch(TABLE)?;
    let Kept { draft, other_revision } = merge(one(connection, seat, &wanted.key)?, wanted);
    let bytes = serde_json::to_string(&draft).map_or(u64::MAX, |json| json.len() as u64);
    let room = sizes.room_for_drafts(seat, &user) as u64;
    if let Some(refusal) = excess(connection, seat, &draft, bytes, room)? {
        return Ok(Err(refusal));
    }
    // A replaced row gets a new number: the highest numbers are the latest.
    apply::run(
        connection,
        "INSERT OR REPLACE INTO drafts (seat, key, revision, text, other, other_revision, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            seat.0,
            draft.key,
            Number(draft.revision),
            draft.text,
            draft.other,
            Number(other_revision),
            Number(bytes)
        ],
    )?;
    apply::run(
        connection,
        "DELETE FROM drafts WHERE rowid IN (SELECT rowid FROM drafts
             WHERE seat = ?1 AND text = '' ORDER BY rowid DESC LIMIT -1 OFFSET ?2)",
        params![seat.0, REMOVED_MAX],
    )?;
    sizes.note_drafts(seat, &user, bytes_of(connection, seat)?);
    Ok(Ok(draft))
}

/// Bytes of all drafts of a seat, with those that were removed and are remembered.
pub(super) fn bytes_of(connection: &Connection, seat: SeatId) -> Result<usize> {
    if !is_there(connection)? {
        return Ok(0);
    }
    let mut statement =
        connection.prepare_cached("SELECT coalesce(sum(bytes), 0) FROM drafts WHERE seat = ?1")?;
    let Number(bytes) = statement.query_row(params![seat.0], |row| row.get(0))?;
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// Whether a seat has this draft just so.
pub(super) fn holds(connection: &Connection, seat: SeatId, draft: &Draft) -> Result<bool> {
    let known = if is_there(connection)? { one(connection, seat, &draft.key)? } else { None };
    Ok(known.is_some_and(|known| known.draft == *draft))
}

/// Whether there ever was a draft.
fn is_there(connection: &Connection) -> Result<bool> {
    connection.prepare_cached("SELECT 1 FROM sqlite_schema WHERE name = 'drafts'")?.exists(())
}

fn one(connection: &Connection, seat: SeatId, key: &str) -> Result<Option<Kept>> {
    let mut statement = connection.prepare_cached(
        "SELECT key, revision, text, other, other_revision FROM drafts WHERE seat = ?1 AND key = ?2",
    )?;
    statement.query_row(params![seat.0, key], kept).optional()
}

fn kept(row: &Row<'_>) -> Result<Kept> {
    let (key, Number(revision), text, other) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let Number(other_revision) = row.get(4)?;
    Ok(Kept { draft: Draft { key, revision, text, other }, other_revision })
}

/// The draft behind what is known of it: nothing that its author has not seen gives way to it.
fn merge(known: Option<Kept>, wanted: &DraftSetParams) -> Kept {
    let key = wanted.key.clone();
    let (revision, texts) = known.map_or((0, [None, None]), |Kept { draft, other_revision }| {
        let other = draft.other.map(|other| (other_revision, other));
        (draft.revision, [other, Some((draft.revision, draft.text))])
    });
    let is_unseen = |(revision, text): &(u64, String)| {
        *revision > wanted.revision && !text.is_empty() && *text != wanted.text
    };
    let mut unseen: Vec<(u64, String)> = texts.into_iter().flatten().filter(is_unseen).collect();
    // An empty text loses nothing: what was not seen stays as it is.
    let text = if wanted.text.is_empty() { unseen.pop().map(|(_, text)| text) } else { None };
    let text = text.unwrap_or_else(|| wanted.text.clone());
    let other =
        unseen.into_iter().reduce(|(_, earlier), (revision, later)| (revision, below(&earlier, later)));
    let (other_revision, other) = other.map_or((0, None), |(revision, text)| (revision, Some(text)));
    let revision = revision.max(wanted.revision).saturating_add(1);
    Kept { draft: Draft { key, revision, text, other }, other_revision }
}

/// Two texts that a third author has not seen, where both fit; otherwise the later one.
fn below(earlier: &str, later: String) -> String {
    let both = format!("{earlier}\n\n{later}");
    if both.len() <= DRAFT_MAX { both } else { later }
}

/// Which limit a seat would exceed with this draft; `room` is what its user leaves for all of its
/// drafts.
fn excess(
    connection: &Connection,
    seat: SeatId,
    draft: &Draft,
    bytes: u64,
    room: u64,
) -> Result<Option<DraftRefusal>> {
    if draft.text.is_empty() {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FILTER (WHERE text <> ''), coalesce(sum(bytes) FILTER (WHERE text <> ''), 0),
             coalesce(sum(bytes), 0) FROM drafts WHERE seat = ?1 AND key <> ?2",
    )?;
    let (Number(count), Number(others), Number(kept)) =
        statement.query_row(params![seat.0, draft.key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(if count >= DRAFTS_MAX as u64 {
        Some(DraftRefusal::TooMany)
    } else if others.saturating_add(bytes) > DRAFTS_BYTES_MAX || kept.saturating_add(bytes) > room {
        Some(DraftRefusal::TooLarge)
    } else {
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(revision: u64, text: &str) -> DraftSetParams {
        let conference = "s1".parse().expect("a seat");
        DraftSetParams { conference, key: "room:plenary".to_owned(), revision, text: text.to_owned() }
    }

    /// What comes of these, each by an author who saw a revision.
    fn merged(sets: &[(u64, &str)]) -> (u64, String, Option<String>) {
        let merged = sets.iter().fold(None, |known, (seen, text)| Some(merge(known, &wanted(*seen, text))));
        let draft = merged.expect("something was set").draft;
        (draft.revision, draft.text, draft.other)
    }

    fn draft(revision: u64, text: &str, other: Option<&str>) -> (u64, String, Option<String>) {
        (revision, text.to_owned(), other.map(str::to_owned))
    }

    #[test]
    fn who_saw_the_draft_replaces_it_and_settles_what_was_open() {
        assert_eq!(merged(&[(0, "a")]), draft(1, "a", None));
        assert_eq!(merged(&[(0, "a"), (1, "b")]), draft(2, "b", None));
        assert_eq!(merged(&[(0, "a"), (0, "b"), (2, "both")]), draft(3, "both", None));
        assert_eq!(merged(&[(0, "a"), (1, "")]), draft(2, "", None));
        assert_eq!(merged(&[(0, "a"), (1, ""), (0, "b")]), draft(3, "b", None), "nothing was unseen");
        assert_eq!(merged(&[(7, "a")]), draft(8, "a", None), "a revision never goes back");
        assert_eq!(merged(&[(u64::MAX, "a"), (u64::MAX, "b")]), draft(u64::MAX, "b", None));
    }

    #[test]
    fn what_an_author_had_not_seen_is_kept_beside() {
        assert_eq!(merged(&[(0, "a"), (0, "b")]), draft(2, "b", Some("a")));
        assert_eq!(merged(&[(0, "a"), (0, "a")]), draft(2, "a", None), "a call that came twice");
        let both_go_on = [(0, "a"), (0, "b"), (1, "aa"), (2, "bb"), (3, "aaa")];
        assert_eq!(merged(&both_go_on), draft(5, "aaa", Some("bb")), "each goes on with their own");
        assert_eq!(
            merged(&[(0, "a"), (1, "b"), (1, "")]),
            draft(3, "b", None),
            "an empty text loses nothing"
        );
        assert_eq!(merged(&[(0, "a"), (0, "b"), (0, "")]), draft(3, "b", Some("a")));
    }

    #[test]
    fn a_third_author_loses_neither_of_two_texts_that_fit() {
        assert_eq!(merged(&[(0, "a"), (0, "b"), (0, "c")]), draft(3, "c", Some("a\n\nb")));
        let (long, later) = ("a".repeat(DRAFT_MAX - 1), "b".repeat(DRAFT_MAX));
        let (_, text, other) = merged(&[(0, long.as_str()), (0, later.as_str()), (0, "c")]);
        assert_eq!((text.as_str(), other), ("c", Some(later)));
    }
}
