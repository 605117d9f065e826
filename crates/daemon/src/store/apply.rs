//! The effects of a write on the rows: they are the same as those of
//! [`SeatRecord::apply`](convene_seat::SeatRecord::apply) on a record.
//!
//! No statement here can fail because of something that a server or a frontend sent: otherwise one
//! bad value would stop all seats for good.

mod memory;
mod replica;

use convene_conference::Refusal;
use convene_seat::{Queued, SeatSecret, Write};
use rusqlite::{Connection, OptionalExtension as _, Result, params};

pub(super) use self::memory::{owner, remember, unremember};
use self::replica::Current;
pub(super) use self::replica::checkpoint;
use super::columns::{Json, Number, Text};
use super::{NewSeat, SeatId};

/// Adds a seat.
pub(super) fn add(connection: &Connection, seat: &NewSeat) -> Result<SeatId> {
    let NewSeat { user, server, secret, join } = seat;
    connection
        .prepare_cached(
            "INSERT INTO seats (user, host, https_port, ports, fingerprint, secret, join_code, join_name, join_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
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

/// The user who owns this seat, where it is there.
pub(super) fn user(connection: &Connection, seat: SeatId) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT user FROM seats WHERE id = ?1")?;
    statement.query_row(params![seat.0], |row| row.get(0)).optional()
}

/// Makes a seat's change. A seat that was removed stays so.
pub(super) fn write(connection: &Connection, seat: SeatId, write: &Write) -> Result<()> {
    if !holds(connection, seat)? {
        return Ok(());
    }
    match write {
        Write::Opened { conference, log, participant } => {
            run(
                connection,
                "UPDATE seats SET conference = ?2, log = coalesce(log, ?3) WHERE id = ?1",
                params![seat.0, Text(conference), Text(log)],
            )?;
            replica::open(connection, seat, *participant)
        }
        Write::Refused { code } => {
            run(connection, "UPDATE seats SET refused = ?2 WHERE id = ?1", params![seat.0, Json(code)])
        }
        Write::Queued(queued) => queue(connection, seat, queued),
        Write::Dismissed { id } => {
            run(connection, "DELETE FROM returned WHERE seat = ?1 AND id = ?2", params![seat.0, Text(id)])
        }
        Write::OtherLog { log, name } => {
            run(connection, "UPDATE seats SET join_name = ?2 WHERE id = ?1", params![seat.0, Text(name)])?;
            replica::turn_to(connection, seat, *log)
        }
        Write::Receipts { .. }
        | Write::Events { .. }
        | Write::Snapshot { .. }
        | Write::History { .. }
        | Write::Voided { .. }
        | Write::Folded { .. } => match Current::of(connection, seat)? {
            Some(current) => current.write(connection, write),
            None => Ok(()),
        },
    }
}

pub(super) fn run(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<()> {
    connection.prepare_cached(sql)?.execute(params).map(drop)
}

/// One with the same id or the same place is replaced.
fn queue(connection: &Connection, seat: SeatId, queued: &Queued) -> Result<()> {
    let Queued { order, id, seen, body } = queued;
    run(connection, "DELETE FROM returned WHERE seat = ?1 AND id = ?2", params![seat.0, Text(id)])?;
    run(
        connection,
        "INSERT OR REPLACE INTO outbox (seat, place, id, seen, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![seat.0, Number(*order), Text(id), seen.map(Json), body.get()],
    )
}

/// Keeps a text that came back; `why` is absent where a restored backup lost it.
fn give_back(
    connection: &Connection,
    seat: SeatId,
    id: &str,
    body: &str,
    why: Option<Refusal>,
) -> Result<()> {
    run(
        connection,
        "INSERT OR REPLACE INTO returned (seat, id, body, refused) VALUES (?1, ?2, ?3, ?4)",
        params![seat.0, id, body, why.map(Json)],
    )
}
