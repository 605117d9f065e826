//! Measures what a server and a daemon cost, against a floor measured in the same run.
//!
//! The server is pinned to one core, the load to another. Prints a table and, as its last line,
//! JSON.

mod daemon;
mod floor;
mod participant;
mod process;
mod room;

use std::io::Write as _;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::room::Room;

/// Rooms that are measured.
const ROOMS: [usize; 2] = [100, 1_000];
/// Messages in flight.
const FLIGHTS: [usize; 2] = [8, 64];

fn main() -> Result<()> {
    let mut out = std::io::stdout();
    process::pin_this(1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let floor = floor::measure().context("floor")?;
    writeln!(out, "{:44} {:>12}", "", "CPU s per 1e6")?;
    writeln!(out, "{:44} {:>12.2}", "floor: one TLS write per message", floor.single)?;
    writeln!(out, "{:44} {:>12.2}", "floor: one TLS write per 8 messages", floor.batched)?;
    let mut rooms: Vec<Value> = Vec::new();
    for participants in ROOMS {
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
        rooms.push(json!({
            "participants": participants, "idle_kib": room.idle_kib, "flights": flights, "p99_ms": p99,
        }));
    }
    let daemon = runtime.block_on(daemon::measure()).context("daemon")?;
    writeln!(
        out,
        "\ndaemon: joined after {} ms, {:.1} MiB resident, {:.3} % CPU idle",
        daemon.joined_ms, daemon.resident_mib, daemon.idle_percent
    )?;
    writeln!(
        out,
        "{}",
        json!({
            "floor": { "single": floor.single, "batched": floor.batched },
            "rooms": rooms,
            "daemon": { "joined_ms": daemon.joined_ms, "resident_mib": daemon.resident_mib, "idle_cpu_percent": daemon.idle_percent },
        })
    )?;
    Ok(())
}
