//! The child alone, for this crate's tests: a script cannot do more here than in the daemon's.

use std::process::ExitCode;

fn main() -> ExitCode {
    convene_pac::serve_child()
}
