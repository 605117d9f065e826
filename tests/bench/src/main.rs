//! Measures what a server and a daemon cost, against a floor measured in the same run, and with
//! `abuse` what others notice of those who abuse them.
//!
//! The server is pinned to one core, the load to another. Prints a table and, as its last line,
//! JSON. With `page` and the folder of the page's tests it has what that costs measured too.

mod abuse;
mod crowd;
mod daemon;
mod delays;
mod floor;
mod history;
mod hosting;
mod line;
mod newcomer;
mod page;
mod participant;
mod process;
mod room;
mod server;
mod way;

use std::io::{Stdout, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::floor::Floor;
use crate::hosting::Hosting;
use crate::room::Room;

/// Participants of the room that counts: the floor is timed with as many.
const MANY: usize = 1_000;
/// Rooms that are measured.
const ROOMS: [usize; 2] = [100, MANY];
/// Messages in flight.
const FLIGHTS: [usize; 2] = [8, 64];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => cost(None),
        ["page", folder] => cost(Some(Path::new(folder))),
        ["abuse", names @ ..] => abuse::measure_apart(names),
        // What `abuse` has other processes do.
        ["abuse-here", names @ ..] => abuse::measure(names),
        ["attack", kind, target @ ..] => abuse::attack(kind, target),
        [word, ..] => {
            bail!("`{word}`: there are figures of the cost, without a word, of the page, and of `abuse`")
        }
    }
}

fn cost(page: Option<&Path>) -> Result<()> {
    let mut out = std::io::stdout();
    // Before anything is pinned: a browser would be, too.
    let page = page.map(|folder| page::measure(&mut out, folder)).transpose().context("page")?;
    process::pin_this(1)?;
    process::raise_descriptors()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let floor = floor::measure().context("floor")?;
    let floor_p99 = runtime.block_on(floor::p99_ms(MANY)).context("the floor's latency")?;
    writeln!(out, "{:44} {:>12}", "", "CPU s per 1e6")?;
    writeln!(out, "{:44} {:>12.2}", "floor: one TLS write per message", floor.single)?;
    writeln!(out, "{:44} {:>12.2}", "floor: one TLS write per 8 messages", floor.batched)?;
    writeln!(out, "{:44} {floor_p99:>12.1} ms", "floor: p99 at 2,000 deliveries/s, each synced")?;
    let mut rooms = Vec::new();
    for participants in ROOMS {
        rooms.push(room(&mut out, &runtime, &floor, participants)?);
    }
    let daemon = daemon(&mut out, &runtime)?;
    // Not for a comparison, which measures everything ten times.
    let bad_frontends = if page.is_some() { abuse::bad_frontends(&runtime)? } else { None };
    if page.is_some() && bad_frontends.is_none() {
        writeln!(out, "bad frontends are not measured: they are another user's, so it takes root")?;
    }
    let (bad_frontend, beyond) = bad_frontends.unwrap_or_default();
    // Last, because it leaves the disk with much to do.
    let hosting = runtime.block_on(hosting::measure()).context("conferences")?;
    print_hosting(&mut out, &hosting)?;
    let Hosting { crowd, start_ms, newcomer, idle_conference_kib } = hosting;
    writeln!(
        out,
        "{}",
        json!({
            "floor": { "single": floor.single, "batched": floor.batched, "p99_ms": floor_p99 },
            "rooms": rooms,
            "daemon": daemon,
            "bad_frontend": bad_frontend,
            "newcomer": {
                "ms": newcomer.ms, "bytes": newcomer.bytes, "tail_bytes": newcomer.tail_bytes,
            },
            "start_ms": start_ms,
            "idle_conference_kib": idle_conference_kib,
            "crowd_cpu_s": crowd.cpu_s,
            "crowd_read_kib": crowd.read_kib,
            "page": page,
        })
    )?;
    ensure!(beyond.is_empty(), "beyond their limits: {}", beyond.join(", "));
    Ok(())
}

fn room(out: &mut Stdout, runtime: &Runtime, floor: &Floor, participants: usize) -> Result<Value> {
    let mut room = runtime.block_on(Room::open(participants)).context("room")?;
    writeln!(
        out,
        "\nroom of {participants}: {:.1} KiB of server memory per idle participant",
        room.idle_kib
    )?;
    let mut flights = Vec::new();
    for in_flight in FLIGHTS {
        let run = runtime.block_on(room.talk(in_flight)).context("talk")?;
        let ratio = run.cpu_per_million / floor.single;
        writeln!(
            out,
            "{:44} {:>12.2}  {ratio:.2} x floor, {:.0} deliveries/s",
            format!("  {in_flight} in flight"),
            run.cpu_per_million,
            run.per_second
        )?;
        flights.push(json!({
            "in_flight": in_flight, "cpu_s_per_million": run.cpu_per_million, "of_floor": ratio,
            "deliveries_per_s": run.per_second,
        }));
    }
    let p99 = runtime.block_on(room.latency()).context("latency")?;
    writeln!(out, "{:44} {p99:>12.1} ms", "  p99 at 2,000 deliveries/s")?;
    Ok(json!({
        "participants": participants, "idle_kib": room.idle_kib, "flights": flights, "p99_ms": p99,
    }))
}

fn daemon(out: &mut Stdout, runtime: &Runtime) -> Result<Value> {
    let daemon = runtime.block_on(daemon::measure()).context("daemon")?;
    writeln!(
        out,
        "\ndaemon: joined after {} ms, {:.1} MiB resident, {:.3} % CPU idle",
        daemon.joined_ms, daemon.resident_mib, daemon.idle_percent
    )?;
    Ok(json!({
        "joined_ms": daemon.joined_ms, "resident_mib": daemon.resident_mib,
        "idle_cpu_percent": daemon.idle_percent,
    }))
}

fn print_hosting(out: &mut Stdout, hosting: &Hosting) -> Result<()> {
    let Hosting { crowd, start_ms, newcomer, idle_conference_kib } = hosting;
    let kib = |bytes: usize| bytes as f64 / 1_024.0;
    writeln!(
        out,
        "\ncrowd of 2,000: {:.2} s of CPU, {:.1} KiB of the log read per join",
        crowd.cpu_s, crowd.read_kib
    )?;
    writeln!(out, "200 conferences of 2,000 participants and 50,000 events:")?;
    writeln!(out, "  the server starts in {start_ms:.0} ms")?;
    writeln!(
        out,
        "  a newcomer is complete after {:.0} ms and {:.1} KiB, of which {:.1} KiB are events",
        newcomer.ms,
        kib(newcomer.bytes),
        kib(newcomer.tail_bytes)
    )?;
    writeln!(out, "  {idle_conference_kib:.0} KiB stay of one that was joined and left")?;
    Ok(())
}
