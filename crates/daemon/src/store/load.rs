//! From rows to records.

use std::sync::Arc;

use convene_model::ParticipantId;
use convene_seat::{
    Digest, EventText, JoinRequest, Membership, Queued, SeatRecord, SeatSecret, Settled, Span, Write,
};
use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use super::columns::{Json, Number, Text};
use super::{Behind, Page, SeatId, ServerAddress, StoredSeat, apply, detail};

/// Events that are folded at once; their texts are in memory meanwhile.
const PAGE_EVENTS_MAX: usize = 1_024;
/// Bytes of events that are read at once.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Events that may lie behind a stored state: folding them takes a few milliseconds at each start.
const REPLAYED_EVENTS_MAX: i64 = 1_000;

/// Why the seats cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LoadError {
    /// A row of this seat makes no sense.
    #[error("the stored seat {} is damaged: {detail}", .seat.0)]
    Damaged {
        /// The seat.
        seat: SeatId,
        /// Which column, without what it holds.
        detail: String,
    },
    /// The file cannot be read.
    #[error("the store cannot be read: {detail}")]
    Unreadable {
        /// What SQLite says.
        detail: String,
    },
}

impl LoadError {
    /// The file cannot be opened now.
    pub(super) fn closed() -> Self {
        Self::Unreadable { detail: "the store cannot be opened".to_owned() }
    }
}

/// All seats.
pub(super) fn seats(connection: &Connection) -> Result<Vec<StoredSeat>, LoadError> {
    let unreadable = |error: rusqlite::Error| LoadError::Unreadable { detail: detail(&error) };
    let ids = ids(connection, "SELECT id FROM seats ORDER BY id", []).map_err(unreadable)?;
    ids.into_iter().map(|id| seat(connection, id).map_err(|error| blame(id, error))).collect()
}

/// One seat, if it is still there.
pub(super) fn one(connection: &Connection, id: SeatId) -> Result<Option<StoredSeat>, LoadError> {
    seat(connection, id).optional().map_err(|error| blame(id, error))
}

/// Stores the states of seats that have much behind theirs. Called where nobody else writes.
pub(super) fn checkpoint(connection: &Connection) -> Result<()> {
    let late = ids(
        connection,
        "SELECT id FROM seats WHERE ?1 < (SELECT count(*) FROM events WHERE seat = id AND seq > state_at)",
        params![REPLAYED_EVENTS_MAX],
    )?;
    for id in late {
        apply::checkpoint(connection, id, &seat(connection, id)?.record.state)?;
    }
    Ok(())
}

/// A page of a seat's past above `after`, and what is behind it: at most `count` events, and about
/// `bytes` but at least one.
pub(super) fn page(
    connection: &Connection,
    seat: SeatId,
    after: u64,
    count: usize,
    bytes: usize,
) -> Result<Page> {
    // One look at the file, so that the events are those up to this cursor.
    let look = connection.unchecked_transaction()?;
    let row = look
        .prepare_cached("SELECT cursor, missing_after, missing_through FROM seats WHERE id = ?1")?
        .query_row(params![seat.0], |row| Ok((row.get::<_, Number>("cursor")?.0, missing(row)?)))
        .optional()?;
    let (cursor, missing) = row.unwrap_or((after, None));
    let hole = missing.filter(|missing| after < missing.through);
    let end = after.max(hole.map_or(cursor, |hole| hole.after));
    let (items, is_all) = events(&look, seat, Span { after, through: end }, count, bytes)?;
    Ok(if is_all {
        let behind = hole.map_or(Behind::Nothing, |hole| Behind::Hole { through: hole.through });
        Page { items, through: end, behind }
    } else {
        let through = items.last().map_or(after, |last| last.seq);
        Page { items, through, behind: Behind::More }
    })
}

/// A seat's events in a span: at most `count`, and about `bytes` but at least one; and whether
/// those are all.
fn events(
    connection: &Connection,
    seat: SeatId,
    span: Span,
    count: usize,
    bytes: usize,
) -> Result<(Vec<EventText>, bool)> {
    // No event has such a number; its negative twin would mean all of them.
    let Ok(after) = i64::try_from(span.after) else { return Ok((Vec::new(), true)) };
    let through = i64::try_from(span.through).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT seq, text FROM events WHERE seat = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4",
    )?;
    let limit = i64::try_from(count).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = statement.query(params![seat.0, after, through, limit])?;
    let (mut items, mut size) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let item = EventText { seq: row.get::<_, Number>(0)?.0, text: row.get(1)? };
        size += item.text.len();
        if items.len() == count || size > bytes && !items.is_empty() {
            return Ok((items, false));
        }
        items.push(item);
    }
    Ok((items, true))
}

/// What was remembered under this key.
pub(super) fn memory(connection: &Connection, key: &str) -> Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached("SELECT value FROM memory WHERE key = ?1")?;
    statement.query_row(params![key], |row| row.get(0)).optional()
}

fn ids(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<SeatId>> {
    connection.prepare(sql)?.query_map(params, |row| row.get(0).map(SeatId))?.collect()
}

/// The columns' errors hold their places and no values.
fn blame(seat: SeatId, error: rusqlite::Error) -> LoadError {
    match error.sqlite_error() {
        Some(error) => LoadError::Unreadable { detail: error.to_string() },
        None => LoadError::Damaged { seat, detail: error.to_string() },
    }
}

fn seat(connection: &Connection, id: SeatId) -> Result<StoredSeat> {
    let mut statement = connection.prepare_cached("SELECT * FROM seats WHERE id = ?1")?;
    let (mut seat, state_at) = statement.query_row(params![id.0], |row| {
        let state_at: Number = row.get("state_at")?;
        let (user, server, record) = (row.get("user")?, server(row)?, record(row)?);
        Ok((StoredSeat { id, user, server, record }, state_at.0))
    })?;
    fold(connection, id, state_at, &mut seat.record)?;
    seat.record.outbox = connection
        .prepare_cached("SELECT number, id, body FROM outbox WHERE seat = ?1")?
        .query_map(params![id.0], |row| queued(row).map(|queued| (queued.number, queued)))?
        .collect::<Result<_>>()?;
    seat.record.settled = connection
        .prepare_cached("SELECT number, id, outcome, digest, kept FROM settled WHERE seat = ?1")?
        .query_map(params![id.0], |row| settled(row).map(|settled| (settled.number, settled)))?
        .collect::<Result<_>>()?;
    Ok(seat)
}

/// Brings the state from where it was stored to the cursor.
fn fold(connection: &Connection, id: SeatId, state_at: u64, record: &mut SeatRecord) -> Result<()> {
    let cursor = record.cursor;
    let mut through = state_at;
    loop {
        let span = Span { after: through, through: u64::MAX };
        let (items, _) = events(connection, id, span, PAGE_EVENTS_MAX, PAGE_BYTES_MAX)?;
        let Some(last) = items.last() else { break };
        through = last.seq;
        record.apply(&Write::Events { items, through });
    }
    record.cursor = cursor;
    Ok(())
}

fn server(row: &Row<'_>) -> Result<ServerAddress> {
    Ok(ServerAddress {
        host: row.get("host")?,
        https_port: row.get("https_port")?,
        ports: row.get::<_, Text<_>>("ports")?.0,
        fingerprint: row.get::<_, Option<Text<_>>>("fingerprint")?.map(|text| text.0),
    })
}

fn record(row: &Row<'_>) -> Result<SeatRecord> {
    let join = JoinRequest {
        code: row.get::<_, Text<_>>("join_code")?.0,
        name: row.get::<_, Text<_>>("join_name")?.0,
        id: row.get::<_, Text<_>>("join_id")?.0,
    };
    let mut record = SeatRecord::new(SeatSecret::from_bytes(&row.get("secret")?), join);
    record.membership = membership(row)?;
    record.refused = row.get::<_, Option<Json<_>>>("refused")?.map(|json| json.0);
    record.cursor = row.get::<_, Number>("cursor")?.0;
    record.state = row.get::<_, Json<_>>("state")?.0;
    record.missing = missing(row)?;
    record.last_number = row.get::<_, Number>("last_number")?.0;
    Ok(record)
}

fn missing(row: &Row<'_>) -> Result<Option<Span>> {
    let after: Option<Number> = row.get("missing_after")?;
    let through: Option<Number> = row.get("missing_through")?;
    Ok(after.zip(through).map(|(after, through)| Span { after: after.0, through: through.0 }))
}

fn membership(row: &Row<'_>) -> Result<Option<Membership>> {
    let Some(Text(conference)) = row.get("conference")? else { return Ok(None) };
    Ok(Some(Membership {
        conference,
        participant: ParticipantId(row.get("participant")?),
        role: row.get::<_, Json<_>>("role")?.0,
        log: row.get::<_, Text<_>>("log")?.0,
    }))
}

fn queued(row: &Row<'_>) -> Result<Queued> {
    Ok(Queued {
        number: row.get::<_, Number>("number")?.0,
        id: row.get::<_, Text<_>>("id")?.0,
        body: row.get("body")?,
    })
}

fn settled(row: &Row<'_>) -> Result<Settled> {
    Ok(Settled {
        number: row.get::<_, Number>("number")?.0,
        id: row.get::<_, Text<_>>("id")?.0,
        outcome: row.get::<_, Json<_>>("outcome")?.0,
        digest: Digest(row.get("digest")?),
        kept: row.get::<_, Option<Arc<str>>>("kept")?,
    })
}
