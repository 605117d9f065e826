//! `convene join`.

use convene_command_lines::convene::Join;
use convene_local_api::{Empty, JoinParams, JoinResult, JoinState, List};
use convene_local_client::Client;
use convene_model::ConferenceId;
use convene_model::limits::JOIN_LINK_BYTES_MAX;

use super::{Context, list};
use crate::stop::{NO_SERVER, Stop};
use crate::{output, prompt};

/// Bytes that are read of what is typed: a little more than a link may have, so that one that is
/// too long is told as such.
const INPUT_BYTES_MAX: u64 = 4 * JOIN_LINK_BYTES_MAX as u64;

pub(super) async fn run(options: &Join, context: &Context) -> Result<(), Stop> {
    let link = match options.link.as_deref() {
        Some(link) if link != "-" => link.to_owned(),
        _ => asked_link(context)?,
    };
    let name = match &options.name {
        Some(name) => name.clone(),
        None => asked_name(context)?,
    };
    let client = context.connect().await?;
    let params = JoinParams { link, name, log: options.log, wait_ms: options.wait.ms() };
    let joined = context.waits(client.call::<convene_local_api::Join>(&params)).await?;
    if context.json {
        output::json(&joined)?;
    } else {
        people(&joined, &client, context).await?;
    }
    match joined.state {
        JoinState::Joined => Ok(()),
        JoinState::Joining | JoinState::NotHereNow => Err(Stop::Code(NO_SERVER)),
    }
}

async fn people(joined: &JoinResult, client: &Client, context: &Context) -> Result<(), Stop> {
    let wording = &context.wording;
    match (joined.state, joined.conference) {
        (JoinState::Joined, Some(conference)) => welcome(conference, client, context).await?,
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

/// Says in what one takes part, and what to do next.
async fn welcome(conference: ConferenceId, client: &Client, context: &Context) -> Result<(), Stop> {
    let seats = client.call::<List>(&Empty {}).await?.conferences;
    let wording = &context.wording;
    match seats.iter().find(|seat| seat.conference == Some(conference)) {
        Some(seat) => {
            let title = list::title(seat, context);
            output::line(&wording.about("join-joined", &[("title", &title), ("name", &seat.name)]))?;
        }
        None => output::line(&wording.word("joined"))?,
    }
    Ok(output::line(&wording.about("join-next", &[]))?)
}

/// The link that a person types or pastes, or the whole standard input.
fn asked_link(context: &Context) -> Result<String, Stop> {
    let wording = &context.wording;
    match prompt::line(&wording.word("join_link"), INPUT_BYTES_MAX, wording)? {
        Some(link) => Ok(link),
        None => prompt::input(INPUT_BYTES_MAX, wording),
    }
}

fn asked_name(context: &Context) -> Result<String, Stop> {
    let wording = &context.wording;
    let name = prompt::line(&wording.word("join_name"), INPUT_BYTES_MAX, wording)?;
    name.ok_or_else(|| Stop::Usage(wording.word("join_name_missing")))
}
