//! `cargo xtask test`: everything that CI runs, after installing what it needs.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::clients;
#[cfg(unix)]
use crate::container;
use crate::disk;
use crate::install::{
    self, BUILD, CLIENTS, CONTAINER, HOSTILE, Need, PACKAGING, PAGE, SYSTEM, WINDOWS, WINDOWS_TARGET,
};
#[cfg(unix)]
use crate::older;
use crate::page;
use crate::skips::{self, Skips};
use crate::steps::{self, Steps};
use crate::test_programs;
use crate::tidy;
use crate::windows;
use crate::workspace::{bin_dir, cargo, in_ci};

/// A part of the run, which `--only` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The code is formatted.
    Format,
    /// Lints, for Linux.
    Clippy,
    /// The rules of the tree that no compiler checks.
    Tidy,
    /// Programs and tests compile; what follows takes them from here.
    Build,
    /// All tests in Rust, those in hostile networks too.
    Tests,
    /// The page in a browser: its stories with a played daemon and with the real programs.
    Page,
    /// The client libraries are built, and tried against a fake daemon and the real programs.
    Clients,
    /// What is built is packed twice and looked into, then installed and used in a container that
    /// boots.
    Packages,
    /// Lints for Windows, and what can be run of it here.
    Windows,
}

impl Part {
    /// The packages that have to be installed for it, beside those that compiling needs.
    fn needs(self) -> &'static [&'static [Need]] {
        match self {
            Self::Format | Self::Clippy | Self::Tidy | Self::Build => &[],
            Self::Tests => &[SYSTEM, HOSTILE],
            Self::Page => &[PAGE],
            Self::Clients => &[CLIENTS],
            Self::Packages => &[PACKAGING, CONTAINER],
            Self::Windows => &[WINDOWS],
        }
    }

    /// Whether it runs programs or tests of this build.
    fn runs_what_is_built(self) -> bool {
        matches!(
            self,
            Self::Build | Self::Tests | Self::Page | Self::Clients | Self::Packages | Self::Windows
        )
    }
}

/// Runs every step, or those of the given parts, then prints the skips and the table.
///
/// # Errors
/// When a step failed.
pub(crate) fn test(only: &[Part], yes: bool) -> Result<()> {
    run(only, yes)?.finish()
}

/// Runs every step, or those of the given parts, and tells how each went.
///
/// # Errors
/// When no run can begin.
pub(crate) fn run(only: &[Part], yes: bool) -> Result<Steps> {
    let parts = if only.is_empty() { Part::value_variants() } else { only };
    let wants = |part| parts.contains(&part);
    if only.is_empty() {
        disk::check()?;
    }
    let mut steps = Steps::default();
    steps.run("install what is needed", || {
        let needs: Vec<Need> = parts.iter().flat_map(|part| part.needs().concat()).collect();
        install::packages(&[BUILD, &needs].concat(), yes)?;
        install::toolchain(wants(Part::Windows));
        Ok(())
    });
    let skips = Skips::begin()?;
    if wants(Part::Format) {
        steps.run("format", || steps::run(&mut cargo(&["fmt", "--all", "--check"])));
    }
    if wants(Part::Clippy) {
        steps.run("clippy", || {
            steps::run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
        });
    }
    if wants(Part::Tidy) {
        steps.run("tidy", tidy::run);
    }
    if parts.iter().any(|part| part.runs_what_is_built()) {
        // Before the build, which puts it into a program.
        steps.run("page", || page::build(yes));
        // Programs and tests in one build, so that both see the same features and no library is
        // compiled twice.
        steps.run("build", || steps::run(&mut cargo(&["build", "--workspace", "--bins", "--tests"])));
    }
    if wants(Part::Tests) {
        all_tests(&mut steps, &skips);
    }
    if wants(Part::Page) {
        page::try_all(&mut steps);
    }
    if wants(Part::Clients) {
        clients::try_all(&mut steps, yes);
    }
    #[cfg(unix)]
    if wants(Part::Packages) {
        linux_packages(&mut steps);
    }
    if wants(Part::Windows) {
        windows(&mut steps, &skips, yes);
    }
    steps.run("skipped tests are listed", || skips::report(&skips.lines()?));
    if in_ci() && steps.skipped().next().is_some() {
        steps.run("every step ran", || anyhow::bail!("CI must be able to run every step"));
    }
    Ok(steps)
}

/// Builds what a user runs.
pub(crate) fn build_programs() -> Result<()> {
    steps::run(&mut cargo(&[
        "build",
        "--package",
        "convene-server",
        "--package",
        "convened",
        "--package",
        "convene",
        "--package",
        "convene-tui",
        "--package",
        "convene-web",
    ]))
}

/// An environment variable's name and value.
type Variable = (&'static str, OsString);

/// All tests in Rust.
fn all_tests(steps: &mut Steps, skips: &Skips) {
    let environment = variables(skips);
    #[cfg(unix)]
    let environment = with_older_programs(steps, environment);
    steps.run("tests", || test_programs::run(&environment));
}

/// Names the older programs too. Where they cannot be had, the tests that play with them are
/// skipped.
#[cfg(unix)]
fn with_older_programs(steps: &mut Steps, mut environment: Vec<Variable>) -> Vec<Variable> {
    steps.run("older programs", || {
        environment.push((older::FOLDER, older::programs()?.into()));
        Ok(())
    });
    environment
}

/// What our tests read from the environment.
fn variables(skips: &Skips) -> Vec<Variable> {
    vec![("CONVENE_SKIPS", skips.path().into()), ("CONVENE_BIN_DIR", bin_dir().into())]
}

/// `cargo test`, with what our tests read from the environment.
pub(crate) fn tests(arguments: &[&str], skips: &Skips) -> Command {
    let mut command = cargo(&["test", "--no-fail-fast"]);
    command.args(arguments).envs(variables(skips));
    command
}

/// The packages of what was built: whether they are sound, and whether they do what they are for.
#[cfg(unix)]
fn linux_packages(steps: &mut Steps) {
    steps.run("packages", || crate::package::test(&bin_dir()));
    let name = "packages in a container";
    match container::obstacle() {
        None => steps.run(name, || container::live(&bin_dir())),
        Some(reason) => steps.skip(name, reason),
    }
}

/// The checks for Windows that can be made here.
fn windows(steps: &mut Steps, skips: &Skips, yes: bool) {
    let name = "clippy for Windows";
    if !install::can_build_for_windows() {
        steps.skip(name, &format!("the target {WINDOWS_TARGET} or its C compiler is not installed"));
        return;
    }
    steps.run(name, || steps::run(windows::cargo("clippy")?.args(["--", "-D", "warnings"])));
    windows::proof(steps, skips, yes);
}
