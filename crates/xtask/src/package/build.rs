//! The programs as users get them: the same bytes wherever they are built.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::test_parts;
use crate::install::WINDOWS_TARGET;
use crate::steps::run;
use crate::workspace::{cargo, environment, release_dir, root, target_dir};

/// Builds the programs; gives the folder in which they lie.
pub(super) fn release() -> Result<PathBuf> {
    build(&["--package", "convene-server"])?;
    test_parts::are_left_out(&release_dir().join("convene-server"))?;
    Ok(release_dir())
}

/// The same for Windows, without the server.
pub(super) fn release_for_windows() -> Result<PathBuf> {
    build(&["--target", WINDOWS_TARGET])?;
    Ok(target_dir().join(WINDOWS_TARGET).join("release"))
}

fn build(more: &[&str]) -> Result<()> {
    let mut command = cargo(&["build", "--release", "--locked"]);
    for program in ["convene", "convened", "convene-tui", "convene-web"] {
        command.args(["--package", program]);
    }
    command.args(more);
    let home = environment("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| environment("HOME").map(|home| Path::new(&home).join(".cargo")));
    // Of several that fit, the last counts.
    let folders = [
        (home.context("neither CARGO_HOME nor HOME is set")?, "/cargo"),
        (root(), "/convene"),
        (target_dir(), "/target"),
    ];
    let mut rust = Vec::new();
    let mut c = environment("CFLAGS").unwrap_or_default();
    for (from, to) in &folders {
        rust.push(format!("--remap-path-prefix={}={to}", from.display()));
        c.push(format!(" -ffile-prefix-map={}={to}", from.display()));
    }
    command.env("CARGO_ENCODED_RUSTFLAGS", rust.join("\u{1f}")).env("CFLAGS", trimmed(c));
    run(&mut command)
}

fn trimmed(flags: OsString) -> OsString {
    flags.into_string().map_or_else(OsString::from, |flags| flags.trim().into())
}
