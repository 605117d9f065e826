//! `cargo xtask test`: everything that CI runs, after installing what it needs.

use std::process::Command;

use anyhow::Result;

use crate::install::{self, BUILD, HOSTILE, WINDOWS, WINDOWS_TARGET};
use crate::skips::{self, Skips};
use crate::steps::{Steps, run};
use crate::tidy;
use crate::workspace::{bin_dir, cargo, in_ci, packages};

/// Runs every step, then prints the table and the skips.
pub(crate) fn test(yes: bool) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("install what is needed", || {
        install::packages(&[BUILD, WINDOWS, HOSTILE].concat(), yes)?;
        install::toolchain(true);
        Ok(())
    });
    let skips = Skips::begin()?;
    steps.run("format", || run(&mut cargo(&["fmt", "--all", "--check"])));
    steps.run("clippy", || {
        run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    steps.run("tidy", tidy::run);
    // Programs and tests in one build, so that both see the same features and no library is compiled twice.
    steps.run("build", || run(&mut cargo(&["build", "--workspace", "--bins", "--tests"])));
    steps.run("tests", || run(&mut tests(&["--workspace"], &skips)));
    windows(&mut steps);
    steps.run("skipped tests are listed", || skips::report(&skips.lines()?));
    if in_ci() && steps.skipped().next().is_some() {
        steps.run("every step ran", || anyhow::bail!("CI must be able to run every step"));
    }
    steps.finish()
}

/// Builds what a user runs.
pub(crate) fn build_programs() -> Result<()> {
    run(&mut cargo(&[
        "build",
        "--package",
        "convene-server",
        "--package",
        "convened",
        "--package",
        "convene",
    ]))
}

/// `cargo test`, with what our tests read from the environment.
pub(crate) fn tests(arguments: &[&str], skips: &Skips) -> Command {
    let mut command = cargo(&["test", "--no-fail-fast"]);
    command.args(arguments).env("CONVENE_SKIPS", skips.path()).env("CONVENE_BIN_DIR", bin_dir());
    command
}

/// Everything but the server and the test packages must pass for Windows.
fn windows(steps: &mut Steps) {
    let name = "clippy for Windows";
    if !install::can_build_for_windows() {
        steps.skip(name, &format!("the target {WINDOWS_TARGET} or its C compiler is not installed"));
        return;
    }
    steps.run(name, || {
        let mut command = cargo(&["clippy", "--workspace", "--target", WINDOWS_TARGET]);
        for package in packages()?.values().filter(|package| !runs_on_windows(&package.folder)) {
            command.args(["--exclude", &package.name]);
        }
        run(command.args(["--", "-D", "warnings"]))
    });
}

fn runs_on_windows(folder: &str) -> bool {
    folder != "crates/server" && !folder.starts_with("tests/")
}
