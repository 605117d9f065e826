//! `cargo xtask bench --against REVISION`: the programs of another revision and ours, measured in
//! turns.
//!
//! Each revision is measured by its own benchmark, which speaks to its own programs: between two
//! revisions the protocol may change.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::revision::{self, PROGRAMS, Profile};
use crate::workspace::{root, target_dir};

/// Runs of each side: the middle one of five is no outlier.
const RUNS: usize = 5;
/// By how much a figure may be worse: what two rows of five runs of the same programs differ by.
const RATIO_MAX: f64 = 1.05;
/// Participants of the room that counts.
const PARTICIPANTS: u64 = 1_000;
const BENCH: &str = "convene-tests-bench";
/// The programs come first, without what the benchmark wants of their libraries.
const GROUPS: [&[&str]; 2] = [&PROGRAMS, &[BENCH]];

/// Measures both, and prints the middle figures, between which figures the runs lay, and the ratio.
///
/// # Errors
/// When something is worse than it may be, with all that is.
pub(crate) fn bench(revision: &str, profile: Profile) -> Result<()> {
    let (name, commit) = (format!("bench-{}", profile.name()), revision::commit_of(revision)?);
    let before = revision::programs(&name, &commit, profile, &GROUPS)?;
    revision::build(&root(), &target_dir(), profile, &[], &GROUPS)?;
    let after = target_dir().join(profile.folder());
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for number in 1..=runs(profile) {
        for (what, folder, results) in [("before", &before, &mut old), ("after", &after, &mut new)] {
            println!("run {number} of {}: {what}", runs(profile));
            results.push(measure(folder)?);
        }
    }
    let rows: Vec<Row> = FIGURES.iter().map(|figure| Row::new(figure, &old, &new)).collect();
    let [name, before, after] = ["the middle (and the least to the most) of all runs", "before", "after"];
    println!("\n{name:50} {before:>22} {after:>22} {:>6}", "ratio");
    for row in &rows {
        println!("{row}");
    }
    let worse: Vec<&str> = rows.iter().filter(|row| row.is_worse()).map(|row| row.name).collect();
    if !worse.is_empty() {
        bail!("more than {RATIO_MAX} x what it was: {}", worse.join(", "));
    }
    Ok(())
}

/// How often each side is measured.
fn runs(profile: Profile) -> usize {
    match profile {
        Profile::Release => RUNS,
        Profile::Dev => 1,
    }
}

/// The result that the benchmark in this folder prints last.
fn measure(programs: &Path) -> Result<Value> {
    let bench = programs.join(BENCH);
    let done = Command::new(&bench).stderr(Stdio::inherit()).output();
    let done = done.with_context(|| format!("cannot run {}", bench.display()))?;
    let text = String::from_utf8_lossy(&done.stdout);
    if !done.status.success() {
        bail!("{}: {}\n{text}", bench.display(), done.status);
    }
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| format!("{} prints no JSON", bench.display()))
}

/// A figure: its name, and how it is found in what a benchmark prints. One of another revision may
/// not print it: that side is then told as `-`, and nothing is compared.
type Figure = (&'static str, fn(&Value) -> Option<f64>);

/// The figures that are compared. Those of the floor alone are not: they tell of the machine.
const FIGURES: &[Figure] = &[
    ("CPU µs per delivery, 8 in flight", |result| flight(result, 8)),
    ("CPU µs per delivery, 64 in flight", |result| flight(result, 64)),
    ("server KiB per idle participant", |result| room(result)?.get("idle_kib")?.as_f64()),
    ("p99 ms", |result| room(result)?.get("p99_ms")?.as_f64()),
    ("daemon MiB", |result| result.get("daemon")?.get("resident_mib")?.as_f64()),
    ("p99 of the floor's", p99_of_floor),
    ("newcomer ms", |result| result.get("newcomer")?.get("ms")?.as_f64()),
    ("newcomer bytes", |result| result.get("newcomer")?.get("bytes")?.as_f64()),
    ("start ms, 200 conferences", |result| result.get("start_ms")?.as_f64()),
    ("server KiB per idle conference", |result| result.get("idle_conference_kib")?.as_f64()),
    ("CPU s of a crowd that joins", |result| result.get("crowd_cpu_s")?.as_f64()),
];

fn room(result: &Value) -> Option<&Value> {
    let mut rooms = result.get("rooms")?.as_array()?.iter();
    rooms.find(|room| room.get("participants").and_then(Value::as_u64) == Some(PARTICIPANTS))
}

/// How many times as long as on the floor: a disk or a core that is shared slows both.
fn p99_of_floor(result: &Value) -> Option<f64> {
    let floor = result.get("floor")?.get("p99_ms")?.as_f64().filter(|ms| *ms > 0.0)?;
    Some(room(result)?.get("p99_ms")?.as_f64()? / floor)
}

/// Seconds for a million deliveries are microseconds for one.
fn flight(result: &Value, in_flight: u64) -> Option<f64> {
    let mut flights = room(result)?.get("flights")?.as_array()?.iter();
    let flight = flights.find(|one| one.get("in_flight").and_then(Value::as_u64) == Some(in_flight))?;
    flight.get("cpu_s_per_million")?.as_f64()
}

/// What the runs of one side gave for a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Runs {
    least: f64,
    middle: f64,
    most: f64,
}

impl Runs {
    /// Absent where a benchmark does not print the figure.
    fn of(results: &[Value], find: fn(&Value) -> Option<f64>) -> Option<Self> {
        let mut figures: Vec<f64> = results.iter().filter_map(find).collect();
        figures.sort_by(f64::total_cmp);
        let middle = *figures.get(figures.len() / 2)?;
        Some(Self { least: *figures.first()?, middle, most: *figures.last()? })
    }
}

impl std::fmt::Display for Runs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} ({:.2} to {:.2})", self.middle, self.least, self.most)
    }
}

/// A figure of both sides.
#[derive(Debug)]
struct Row {
    name: &'static str,
    before: Option<Runs>,
    after: Option<Runs>,
}

impl Row {
    fn new(&(name, find): &Figure, before: &[Value], after: &[Value]) -> Self {
        Self { name, before: Runs::of(before, find), after: Runs::of(after, find) }
    }

    fn ratio(&self) -> Option<f64> {
        let before = self.before.map(|runs| runs.middle).filter(|middle| *middle > 0.0)?;
        Some(self.after?.middle / before)
    }

    fn is_worse(&self) -> bool {
        self.ratio().is_some_and(|ratio| ratio > RATIO_MAX)
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let runs = |runs: Option<Runs>| runs.map_or_else(|| "-".to_owned(), |runs| runs.to_string());
        let ratio = self.ratio().map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        let worse = if self.is_worse() { "  WORSE" } else { "" };
        let [before, after] = [self.before, self.after].map(runs);
        write!(f, "{:50} {before:>22} {after:>22} {ratio:>6}{worse}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn result(cpu: f64, p99: f64) -> Value {
        json!({
            "rooms": [
                { "participants": 100, "flights": [{ "in_flight": 8, "cpu_s_per_million": 99.0 }] },
                { "participants": 1_000, "p99_ms": p99, "flights": [{ "in_flight": 8, "cpu_s_per_million": cpu }] },
            ],
        })
    }

    #[test]
    fn the_middle_of_the_runs_counts_and_what_is_worse_is_told() {
        let before = [result(10.0, 5.0), result(90.0, 5.0), result(11.0, 5.0)];
        let after = [result(11.0, 6.0), result(11.5, 6.0), result(1.0, 6.0)];
        let rows: Vec<Row> = FIGURES.iter().map(|figure| Row::new(figure, &before, &after)).collect();
        assert_eq!(rows[0].before, Some(Runs { least: 10.0, middle: 11.0, most: 90.0 }));
        assert_eq!(rows[0].ratio(), Some(1.0));
        assert!(!rows[0].is_worse() && rows[3].is_worse());
        assert!(rows[3].to_string().ends_with("1.20  WORSE"));
        assert!(rows[3].to_string().contains("5.00 (5.00 to 5.00)"));
        assert_eq!((rows[1].before, rows[1].ratio()), (None, None), "nobody measured it");
    }

    #[test]
    fn a_figure_that_only_one_side_prints_is_shown_and_not_compared() {
        let (before, mut after) = (result(10.0, 6.0), result(10.0, 6.0));
        after["floor"] = json!({ "p99_ms": 2.0 });
        after["newcomer"] = json!({ "bytes": 65_536 });
        let row = |name: &str| {
            let figure = FIGURES.iter().find(|(figure, _)| *figure == name).unwrap();
            Row::new(figure, std::slice::from_ref(&before), std::slice::from_ref(&after))
        };
        for (name, middle) in [("p99 of the floor's", 3.0), ("newcomer bytes", 65_536.0)] {
            let row = row(name);
            assert_eq!((row.before, row.after.map(|runs| runs.middle)), (None, Some(middle)), "{name}");
            assert_eq!((row.ratio(), row.is_worse()), (None, false), "{name}");
        }
    }
}
