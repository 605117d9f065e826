//! `convene forget`.

use convene_command_lines::convene::Forget;
use convene_local_api::ForgetParams;

use super::Context;
use super::conference::one_of_all;
use crate::output;
use crate::stop::Stop;

pub(super) async fn run(options: &Forget, context: &Context) -> Result<(), Stop> {
    let client = context.connect().await?;
    let seat = one_of_all(&options.seat, &client, context).await?;
    client.call::<convene_local_api::Forget>(&ForgetParams { seat: seat.clone() }).await?;
    if context.json {
        return Ok(output::json(&serde_json::json!({ "seat": seat, "state": "forgotten" }))?);
    }
    Ok(output::line(&context.wording.word("forgotten"))?)
}
