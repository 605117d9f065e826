//! A run made of steps: each is announced, timed, and shown in a table at the end.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The outcome of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// The steps of one run, in the order in which they ran. A failed step does not end the run: one
/// run shows all there is to mend.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    rows: Vec<(String, Duration, Outcome)>,
}

impl Steps {
    /// Runs one step.
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Result<()>) {
        println!("\n=== {name}");
        let start = Instant::now();
        let outcome = match step() {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                eprintln!("{error:#}");
                Outcome::Failed(format!("{error:#}"))
            }
        };
        self.rows.push((name.to_owned(), start.elapsed(), outcome));
    }

    /// Notes a step that cannot run here.
    pub(crate) fn skip(&mut self, name: &str, reason: &str) {
        eprintln!("\n=== {name}\n!!! SKIPPED: {reason}");
        self.rows.push((name.to_owned(), Duration::ZERO, Outcome::Skipped(reason.to_owned())));
    }

    /// The names of the steps that could not run.
    pub(crate) fn skipped(&self) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter(|(_, _, outcome)| matches!(outcome, Outcome::Skipped(_)))
            .map(|(name, _, _)| name.as_str())
    }

    /// The number of steps that failed.
    pub(crate) fn failures(&self) -> usize {
        self.rows.iter().filter(|(_, _, outcome)| matches!(outcome, Outcome::Failed(_))).count()
    }

    /// The names of all, in order.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.rows.iter().map(|(name, _, _)| name.as_str()).collect()
    }

    /// The time that one step took, in whole seconds, and whether it failed.
    pub(crate) fn cell(&self, row: usize) -> String {
        match self.rows.get(row) {
            Some((_, time, Outcome::Passed)) => format!("{:.0}", time.as_secs_f64()),
            Some((_, time, Outcome::Failed(_))) => format!("{:.0} FAILED", time.as_secs_f64()),
            Some((_, _, Outcome::Skipped(_))) => "skipped".to_owned(),
            None => String::new(),
        }
    }

    /// The time that all steps took.
    pub(crate) fn total(&self) -> Duration {
        self.rows.iter().map(|(_, time, _)| *time).sum()
    }

    /// Prints the table.
    ///
    /// # Errors
    /// When a step failed.
    pub(crate) fn finish(&self) -> Result<()> {
        println!("\n{}", self.table());
        let failed = self.failures();
        if failed > 0 {
            bail!("{failed} of {} steps failed", self.rows.len());
        }
        Ok(())
    }

    /// Each step with its seconds and how it ended.
    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        for (name, time, outcome) in &self.rows {
            let outcome = match outcome {
                Outcome::Passed => "ok".to_owned(),
                Outcome::Failed(why) => format!("FAILED: {}", why.lines().next().unwrap_or_default()),
                Outcome::Skipped(why) => format!("SKIPPED: {why}"),
            };
            table.push_str(&format!("{:>8.1} s  {name:28}  {outcome}\n", time.as_secs_f64()));
        }
        table.push_str(&format!("{:>8.1} s  in all", self.total().as_secs_f64()));
        table
    }
}

/// Runs a command with our terminal and fails when it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    println!("$ {shown}");
    let status = command.status().with_context(|| format!("cannot run {shown}"))?;
    if !status.success() {
        bail!("{shown}: {status}");
    }
    Ok(())
}

/// Runs a command and gives what it prints. Its complaints are told only when it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.output().with_context(|| format!("cannot run {shown}"))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{shown}: {}\n{}", output.status, String::from_utf8_lossy(&said).trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{shown} does not print text"))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let program = words.first().map_or("", |first| first.rsplit('/').next().unwrap_or(first));
    std::iter::once(program).chain(words.iter().skip(1).map(AsRef::as_ref)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_fails_the_run_and_does_not_end_it() {
        let mut steps = Steps::default();
        steps.run("first", || bail!("broken"));
        steps.run("second", || Ok(()));
        steps.skip("third", "no such thing here");
        assert!(steps.finish().is_err());
        assert!(steps.table().contains("FAILED: broken"));
        assert!(steps.table().contains("second"));
        assert_eq!(steps.skipped().collect::<Vec<_>>(), ["third"]);
    }
}
