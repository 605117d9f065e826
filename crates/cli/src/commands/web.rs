//! `convene web`: has the program beside this one open the page.

use std::io::{self, Write as _};
use std::process::{Command, Output, Stdio};

use convene_command_lines::convene::Web;

use super::{Context, beside};
use crate::output;
use crate::stop::{FAILED, Stop};

/// The program that serves the page; it lies where this one lies.
const PROGRAM: &str = "convene-web";

pub(super) fn run(options: &Web, context: &Context) -> Result<(), Stop> {
    let opened = start(options, context).map_err(|error| {
        output::complain(&format!("{PROGRAM}: {error}"));
        Stop::Code(FAILED)
    })?;
    io::stdout().write_all(&opened.stdout)?;
    io::stderr().write_all(&opened.stderr)?;
    match opened.status.code() {
        Some(0) => Ok(()),
        code => Err(Stop::Code(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(FAILED))),
    }
}

/// Whether a click gave the link, and not a person at a terminal. Then nothing else of the command
/// line may come from where the link comes from.
pub(super) fn is_of_a_click(options: &Web) -> bool {
    options.join.as_ref().is_some_and(|link| link != "-")
}

/// Runs it to its end. A link goes there by standard input: it stands in this argument list
/// already, and should not stand in another one.
fn start(options: &Web, context: &Context) -> io::Result<Output> {
    let mut command = Command::new(beside(PROGRAM)?);
    command.args(["--lang", context.language.tag()]);
    command.args(context.json.then_some("--json"));
    command.args(options.no_open.then_some("--no-open"));
    if let [socket] = context.sockets.as_slice() {
        command.env("CONVENE_SOCKET", std::path::absolute(socket)?);
    }
    let link = options.join.as_ref().filter(|_| is_of_a_click(options));
    command.stdin(if link.is_some() { Stdio::piped() } else { Stdio::inherit() });
    command.args(options.join.iter().flat_map(|_| ["--join", "-"]));
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let (Some(link), Some(mut input)) = (link, running.stdin.take()) {
        input.write_all(link.as_bytes())?;
    }
    running.wait_with_output()
}
