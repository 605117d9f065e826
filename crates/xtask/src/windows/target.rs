//! Programs and tests for Windows, as cargo builds them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::EPOCH;
use crate::cache;
use crate::disk;
use crate::install::WINDOWS_TARGET;
use crate::steps::run;
use crate::workspace::{self, packages, root};

/// From this size on the folder is made anew: what earlier versions of the tree left in it is never
/// used again.
const KIBIBYTES_MAX: u64 = 12 << 20;

/// The file that names the clone whose packages the folder holds.
const BUILT_BY: &str = "built-by";

/// The programs that a user runs on Windows.
pub(super) const PROGRAMS: [&str; 4] = ["convened.exe", "convene.exe", "convene-tui.exe", "convene-web.exe"];

/// A command of cargo's for Windows, for all packages that run there. Its output is kept outside of
/// the clone, because it takes minutes and every clone wants nearly the same.
pub(crate) fn cargo(command: &str) -> Result<Command> {
    let mut cargo = workspace::cargo(&[command, "--workspace", "--target", WINDOWS_TARGET]);
    let (packages, folder) = (packages()?, folder()?);
    for package in packages.values().filter(|package| !runs_on_windows(&package.folder)) {
        cargo.args(["--exclude", &package.name]);
    }
    forget_other_clone(&folder, &packages.keys().collect::<Vec<_>>())?;
    cargo.env("CARGO_TARGET_DIR", folder);
    Ok(cargo)
}

/// Removes what another clone built of our own packages. Cargo tells builds apart by the times of
/// sources and not by their folder: it would take a program for fresh that was made of another
/// clone's sources, and that looks for its files there.
fn forget_other_clone(folder: &Path, names: &[&String]) -> Result<()> {
    let (built_by, here) = (folder.join(BUILT_BY), root());
    let is_ours = fs::read_to_string(&built_by).is_ok_and(|clone| Path::new(&clone) == here);
    if is_ours {
        return Ok(());
    }
    for target in [&[][..], &["--target", WINDOWS_TARGET]] {
        let mut clean = workspace::cargo(&["clean", "--quiet"]);
        clean.args(target).args(names.iter().flat_map(|name| ["--package", name]));
        run(clean.env("CARGO_TARGET_DIR", folder))?;
    }
    let here = here.to_str().context("the path of this clone is not UTF-8")?;
    fs::write(&built_by, here).with_context(|| format!("cannot write {}", built_by.display()))
}

/// The server, and what only it is made of.
const OF_SERVER: &[&str] =
    &["crates/server", "crates/hosting", "crates/event-log", "crates/event-log-sqlite"];

/// Everything but the server, what only it is made of, and the test packages.
fn runs_on_windows(folder: &str) -> bool {
    !OF_SERVER.contains(&folder) && !folder.starts_with("tests/")
}

/// Puts the programs, without what only a debugger reads, into this folder.
pub(super) fn programs(into: &Path) -> Result<()> {
    fs::create_dir_all(into)?;
    let built = folder()?.join(WINDOWS_TARGET).join("debug");
    PROGRAMS.iter().try_for_each(|name| strip(&built.join(name), &into.join(name), EPOCH))
}

/// Copies a program without what only a debugger reads. In it stands when it was made: the epoch,
/// in seconds since 1970.
pub(super) fn strip(program: &Path, copy: &Path, epoch: u64) -> Result<()> {
    let mut strip = Command::new("x86_64-w64-mingw32-strip");
    run(strip.arg("-o").arg(copy).arg(program).env("SOURCE_DATE_EPOCH", epoch.to_string()))
}

/// Where cargo puts what it builds for Windows.
pub(super) fn folder() -> Result<PathBuf> {
    let folder = cache::folder("windows-target", &[&root().join("rust-toolchain.toml")], |_| Ok(()))?;
    if disk::size_kib(&folder)? > KIBIBYTES_MAX {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            }
        }
    }
    Ok(folder)
}
