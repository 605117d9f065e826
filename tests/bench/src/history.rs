//! A conference with a long history, and others that have the same one.
//!
//! The server itself writes one log. Its rows are copied under the ids of other conferences, which
//! the server has created: entries name neither their conference nor their log. Only the first
//! entry, the summary and the stored snapshot name codes or the log; those of each are its own.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use convene_model::{JoinLink, LogId};
use rusqlite::{Connection, params};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::line::Person;
use crate::participant::Participant;
use crate::server::Created;
use crate::way::Way;

/// A message as people write most of them.
const TEXT: &str = "That is what I wanted to say as well.";
/// Messages in flight, within the credit of a seat.
const IN_FLIGHT: usize = 200;
/// How long all messages may take.
const TALK_MAX: Duration = Duration::from_secs(300);

/// Someone says so much; all of it is durable when this returns.
pub(crate) async fn talk(link: &JoinLink, person: Person, messages: usize) -> Result<()> {
    let (say, to_say) = mpsc::channel(1);
    let (receipt, receipts) = mpsc::channel(4_096);
    let way = Way::to(link)?;
    let speaker = Participant::join(&way, person, Arc::default(), Instant::now()).await?;
    let mut life = JoinSet::new();
    life.spawn(speaker.live(to_say, Some(receipt)));
    let said = tokio::time::timeout(TALK_MAX, say_all(messages, &say, receipts, &mut life)).await;
    said.context("talking took too long")?
}

async fn say_all(
    messages: usize,
    say: &mpsc::Sender<Vec<String>>,
    mut receipts: mpsc::Receiver<usize>,
    life: &mut JoinSet<Result<()>>,
) -> Result<()> {
    let (mut sent, mut answered) = (0, 0);
    while answered < messages {
        let wanted = IN_FLIGHT.saturating_sub(sent - answered).min(messages - sent);
        if wanted > 0 {
            sent += wanted;
            say.send(vec![TEXT.to_owned(); wanted]).await?;
        }
        tokio::select! {
            Some(count) = receipts.recv() => answered += count,
            Some(ended) = life.join_next() => bail!("the speaker left: {ended:?}"),
        }
    }
    Ok(())
}

/// Gives the history of one conference to others, which are new, and syncs the file. No server may
/// run.
pub(crate) fn copy(events: &Path, from: &Created, to: &[Created]) -> Result<()> {
    let tables = Connection::open(events)?;
    // A copy that is cut off is thrown away: the file needs neither a journal nor a WAL.
    tables.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -65536",
    )?;
    let history = History::take(&tables, from).context("the history")?;
    for one in to {
        tables.execute_batch("BEGIN")?;
        history.give(&tables, one).with_context(|| format!("the copy {}", one.id))?;
        tables.execute_batch("COMMIT")?;
    }
    drop(tables);
    Ok(File::open(events)?.sync_all()?)
}

/// Rows that are the same in each copy, and what they are in a copy.
const ROWS: [(&str, &str); 3] = [
    (
        "CREATE TEMP TABLE told AS SELECT number, text FROM entry WHERE conference = ? AND number > 1",
        "INSERT INTO entry SELECT ?, number, text FROM told",
    ),
    (
        "CREATE TEMP TABLE begun AS SELECT number, term FROM term WHERE conference = ?",
        "INSERT INTO term SELECT ?, number, term FROM begun",
    ),
    (
        "CREATE TEMP TABLE receipted AS
         SELECT participant, command, number FROM receipt WHERE conference = ?",
        "INSERT INTO receipt SELECT ?, participant, command, number FROM receipted",
    ),
];

/// The history of a conference. The rows of [`ROWS`] lie in temporary tables.
struct History<'a> {
    of: &'a Created,
    log: LogId,
    last: i64,
    summary: Value,
    snapshot: (i64, [u8; 16], String),
}

impl<'a> History<'a> {
    fn take(tables: &Connection, of: &'a Created) -> Result<Self> {
        for (take, _) in ROWS {
            tables.execute(take, (&of.id,))?;
        }
        let (log, last, summary) = head(tables, &of.id)?;
        let snapshot: rusqlite::Result<_> = tables.query_row(
            "SELECT number, term, text FROM snapshot WHERE conference = ?",
            (&of.id,),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        );
        Ok(Self { of, log, last, summary, snapshot: snapshot.context("a stored snapshot")? })
    }

    fn give(&self, tables: &Connection, to: &Created) -> Result<()> {
        for (_, give) in ROWS {
            tables.execute(give, (&to.id,))?;
        }
        let (log, _, own) = head(tables, &to.id)?;
        let mut summary = self.summary.clone();
        let codes = own.get("codes").context("the codes of a summary")?;
        summary.as_object_mut().context("a summary")?.insert("codes".to_owned(), codes.clone());
        tables.execute(
            "UPDATE log SET last = ?, summary = ? WHERE conference = ?",
            params![self.last, summary.to_string(), to.id],
        )?;
        let (number, term, _) = &self.snapshot;
        tables.execute(
            "INSERT INTO snapshot VALUES (?, ?, ?, ?)",
            params![to.id, number, term, self.snapshot_of(to, log)?],
        )?;
        Ok(())
    }

    /// The stored snapshot with the codes and the log of a copy.
    fn snapshot_of(&self, to: &Created, log: LogId) -> Result<String> {
        let names = [
            (self.of.organizers.code.to_string(), to.organizers.code.to_string()),
            (self.of.participants.code.to_string(), to.participants.code.to_string()),
            (self.log.to_string(), log.to_string()),
        ];
        let (_, _, mut text) = self.snapshot.clone();
        for (of, other) in names {
            ensure!(text.contains(&of), "the stored snapshot does not name its codes and its log in clear");
            text = text.replace(&of, &other);
        }
        Ok(text)
    }
}

/// The log of a conference: its id, the number of its last entry, and its summary.
fn head(tables: &Connection, conference: &str) -> Result<(LogId, i64, Value)> {
    let row =
        tables.query_row("SELECT log, last, summary FROM log WHERE conference = ?", (conference,), |row| {
            Ok((LogId(row.get(0)?), row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
        });
    let (log, last, summary) = row.context("a log")?;
    Ok((log, last, serde_json::from_str(&summary)?))
}

#[cfg(test)]
mod tests {
    use convene_model::JoinCode;

    use super::*;

    const FORMS: [&str; 2] = [
        include_str!("../../../crates/event-log-sqlite/src/form-1.sql"),
        include_str!("../../../crates/event-log-sqlite/src/form-2.sql"),
    ];

    fn created(id: &str, code: u8) -> Created {
        let link = |code: u8| -> JoinLink {
            format!("https://localhost/j/{}", JoinCode([code; 16])).parse().unwrap()
        };
        Created { id: id.to_owned(), organizers: link(code), participants: link(code + 1) }
    }

    fn snapshot(of: &Created, log: u8) -> String {
        let (one, other) = (of.organizers.code, of.participants.code);
        format!(r#"{{"log":"{}","codes":{{"{one}":"organizer","{other}":"participant"}}}}"#, LogId([log; 8]))
    }

    #[test]
    fn a_copy_has_the_history_of_the_one_and_codes_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let events = dir.path().join("events.db");
        let (one, other) = (created("one", 10), created("other", 20));
        let tables = Connection::open(&events).unwrap();
        for form in FORMS {
            tables.execute_batch(form).unwrap();
        }
        for (id, log, last, summary) in [
            ("one", [1_u8; 8], 3_i64, r#"{"codes":["a"],"participants":2}"#),
            ("other", [2; 8], 1, r#"{"codes":["b"],"participants":0}"#),
        ] {
            tables.execute("INSERT INTO log VALUES (?, ?, ?, ?)", params![id, log, last, summary]).unwrap();
            for number in 1..=last {
                let text = format!("{id} {number}");
                tables.execute("INSERT INTO entry VALUES (?, ?, ?)", params![id, number, text]).unwrap();
            }
        }
        tables.execute("INSERT INTO term VALUES ('one', 2, ?)", ([7_u8; 16],)).unwrap();
        tables.execute("INSERT INTO receipt VALUES ('one', 1, ?, 3)", ([8_u8; 16],)).unwrap();
        let row = ([7_u8; 16], snapshot(&one, 1));
        tables.execute("INSERT INTO snapshot VALUES ('one', 3, ?, ?)", row).unwrap();
        drop(tables);

        copy(&events, &one, std::slice::from_ref(&other)).unwrap();

        let tables = Connection::open(&events).unwrap();
        let text = |query: &str| tables.query_row(query, (), |row| row.get::<_, String>(0)).unwrap();
        let all = "SELECT group_concat(text, '; ')
            FROM (SELECT text FROM entry WHERE conference = 'other' ORDER BY number)";
        assert_eq!(text(all), "other 1; one 2; one 3");
        let summary = text("SELECT last || summary FROM log WHERE conference = 'other'");
        assert_eq!(summary, r#"3{"codes":["b"],"participants":2}"#);
        assert_eq!(text("SELECT text FROM snapshot WHERE conference = 'other'"), snapshot(&other, 2));
        for table in ["term", "receipt"] {
            let query = format!("SELECT '' || count(*) FROM {table} WHERE conference = 'other'");
            assert_eq!(text(&query), "1", "{table}");
        }
    }
}
