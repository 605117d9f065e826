//! `convene say` and `convene act`: commands that are safe once they are told queued.

use convene_command_lines::convene::{Act, Say, Send};
use convene_local_api::{ActParams, ActResult, CommandState};
use convene_local_client::CallError;
use convene_model::{CommandId, Json, SeatName};
use uuid::Uuid;

use super::Context;
use crate::output;
use crate::stop::{FAILED, Stop};

pub(super) async fn say(options: &Say, context: &Context) -> Result<(), Stop> {
    let mut body = serde_json::json!({ "kind": "say", "text": options.text });
    if let (Some(room), Some(body)) = (&options.room, body.as_object_mut()) {
        body.insert("room".to_owned(), room.as_str().into());
    }
    send(&options.conference, body.to_string(), &options.send, context).await
}

pub(super) async fn act(options: &Act, context: &Context) -> Result<(), Stop> {
    send(&options.conference, options.command.clone(), &options.send, context).await
}

async fn send(conference: &SeatName, body: String, options: &Send, context: &Context) -> Result<(), Stop> {
    let id = options.id.unwrap_or_else(|| CommandId(Uuid::now_v7()));
    let body = Json::parse(&body).map_err(|error| Stop::Usage(format!("not a JSON object: {error}")))?;
    let conference = conference.clone();
    let params = ActParams { conference, id, body, seen: None, wait_ms: options.wait.ms() };
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
/// command.
async fn repeat(params: &ActParams, wait: std::time::Duration, context: &Context) -> Result<ActResult, Stop> {
    let deadline = tokio::time::Instant::now() + wait.max(std::time::Duration::from_secs(1));
    let mut attached = false;
    loop {
        let error: Stop = match context.connect().await {
            Ok(mut client) => match client.call::<convene_local_api::Act>(params).await {
                // The daemon's disk failed; the same command tells soon what became of it.
                Ok(result)
                    if result.state == CommandState::Unsure && tokio::time::Instant::now() < deadline =>
                {
                    tokio::time::sleep(RECONNECT_PAUSE).await;
                    continue;
                }
                Ok(result) => return Ok(result),
                Err(error @ CallError::Broken(_)) => {
                    attached = true;
                    error.into()
                }
                Err(CallError::Refused(error)) if attached && is_starting(&error) => {
                    CallError::Refused(error).into()
                }
                Err(CallError::Refused(error)) if error.message == "stopping" => {
                    attached = true;
                    CallError::Refused(error).into()
                }
                Err(error) => return Err(error.into()),
            },
            // A daemon that was never there is told at once.
            Err(error) if !attached => return Err(error),
            Err(error) => error,
        };
        if tokio::time::Instant::now() >= deadline {
            return Err(error);
        }
        tokio::time::sleep(RECONNECT_PAUSE).await;
    }
}

/// A daemon that has just started may not have taken up its seats yet.
fn is_starting(error: &convene_local_api::ErrorObject) -> bool {
    error.message == "conference_unknown"
}

/// Between two tries to find a daemon that is being restarted.
const RECONNECT_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

fn people(result: &ActResult, context: &Context) -> Result<(), Stop> {
    let wording = &context.wording;
    let text = match (result.state, &result.code) {
        (CommandState::Accepted, _) => wording.word("accepted"),
        (CommandState::Queued, _) => wording.word("queued"),
        (CommandState::Lost, _) => format!("{} (--id {})", wording.word("lost"), result.command),
        (CommandState::Unsure, _) => format!("{} (--id {})", wording.word("unsure"), result.command),
        (CommandState::Refused, code) => {
            format!("{}: {}", wording.word("refused"), wording.word(code.as_deref().unwrap_or("other")))
        }
    };
    Ok(output::line(&text)?)
}
