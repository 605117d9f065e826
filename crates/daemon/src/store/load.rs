//! From rows to records.

use convene_conference::{Event, LEVEL, State};
use convene_model::{Json as JsonText, ParticipantId};
use convene_seat::{
    Digest, EventText, HistoryWish, JoinRequest, KeptReceipt, Missing, Queued, Refold, Replica, Returned,
    SeatRecord, SeatSecret, Span, Terms, WhyReturned,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use super::columns::{Json, Number, Text};
use super::states::StoredState;
use super::{SeatId, ServerAddress, StoredSeat, apply, detail, pages};

/// Events that are folded at once; their texts are in memory meanwhile.
const FOLDED_EVENTS_MAX: usize = 1_024;
/// Bytes of events that are folded at once.
const FOLDED_BYTES_MAX: usize = 4 * 1024 * 1024;
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
        /// The error, as SQLite describes it.
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
        "SELECT seats.id FROM seats JOIN replicas ON replicas.seat = seats.id AND replicas.log = seats.log
             WHERE ?1 < (SELECT count(*) FROM events
                 WHERE events.seat = seats.id AND events.log = seats.log
                     AND seq > CASE WHEN state IS NULL THEN base ELSE state_at END)",
        params![REPLAYED_EVENTS_MAX],
    )?;
    for id in late {
        if let Some(replica) = &seat(connection, id)?.record.replica {
            apply::checkpoint(connection, id, replica)?;
        }
    }
    Ok(())
}

/// Folds a state anew; `None` where the replica has changed meanwhile.
pub(super) fn fold(connection: &Connection, seat: SeatId, wish: Refold) -> Result<Option<State>> {
    let Refold { log, base, through } = wish;
    let log = log.to_string();
    // One look at the file, so that the events are those behind this state.
    let look = connection.unchecked_transaction()?;
    let begin = look
        .prepare_cached("SELECT participant, base, base_state FROM replicas WHERE seat = ?1 AND log = ?2")?
        .query_row(params![seat.0, log], |row| {
            let participant = row.get::<_, Option<u32>>(0)?.map(ParticipantId);
            let stored: Option<Json<StoredState>> = row.get(2)?;
            Ok((row.get::<_, Number>(1)?.0, stored.map(|Json(stored)| stored.state(participant))))
        })
        .optional()?;
    let Some((found, stored)) = begin else { return Ok(None) };
    let mut state = match stored {
        _ if base == 0 => State::default(),
        Some(stored) if found == base => stored,
        Some(_) | None => return Ok(None),
    };
    fold_on(&look, seat, &log, &mut state, Span { after: base, through })?;
    Ok(Some(state))
}

fn fold_on(connection: &Connection, seat: SeatId, log: &str, state: &mut State, span: Span) -> Result<()> {
    let mut span = span;
    loop {
        let wish = HistoryWish { span, newest: false };
        let (items, is_all) =
            pages::events(connection, seat, log, wish, FOLDED_EVENTS_MAX, FOLDED_BYTES_MAX)?;
        for event in items.iter().filter_map(|item| serde_json::from_str::<Event>(item.text.get()).ok()) {
            state.evolve(&event);
        }
        match items.last() {
            Some(EventText { seq, .. }) if !is_all => span.after = *seq,
            Some(_) | None => return Ok(()),
        }
    }
}

/// The value that was remembered under this key.
pub(super) fn memory(connection: &Connection, key: &str) -> Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached("SELECT value FROM memory WHERE key = ?1")?;
    statement.query_row(params![key], |row| row.get(0)).optional()
}

/// The missing parts of a replica, as its column keeps them.
pub(super) fn missing(row: &Row<'_>) -> Result<Missing> {
    let spans: Vec<(u64, u64)> = row.get::<_, Json<_>>("missing")?.0;
    Ok(Missing::from_spans(spans.into_iter().map(|(after, through)| Span { after, through })))
}

/// A text that was JSON when it was stored.
pub(super) fn json_text(row: &Row<'_>, column: impl rusqlite::RowIndex) -> Result<JsonText> {
    row.get::<_, Json<JsonText>>(column).map(|Json(text)| text)
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
    let look = connection.unchecked_transaction()?;
    let mut statement = look.prepare_cached("SELECT * FROM seats WHERE id = ?1")?;
    let (mut seat, log): (StoredSeat, Option<String>) = statement.query_row(params![id.0], |row| {
        let (user, server, record) = (row.get("user")?, server(row)?, record(row)?);
        Ok((StoredSeat { id, user, server, record }, row.get("log")?))
    })?;
    replicas(&look, id, log.as_deref(), &mut seat.record)?;
    look.prepare_cached("SELECT place, id, seen, body FROM outbox WHERE seat = ?1")?
        .query_map(params![id.0], queued)?
        .try_for_each(|queued| queued.map(|queued| seat.record.outbox.insert(queued)))?;
    seat.record.returned = look
        .prepare_cached("SELECT id, body, refused FROM returned WHERE seat = ?1")?
        .query_map(params![id.0], |row| Ok((row.get::<_, Text<_>>(0)?.0, returned(row)?)))?
        .collect::<Result<_>>()?;
    Ok(seat)
}

/// The replica in use, and those that were put aside, which need no state.
fn replicas(
    connection: &Connection,
    seat: SeatId,
    used: Option<&str>,
    record: &mut SeatRecord,
) -> Result<()> {
    let logs: Vec<String> = connection
        .prepare_cached("SELECT log FROM replicas WHERE seat = ?1 ORDER BY aside")?
        .query_map(params![seat.0], |row| row.get(0))?
        .collect::<Result<_>>()?;
    for log in logs {
        let (mut replica, state, state_at) = replica(connection, seat, &log)?;
        receipts(connection, seat, &log, &mut replica)?;
        if used == Some(log.as_str()) {
            let mut state = state;
            let span = Span { after: state_at, through: replica.cursor };
            fold_on(connection, seat, &log, &mut state, span)?;
            replica.state = Some(state);
            record.replica = Some(replica);
        } else {
            replica.state = None;
            record.aside.push(replica);
        }
    }
    Ok(())
}

/// A replica, and the state from which it is folded, with the number of that.
fn replica(connection: &Connection, seat: SeatId, log: &str) -> Result<(Replica, State, u64)> {
    let mut statement = connection.prepare_cached("SELECT * FROM replicas WHERE seat = ?1 AND log = ?2")?;
    statement.query_row(params![seat.0, log], |row| {
        let Text(log) = row.get("log")?;
        let mut replica = Replica::empty(log);
        replica.participant = row.get::<_, Option<u32>>("participant")?.map(ParticipantId);
        replica.was_participant = row.get("was_participant")?;
        replica.cursor = row.get::<_, Number>("cursor")?.0;
        replica.terms = Terms::from_starts(row.get::<_, Json<_>>("terms")?.0);
        replica.missing = missing(row)?;
        replica.base = row.get::<_, Number>("base")?.0;
        let state: Option<Json<StoredState>> = row.get("state")?;
        let base_state: Option<Json<StoredState>> = row.get("base_state")?;
        let (begin, at, level) = match (state, base_state) {
            (Some(Json(state)), _) => (state, row.get::<_, Number>("state_at")?.0, row.get("level")?),
            (None, Some(Json(base))) => (base, replica.base, row.get("base_level")?),
            (None, None) => (StoredState::default(), 0, LEVEL),
        };
        replica.level = level;
        let state = begin.state(replica.participant);
        Ok((replica, state, at))
    })
}

fn receipts(connection: &Connection, seat: SeatId, log: &str, replica: &mut Replica) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT id, number, outcome, digest, body FROM receipts WHERE seat = ?1 AND log = ?2",
    )?;
    let mut rows = statement.query(params![seat.0, log])?;
    while let Some(row) = rows.next()? {
        let has_body = row.get_ref("body")? != ValueRef::Null;
        let body = if has_body { Some(json_text(row, "body")?) } else { None };
        let kept = KeptReceipt {
            number: row.get::<_, Number>("number")?.0,
            outcome: row.get::<_, Json<_>>("outcome")?.0,
            digest: Digest(row.get("digest")?),
            body,
        };
        replica.receipts.insert(row.get::<_, Text<_>>("id")?.0, kept);
    }
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
    record.conference = row.get::<_, Option<Text<_>>>("conference")?.map(|text| text.0);
    record.refused = row.get::<_, Option<Json<_>>>("refused")?.map(|json| json.0);
    Ok(record)
}

fn queued(row: &Row<'_>) -> Result<Queued> {
    Ok(Queued {
        order: row.get::<_, Number>("place")?.0,
        id: row.get::<_, Text<_>>("id")?.0,
        seen: row.get::<_, Option<Json<_>>>("seen")?.map(|json| json.0),
        body: json_text(row, "body")?,
    })
}

fn returned(row: &Row<'_>) -> Result<Returned> {
    let refused: Option<Json<_>> = row.get("refused")?;
    let why = refused.map_or(WhyReturned::Lost, |Json(code)| WhyReturned::Refused { code });
    Ok(Returned { body: json_text(row, "body")?, why })
}
