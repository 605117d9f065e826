//! Carrying over a log of an earlier form.

use std::sync::Arc;

use convene_event_log::ReceiptKey;
use rusqlite::{Connection, params};

use crate::open::KIND;
use crate::rows;

const FORM_1: &str = include_str!("form-1.sql");
const FORM_2: &str = include_str!("form-2.sql");

/// Reads what the entries of form 1 say. That form kept neither an index of receipts nor summaries,
/// and the engine itself reads no entry.
pub trait FirstForm {
    /// The next entry of one conference, from its first one on. An entry that cannot be read is
    /// carried over as it is.
    fn handle_entry(&mut self, text: &str) -> Option<CarriedEntry>;

    /// The summary of the conference after these entries.
    fn summary(&self) -> Arc<str>;
}

/// An entry as it is written today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedEntry {
    /// Its text.
    pub text: Arc<str>,
    /// The command whose receipt it holds.
    pub receipt: Option<ReceiptKey>,
}

/// Makes the tables of this version out of those of form `from`; 0 stands for none. All of it is
/// one transaction: a process that is killed meanwhile leaves the log as it was.
pub(crate) fn over(
    connection: &mut Connection,
    from: i32,
    first_form: Option<fn() -> Box<dyn FirstForm>>,
) -> rusqlite::Result<()> {
    if from == KIND.form {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if from < 1 {
        transaction.execute_batch(FORM_1)?;
    }
    if from < 2 {
        transaction.execute_batch(FORM_2)?;
        if let Some(reading) = first_form {
            read_first_form(&transaction, reading)?;
        }
    }
    transaction.pragma_update(None, "application_id", KIND.application_id)?;
    transaction.pragma_update(None, "user_version", KIND.form)?;
    transaction.commit()
}

fn read_first_form(transaction: &Connection, reading: fn() -> Box<dyn FirstForm>) -> rusqlite::Result<()> {
    let mut conferences = transaction.prepare("SELECT conference FROM log ORDER BY conference")?;
    let conferences: Vec<String> = conferences.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut entries =
        transaction.prepare("SELECT number, text FROM entry WHERE conference = ? ORDER BY number")?;
    let mut rewrite = transaction.prepare("UPDATE entry SET text = ? WHERE conference = ? AND number = ?")?;
    let mut keep = transaction.prepare(rows::INSERT_RECEIPT)?;
    for conference in conferences {
        let mut form = reading();
        // All are read before the first is written: a row that changes while the table is walked
        // may come a second time.
        let texts: Vec<(i64, String)> = entries
            .query_map((&conference,), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (number, text) in texts {
            let Some(carried) = form.handle_entry(&text) else { continue };
            rewrite.execute(params![carried.text, conference, number])?;
            if let Some(key) = carried.receipt {
                keep.execute(params![conference, key.participant.0, key.command.0.as_bytes(), number])?;
            }
        }
        let summary = form.summary();
        transaction.execute("UPDATE log SET summary = ? WHERE conference = ?", (summary, conference))?;
    }
    Ok(())
}
