//! `cargo xtask page`: builds the page that `convene-web` holds.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::install;
use crate::steps::run;
use crate::workspace::root;

/// The sources of the page; `dist` in it is built of them.
pub(crate) const FOLDER: &str = "crates/web/page";

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
