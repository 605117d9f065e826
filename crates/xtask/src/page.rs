//! The page that `convene-web` holds: `cargo xtask page` builds it, `cargo xtask screenshots` draws
//! its views, and its stories are a part of `cargo xtask test`.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::install::{self, PAGE};
use crate::steps::{Steps, run};
use crate::workspace::{bin_dir, root};

/// The sources of the page; `dist` in it is built of them.
pub(crate) const FOLDER: &str = "crates/web/page";
/// Its stories in a browser, the pictures of its views, and what it costs.
pub(crate) const TESTS: &str = "tests/page";
/// The lock file alone decides, and nothing that is installed is run meanwhile.
const INSTALL: &[&str] = &["ci", "--ignore-scripts", "--no-audit", "--no-fund"];

/// Builds the page. The program that is built next holds it.
///
/// # Errors
/// When Node cannot be had, or the build fails.
pub(crate) fn build(yes: bool) -> Result<()> {
    install::node(yes)?;
    let folder = root().join(FOLDER);
    for arguments in [&["ci", "--no-audit", "--no-fund"][..], &["run", "build"]] {
        run(Command::new("npm").args(arguments).current_dir(&folder))?;
    }
    let index = folder.join("dist/index.html");
    ensure!(index.is_file(), "the build made no {}", index.display());
    Ok(())
}

/// Plays its stories: with a daemon that is played, then with the programs of this build.
pub(crate) fn try_all(steps: &mut Steps) {
    for (name, arguments) in [
        ("page: what its tests need", INSTALL),
        ("page: stories", &["test"][..]),
        ("page: stories, real programs", &["run", "test:real"][..]),
    ] {
        steps.run(name, || run(&mut npm(arguments)));
    }
}

/// Draws its views: those whose names hold these words, or all of them and those that README shows.
///
/// # Errors
/// When what that needs cannot be had, or a view does not come.
pub(crate) fn screenshots(words: &[String], yes: bool) -> Result<()> {
    ready(yes)?;
    run(npm(&["run", "screenshots", "--"]).args(words))
}

/// Builds it, and gets what shows it.
///
/// # Errors
/// When something cannot be had, or the build fails.
pub(crate) fn ready(yes: bool) -> Result<()> {
    install::packages(PAGE, yes)?;
    build(yes)?;
    run(&mut npm(INSTALL))
}

/// A command among its tests, which find the programs of this build.
fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(root().join(TESTS)).env("CONVENE_BIN_DIR", bin_dir());
    command
}
