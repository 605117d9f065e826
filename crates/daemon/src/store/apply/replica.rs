//! The effects of a write on the replica in use.

use convene_conference::{Outcome, Refusal, State};
use convene_model::limits::ACCEPTED_BODIES_MAX;
use convene_model::{LogId, ParticipantId, TermStart};
use convene_seat::{DecidedCommand, Digest, EventText, Missing, Replica, Span, Terms, Write};
use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::{give_back, run};
use crate::store::columns::{Json, Number, Text};
use crate::store::states::StoredState;
use crate::store::{SeatId, sizes};

/// Replicas of other logs that stay readable: as many as the record keeps.
const ASIDE_MAX: i64 = 4;

/// The replica in use of a seat.
pub(super) struct Current {
    seat: SeatId,
    log: String,
}

/// Stores the state of the replica in use, so that what it holds need not be folded again.
pub(in crate::store) fn checkpoint(connection: &Connection, seat: SeatId, replica: &Replica) -> Result<()> {
    let Some(state) = &replica.state else { return Ok(()) };
    run(
        connection,
        "UPDATE replicas SET state = ?3, state_at = cursor, level = ?4 WHERE seat = ?1 AND log = ?2",
        params![seat.0, Text(replica.log), Json(StoredState::of(state, replica.participant)), replica.level],
    )
}

/// The seat is a participant's in the replica in use, which begins here if it is not there.
pub(super) fn open(connection: &Connection, seat: SeatId, participant: ParticipantId) -> Result<()> {
    run(
        connection,
        "INSERT INTO replicas (seat, log, participant, was_participant)
             SELECT id, log, ?2, 1 FROM seats WHERE id = ?1
             ON CONFLICT DO UPDATE SET participant = ?2, was_participant = 1",
        params![seat.0, participant.0],
    )
}

/// Puts the replica in use aside, or drops it where it is blank, and takes up or begins another.
pub(super) fn turn_to(connection: &Connection, seat: SeatId, log: LogId) -> Result<()> {
    // It may be that of the same log, and is then taken up again.
    run(
        connection,
        "UPDATE replicas SET aside = (SELECT max(aside) + 1 FROM replicas WHERE seat = ?1)
             WHERE seat = ?1 AND log = (SELECT log FROM seats WHERE id = ?1)",
        params![seat.0],
    )?;
    run(
        connection,
        "DELETE FROM replicas WHERE seat = ?1 AND log <> ?2 AND cursor = 0 AND was_participant = 0",
        params![seat.0, Text(log)],
    )?;
    run(
        connection,
        "INSERT INTO replicas (seat, log) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![seat.0, Text(log)],
    )?;
    run(connection, "UPDATE seats SET log = ?2 WHERE id = ?1", params![seat.0, Text(log)])?;
    run(
        connection,
        "DELETE FROM replicas WHERE seat = ?1 AND log IN (
             SELECT log FROM replicas WHERE seat = ?1 AND log <> ?2 ORDER BY aside DESC LIMIT -1 OFFSET ?3)",
        params![seat.0, Text(log), ASIDE_MAX],
    )?;
    for table in ["events", "receipts"] {
        let sql = format!(
            "DELETE FROM {table} WHERE seat = ?1 AND log NOT IN (SELECT log FROM replicas WHERE seat = ?1)"
        );
        run(connection, &sql, params![seat.0])?;
    }
    sizes::count(connection, seat)
}

impl Current {
    pub(super) fn of(connection: &Connection, seat: SeatId) -> Result<Option<Self>> {
        let log = connection
            .prepare_cached("SELECT log FROM seats WHERE id = ?1 AND log IS NOT NULL")?
            .query_row(params![seat.0], |row| row.get(0))
            .optional()?;
        Ok(log.map(|log| Self { seat, log }))
    }

    pub(super) fn write(&self, connection: &Connection, write: &Write) -> Result<()> {
        match write {
            Write::Receipts { list, terms } => {
                self.learn(connection, terms)?;
                list.iter().try_for_each(|settled| self.settle(connection, settled))
            }
            Write::Events { items, through, terms } => {
                self.learn(connection, terms)?;
                self.keep(connection, items)?;
                self.set(connection, "cursor = ?3", &Number(*through))
            }
            Write::Snapshot { number, state, level, terms, missing } => {
                self.learn(connection, terms)?;
                self.start_from(connection, *number, state, *level)?;
                self.miss(connection, missing)
            }
            Write::History { items, missing } => {
                self.keep(connection, items)?;
                self.miss(connection, missing)
            }
            Write::Voided { common, cursor, base, missing } => {
                self.miss(connection, missing)?;
                self.go_back(connection, *cursor, *base)?;
                self.lose_above(connection, *common)?;
                self.cut_terms(connection)
            }
            Write::Folded { state, level, participant } => run(
                connection,
                "UPDATE replicas SET state = ?3, state_at = cursor, level = ?4, participant = ?5
                     WHERE seat = ?1 AND log = ?2",
                params![
                    self.seat.0,
                    self.log,
                    Json(StoredState::of(state, *participant)),
                    level,
                    participant.map(|participant| participant.0),
                ],
            ),
            Write::Opened { .. }
            | Write::Refused { .. }
            | Write::Queued(_)
            | Write::Dismissed { .. }
            | Write::OtherLog { .. } => Ok(()),
        }
    }

    fn set(&self, connection: &Connection, assignment: &str, value: &dyn rusqlite::ToSql) -> Result<()> {
        let sql = format!("UPDATE replicas SET {assignment} WHERE seat = ?1 AND log = ?2");
        run(connection, &sql, params![self.seat.0, self.log, value])
    }

    fn miss(&self, connection: &Connection, missing: &Missing) -> Result<()> {
        let spans: Vec<(u64, u64)> =
            missing.spans().iter().map(|Span { after, through }| (*after, *through)).collect();
        self.set(connection, "missing = ?3", &Json(spans))
    }

    fn terms(&self, connection: &Connection) -> Result<Vec<TermStart>> {
        connection
            .prepare_cached("SELECT terms FROM replicas WHERE seat = ?1 AND log = ?2")?
            .query_row(params![self.seat.0, self.log], |row| row.get::<_, Json<_>>(0))
            .optional()
            .map(|terms| terms.map_or_else(Vec::new, |Json(terms)| terms))
    }

    fn learn(&self, connection: &Connection, news: &[TermStart]) -> Result<()> {
        if news.is_empty() {
            return Ok(());
        }
        let mut terms = self.terms(connection)?;
        terms.extend_from_slice(news);
        let kept = Terms::from_starts(terms);
        self.set(connection, "terms = ?3", &Json(kept.starts()))
    }

    /// Terms above everything that is held mean nothing any more.
    fn cut_terms(&self, connection: &Connection) -> Result<()> {
        let top: Number = connection
            .prepare_cached(
                "SELECT max(cursor, coalesce(
                     (SELECT max(number) FROM receipts WHERE seat = ?1 AND log = ?2), 0))
                     FROM replicas WHERE seat = ?1 AND log = ?2",
            )?
            .query_row(params![self.seat.0, self.log], |row| row.get(0))?;
        let mut terms = self.terms(connection)?;
        terms.retain(|start| start.from <= top.0);
        self.set(connection, "terms = ?3", &Json(terms))
    }

    fn keep(&self, connection: &Connection, items: &[EventText]) -> Result<()> {
        let mut statement = connection.prepare_cached(
            "INSERT OR REPLACE INTO events (seat, log, seq, step, text) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for EventText { seq, step, text } in items {
            statement.execute(params![self.seat.0, self.log, Number(*seq), step, text.get()])?;
        }
        let bytes = items.iter().map(|item| sizes::of_row(item.text.get().len())).sum();
        sizes::change(connection, self.seat, bytes)
    }

    fn start_from(&self, connection: &Connection, number: u64, state: &State, level: u32) -> Result<()> {
        run(
            connection,
            "UPDATE replicas SET cursor = ?3, base = ?3, state_at = ?3, level = ?5, base_level = ?5,
                 base_state = ?4, state = ?4 WHERE seat = ?1 AND log = ?2",
            params![
                self.seat.0,
                self.log,
                Number(number),
                Json(StoredState::of(state, self.participant(connection)?)),
                level
            ],
        )?;
        // The events that are numbered above the new cursor come again.
        self.cut_events(connection, number)
    }

    fn participant(&self, connection: &Connection) -> Result<Option<ParticipantId>> {
        connection
            .prepare_cached("SELECT participant FROM replicas WHERE seat = ?1 AND log = ?2")?
            .query_row(params![self.seat.0, self.log], |row| row.get::<_, Option<u32>>(0))
            .optional()
            .map(|participant| participant.flatten().map(ParticipantId))
    }

    fn cut_events(&self, connection: &Connection, through: u64) -> Result<()> {
        // A number that is kept as its negative twin lies above every other.
        let above = "FROM events WHERE seat = ?1 AND log = ?2 AND (seq > ?3 OR seq < 0) AND ?3 >= 0";
        let gone: i64 = connection
            .prepare_cached(&format!("SELECT coalesce(sum(octet_length(text) + ?4), 0) {above}"))?
            .query_row(params![self.seat.0, self.log, Number(through), sizes::ROW_BYTES], |row| row.get(0))?;
        run(connection, &format!("DELETE {above}"), params![self.seat.0, self.log, Number(through)])?;
        sizes::change(connection, self.seat, -gone)
    }

    fn go_back(&self, connection: &Connection, cursor: u64, base: u64) -> Result<()> {
        run(
            connection,
            "UPDATE replicas SET base = ?3, base_state = CASE WHEN ?3 = 0 THEN NULL ELSE base_state END,
                 state = CASE WHEN cursor > ?4 THEN NULL ELSE state END,
                 cursor = min(cursor, ?4) WHERE seat = ?1 AND log = ?2",
            params![self.seat.0, self.log, Number(base), Number(cursor)],
        )?;
        self.cut_events(connection, cursor)
    }

    fn settle(&self, connection: &Connection, settled: &DecidedCommand) -> Result<()> {
        let DecidedCommand { id, number, outcome, body } = settled;
        let id = id.to_string();
        for table in ["outbox", "returned"] {
            let sql = format!("DELETE FROM {table} WHERE seat = ?1 AND id = ?2");
            run(connection, &sql, params![self.seat.0, id])?;
        }
        if let Outcome::Refused { code } = *outcome {
            give_back(connection, self.seat, &id, body.get(), Some(code))?;
            if code == Refusal::IdReused {
                return Ok(());
            }
        }
        let kept = (*outcome == Outcome::Accepted).then(|| body.get());
        let replaced = forget_receipt(connection, "id = ?3", params![self.seat.0, self.log, id])?;
        run(
            connection,
            "INSERT INTO receipts (seat, log, id, number, outcome, digest, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![self.seat.0, self.log, id, Number(*number), Json(outcome), Digest::of(body).0, kept],
        )?;
        let gone = replaced + self.forget_oldest(connection, kept.is_none())?;
        sizes::change(connection, self.seat, sizes::of_row(kept.map_or(0, str::len)) - gone)
    }

    /// Of each sort as many receipts are kept as the record does. Gives the bytes of the one that
    /// was one too many.
    fn forget_oldest(&self, connection: &Connection, refused: bool) -> Result<i64> {
        forget_receipt(
            connection,
            "(body IS NULL) = ?3
                 AND id = (SELECT id FROM receipts WHERE seat = ?1 AND log = ?2 AND (body IS NULL) = ?3
                     ORDER BY number, id LIMIT 1)
                 AND (SELECT count(*) FROM receipts WHERE seat = ?1 AND log = ?2 AND (body IS NULL) = ?3) > ?4",
            params![self.seat.0, self.log, refused, i64::try_from(ACCEPTED_BODIES_MAX).unwrap_or(i64::MAX)],
        )
    }

    fn lose_above(&self, connection: &Connection, common: u64) -> Result<()> {
        let lost: Vec<(String, Option<String>)> = connection
            .prepare_cached("SELECT id, body FROM receipts WHERE seat = ?1 AND log = ?2 AND number > ?3")?
            .query_map(params![self.seat.0, self.log, Number(common)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_>>()?;
        for (id, body) in &lost {
            if let Some(body) = body {
                give_back(connection, self.seat, id, body, None)?;
            }
        }
        run(
            connection,
            "DELETE FROM receipts WHERE seat = ?1 AND log = ?2 AND number > ?3",
            params![self.seat.0, self.log, Number(common)],
        )?;
        let texts = lost.iter().map(|(_, body)| body.as_ref().map_or(0, String::len));
        sizes::change(connection, self.seat, -texts.map(sizes::of_row).sum::<i64>())
    }
}

/// Deletes the receipt that fits, where there is one, and gives its bytes.
fn forget_receipt(connection: &Connection, fits: &str, params: impl rusqlite::Params) -> Result<i64> {
    let sql = format!(
        "DELETE FROM receipts WHERE seat = ?1 AND log = ?2 AND {fits}
             RETURNING coalesce(octet_length(body), 0)"
    );
    let text: Option<i64> =
        connection.prepare_cached(&sql)?.query_row(params, |row| row.get(0)).optional()?;
    Ok(text.map_or(0, |text| text + sizes::ROW_BYTES))
}
