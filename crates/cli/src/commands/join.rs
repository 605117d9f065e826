//! `convene join`.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use convene_command_lines::convene::Join;
use convene_local_api::{JoinParams, JoinResult, JoinState};
use convene_model::limits::JOIN_LINK_BYTES_MAX;
use convene_wording::Wording;

use super::Context;
use crate::output;
use crate::stop::{NO_SERVER, Stop};

/// Bytes that are read of what is typed: a little more than a link may have, so that one that is
/// too long is told as such.
const INPUT_BYTES_MAX: u64 = 4 * JOIN_LINK_BYTES_MAX as u64;

pub(super) async fn run(options: &Join, context: &Context) -> Result<(), Stop> {
    let link = match options.link.as_deref() {
        Some(link) if link != "-" => link.to_owned(),
        _ => asked_link(&context.wording)?,
    };
    let name = match &options.name {
        Some(name) => name.clone(),
        None => asked_name(&context.wording)?,
    };
    let client = context.connect().await?;
    let params = JoinParams { link, name, log: options.log, wait_ms: options.wait.ms() };
    let joined = client.call::<convene_local_api::Join>(&params).await?;
    if context.json {
        output::json(&joined)?;
    } else {
        people(&joined, context)?;
    }
    match joined.state {
        JoinState::Joined => Ok(()),
        JoinState::Joining | JoinState::NotHereNow => Err(Stop::Code(NO_SERVER)),
    }
}

fn people(joined: &JoinResult, context: &Context) -> Result<(), Stop> {
    let wording = &context.wording;
    match (joined.state, joined.conference) {
        (JoinState::Joined, Some(conference)) => {
            output::line(&format!("{} {conference}", wording.word("joined")))?;
        }
        (JoinState::Joined | JoinState::Joining, _) => output::line(&wording.word("joining"))?,
        (JoinState::NotHereNow, _) => {
            let why = wording.word(joined.code.as_deref().unwrap_or("other"));
            output::line(&format!("{}: {why}", wording.word("not_here_now")))?;
        }
    }
    if let Some(issuer) = &joined.inspected_by {
        output::line(&format!("  {}", wording.inspected(issuer)))?;
    }
    for attempt in &joined.attempts {
        output::line(&format!("  {}", wording.attempt(attempt)))?;
    }
    Ok(())
}

/// The link that a person types or pastes, or the whole standard input.
fn asked_link(wording: &Wording) -> Result<String, Stop> {
    if let Some(link) = ask("join_link", wording)? {
        return Ok(link);
    }
    let mut text = String::new();
    io::stdin().lock().take(INPUT_BYTES_MAX).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

fn asked_name(wording: &Wording) -> Result<String, Stop> {
    ask("join_name", wording)?.ok_or_else(|| Stop::Usage(wording.word("join_name_missing")))
}

/// Asks for one line; `None` where there is no terminal to ask at.
fn ask(word: &str, wording: &Wording) -> Result<Option<String>, Stop> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut out = io::stderr().lock();
    write!(out, "{} ", wording.word(word))?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().lock().take(INPUT_BYTES_MAX).read_line(&mut line).map_err(unreadable)?;
    Ok(Some(line.trim().to_owned()))
}

fn unreadable(error: io::Error) -> Stop {
    Stop::Usage(format!("standard input: {error}"))
}
