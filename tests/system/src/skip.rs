//! Tests that cannot run here.

use std::fs::File;
use std::io::Write as _;

use crate::place::environment;

/// Names the file to which skipped tests are appended.
const SKIPS: &str = "CONVENE_SKIPS";

/// Prints `SKIPPED test: reason` and appends that line to the file that the environment names.
///
/// # Panics
/// When the file cannot be written.
#[expect(clippy::print_stdout, reason = "whoever runs the test reads why it did nothing")]
pub(crate) fn skip(test: &str, reason: &str) {
    let line = format!("SKIPPED {test}: {reason}");
    println!("{line}");
    if let Some(file) = environment(SKIPS) {
        let opened = File::options().create(true).append(true).open(&file);
        let written = opened.and_then(|mut opened| writeln!(opened, "{line}"));
        assert!(written.is_ok(), "{file:?}: {written:?}");
    }
}
