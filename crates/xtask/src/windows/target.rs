//! Programs for Windows, as cargo builds them.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::steps::run;

/// What a user runs on Windows.
pub(super) const PROGRAMS: [&str; 2] = ["convened.exe", "convene.exe"];

/// Copies a program without what only a debugger reads. In it stands when it was made: the epoch,
/// in seconds since 1970.
pub(super) fn strip(program: &Path, copy: &Path, epoch: u64) -> Result<()> {
    let mut strip = Command::new("x86_64-w64-mingw32-strip");
    run(strip.arg("-o").arg(copy).arg(program).env("SOURCE_DATE_EPOCH", epoch.to_string()))
}
