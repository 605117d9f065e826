//! What a write does to the rows: the same as [`SeatRecord::apply`](convene_seat::SeatRecord::apply) does to a record.
//!
//! No statement here can fail for what a server or a frontend sent, or one bad value would stop all seats for good.

use convene_conference::State;
use convene_model::CommandId;
use convene_seat::{EventText, Membership, Queued, SeatSecret, Settled, Write};
use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::columns::{Json, Number, Text};
use super::{NewSeat, SeatId};

/// Receipts that a seat remembers: as many as its record does.
const SETTLED_MAX: i64 = 4_096;
/// Things remembered beside the seats: one per server is wanted, and nobody has so many.
const MEMORY_MAX: i64 = 1_024;

/// Adds a seat.
pub(super) fn add(connection: &Connection, seat: &NewSeat) -> Result<SeatId> {
    let NewSeat { user, server, secret, join } = seat;
    connection
        .prepare_cached(
            "INSERT INTO seats (user, host, https_port, ports, fingerprint, secret, join_code, join_name, join_id, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .insert(params![
            user,
            server.host,
            server.https_port,
            Text(server.ports),
            server.fingerprint.map(Text),
            secret.to_bytes(),
            Text(join.code),
            Text(&join.name),
            Text(join.id),
            Json(State::default()),
        ])
        .map(SeatId)
}

/// Removes a seat with all that hangs on it.
pub(super) fn remove(connection: &Connection, seat: SeatId) -> Result<()> {
    run(connection, "DELETE FROM seats WHERE id = ?1", params![seat.0])
}

/// Removes the seat with this key, where there is one.
pub(super) fn disown(connection: &Connection, secret: &SeatSecret) -> Result<()> {
    run(connection, "DELETE FROM seats WHERE secret = ?1", params![secret.to_bytes()])
}

/// Whether there is a seat with this key.
pub(super) fn holds_secret(connection: &Connection, secret: &SeatSecret) -> Result<bool> {
    connection.prepare_cached("SELECT 1 FROM seats WHERE secret = ?1")?.exists(params![secret.to_bytes()])
}

/// Whether there is this seat.
pub(super) fn holds(connection: &Connection, seat: SeatId) -> Result<bool> {
    connection.prepare_cached("SELECT 1 FROM seats WHERE id = ?1")?.exists(params![seat.0])
}

/// Lets go what was kept under this key.
pub(super) fn unremember(connection: &Connection, key: &str) -> Result<()> {
    run(connection, "DELETE FROM memory WHERE key = ?1", params![key])
}

/// Keeps a value under its key and forgets those that were kept longest ago, beyond [`MEMORY_MAX`].
pub(super) fn remember(connection: &Connection, key: &str, value: &[u8]) -> Result<()> {
    // A replaced row gets a new number: the highest numbers are the latest.
    run(connection, "INSERT OR REPLACE INTO memory (key, value) VALUES (?1, ?2)", params![key, value])?;
    run(
        connection,
        "DELETE FROM memory WHERE rowid IN (SELECT rowid FROM memory ORDER BY rowid DESC LIMIT -1 OFFSET ?1)",
        params![MEMORY_MAX],
    )
}

/// Makes a seat's change. A seat that was removed stays so.
pub(super) fn write(connection: &Connection, seat: SeatId, write: &Write) -> Result<()> {
    if !holds(connection, seat)? {
        return Ok(());
    }
    match write {
        Write::Opened(membership) => belong(connection, seat, membership),
        Write::Refused { code } => {
            run(connection, "UPDATE seats SET refused = ?2 WHERE id = ?1", params![seat.0, Json(code)])
        }
        Write::Queued(queued) => queue(connection, seat, queued),
        Write::Settled(settled) => settle(connection, seat, settled),
        Write::Dismissed { id } => dismiss(connection, seat, *id),
        Write::Events { items, through } => {
            for item in items {
                keep(connection, seat, item)?;
            }
            run(connection, "UPDATE seats SET cursor = ?2 WHERE id = ?1", params![seat.0, Number(*through)])
        }
        Write::Snapshot { membership, through, state, replaces } => {
            belong(connection, seat, membership)?;
            start_from(connection, seat, *through, state, *replaces)
        }
        Write::History { items, through } => fill(connection, seat, items, *through),
    }
}

/// Stores a folded state, so that what it holds need not be folded again.
pub(super) fn checkpoint(connection: &Connection, seat: SeatId, state: &State) -> Result<()> {
    run(
        connection,
        "UPDATE seats SET state = ?2, state_at = cursor WHERE id = ?1",
        params![seat.0, Json(state)],
    )
}

fn run(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<()> {
    connection.prepare_cached(sql)?.execute(params).map(drop)
}

fn belong(connection: &Connection, seat: SeatId, membership: &Membership) -> Result<()> {
    let Membership { conference, participant, role, log } = membership;
    run(
        connection,
        "UPDATE seats SET conference = ?2, participant = ?3, role = ?4, log = ?5 WHERE id = ?1",
        params![seat.0, Text(conference), participant.0, Json(role), Text(log)],
    )
}

fn queue(connection: &Connection, seat: SeatId, queued: &Queued) -> Result<()> {
    let Queued { number, id, body } = queued;
    run(
        connection,
        "INSERT OR REPLACE INTO outbox (seat, number, id, body) VALUES (?1, ?2, ?3, ?4)",
        params![seat.0, Number(*number), Text(id), &**body],
    )?;
    run(connection, "UPDATE seats SET last_number = ?2 WHERE id = ?1", params![seat.0, Number(*number)])
}

fn settle(connection: &Connection, seat: SeatId, settled: &Settled) -> Result<()> {
    let Settled { number, id, outcome, digest, kept } = settled;
    run(connection, "DELETE FROM outbox WHERE seat = ?1 AND number = ?2", params![seat.0, Number(*number)])?;
    run(
        connection,
        "INSERT OR REPLACE INTO settled (seat, number, id, outcome, digest, kept) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![seat.0, Number(*number), Text(id), Json(outcome), digest.0, kept.as_deref()],
    )?;
    run(
        connection,
        "DELETE FROM settled WHERE seat = ?1
             AND number = (SELECT number FROM settled WHERE seat = ?1 AND kept IS NULL ORDER BY number LIMIT 1)
             AND (SELECT count(*) FROM settled WHERE seat = ?1) > ?2",
        params![seat.0, SETTLED_MAX],
    )
}

fn dismiss(connection: &Connection, seat: SeatId, id: CommandId) -> Result<()> {
    run(
        connection,
        "UPDATE settled SET kept = NULL WHERE seat = ?1
             AND number = (SELECT number FROM settled WHERE seat = ?1 AND id = ?2 ORDER BY number LIMIT 1)",
        params![seat.0, Text(id)],
    )
}

fn keep(connection: &Connection, seat: SeatId, item: &EventText) -> Result<()> {
    run(
        connection,
        "INSERT OR REPLACE INTO events (seat, seq, text) VALUES (?1, ?2, ?3)",
        params![seat.0, Number(item.seq), &*item.text],
    )
}

fn start_from(
    connection: &Connection,
    seat: SeatId,
    through: u64,
    state: &State,
    replaces: bool,
) -> Result<()> {
    // On the right of an assignment stand the old values.
    run(
        connection,
        "UPDATE seats SET state = ?2, state_at = ?3, cursor = ?3, missing_through = ?3,
             missing_after = CASE WHEN ?4 THEN 0 ELSE coalesce(missing_after, cursor) END WHERE id = ?1",
        params![seat.0, Json(state), Number(through), replaces],
    )?;
    // What is numbered above the new cursor comes again.
    run(
        connection,
        "DELETE FROM events WHERE seat = ?1 AND (?3 OR seq > ?2)",
        params![seat.0, Number(through), replaces],
    )?;
    close_gap(connection, seat)
}

fn fill(connection: &Connection, seat: SeatId, items: &[EventText], through: u64) -> Result<()> {
    let state_at: Option<Number> = connection
        .prepare_cached("SELECT state_at FROM seats WHERE id = ?1 AND missing_after IS NOT NULL")?
        .query_row(params![seat.0], |row| row.get(0))
        .optional()?;
    let Some(Number(state_at)) = state_at else { return Ok(()) };
    // What lies behind the state is no history: it would be folded a second time.
    for item in items.iter().filter(|item| item.seq <= through.min(state_at)) {
        keep(connection, seat, item)?;
    }
    run(
        connection,
        "UPDATE seats SET missing_after = max(missing_after, ?2) WHERE id = ?1",
        params![seat.0, Number(through)],
    )?;
    close_gap(connection, seat)
}

fn close_gap(connection: &Connection, seat: SeatId) -> Result<()> {
    run(
        connection,
        "UPDATE seats SET missing_after = NULL, missing_through = NULL
             WHERE id = ?1 AND missing_after >= missing_through",
        params![seat.0],
    )
}
