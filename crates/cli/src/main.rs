//! `convene`: takes part in conferences from the command line.
//!
//! Everything it shows comes from the daemon over the local API. Each command is a file under
//! `commands/`; what they print is made in `output`, why they end in `stop`.

mod clock;
mod commands;
mod login;
mod os;
mod output;
mod progress;
mod prompt;
mod stop;
mod usage;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::main()
}
