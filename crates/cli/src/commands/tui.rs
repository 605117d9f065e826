//! `convene tui`: has the program beside this one take the terminal.

use std::process::Command;

use convene_command_lines::convene::Tui;

use super::{Context, beside};
use crate::stop::{FAILED, Stop};
use crate::{os, output};

/// The program that shows conferences in a terminal; it lies where this one lies.
const PROGRAM: &str = "convene-tui";

pub(super) fn run(options: &Tui, context: &Context) -> Result<(), Stop> {
    let status = command(options, context).and_then(|mut command| os::run_in_place(&mut command));
    match status.map(|status| status.code()) {
        Ok(Some(0)) => Ok(()),
        Ok(code) => Err(Stop::Code(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(FAILED))),
        Err(error) => {
            output::complain(&format!("{PROGRAM}: {error}"));
            Err(Stop::Code(FAILED))
        }
    }
}

fn command(options: &Tui, context: &Context) -> std::io::Result<Command> {
    let mut command = Command::new(beside(PROGRAM)?);
    command.args(["--lang", context.language.tag()]);
    command.args(options.conference.iter().flat_map(|conference| ["--", conference.as_str()]));
    if let [socket] = context.sockets.as_slice() {
        command.env("CONVENE_SOCKET", std::path::absolute(socket)?);
    }
    Ok(command)
}
