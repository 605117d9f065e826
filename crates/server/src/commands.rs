//! The command line.

mod conference;
mod place;

use std::process::ExitCode;

use clap::Parser as _;
use convene_command_lines::convene_server::{Command, CommandLine, Run};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

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
    start_log();
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

/// Logs to standard error; `CONVENE_LOG` says what (`debug`, `convene_server=debug`, …).
fn start_log() {
    let wanted = std::env::vars_os().find(|(name, _)| name == "CONVENE_LOG").map(|(_, wanted)| wanted);
    let wanted = wanted.and_then(|wanted| wanted.to_str()?.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let printed = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    tracing_subscriber::registry().with(printed.with_filter(filter)).init();
}
