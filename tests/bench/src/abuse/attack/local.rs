//! A user of the daemon's machine.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use convene_model::{JoinCode, JoinLink};
use convene_tests_attackers::{dear_lines, fat_lines, join, link};
use serde_json::{Value, json};

use crate::abuse::caller::Caller;

/// A port at which nobody is.
const DEAD: u16 = 15_991;
/// Connections that send and read nothing, lines that each sends at the most, and how long one may
/// not be taken.
const FAT: usize = 48;
const FAT_LINES: usize = 60;
const NOT_TAKEN: Duration = Duration::from_millis(50);
/// Joins in flight, at servers that differ in their key, and how long each waits.
const IN_FLIGHT: u64 = 240;
const SERVERS: u64 = 60;
const JOIN_MS: u64 = 10_000;
/// How long an answer may take that nobody needs.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Connections that ask for what is dear.
const ASKING: usize = 8;
/// Frontends that a user may have.
const FRONTENDS: usize = 64;
/// Servers whose scripts want to run, and how often others are named.
const SCRIPTED: u64 = 6;
const NAME_PAUSE: Duration = Duration::from_millis(50);

pub(super) fn run(kind: &str, real: &JoinLink, socket: &Path) -> Result<()> {
    match kind {
        "l1" => fat(socket),
        "l2" => keys(socket),
        "l3" => silent(socket),
        "l4" => won(real, socket),
        "l5" => dear(socket),
        "l6" => refused(socket),
        "l7" => scripts(socket),
        _ => bail!("no attack is called {kind}"),
    }
}

/// Sends much, and reads nothing.
fn fat(socket: &Path) -> Result<()> {
    let (lines, mut held) = (fat_lines(), VecDeque::new());
    loop {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_write_timeout(Some(NOT_TAKEN))?;
        // It ends where no more is taken.
        let mut wanted = lines.iter().cycle().take(FAT_LINES);
        let _full = wanted.any(|line| stream.write_all(line.as_bytes()).is_err());
        held.push_back(stream);
        if held.len() > FAT {
            held.pop_front();
        }
    }
}

/// Joins at one server after the other, which differ in their key alone.
fn keys(socket: &Path) -> Result<()> {
    let mut caller = Caller::attach(socket)?;
    for key in 0.. {
        caller.call("conference.join", &join(&link(DEAD, DEAD, key).context("a port")?, 0))?;
    }
    Ok(())
}

/// Has many joins in flight to a port at which nobody says anything.
fn silent(socket: &Path) -> Result<()> {
    let silent = TcpListener::bind(("127.0.0.1", 0))?;
    let port = silent.local_addr()?.port();
    let mut caller = Caller::attach(socket)?;
    loop {
        for number in 0..IN_FLIGHT {
            let link = link(port, port, number % SERVERS).context("a port")?;
            caller.tell("conference.join", &join(&link, JOIN_MS))?;
        }
        for _ in 0..IN_FLIGHT {
            caller.answer()?;
        }
    }
}

/// Reaches one server after the other, and forgets it.
fn won(real: &JoinLink, socket: &Path) -> Result<()> {
    let mut caller = Caller::attach(socket)?;
    for known_by in (1..=u16::MAX).cycle() {
        // Nobody has the conference of this code.
        let other = JoinLink { https_port: known_by, code: JoinCode([9; 16]), ..real.clone() };
        caller.call("conference.join", &join(&other, JOIN_MS))?;
        let listed = caller.call("conference.list", &json!({}))?;
        for listed in listed["result"]["conferences"].as_array().into_iter().flatten() {
            caller.call("conference.forget", &json!({ "seat": listed["seat"] }))?;
        }
    }
    Ok(())
}

/// Asks for what is dear to answer.
fn dear(socket: &Path) -> Result<()> {
    let lines = dear_lines();
    thread::scope(|scope| {
        for _ in 0..ASKING {
            let asking = || {
                for line in lines.iter().cycle() {
                    drop(ask(socket, line));
                }
            };
            thread::Builder::new().spawn_scoped(scope, asking)?;
        }
        Ok(())
    })
}

fn ask(socket: &Path, line: &str) -> Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    stream.set_write_timeout(Some(ANSWER_MAX))?;
    stream.write_all(line.as_bytes())?;
    BufReader::new(stream).read_line(&mut String::new())?;
    Ok(())
}

/// Has as many frontends as there may be, and comes with more.
fn refused(socket: &Path) -> Result<()> {
    let _held = (0..FRONTENDS).map(|_| UnixStream::connect(socket)).collect::<Result<Vec<_>, _>>()?;
    loop {
        drop(UnixStream::connect(socket));
    }
}

/// Has scripts run for several servers, and names others again and again.
fn scripts(socket: &Path) -> Result<()> {
    let mut caller = Caller::attach(socket)?;
    for key in 0..SCRIPTED {
        caller.call("conference.join", &join(&link(DEAD, DEAD, key).context("a port")?, 0))?;
    }
    for number in 0_u64.. {
        caller.call("proxy.offer", &offer(number % 2))?;
        thread::park_timeout(NAME_PAUSE);
    }
    Ok(())
}

fn offer(number: u64) -> Value {
    let script = format!("http://127.0.0.1:1/{number}.pac");
    json!({ "sources": [{ "name": "gnome", "pac_url": script }] })
}
