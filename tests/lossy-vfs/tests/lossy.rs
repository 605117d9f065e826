//! The layer loses what was not synced, keeps of it what its disk says, and nothing that was synced
//! is lost.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use rusqlite::Connection;

/// Bytes of the head of a WAL, of the head of each frame, and of the page in it
/// (<https://sqlite.org/fileformat2.html>, section 4.1). SQLite writes each at once.
const HEAD_BYTES: usize = 32;
const FRAME_HEAD_BYTES: usize = 24;
const FRAME_BYTES: usize = FRAME_HEAD_BYTES + 4_096;
/// Every liberty that a disk may take.
const ALL: &str = "keep,tear,reorder,forget";

/// Runs the writer until it has told so many lines, kills it, and gives the lines.
fn killed_after(lines: usize, file: &Path, arguments: &[&str]) -> Vec<String> {
    let mut writer = Command::new(env!("CARGO_BIN_EXE_lossy-writer"))
        .arg(file)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the writer starts");
    let mut told = BufReader::new(writer.stdout.take().expect("it is piped")).lines();
    let mut seen: Vec<String> =
        told.by_ref().take(lines).map(|line| line.expect("the writer writes text")).collect();
    assert_eq!(seen.len(), lines, "the writer ended by itself: {seen:?}");
    writer.kill().expect("it is a child of ours");
    writer.wait().expect("it is a child of ours");
    seen.extend(told.map_while(Result::ok));
    seen
}

/// Rows in the database as the system reads it, which must be sound.
fn rows(file: &Path) -> u32 {
    let connection = Connection::open(file).expect("the file is there");
    let whole: String =
        connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).expect("the database reads");
    assert_eq!(whole, "ok");
    let made: bool = connection
        .query_row("SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'row'", (), |row| row.get(0))
        .expect("the database reads");
    if !made {
        return 0;
    }
    connection.query_row("SELECT count(*) FROM row", (), |row| row.get(0)).expect("the table is there")
}

/// The WAL that is left of 20 commits without a sync.
fn wal_without_sync(disk: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("off.db");
    killed_after(24, &file, &[disk, "OFF", "20"]);
    std::fs::read(file.with_extension("db-wal")).unwrap_or_default()
}

/// Whether the WAL ends between two writes.
fn ends_between_writes(wal: &[u8]) -> bool {
    wal.len() < HEAD_BYTES || [0, FRAME_HEAD_BYTES].contains(&((wal.len() - HEAD_BYTES) % FRAME_BYTES))
}

/// Whether a frame's head is missing before the end.
fn has_hole(wal: &[u8]) -> bool {
    let frames = wal.get(HEAD_BYTES..).unwrap_or_default().chunks(FRAME_BYTES);
    let mut heads = frames.map(|frame| frame.iter().take(FRAME_HEAD_BYTES).all(|byte| *byte == 0));
    heads.any(|missing| missing)
}

fn wals(liberties: &str) -> Vec<Vec<u8>> {
    (0..6).map(|seed| wal_without_sync(&format!("{seed}{liberties}"))).collect()
}

#[test]
fn commits_without_a_sync_are_lost_and_commits_with_one_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let (off, full) = (dir.path().join("off.db"), dir.path().join("full.db"));
    killed_after(24, &off, &["1", "OFF", "20"]);
    assert_eq!(rows(&off), 0, "the layer loses nothing: it shows nothing");
    killed_after(24, &full, &["1", "FULL", "20"]);
    assert_eq!(rows(&full), 20);
}

#[test]
fn a_disk_that_keeps_holds_the_first_writes() {
    let wals = wals(",keep");
    assert!(wals.iter().all(|wal| ends_between_writes(wal) && !has_hole(wal)));
    assert!(wals.iter().any(|wal| !wal.is_empty()), "nothing was kept");
}

#[test]
fn a_disk_that_tears_holds_parts_of_a_write() {
    let wals = wals(",tear");
    assert!(wals.iter().all(|wal| !has_hole(wal)));
    assert!(wals.iter().any(|wal| !ends_between_writes(wal)), "nothing was torn");
}

#[test]
fn a_disk_that_reorders_holds_later_writes_without_earlier_ones() {
    assert!(wals(",reorder").iter().any(|wal| has_hole(wal)));
}

#[test]
fn a_disk_that_forgets_brings_a_deleted_file_back() {
    for (disk, is_there) in [("1", false), ("1,forget", true)] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("closed.db");
        killed_after(24, &file, &[disk, "FULL", "20", "close"]);
        assert_eq!(file.with_extension("db-wal").exists(), is_there, "{disk}");
        assert_eq!(rows(&file), 20);
    }
}

#[test]
fn the_same_seed_keeps_the_same() {
    let lengths = |disk| wal_without_sync(disk).len();
    assert_eq!(lengths("3,keep,tear"), lengths("3,keep,tear"));
}

#[test]
fn a_disk_that_is_not_understood_starts_nothing() {
    assert!(convene_tests_lossy_vfs::register("everything").is_err());
}

/// Each round goes on with what the last one left.
#[test]
fn what_was_committed_with_a_sync_is_there_on_every_disk() {
    for liberties in ["", ",keep", ",tear", ",reorder", ",tear,reorder", &format!(",{ALL}")] {
        for seed in 0..3 {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("full.db");
            let disk = format!("{seed}{liberties}");
            let mut held = 0_u32;
            for lines in [1, 2, 3, 4, 9, 30, 31, 17] {
                let told = killed_after(lines, &file, &[&disk, "FULL", "1000"]);
                let committed =
                    told.iter().filter(|line| *line == "committed").map(|_| 1).sum::<u32>() + held;
                held = rows(&file);
                assert!([committed, committed + 1].contains(&held), "{disk}: {held} of {committed} rows");
            }
        }
    }
}
