//! Commands that another package of the workspace carries out: `sim`, `hostile`, `older`, `bench`.

use std::io::{BufRead as _, BufReader};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::install::{self, BROWSER, BUILD, HOSTILE};
#[cfg(unix)]
use crate::older;
use crate::page;
use crate::skips::Skips;
use crate::steps::run;
use crate::test;
use crate::workspace::{cargo, release_dir, root};

/// Runs the simulator with our arguments and ends as it ends.
pub(crate) fn sim(arguments: &[String]) -> Result<ExitCode> {
    let package = "convene-tests-sim";
    let status = cargo(&["run", "--quiet", "--package", package, "--bin", "convene-sim", "--"])
        .args(arguments)
        .status()
        .context("cannot run cargo")?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The programs as users have them.
fn build_release() -> Result<()> {
    let ours = ["--package", "convene-server", "--package", "convened", "--package", "convene"];
    run(cargo(&["build", "--release"]).args(ours))
}

/// Runs the benchmark: that of the cost, with that of the page, or that of these abuses, all of
/// them where none is named.
pub(crate) fn bench(abuses: Option<&[String]>) -> Result<()> {
    build_release()?;
    let mut bench = cargo(&["run", "--release", "--package", "convene-tests-bench", "--"]);
    if let Some(names) = abuses {
        return run(bench.arg("abuse").args(names));
    }
    page::ready(false)?;
    run(bench.arg("page").arg(root().join(page::TESTS)))
}

/// Runs the tests in hostile networks whose names hold `filter`, and ends with
/// `N passed, M skipped`.
pub(crate) fn hostile(filter: Option<&str>, yes: bool) -> Result<()> {
    install::packages(&[BUILD, HOSTILE].concat(), yes)?;
    test::build_programs()?;
    let skips = Skips::begin()?;
    let mut command = test::tests(&["--package", "convene-tests-hostile", "--"], &skips);
    let mut child = command.args(filter).stdout(Stdio::piped()).spawn().context("cannot run cargo test")?;
    let mut tally = Tally::default();
    for line in BufReader::new(child.stdout.take().context("its output")?).lines() {
        let line = line?;
        println!("{line}");
        tally.add(&line);
    }
    let status = child.wait()?;
    let skipped = skips.lines()?;
    for line in &skipped {
        println!("{line}");
    }
    if !status.success() {
        bail!(
            "{} passed, {} failed, {} skipped",
            tally.passed.saturating_sub(skipped.len()),
            tally.failed,
            skipped.len()
        );
    }
    println!("{} passed, {} skipped", tally.passed.saturating_sub(skipped.len()), skipped.len());
    Ok(())
}

/// Runs the system tests in which programs of an older version take part.
#[cfg(unix)]
pub(crate) fn older(yes: bool) -> Result<()> {
    install::packages(BUILD, yes)?;
    let folder = older::programs()?;
    test::build_programs()?;
    let skips = Skips::begin()?;
    let arguments = ["--package", "convene-tests-system", "older::"];
    run(test::tests(&arguments, &skips).env(older::FOLDER, folder))
}

/// Puts Chromium and Convene into the hostile networks whose names hold `filter`, and prints who
/// gets through and how soon.
pub(crate) fn against_browser(filter: Option<&str>, yes: bool) -> Result<()> {
    install::packages(&[BUILD, HOSTILE, BROWSER].concat(), yes)?;
    build_release()?;
    let package =
        ["run", "--quiet", "--package", "convene-tests-hostile", "--bin", "convene-against-browser", "--"];
    run(cargo(&package).args(filter).env("CONVENE_BIN_DIR", release_dir()))
}

/// The sums of what cargo's test programs report. A test that skips itself counts as passed there.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: usize,
    failed: usize,
}

impl Tally {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; …`; others are nothing to it.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        let count = |what: &str| {
            let part = counts.split("; ").find_map(|part| part.strip_suffix(what));
            part.and_then(|number| number.trim().parse::<usize>().ok()).unwrap_or(0)
        };
        self.passed += count(" passed");
        self.failed += count(" failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_test_programs_are_summed() {
        let mut tally = Tally::default();
        tally.add("test r01_direct ... ok");
        tally.add(
            "test result: ok. 10 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 1.00s",
        );
        tally.add("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        assert_eq!(tally, Tally { passed: 11, failed: 2 });
    }
}
