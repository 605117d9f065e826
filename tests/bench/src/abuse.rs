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
mod start;

use std::io::{Stdout, Write as _};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};

pub(crate) use self::attack::run as attack;
use self::figures::Figure;
use crate::process;

/// Runs of which the middle one counts.
const RUNS: usize = 5;
/// Abuses of a server by strangers (`n`) and by participants (`p`).
const ON_SERVER: [&str; 9] = ["n1", "n2", "n3", "n4", "n5", "p1", "p2", "p3", "p4"];
/// Abuses of a daemon by a user of its machine.
const ON_DAEMON: [&str; 7] = ["l1", "l2", "l3", "l4", "l5", "l6", "l7"];
/// Ways in which one frontend goes wrong.
const FRONTENDS: [&str; 4] = ["flood", "hang", "halves", "crash"];

/// What a daemon does when it starts with many users.
const START: &str = "start";

/// Measures the abuses of these names, all of them where none is named, and prints a table and a
/// line of JSON.
///
/// # Errors
/// When a name is none, when an abuse cannot be measured, and when a figure is beyond its limit.
pub(crate) fn measure(names: &[&str]) -> Result<()> {
    let known = || [&ON_SERVER[..], &ON_DAEMON, &[START], &FRONTENDS].concat();
    if let Some(strange) = names.iter().find(|name| !known().contains(name)) {
        bail!("`{strange}`: there are {}", known().join(", "));
    }
    let wanted = |name: &&&str| names.is_empty() || names.contains(*name);
    ensure!(rustix::process::geteuid().is_root(), "other users of this machine are played: run it as root");
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
        write!(self.out, "{name:8}")?;
        for figure in &figures {
            write!(self.out, "  {figure}")?;
        }
        writeln!(self.out)?;
        let beyond = figures.iter().filter(|figure| figure.is_beyond());
        self.beyond.extend(beyond.map(|figure| format!("{name}.{}", figure.name)));
        Ok(figures::json(&figures))
    }
}
