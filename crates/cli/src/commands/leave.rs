//! `convene leave`.

use convene_command_lines::convene::Leave;
use convene_local_api::{LeaveParams, LeaveState};

use super::Context;
use super::conference::named;
use crate::output;
use crate::stop::Stop;

pub(super) async fn run(options: &Leave, context: &Context) -> Result<(), Stop> {
    let client = context.connect().await?;
    let conference = named(options.conference.as_deref(), &client, context).await?;
    let params = LeaveParams { conference: conference.clone(), wait_ms: options.wait.ms() };
    let left = context.waits(client.call::<convene_local_api::Leave>(&params)).await?;
    if context.json {
        return Ok(output::json(&serde_json::json!({ "conference": conference, "state": left.state }))?);
    }
    let word = match left.state {
        LeaveState::Left => "left",
        LeaveState::Queued => "queued",
    };
    Ok(output::line(&context.wording.word(word))?)
}
