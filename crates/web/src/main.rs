//! The program `convene-web`.

// The desktop starts it, without a console; `convene web` passes on what it prints.
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    convene_web::main()
}
