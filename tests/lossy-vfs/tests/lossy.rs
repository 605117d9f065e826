//! The layer loses what was not synced, and nothing else.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use rusqlite::Connection;

/// Commits rows in another process, kills it, and counts what is left on the system's own files.
fn left_after_a_kill(file: &Path, synchronous: &str, rows: u32) -> u32 {
    let mut writer = Command::new(env!("CARGO_BIN_EXE_lossy-writer"))
        .arg(file)
        .args([synchronous, &rows.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the writer starts");
    let mut line = String::new();
    BufReader::new(writer.stdout.take().expect("it is piped"))
        .read_line(&mut line)
        .expect("the writer writes text");
    assert_eq!(line, "committed\n");
    writer.kill().expect("it is a child of ours");
    writer.wait().expect("it is a child of ours");
    let connection = Connection::open(file).expect("the file is there");
    let whole: String =
        connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).expect("the database reads");
    assert_eq!(whole, "ok");
    connection.query_row("SELECT count(*) FROM row", (), |row| row.get(0)).expect("the table is there")
}

#[test]
fn commits_without_a_sync_are_lost_and_commits_with_one_are_not() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        left_after_a_kill(&dir.path().join("off.db"), "OFF", 20),
        0,
        "the layer loses nothing: it shows nothing"
    );
    assert_eq!(left_after_a_kill(&dir.path().join("full.db"), "FULL", 20), 20);
}

#[test]
fn a_database_goes_on_after_each_kill() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("again.db");
    for kill in 1..=5 {
        assert_eq!(left_after_a_kill(&file, "FULL", 10), 10 * kill);
    }
    assert_eq!(left_after_a_kill(&file, "OFF", 10), 50);
}
