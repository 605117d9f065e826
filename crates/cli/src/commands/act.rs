//! `convene say` and `convene act`: commands that are safe once they are told queued.

use std::time::Duration;

use convene_command_lines::convene::{Act, Say, Send};
use convene_local_api::{ActParams, ActResult, CommandState};
use convene_local_client::Patience;
use convene_model::{CommandId, Json, Point, SeatName};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::Context;
use super::conference::place;
use super::phases::clock;
use crate::output;
use crate::stop::{FAILED, Stop};

pub(super) async fn say(options: &Say, context: &Context) -> Result<(), Stop> {
    let (conference, text) = meant(&options.words, context).await?;
    let mut body = serde_json::json!({ "kind": "say", "text": text });
    if let (Some(room), Some(body)) = (&options.room, body.as_object_mut()) {
        body.insert("room".to_owned(), room.as_str().into());
    }
    send(&conference, Json::of(&body).map_err(not_json)?, None, &options.send, context).await
}

pub(super) async fn act(options: &Act, context: &Context) -> Result<(), Stop> {
    let (conference, command) = meant(&options.words, context).await?;
    send(&conference, Json::parse(command).map_err(not_json)?, None, &options.send, context).await
}

fn not_json(error: impl std::fmt::Display) -> Stop {
    Stop::Usage(format!("not a JSON object: {error}"))
}

/// The conference, and the last word. A conference that is named is not looked up: `say` waits for
/// a daemon that is being restarted.
async fn meant<'a>(words: &'a [String], context: &Context) -> Result<(SeatName, &'a str), Stop> {
    if let [conference, word] = words {
        let conference = conference.parse().map_err(|_| unknown(conference, context))?;
        return Ok((conference, word));
    }
    let client = context.connect().await?;
    let (conference, rest) = place(&client, words, context).await?;
    let word = rest.first().ok_or_else(|| Stop::Usage(context.wording.word("words_missing")))?;
    Ok((conference, word))
}

fn unknown(word: &str, context: &Context) -> Stop {
    Stop::Usage(format!("{}: {}", context.wording.word("conference_unknown"), output::inert(word)))
}

/// Sends a command, and prints what became of it. `seen` is where its author saw the conference.
pub(super) async fn send(
    conference: &SeatName,
    body: Json,
    seen: Option<Point>,
    options: &Send,
    context: &Context,
) -> Result<(), Stop> {
    let id = options.id.unwrap_or_else(|| CommandId(Uuid::now_v7()));
    let conference = conference.clone();
    let params = ActParams { conference, id, body, seen, wait_ms: options.wait.ms() };
    let result = repeat(&params, options.wait.span(), context).await?;
    if context.json {
        output::json(&result)?;
    } else {
        people(&result, context)?;
    }
    match result.state {
        CommandState::Accepted | CommandState::Queued => Ok(()),
        CommandState::Refused | CommandState::Lost | CommandState::Unsure => Err(Stop::Code(FAILED)),
    }
}

/// Asks until there is an answer. Where the daemon restarts meanwhile, the same id is the same
/// command; a daemon that was never there is told at once.
async fn repeat(params: &ActParams, wait: Duration, context: &Context) -> Result<ActResult, Stop> {
    let deadline = Instant::now() + wait.max(WAIT_MIN);
    let mut attachment = context.stay(Patience::Until(deadline)).await?;
    loop {
        let result = attachment.call::<convene_local_api::Act>(params).await?;
        if result.state != CommandState::Unsure || Instant::now() >= deadline {
            return Ok(result);
        }
        // The daemon's disk failed; the same command tells soon what became of it.
        sleep(UNSURE_PAUSE).await;
    }
}

/// A daemon that is being restarted is waited for, and a disk that failed, although nobody wants to
/// wait for the server.
const WAIT_MIN: Duration = Duration::from_secs(1);
/// Before the same command is sent again to a daemon whose disk failed.
const UNSURE_PAUSE: Duration = Duration::from_millis(100);

fn people(result: &ActResult, context: &Context) -> Result<(), Stop> {
    let wording = &context.wording;
    let text = match (result.state, &result.code) {
        (CommandState::Accepted, _) => wording.word("accepted"),
        (CommandState::Queued, _) => wording.word("queued"),
        (CommandState::Lost, _) => format!("{} (--id {})", wording.word("lost"), result.command),
        (CommandState::Unsure, _) => format!("{} (--id {})", wording.word("unsure"), result.command),
        (CommandState::Refused, code) => {
            let opens = result.opens.map(|opens| wording.about("phase-opens", &[("time", &clock(opens))]));
            let why = wording.word(code.as_deref().unwrap_or("other"));
            let why = [why].into_iter().chain(opens).collect::<Vec<_>>().join("; ");
            format!("{}: {why}", wording.word("refused"))
        }
    };
    Ok(output::line(&text)?)
}
