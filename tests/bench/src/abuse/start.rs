//! The start of a daemon that many users have.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use convene_model::{JoinCode, JoinLink};
use convene_tests_attackers::{join, link};
use rustix::process::Uid;
use serde_json::json;

use super::caller::Caller;
use super::figures::Figure;
use super::on_daemon::House;

/// The users, whose ids are nobody's.
const USERS: u32 = 64;
const FIRST_USER: u32 = 70_000;
/// Seats of each.
const SEATS: u8 = 16;
/// A port at which nobody is.
const PORT: u16 = 15_990;
/// Milliseconds from the start until the first user is answered.
const ANSWER_MS: f64 = 1_000.0;

pub(super) fn measure() -> Result<Vec<Figure>> {
    let house = House::start(false)?;
    drop(Caller::await_result(&house.socket(), "conference.list", &json!({}))?);
    for user in FIRST_USER..FIRST_USER + USERS {
        as_user(user, house.socket(), take_seats)?;
    }
    let began = Instant::now();
    let house = house.restart()?;
    as_user(FIRST_USER, house.socket(), |socket| {
        Caller::await_result(socket, "conference.list", &json!({})).map(drop)
    })?;
    let took = began.elapsed().as_secs_f64() * 1_000.0;
    Ok(vec![Figure::limited("first_answer_ms", took, ANSWER_MS)])
}

/// Does something as this user: a thread has a user of its own, and the daemon sees whose
/// connection it is.
fn as_user(user: u32, socket: PathBuf, what: fn(&Path) -> Result<()>) -> Result<()> {
    let doing = thread::spawn(move || {
        rustix::thread::set_thread_uid(Uid::from_raw(user))?;
        what(&socket)
    });
    doing.join().map_err(|_| anyhow!("a thread has failed"))?
}

fn take_seats(socket: &Path) -> Result<()> {
    let mut caller = Caller::attach(socket)?;
    for number in 0..SEATS {
        let Some(server) = link(PORT, PORT, 0) else { continue };
        let joined =
            caller.call("conference.join", &join(&JoinLink { code: JoinCode([number; 16]), ..server }, 0))?;
        ensure!(joined.get("result").is_some(), "{joined}");
    }
    Ok(())
}
