//! Commits rows to a database on the layer, tells each step on a line, and waits to be killed:
//! `lossy-writer FILE DISK FULL|OFF ROWS [close]`. Without a sync it moves nothing from the WAL
//! into the file.

use std::io::Write as _;

use rusqlite::{Connection, OpenFlags};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, disk, synchronous, rows, rest @ ..] = arguments.as_slice() else { return };
    let tell = |step: &str| {
        let mut out = std::io::stdout();
        writeln!(out, "{step}").and_then(|()| out.flush()).expect("the test reads");
    };
    let name = convene_tests_lossy_vfs::register(disk).expect("the disk is understood, and SQLite takes it");
    tell("registered");
    let connection = Connection::open_with_flags_and_vfs(file, OpenFlags::default(), name).expect("it opens");
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL").expect("it has a WAL");
    tell("opened");
    connection
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS row (number INTEGER, filling BLOB); PRAGMA wal_checkpoint(TRUNCATE)",
        )
        .expect("the table is made");
    let checkpoint = if synchronous == "OFF" { 0 } else { 8 };
    let rules = format!("PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = {checkpoint}");
    connection.execute_batch(&rules).expect("SQLite knows both");
    tell("made");
    for number in 0..rows.parse::<u32>().expect("a number") {
        let filling = vec![1_u8; (number as usize * 977) % 6_000];
        connection.execute("INSERT INTO row VALUES (?, ?)", (number, filling)).expect("a row is written");
        tell("committed");
    }
    if rest.first().is_some_and(|word| word == "close") {
        connection.close().expect("it closes");
    }
    tell("done");
    loop {
        std::thread::park();
    }
}
