//! `convene join`.

use std::time::Duration;

use convene_command_lines::convene::Join;
use convene_conference::Refusal;
use convene_local_api::{Empty, JoinParams, JoinResult, JoinState, List, ListedSeat, Watch, WatchParams};
use convene_local_client::{CallError, Client, Notifications};
use convene_model::limits::JOIN_LINK_BYTES_MAX;
use convene_model::{Attempt, ConferenceId, ParticipantId};
use tokio::time::timeout;

use super::{Context, list};
use crate::stop::{NO_SERVER, Stop};
use crate::{output, prompt};

/// Bytes that are read of what is typed: a little more than a link may have, so that one that is
/// too long is told as such.
const INPUT_BYTES_MAX: u64 = 4 * JOIN_LINK_BYTES_MAX as u64;
/// How long the title is waited for, which the server sends right behind the seat.
const TITLE_WITHIN: Duration = Duration::from_secs(2);

pub(super) async fn run(options: &Join, context: &Context) -> Result<(), Stop> {
    let link = match options.link.as_deref() {
        Some(link) if link != "-" => link.to_owned(),
        _ => asked_link(context)?,
    };
    let name = match &options.name {
        Some(name) => name.clone(),
        None => asked_name(context)?,
    };
    let (client, mut notifications) = context.listen().await?;
    let params = JoinParams { link, name, log: options.log, wait_ms: options.wait.ms() };
    let joined = context.waits(client.call::<convene_local_api::Join>(&params)).await?;
    if context.json {
        output::json(&joined)?;
    } else {
        people(&joined, &client, &mut notifications, context).await?;
    }
    match joined.state {
        JoinState::Joined => Ok(()),
        JoinState::Joining | JoinState::NotHereNow => Err(Stop::Code(NO_SERVER)),
    }
}

async fn people(
    joined: &JoinResult,
    client: &Client,
    notifications: &mut Notifications,
    context: &Context,
) -> Result<(), Stop> {
    let wording = &context.wording;
    match (joined.state, joined.conference) {
        (JoinState::Joined, Some(conference)) => {
            // Where the title does not come, one has joined all the same.
            let coming = titled(conference, joined.participant, client, notifications);
            let seat = timeout(TITLE_WITHIN, coming).await;
            welcome(seat.ok().and_then(Result::ok).flatten().as_ref(), context)?;
        }
        (JoinState::Joined | JoinState::Joining, _) => output::line(&wording.word("joining"))?,
        (JoinState::NotHereNow, _) => {
            let known = joined.code.as_deref().filter(|code| *code != "not_here_now");
            output::line(&match known {
                None => wording.word("not_here_now"),
                Some(code) if code == Refusal::SeatFull.as_str() => wording.word(code),
                Some(code) => format!("{}: {}", wording.word("joining"), wording.word(code)),
            })?;
        }
    }
    if let Some(issuer) = &joined.inspected_by {
        output::line(&format!("  {}", wording.inspected(issuer)))?;
    }
    let is_out = matches!(joined.state, JoinState::Joining);
    if let Some(decisive) = Attempt::decisive(&joined.attempts).filter(|_| is_out) {
        output::line(&format!("  {}", wording.unreached(decisive)))?;
    }
    for attempt in &Attempt::grouped(&joined.attempts) {
        output::line(&format!("  {}", wording.attempt(attempt)))?;
    }
    Ok(())
}

/// The seat of this participant in this conference, once its title is known; the latest of several,
/// where it is not known whose it is.
async fn titled(
    conference: ConferenceId,
    participant: Option<ParticipantId>,
    client: &Client,
    notifications: &mut Notifications,
) -> Result<Option<ListedSeat>, CallError> {
    let mut is_watched = false;
    loop {
        let seats = client.call::<List>(&Empty {}).await?.conferences;
        let is_theirs = |seat: &ListedSeat| participant.is_none() || seat.participant == participant;
        let seat = seats.into_iter().rfind(|seat| seat.conference == Some(conference) && is_theirs(seat));
        let Some(untitled) = seat.as_ref().filter(|seat| seat.title.is_empty()) else { return Ok(seat) };
        if is_watched {
            notifications.next().await?;
        } else {
            let params = WatchParams { conference: untitled.seat.clone(), after: None, state: false };
            client.call::<Watch>(&params).await?;
            is_watched = true;
        }
    }
}

/// Says in what one takes part, and what to do next.
fn welcome(seat: Option<&ListedSeat>, context: &Context) -> Result<(), Stop> {
    let wording = &context.wording;
    match seat {
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
