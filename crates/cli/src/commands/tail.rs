//! `convene tail`.

#[cfg(test)]
mod tests;

use convene_command_lines::convene::Tail;
use convene_desktop::SessionWatch;
use convene_local_api::{
    After, Change, FoldedPoint, Gap, History, HistoryParams, HistoryResult, LostNotification, Mirror, Watch,
    WatchParams,
};
use convene_local_client::{CallError, Client};
use convene_model::{Json, SeatName};
use serde_json::{Value, json};

use super::{Context, environment, offer};
use crate::output;
use crate::stop::Stop;

/// Events asked for at once.
const PAGE: u64 = 500;
/// How long one answer may take while what was passed over is still being fetched: then it is asked
/// for again.
const FETCH_WAIT_MS: u64 = 30_000;
/// Between two tries to find a daemon that is being restarted.
const RECONNECT_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

pub(super) async fn run(options: &Tail, context: &Context) -> Result<(), Stop> {
    let mut shown =
        Shown { conference: options.conference.clone(), after: After::Number(options.after), context };
    if !options.follow {
        return catch_up(&mut shown, &mut context.connect().await?, options.wait.ms()).await;
    }
    let mut client = context.connect().await?;
    loop {
        let stop = follow(&mut shown, &mut client).await;
        // A daemon that was restarted goes on behind what was shown.
        let was_cut = match &stop {
            Stop::Call(CallError::Broken(_)) => true,
            Stop::Call(CallError::Refused(error)) => {
                ["frontend_too_slow", "stopping"].contains(&error.message.as_str())
            }
            Stop::Call(CallError::Malformed)
            | Stop::Connect(_)
            | Stop::Usage(_)
            | Stop::NotAllHere { .. }
            | Stop::Code(_)
            | Stop::OutputGone => false,
        };
        if !was_cut {
            return Err(stop);
        }
        client = reattach(options, context).await?;
    }
}

/// The conference whose events are shown, and how far they have been shown.
struct Shown<'a> {
    conference: SeatName,
    /// Behind what to go on.
    after: After,
    context: &'a Context,
}

/// Prints the past to its end. Where some of it is not here yet, waits so long for more.
async fn catch_up(shown: &mut Shown<'_>, client: &mut Client, wait_ms: u64) -> Result<(), Stop> {
    loop {
        let before = shown.number();
        let page = shown.page(client, wait_ms).await?;
        if page.complete {
            return Ok(());
        }
        if page.through <= before {
            return Err(Stop::NotAllHere { after: before });
        }
    }
}

/// Prints what was passed over, however long it takes to come: what lies behind it must not be
/// shown first.
async fn fill(shown: &mut Shown<'_>, client: &mut Client, through: u64) -> Result<(), Stop> {
    while shown.number() < through {
        shown.page(client, FETCH_WAIT_MS).await?;
    }
    Ok(())
}

/// Prints what happens, until something stops it.
async fn follow(shown: &mut Shown<'_>, client: &mut Client) -> Stop {
    match follow_until(shown, client).await {
        Ok(never) => match never {},
        Err(stop) => stop,
    }
}

async fn follow_until(shown: &mut Shown<'_>, client: &mut Client) -> Result<std::convert::Infallible, Stop> {
    let params = WatchParams { conference: shown.conference.clone(), after: Some(shown.after) };
    let mut mirror = Mirror::new(client.call::<Watch>(&params).await?).map_err(malformed)?;
    // A frontend that stays attached tells what changes in this session.
    let mut session = SessionWatch::new(environment);
    loop {
        let (method, params) = tokio::select! {
            notification = client.next_notification() => notification?,
            () = session.changed() => {
                offer(client).await?;
                continue;
            }
        };
        match mirror.handle(&method, &params).map_err(malformed)? {
            Change::Events(events) => shown.print(&events)?,
            Change::PassedOver { through } => fill(shown, client, through).await?,
            Change::Reset { to } => shown.reset(to)?,
            Change::Lost(lost) => shown.lost(&lost)?,
            Change::Receipt(_) | Change::Seat(_) | Change::State | Change::Nothing => continue,
        }
        shown.after = mirror.after();
    }
}

/// The daemon promises that nothing is missing in what it tells.
fn malformed(_: Gap) -> CallError {
    CallError::Malformed
}

/// Waits for a daemon that is being restarted, as long as `--wait` says.
async fn reattach(options: &Tail, context: &Context) -> Result<Client, Stop> {
    let deadline = tokio::time::Instant::now() + options.wait.span();
    loop {
        match attached(options, context).await {
            Ok(client) => return Ok(client),
            Err(stop) if tokio::time::Instant::now() >= deadline => return Err(stop),
            Err(_) => tokio::time::sleep(RECONNECT_PAUSE).await,
        }
    }
}

/// A daemon that has just started has its seats a moment later.
async fn attached(options: &Tail, context: &Context) -> Result<Client, Stop> {
    let mut client = context.connect().await?;
    let conference = options.conference.clone();
    let beyond =
        HistoryParams { conference, after: u64::MAX / 2, through: None, newest: false, limit: 1, wait_ms: 0 };
    client.call::<History>(&beyond).await?;
    Ok(client)
}

impl Shown<'_> {
    /// Prints the next page, and says what it was.
    async fn page(&mut self, client: &mut Client, wait_ms: u64) -> Result<HistoryResult, Stop> {
        let params = HistoryParams {
            conference: self.conference.clone(),
            after: self.number(),
            through: None,
            newest: false,
            limit: PAGE,
            wait_ms,
        };
        let page = client.call::<History>(&params).await?;
        self.print(&page.events)?;
        if page.through > self.number() {
            self.after = After::Number(page.through);
        }
        Ok(page)
    }

    /// Up to which number all is shown.
    fn number(&self) -> u64 {
        match self.after {
            After::Number(number) | After::Folded(FoldedPoint { number, .. }) => number,
        }
    }

    /// Goes back: what follows stands in the place of what was shown above that number.
    fn reset(&self, to: u64) -> Result<(), Stop> {
        if to >= self.number() {
            return Ok(());
        }
        if self.context.json {
            let conference = output::conference_of(&self.conference);
            return Ok(output::json(&json!({ "conference": conference, "seq": to, "state": "reset" }))?);
        }
        Ok(output::line(&format!("{to:>6}  {}", self.context.wording.word("reset")))?)
    }

    /// Tells that something of one's own is in the conference no more.
    fn lost(&self, lost: &LostNotification) -> Result<(), Stop> {
        let LostNotification { command, body, .. } = lost;
        if self.context.json {
            let conference = output::conference_of(&self.conference);
            let line = json!({ "conference": conference, "command": command, "state": "lost", "body": body });
            return Ok(output::json(&line)?);
        }
        let (word, body) = (self.context.wording.word("lost"), output::inert(body.get()));
        Ok(output::line(&format!("{word} (--id {command}): {body}"))?)
    }

    fn print(&self, events: &[Json]) -> Result<(), Stop> {
        for raw in events {
            let event: Value = serde_json::from_str(raw.get()).map_err(|_| CallError::Malformed)?;
            let line = output::flat(&self.conference, &event);
            if self.context.json { output::json(&line)? } else { output::line(&prose(&line))? }
        }
        Ok(())
    }
}

fn prose(line: &Value) -> String {
    let field = |name: &str| match line.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => output::inert(text),
        Some(other) => output::inert(&other.to_string()),
    };
    let what = ["name", "room", "text"].map(field).into_iter().filter(|text| !text.is_empty());
    let what: Vec<String> = what.collect();
    format!(
        "{:>6}  {:24}  {:5}  {:7}  {}",
        field("seq"),
        field("at"),
        field("by"),
        field("kind"),
        what.join("  ")
    )
}
