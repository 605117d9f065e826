//! The program `convene-server`.

use std::process::ExitCode;

fn main() -> ExitCode {
    convene_server::main()
}
