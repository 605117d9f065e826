//! An event log that is carried over is as it was or carried over, whenever the process is killed.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use convene_event_log::EventLog as _;
use convene_event_log_sqlite::{Options, SqliteLog};
use convene_model::TermId;
use rusqlite::{Connection, OpenFlags};

/// Entries of the fixture.
const ENTRIES: u32 = 14;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../crates/event-log-sqlite/tests/fixtures/format-1/events.db")
}

/// Lets another process carry a log over, and kills it where it stands after so many entries.
fn kill_while_carrying_over(file: &Path, layer: &str, entries: u32) -> String {
    let mut carrying = Command::new(env!("CARGO_BIN_EXE_carrying-over"))
        .arg(file)
        .args([layer, &entries.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    BufReader::new(carrying.stdout.take().expect("it is piped"))
        .read_line(&mut line)
        .expect("it writes text");
    carrying.kill().expect("it is a child of ours");
    carrying.wait().expect("it is a child of ours");
    line.trim().to_owned()
}

fn form(file: &Path) -> i32 {
    // Read-only, so that the log stays as the kill left it.
    let log = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("it opens");
    log.query_row("PRAGMA user_version", (), |row| row.get(0)).expect("it reads")
}

/// Every entry, as this version reads it.
async fn everything(file: &Path) -> Vec<(u64, TermId, String)> {
    let log = SqliteLog::open(file, &Options::default()).expect("it opens");
    let mut all = Vec::new();
    for one in log.summaries().await.expect("it reads") {
        let page = log.read(one.conference, 0, 100, 100_000).await.expect("it reads");
        assert!(page.iter().all(|entry| entry.term == TermId::of_log(one.log)));
        all.extend(page.into_iter().map(|entry| (entry.number, entry.term, entry.text.to_string())));
    }
    all
}

#[tokio::test]
async fn a_kill_at_any_entry_leaves_the_log_as_it_was_or_carried_over() {
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole.db");
    std::fs::copy(fixture(), &whole).unwrap();
    let expected = everything(&whole).await;
    assert_eq!(expected.len(), ENTRIES as usize);
    for layer in ["system", "1", "2,keep,tear", "3,keep,tear,reorder,forget"] {
        let file = dir.path().join(layer);
        std::fs::copy(fixture(), &file).unwrap();
        for entries in 0..ENTRIES {
            assert_eq!(kill_while_carrying_over(&file, layer, entries), "in the midst");
            assert_eq!(form(&file), 1, "after {entries} entries on the layer {layer}");
        }
        assert_eq!(kill_while_carrying_over(&file, layer, ENTRIES), "carried over");
        assert_eq!(form(&file), 2, "on the layer {layer}");
        assert_eq!(everything(&file).await, expected);
    }
}
