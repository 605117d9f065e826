//! The command line.

mod backup;
mod conference;
mod place;

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use convene_command_lines::convene_server::{Command, CommandLine, Run};
use convene_service_log::number;

use crate::run;
use crate::setup::Sources;

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
        Command::Backup(options) => backup::back_up(&options),
        Command::Restore(options) => backup::restore(&options),
    };
    ExitCode::from(code)
}

fn serve(options: &Run) -> u8 {
    let sources = Sources {
        config: place::config(options.config.as_deref()),
        listen: options.listen.clone(),
        state_dir: place::state_dir(&options.state),
    };
    if options.check_config {
        return check(&sources);
    }
    convene_service_log::start("convene-server", &place::environment);
    #[cfg(feature = "test-clock")]
    if let Err(error) = crate::clock::set_pace(place::environment) {
        not_started(&error);
        return USAGE;
    }
    let setup = match sources.read() {
        Ok(setup) => setup,
        Err(problems) => {
            for problem in problems {
                if problem.prevents_a_start() { not_started(&problem) } else { problem.warn() }
            }
            return USAGE;
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            not_started(&format_args!("no threads to run on: {error}"));
            return FAILED;
        }
    };
    let done = runtime.block_on(run::run(sources, setup));
    // The event log is closed when its last task is gone.
    drop(runtime);
    match done {
        Ok(()) => {
            tracing::info!("stopped");
            DONE
        }
        Err(error) => {
            not_started(&error);
            FAILED
        }
    }
}

fn not_started(why: &dyn Display) {
    tracing::error!(number = number::NOT_STARTED, "not started: {why}");
}

fn check(sources: &Sources) -> u8 {
    let (problems, code) = match sources.read() {
        Ok(setup) => (setup.warnings, DONE),
        Err(problems) => (problems, USAGE),
    };
    for problem in problems {
        let weight = if problem.prevents_a_start() { "error" } else { "warning" };
        complain(&format_args!("{weight}: {problem}"));
    }
    code
}

/// Says on standard error what is wrong. Where nobody reads that, the exit code says it alone.
fn complain(what: &dyn Display) {
    drop(writeln!(std::io::stderr(), "{what}"));
}
