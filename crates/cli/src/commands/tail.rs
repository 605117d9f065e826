//! `convene tail`.

#[cfg(test)]
mod tests;

use convene_command_lines::convene::Tail;
use convene_desktop::SessionWatch;
use convene_local_api::{
    EventsNotification, History, HistoryParams, HistoryResult, Notification, PassedOverNotification,
    ResetNotification, Watch, WatchParams,
};
use convene_local_client::{CallError, Client};
use convene_model::ConferenceId;
use serde_json::Value;
use serde_json::value::RawValue;

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
    let mut shown = Shown { conference: options.conference, after: options.after, json: context.json };
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

/// What has been shown, and where.
struct Shown {
    conference: ConferenceId,
    after: u64,
    json: bool,
}

/// Prints the past to its end. Where some of it is not here yet, waits so long for more.
async fn catch_up(shown: &mut Shown, client: &mut Client, wait_ms: u64) -> Result<(), Stop> {
    loop {
        let before = shown.after;
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
async fn fill(shown: &mut Shown, client: &mut Client, through: u64) -> Result<(), Stop> {
    while shown.after < through {
        shown.page(client, FETCH_WAIT_MS).await?;
    }
    Ok(())
}

/// Prints what happens, until something stops it.
async fn follow(shown: &mut Shown, client: &mut Client) -> Stop {
    match follow_until(shown, client).await {
        Ok(never) => match never {},
        Err(stop) => stop,
    }
}

async fn follow_until(shown: &mut Shown, client: &mut Client) -> Result<std::convert::Infallible, Stop> {
    let params = WatchParams { conference: shown.conference, after: Some(shown.after) };
    client.call::<Watch>(&params).await?;
    // Whoever stays attached tells what changes in this session.
    let mut session = SessionWatch::new(environment);
    loop {
        let (method, params) = tokio::select! {
            notification = client.next_notification() => notification?,
            () = session.changed() => {
                offer(client).await?;
                continue;
            }
        };
        match method.as_str() {
            EventsNotification::NAME => {
                let news: EventsNotification = read(&params)?;
                if news.through > shown.after {
                    shown.print(&news.events)?;
                    shown.after = news.through;
                }
            }
            PassedOverNotification::NAME => {
                let passed_over: PassedOverNotification = read(&params)?;
                fill(shown, client, passed_over.through).await?;
            }
            ResetNotification::NAME => shown.after = read::<ResetNotification>(&params)?.cursor,
            _ => {}
        }
    }
}

fn read<N: Notification>(params: &RawValue) -> Result<N, CallError> {
    serde_json::from_str(params.get()).map_err(|_| CallError::Malformed)
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
    let conference = options.conference;
    let beyond = HistoryParams { conference, after: u64::MAX / 2, limit: 1, wait_ms: 0 };
    client.call::<History>(&beyond).await?;
    Ok(client)
}

impl Shown {
    /// Prints the next page, and says what it was.
    async fn page(&mut self, client: &mut Client, wait_ms: u64) -> Result<HistoryResult, Stop> {
        let params = HistoryParams { conference: self.conference, after: self.after, limit: PAGE, wait_ms };
        let page = client.call::<History>(&params).await?;
        self.print(&page.events)?;
        self.after = self.after.max(page.through);
        Ok(page)
    }

    fn print(&self, events: &[Box<RawValue>]) -> Result<(), Stop> {
        for raw in events {
            let event: Value = serde_json::from_str(raw.get()).map_err(|_| CallError::Malformed)?;
            if event.get("seq").and_then(Value::as_u64).is_some_and(|seq| seq <= self.after) {
                continue;
            }
            let line = output::flat(self.conference, &event);
            if self.json { output::json(&line)? } else { output::line(&prose(&line))? }
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
