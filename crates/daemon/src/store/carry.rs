//! Carrying over a store of an earlier form.

use std::collections::BTreeMap;

use convene_conference::{LEVEL, Outcome, Refusal, State};
use convene_model::{Json as JsonText, ParticipantId};
use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};
use serde::Deserialize;

use super::columns::{Json, Number};
use super::open::KIND;
use super::states::StoredState;

const FORM_2: &str = include_str!("form-2.sql");

/// Makes the tables of this version out of those of form `from`; 0 stands for none. All of it is
/// one transaction: a process that is killed meanwhile leaves the store as it was.
pub(super) fn over(connection: &mut Connection, from: i32) -> Result<()> {
    // Tables that others refer to are replaced, which must not delete what refers to them.
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    transaction.execute_batch(FORM_2)?;
    if from == 1 {
        from_form_1(&transaction)?;
    }
    transaction.execute_batch(
        "ALTER TABLE events_2 RENAME TO events;
         ALTER TABLE outbox_2 RENAME TO outbox;
         ALTER TABLE seats_2 RENAME TO seats;",
    )?;
    transaction.pragma_update(None, "application_id", KIND.application_id)?;
    transaction.pragma_update(None, "user_version", KIND.form)?;
    transaction.commit()?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// In form 1 a seat has one replica in columns of its own, commands have numbers, and an entry has
/// at most one event. A receipt names the number of its entry only where the command was accepted.
fn from_form_1(transaction: &Transaction<'_>) -> Result<()> {
    transaction.execute_batch(
        "INSERT INTO seats_2
             SELECT id, user, host, https_port, ports, fingerprint, secret, join_code, join_name, join_id,
                 conference, refused, log FROM seats;
         INSERT INTO replicas (seat, log, participant, was_participant, cursor, missing)
             SELECT id, log, participant, 1, cursor,
                 CASE WHEN missing_after IS NULL THEN '[]'
                     ELSE json_array(json_array(missing_after, missing_through)) END
             FROM seats WHERE log IS NOT NULL;
         INSERT INTO events_2 SELECT seat, log, seq, 1, text FROM events JOIN seats ON id = seat
             WHERE log IS NOT NULL;
         INSERT INTO outbox_2 (seat, place, id, body) SELECT seat, number, id, body FROM outbox WHERE true
             ON CONFLICT DO NOTHING;",
    )?;
    settled(transaction)?;
    states(transaction)?;
    transaction.execute_batch(
        "DROP TABLE events; DROP TABLE outbox; DROP TABLE settled;
         DELETE FROM sqlite_sequence WHERE name = 'seats_2';
         UPDATE sqlite_sequence SET name = 'seats_2' WHERE name = 'seats';
         DROP TABLE seats;",
    )
}

/// The outcome of a command, as form 1 wrote it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum OldOutcome {
    Accepted { seq: u64 },
    Refused { code: Refusal },
}

fn settled(transaction: &Transaction<'_>) -> Result<()> {
    let mut rows = transaction.prepare(
        "SELECT seat, log, settled.id, outcome, digest, kept FROM settled JOIN seats ON seats.id = seat
             WHERE log IS NOT NULL ORDER BY number DESC",
    )?;
    let mut receipt = transaction.prepare(
        "INSERT OR IGNORE INTO receipts (seat, log, id, number, outcome, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut returned = transaction
        .prepare("INSERT OR IGNORE INTO returned (seat, id, body, refused) VALUES (?1, ?2, ?3, ?4)")?;
    let mut rows = rows.query(())?;
    while let Some(row) = rows.next()? {
        let (seat, log, id) = (row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?);
        let (Json(outcome), digest) = (row.get::<_, Json<OldOutcome>>(3)?, row.get::<_, [u8; 16]>(4)?);
        let kept: Option<String> = row.get(5)?;
        let (number, outcome) = match outcome {
            OldOutcome::Accepted { seq } => (seq, Outcome::Accepted),
            OldOutcome::Refused { code } => {
                if let Some(body) = kept {
                    returned.execute(params![seat, id, body, Json(code)])?;
                }
                // In which entry it was refused is not known; it is before all that may be void.
                (0, Outcome::Refused { code })
            }
        };
        receipt.execute(params![seat, log, id, Number(number), Json(outcome), digest])?;
    }
    Ok(())
}

/// States of form 1 have other fields, and begin with what a snapshot said: they are made anew out
/// of the events where all are here. Otherwise the seat asks for a snapshot.
fn states(transaction: &Transaction<'_>) -> Result<()> {
    let mut replicas = transaction.prepare(
        "SELECT seat, replicas.log, replicas.participant, state_of.state, state_of.state_at
             FROM replicas JOIN seats AS state_of ON state_of.id = seat",
    )?;
    let mut keep = transaction.prepare(
        "UPDATE replicas SET base = ?3, base_state = ?4, base_level = ?5 WHERE seat = ?1 AND log = ?2",
    )?;
    let mut rows = replicas.query(())?;
    while let Some(row) = rows.next()? {
        let (seat, log) = (row.get::<_, i64>(0)?, row.get::<_, String>(1)?);
        let participant = ParticipantId(row.get(2)?);
        let missing: bool = transaction
            .prepare_cached("SELECT missing <> '[]' FROM replicas WHERE seat = ?1 AND log = ?2")?
            .query_row(params![seat, log], |row| row.get(0))?;
        if !missing {
            continue;
        }
        // One that cannot be read counts as of a level below all, and is asked for again.
        let (state, level) = old_state(row.get_ref(3)?.as_str()?)
            .map_or_else(|| (State::default(), 0), |state| (state, LEVEL));
        let base = row.get::<_, Number>(4)?;
        keep.execute(params![seat, log, base, Json(StoredState::of(&state, Some(participant))), level])?;
    }
    Ok(())
}

/// A state as form 1 kept it. It held only what everyone could see.
fn old_state(text: &str) -> Option<State> {
    #[derive(Deserialize)]
    struct Old {
        settings: JsonText,
        ended: bool,
        participants: BTreeMap<ParticipantId, OldParticipant>,
    }
    #[derive(Deserialize)]
    struct OldParticipant {
        name: String,
        right: String,
        present: bool,
        room: String,
    }
    let old: Old = serde_json::from_str(text).ok()?;
    let participants: BTreeMap<ParticipantId, serde_json::Value> = old
        .participants
        .into_iter()
        .map(|(id, one)| {
            let OldParticipant { name, right, present, room } = one;
            let new = serde_json::json!({ "name": name, "role": right, "takes_part": present, "room": room });
            (id, new)
        })
        .collect();
    let settings: serde_json::Value = serde_json::from_str(old.settings.get()).ok()?;
    let public =
        serde_json::json!({ "settings": settings, "ended": old.ended, "participants": participants });
    let public = serde_json::from_value(public).ok()?;
    Some(State::of_seat(ParticipantId(0), public, convene_conference::Own::default()))
}
