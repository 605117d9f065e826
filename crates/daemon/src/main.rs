//! The program `convened`.

use std::process::ExitCode;

fn main() -> ExitCode {
    convened::main()
}
