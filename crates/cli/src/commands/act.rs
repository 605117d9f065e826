//! `convene say` and `convene act`: commands that are safe once they are told queued.

use std::time::Duration;

use convene_command_lines::convene::{Act, Say, Send};
use convene_local_api::{ActParams, ActResult, CommandState};
use convene_local_client::Patience;
use convene_model::limits::MESSAGE_CHARS_MAX;
use convene_model::{CommandId, Json, Point, RoomId, SeatName};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::Context;
use super::conference::{one_of_all, place, room_called, state};
use crate::stop::{FAILED, Stop};
use crate::{output, prompt};

/// Bytes that are read of a message: more than one may have, so that one that is too long is told
/// as such.
const MESSAGE_BYTES_MAX: u64 = 16 * MESSAGE_CHARS_MAX as u64;

pub(super) async fn say(options: &Say, context: &Context) -> Result<(), Stop> {
    let (conference, text) = meant(&options.words, context).await?;
    let text = text.map_or_else(|| asked_text(context), |text| Ok(text.to_owned()))?;
    let mut body = serde_json::json!({ "kind": "say", "text": text });
    if let (Some(word), Some(body)) = (&options.room, body.as_object_mut()) {
        let room = room_of(word, &conference, context).await?;
        body.insert("room".to_owned(), room.as_str().into());
    }
    let body = Json::of(&body).map_err(|_| not_json(context))?;
    send(&conference, body, None, &options.send, context).await
}

pub(super) async fn act(options: &Act, context: &Context) -> Result<(), Stop> {
    let (conference, command) = meant(&options.words, context).await?;
    let command = command.ok_or_else(|| Stop::Usage(context.wording.word("words_missing")))?;
    let body = Json::parse(command).map_err(|_| not_json(context))?;
    send(&conference, body, None, &options.send, context).await
}

/// The room that is meant. An id is not looked up, as a conference that is named is not.
async fn room_of(word: &str, conference: &SeatName, context: &Context) -> Result<RoomId, Stop> {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_id = RoomId::FIXED.iter().any(|fixed| fixed.as_str() == word)
        || word.strip_prefix(['r', 't']).is_some_and(is_number);
    if let Some(id) = word.parse::<RoomId>().ok().filter(|_| is_id) {
        return Ok(id);
    }
    let (client, mut notifications) = context.listen().await?;
    let (watch, state) = state(&client, &mut notifications, conference).await?;
    room_called(word, &state, watch.participant, context)
}

fn not_json(context: &Context) -> Stop {
    Stop::Usage(context.wording.word("command_malformed"))
}

/// The message that a person types, or the whole standard input: so no shell reads it.
fn asked_text(context: &Context) -> Result<String, Stop> {
    let wording = &context.wording;
    let text = match prompt::line(&wording.about("say-line", &[]), MESSAGE_BYTES_MAX, wording)? {
        Some(line) => line,
        None => prompt::input(MESSAGE_BYTES_MAX, wording)?.trim_end().to_owned(),
    };
    if text.is_empty() { Err(Stop::Usage(wording.word("text_empty"))) } else { Ok(text) }
}

/// The conference, and the last word where there is one. A conference that is named is not looked
/// up: `say` waits for a daemon that is being restarted.
async fn meant<'a>(words: &'a [String], context: &Context) -> Result<(SeatName, Option<&'a str>), Stop> {
    if let [conference, word] = words
        && let Ok(conference) = conference.parse::<SeatName>()
    {
        return Ok((conference, Some(word.as_str())));
    }
    let client = context.connect().await?;
    if let [conference, word] = words {
        return Ok((one_of_all(conference, &client, context).await?, Some(word.as_str())));
    }
    let (conference, rest) = place(&client, words, context).await?;
    Ok((conference, rest.first().copied()))
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
    let result = context.waits(repeat(&params, options.wait.span(), context)).await?;
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
        (CommandState::Lost, _) => wording.word("lost"),
        (CommandState::Unsure, _) => wording.about("act-unsure", &[]),
        (CommandState::Refused, code) => {
            let opens =
                result.opens.map(|opens| wording.about("phase-opens", &[("time", &context.time(opens))]));
            let why = wording.word(code.as_deref().unwrap_or("other"));
            let why = [why].into_iter().chain(opens).collect::<Vec<_>>().join("; ");
            format!("{}: {why}", wording.word("refused"))
        }
    };
    Ok(output::line(&text)?)
}
