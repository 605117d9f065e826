//! Commits rows on the lossy layer, says so, and waits to be killed: `lossy-writer FILE FULL|OFF ROWS`.

use std::io::Write as _;

use rusqlite::{Connection, OpenFlags};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, synchronous, rows] = arguments.as_slice() else { return };
    let name = convene_tests_lossy_vfs::register().expect("SQLite takes another VFS");
    let connection = Connection::open_with_flags_and_vfs(file, OpenFlags::default(), name).expect("it opens");
    let prepare = format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS row (number INTEGER); \
         PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = {synchronous}"
    );
    connection.execute_batch(&prepare).expect("the table is made");
    for number in 0..rows.parse::<u32>().expect("a number") {
        connection.execute("INSERT INTO row VALUES (?)", (number,)).expect("a row is written");
    }
    let mut out = std::io::stdout();
    writeln!(out, "committed").and_then(|()| out.flush()).expect("the test reads");
    loop {
        std::thread::park();
    }
}
