//! `convene join`.

use std::io::Read as _;

use convene_command_lines::convene::Join;
use convene_local_api::{JoinParams, JoinResult, JoinState};
use convene_model::limits::JOIN_LINK_BYTES_MAX;

use super::Context;
use crate::output;
use crate::stop::{NO_SERVER, Stop};

pub(super) async fn run(options: &Join, context: &Context) -> Result<(), Stop> {
    let link = if options.link == "-" { read()? } else { options.link.clone() };
    let client = context.connect().await?;
    let (name, log) = (options.name.clone(), options.log);
    let params = JoinParams { link, name, log, wait_ms: options.wait.ms() };
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

/// Reads a little more than a link may have, so that one that is too long is told as such.
fn read() -> Result<String, Stop> {
    let mut text = String::new();
    let limit = 4 * JOIN_LINK_BYTES_MAX as u64;
    let read = std::io::stdin().lock().take(limit).read_to_string(&mut text);
    read.map_err(|error| Stop::Usage(format!("standard input: {error}")))?;
    Ok(text)
}
