//! The command line.

mod conference;
mod place;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use convene_command_lines::convene_server::{Command, CommandLine, Run};

use crate::config::Config;
use crate::run;

/// Done.
pub(crate) const DONE: u8 = 0;
/// Refused or failed.
pub(crate) const FAILED: u8 = 1;
/// The command line or a file on it cannot be understood.
pub(crate) const USAGE: u8 = 2;
/// No server runs with this state directory.
pub(crate) const NOT_RUNNING: u8 = 3;

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let code = match CommandLine::parse().command {
        Command::Run(options) => serve(&options),
        Command::Conference(options) => conference::run(&options),
    };
    ExitCode::from(code)
}

#[expect(clippy::print_stderr, reason = "a server that does not start says why where it was started")]
fn serve(options: &Run) -> u8 {
    convene_service_log::start("convene-server", &variable);
    let mut config = match Config::load(options.config.as_deref()) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("convene-server: {error}");
            return USAGE;
        }
    };
    if !options.listen.is_empty() {
        config.listen.clone_from(&options.listen);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("convene-server: no threads to run on: {error}");
            return FAILED;
        }
    };
    let done = runtime.block_on(run::run(&config, &place::state_dir(&options.state)));
    match done {
        Ok(()) => DONE,
        Err(error) => {
            eprintln!("convene-server: {error}");
            FAILED
        }
    }
}

/// A variable of the environment, for the log.
fn variable(name: &str) -> Option<OsString> {
    std::env::vars_os().find(|(known, _)| known == name).map(|(_, value)| value)
}
