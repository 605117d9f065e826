//! The program `convene-tui`.

use std::process::ExitCode;

fn main() -> ExitCode {
    convene_tui::main()
}
