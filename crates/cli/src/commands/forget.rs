//! `convene forget`.

use convene_command_lines::convene::Forget;
use convene_local_api::ForgetParams;

use super::Context;
use crate::output;
use crate::stop::Stop;

pub(super) async fn run(options: &Forget, context: &Context) -> Result<(), Stop> {
    let client = context.connect().await?;
    client.call::<convene_local_api::Forget>(&ForgetParams { seat: options.seat.clone() }).await?;
    if context.json {
        return Ok(output::json(&serde_json::json!({ "seat": options.seat, "state": "forgotten" }))?);
    }
    Ok(output::line(&context.wording.word("forgotten"))?)
}
