//! Parts of programs that are for tests alone: no user may get one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The variable that sets the clock of a server with the feature `test-clock`. Such a server holds
/// the name in the message that says how it is to be set.
const TEST_CLOCK: &[u8] = b"CONVENE_TEST_CLOCK";

/// Fails where a program that is to be packed knows the clock of tests.
pub(super) fn are_left_out(program: &Path) -> Result<()> {
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    ensure!(!has_test_clock(&bytes), "{} was built with the feature test-clock", program.display());
    Ok(())
}

fn has_test_clock(program: &[u8]) -> bool {
    program.windows(TEST_CLOCK.len()).any(|window| window == TEST_CLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_knows_the_clock_of_tests_is_not_packed() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("convene-server");
        fs::write(&program, b"\x7fELF\0 CONVENE_SOCKET \0CONVENE_TEST_CLOC").unwrap();
        assert!(are_left_out(&program).is_ok());
        fs::write(&program, b"\x7fELF\0 CONVENE_TEST_CLOCK is to be FACTOR@UNIX_MS").unwrap();
        assert!(are_left_out(&program).unwrap_err().to_string().contains("test-clock"));
    }
}
