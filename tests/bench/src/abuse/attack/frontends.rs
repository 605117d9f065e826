//! One frontend that goes wrong.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;

use anyhow::{Result, bail};
use convene_tests_attackers::{fat_lines, line};
use serde_json::json;

/// Calls that a hanging frontend makes.
const CALLS: usize = 500;
/// Bytes of what is read at once.
const READ_BYTES: usize = 64 * 1024;

pub(super) fn run(kind: &str, socket: &Path) -> Result<()> {
    match kind {
        "flood" => flood(socket),
        "hang" => hang(socket),
        "halves" => halves(socket),
        "crash" => crash(socket),
        _ => bail!("no frontend goes wrong like {kind}"),
    }
}

fn call() -> String {
    line("conference.list", &json!({}))
}

/// Calls as fast as it goes, and reads as fast as it comes.
fn flood(socket: &Path) -> Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    let mut answers = stream.try_clone()?;
    let calls = call().repeat(100);
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut bytes = vec![0; READ_BYTES];
            while answers.read(&mut bytes).is_ok_and(|count| count > 0) {}
        });
        loop {
            stream.write_all(calls.as_bytes())?;
        }
    })
}

/// Watches and calls, and reads nothing.
fn hang(socket: &Path) -> Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(line("connection.watch", &json!({})).as_bytes())?;
    let calls = call().repeat(CALLS);
    // It blocks here where no more is taken.
    stream.write_all(calls.as_bytes())?;
    loop {
        thread::park();
    }
}

/// Sends beginnings of lines, and leaves each for the next.
fn halves(socket: &Path) -> Result<()> {
    let [fat, ..] = fat_lines();
    let half = fat.as_bytes().get(..fat.len() / 2).unwrap_or_default();
    let mut last = None;
    loop {
        let mut stream = UnixStream::connect(socket)?;
        // The daemon need not take it.
        drop(stream.write_all(half));
        drop(last.replace(stream));
    }
}

/// Calls, and is gone before the answer.
fn crash(socket: &Path) -> Result<()> {
    loop {
        let mut stream = UnixStream::connect(socket)?;
        // The daemon may have refused it before.
        drop(stream.write_all(call().as_bytes()));
    }
}
