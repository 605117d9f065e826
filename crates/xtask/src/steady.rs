//! `cargo xtask test --times N --busy K`: whether the tests pass each time and how long they take,
//! also on a machine that is busy with something else.

use std::fs;
use std::hint::spin_loop;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::steps::{Steps, output};
use crate::test::{self, Part};
use crate::workspace::root;

/// Where the seconds are written down.
const DOCUMENT: &str = "docs/TESTING.md";
/// The mark that ends each table there.
const END: &str = "<!-- end of seconds -->";

/// Runs the tests so many times beside so many busy loops, and writes the seconds of each step into
/// a table of `docs/TESTING.md`, one table for each number of loops.
///
/// # Errors
/// When a run failed; the table says which.
pub(crate) fn test(only: &[Part], yes: bool, times: u32, busy: usize) -> Result<()> {
    let loops = Loops::start(busy);
    let mut runs = Vec::new();
    for number in 1..=times {
        println!("\n##### run {number} of {times}, beside {busy} busy loops");
        let steps = test::run(only, yes)?;
        println!("\n{}", steps.table());
        runs.push(steps);
    }
    drop(loops);
    let commit = output(Command::new("git").args(["log", "-1", "--format=%h of %cs"]).current_dir(root()))?;
    let cores = thread::available_parallelism()?;
    let heading = format!("Commit {}, {cores} cores, beside {busy} busy loops.", commit.trim());
    let table = table(&heading, &runs);
    println!("{table}");
    let path = root().join(DOCUMENT);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {DOCUMENT}"))?;
    fs::write(&path, with_table(&text, busy, &table))?;
    let failed = runs.iter().filter(|steps| steps.failures() > 0).count();
    if failed > 0 {
        bail!("{failed} of {times} runs failed");
    }
    Ok(())
}

/// Threads that do nothing but take time. Dropping it ends them.
struct Loops {
    is_over: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Loops {
    fn start(count: usize) -> Self {
        let is_over = Arc::<AtomicBool>::default();
        let spin = || {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    spin_loop();
                }
            })
        };
        let threads = (0..count).map(|_| spin()).collect();
        Self { is_over, threads }
    }
}

impl Drop for Loops {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A loop that spins cannot panic.
            drop(thread.join());
        }
    }
}

/// A column for each run, a row for each step.
fn table(heading: &str, runs: &[Steps]) -> String {
    let mut lines = vec![heading.to_owned(), String::new()];
    let columns = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let numbers = (1..=runs.len()).map(|number| number.to_string());
    lines.push(columns(std::iter::once("seconds".to_owned()).chain(numbers).collect()));
    lines.push(format!("|---|{}", "--:|".repeat(runs.len())));
    let names = runs.first().map(Steps::names).unwrap_or_default();
    for (row, name) in names.into_iter().enumerate() {
        let cells = runs.iter().map(|steps| steps.cell(row));
        lines.push(columns(std::iter::once(name.to_owned()).chain(cells).collect()));
    }
    let totals = runs.iter().map(|steps| format!("{:.0}", steps.total().as_secs_f64()));
    lines.push(columns(std::iter::once("in all".to_owned()).chain(totals).collect()));
    lines.join("\n")
}

/// The document with this table in the place of the one that was made beside as many loops, or at
/// the end of all tables where there was none.
fn with_table(text: &str, busy: usize, table: &str) -> String {
    let begin = format!("<!-- seconds beside {busy} busy loops -->");
    let block = format!("{begin}\n{table}\n{END}");
    if let Some((before, rest)) = text.split_once(&begin) {
        let after = rest.split_once(END).map_or("", |(_, after)| after);
        return format!("{before}{block}{after}");
    }
    match text.rsplit_once(END) {
        Some((before, after)) => format!("{before}{END}\n\n{block}{after}"),
        None => format!("{}\n\n{block}\n", text.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(failing: bool) -> Steps {
        let mut steps = Steps::default();
        steps.run("format", || Ok(()));
        steps.run("tests", || if failing { bail!("broken") } else { Ok(()) });
        steps.skip("windows", "no wine");
        steps
    }

    #[test]
    fn each_run_has_a_column_and_says_what_failed() {
        let table = table("Heading.", &[steps(false), steps(true)]);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[2], "| seconds | 1 | 2 |");
        assert_eq!(lines[5], "| tests | 0 | 0 FAILED |");
        assert_eq!(lines[6], "| windows | skipped | skipped |");
        assert_eq!(lines[7], "| in all | 0 | 0 |");
    }

    #[test]
    fn a_table_replaces_the_one_that_was_made_beside_as_many_loops() {
        let first = with_table("# Testing\n\nwords\n", 0, "idle");
        let both = with_table(&first, 2, "busy");
        let again = with_table(&with_table(&both, 0, "idle again"), 2, "busy again");
        let expected = format!(
            "# Testing\n\nwords\n\n<!-- seconds beside 0 busy loops -->\nidle again\n{END}\n\n\
             <!-- seconds beside 2 busy loops -->\nbusy again\n{END}\n"
        );
        assert_eq!(again, expected);
    }

    #[test]
    fn loops_end() {
        drop(Loops::start(2));
    }
}
