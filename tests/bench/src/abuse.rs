//! What others notice while somebody abuses a server or a daemon, and what that takes of memory.
//!
//! The attacker is a process of its own, at the lowest priority, on the core of the load. Of five
//! runs the middle figures count, each against its limit.

mod attack;
mod attacker;
mod caller;
mod figures;
mod memory;
mod on_daemon;
mod on_server;
mod others;
mod sources;
mod start;

use std::io::{Stdout, Write as _};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

pub(crate) use self::attack::run as attack;
use self::figures::Figure;
use crate::process;

/// Runs of which the middle one counts.
const RUNS: usize = 5;
/// Abuses of a server by strangers (`n`) and by participants (`p`), from one address, from many of
/// one block and from many blocks.
#[rustfmt::skip]
const ON_SERVER: [&str; 27] = [
    "n1", "n1-block", "n1-blocks", "n2", "n2-block", "n2-blocks", "n3", "n3-block", "n3-blocks",
    "n4", "n4-block", "n4-blocks", "n5", "n5-block", "n5-blocks",
    "p1", "p1-block", "p1-blocks", "p2", "p2-block", "p2-blocks", "p3", "p3-block", "p3-blocks",
    "p4", "p4-block", "p4-blocks",
];
/// Abuses of a daemon by a user of its machine.
const ON_DAEMON: [&str; 7] = ["l1", "l2", "l3", "l4", "l5", "l6", "l7"];
/// Ways in which one frontend goes wrong.
const FRONTENDS: [&str; 4] = ["flood", "hang", "halves", "crash"];

/// What a daemon does when it starts with many users.
const START: &str = "start";

/// Measures the abuses of these names, all of them where none is named, in a network of their own.
///
/// # Errors
/// When it is not root who calls, and as [`measure`].
pub(crate) fn measure_apart(names: &[&str]) -> Result<()> {
    ensure!(rustix::process::geteuid().is_root(), "other users of this machine are played: run it as root");
    let mut apart = Command::new("unshare");
    apart.args(["--net", "--"]).arg(std::env::current_exe()?).arg("abuse-here").args(names);
    ensure!(apart.status().context("unshare, of util-linux")?.success(), "see above");
    Ok(())
}

/// Measures them in the network of this process, which has nothing but a loopback, and prints a
/// table and a line of JSON.
///
/// # Errors
/// When a name is none, when an abuse cannot be measured, and when a figure is beyond its limit.
pub(crate) fn measure(names: &[&str]) -> Result<()> {
    let known = || [&ON_SERVER[..], &ON_DAEMON, &[START], &FRONTENDS].concat();
    if let Some(strange) = names.iter().find(|name| !known().contains(name)) {
        bail!("`{strange}`: there are {}", known().join(", "));
    }
    let wanted = |name: &&&str| names.is_empty() || names.contains(*name);
    sources::add()?;
    process::pin_this(1)?;
    process::raise_descriptors()?;
    let mut table = Table { out: std::io::stdout(), beyond: Vec::new() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut abuse, mut bad_frontend) = (Map::new(), Map::new());
    for name in ON_SERVER.iter().filter(wanted) {
        abuse.insert((*name).to_owned(), table.row(name, || on_server::measure(&runtime, name))?);
    }
    for name in ON_DAEMON.iter().filter(wanted) {
        abuse.insert((*name).to_owned(), table.row(name, || on_daemon::measure(&runtime, name))?);
    }
    if wanted(&&START) {
        abuse.insert(START.to_owned(), table.row(START, start::measure)?);
    }
    for name in FRONTENDS.iter().filter(wanted) {
        bad_frontend.insert((*name).to_owned(), table.row(name, || on_daemon::measure(&runtime, name))?);
    }
    let Table { mut out, beyond } = table;
    writeln!(out, "{}", json!({ "abuse": abuse, "bad_frontend": bad_frontend }))?;
    if beyond.is_empty() { Ok(()) } else { bail!("beyond their limits: {}", beyond.join(", ")) }
}

/// Measures frontends that go wrong, prints a line of a table for each, and gives their figures and
/// the names of those that are beyond their limits; nothing where it is not root who measures.
///
/// # Errors
/// When one cannot be measured.
pub(crate) fn bad_frontends(runtime: &Runtime) -> Result<Option<(Value, Vec<String>)>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let mut table = Table { out: std::io::stdout(), beyond: Vec::new() };
    let mut all = Map::new();
    for name in FRONTENDS {
        all.insert(name.to_owned(), table.row(name, || on_daemon::measure(runtime, name))?);
    }
    Ok(Some((Value::Object(all), table.beyond)))
}

/// What is printed, and what is beyond its limit.
struct Table {
    out: Stdout,
    beyond: Vec<String>,
}

impl Table {
    /// Measures one abuse several times.
    fn row(&mut self, name: &str, measure: impl Fn() -> Result<Vec<Figure>>) -> Result<Value> {
        let mut runs = Vec::with_capacity(RUNS);
        for run in 1..=RUNS {
            runs.push(measure().with_context(|| format!("{name}, run {run}"))?);
        }
        let figures = figures::middle(&runs);
        write!(self.out, "{name:9}")?;
        for figure in &figures {
            write!(self.out, "  {figure}")?;
        }
        writeln!(self.out)?;
        let beyond = figures.iter().filter(|figure| figure.is_beyond());
        self.beyond.extend(beyond.map(|figure| format!("{name}.{}", figure.name)));
        Ok(figures::json(&figures))
    }
}
