//! `convene tail`.

mod prose;
#[cfg(test)]
mod tests;

use std::convert::Infallible;

use convene_command_lines::convene::Tail;
use convene_conference::Event;
use convene_desktop::SessionWatch;
use convene_local_api::{
    After, Change, Gap, History, HistoryParams, HistoryResult, LostNotification, Mirror, WatchParams,
};
use convene_local_client::{Attachment, CallError, Client, News, Patience};
use convene_model::{Json, SeatName};
use serde_json::{Value, json};

use self::prose::Prose;
use super::conference::named;
use super::{Context, environment, offer};
use crate::output;
use crate::stop::Stop;

/// Events asked for at once.
const PAGE: u64 = 500;
/// How long one answer may take while what was passed over is still being fetched: then it is asked
/// for again.
const FETCH_WAIT_MS: u64 = 30_000;

pub(super) async fn run(options: &Tail, context: &Context) -> Result<(), Stop> {
    let client = context.connect().await?;
    let conference = named(options.conference.as_deref(), &client, context).await?;
    let prose = if context.json { None } else { Some(Prose::new(&conference, context).await?) };
    let mut shown = Shown { conference, number: options.after, prose, context };
    if !options.follow {
        return catch_up(&mut shown, &client, options.wait.ms()).await;
    }
    drop(client);
    let mut attachment = context.stay(Patience::Each(options.wait.span())).await?;
    match follow(&mut shown, &mut attachment).await {
        Ok(never) => match never {},
        Err(stop) => Err(stop),
    }
}

/// The conference whose events are shown, and how far they have been shown.
struct Shown<'a> {
    conference: SeatName,
    /// Up to which number all is shown.
    number: u64,
    /// Absent where events are printed as JSON.
    prose: Option<Prose<'a>>,
    context: &'a Context,
}

/// Prints the past to its end. Where some of it is not here yet, waits so long for more.
async fn catch_up(shown: &mut Shown<'_>, client: &Client, wait_ms: u64) -> Result<(), Stop> {
    loop {
        let before = shown.number;
        let wanted = shown.wanted(None, wait_ms);
        let page = shown.context.waits(client.call::<History>(&wanted)).await?;
        shown.page(&page)?;
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
async fn fill(shown: &mut Shown<'_>, attachment: &mut Attachment, through: u64) -> Result<(), Stop> {
    while shown.number < through {
        let page = attachment.call::<History>(&shown.wanted(Some(through), FETCH_WAIT_MS)).await?;
        shown.page(&page)?;
    }
    Ok(())
}

/// Prints what happens, until something stops it.
async fn follow(shown: &mut Shown<'_>, attachment: &mut Attachment) -> Result<Infallible, Stop> {
    let (conference, after) = (shown.conference.clone(), Some(After::Number(shown.number)));
    let watch = attachment.watch(WatchParams { conference, after, state: false }).await?;
    let mut mirror = Mirror::new(watch).map_err(malformed)?;
    // A frontend that stays attached tells what changes on this desktop.
    let mut desktop = SessionWatch::new(environment);
    loop {
        let news = tokio::select! {
            news = attachment.next() => news?,
            () = desktop.changed() => {
                offer(attachment).await?;
                continue;
            }
        };
        // Behind a restart the same mirror goes on: the watch begins again where that stands.
        let News::Told(told) = news else { continue };
        match mirror.handle(told).map_err(malformed)? {
            Change::Events(events) => shown.print(&events)?,
            Change::PassedOver { through } => fill(shown, attachment, through).await?,
            Change::Reset { to } => shown.reset(to, attachment).await?,
            Change::Lost(lost) => shown.lost(&lost)?,
            Change::Receipt(_) | Change::Seat(_) | Change::May | Change::State | Change::Nothing => continue,
        }
        shown.number = mirror.cursor();
    }
}

/// The daemon promises that nothing is missing in what it tells.
fn malformed(_: Gap) -> CallError {
    CallError::Malformed
}

impl Shown<'_> {
    /// How the next page is asked for.
    fn wanted(&self, through: Option<u64>, wait_ms: u64) -> HistoryParams {
        let (conference, after) = (self.conference.clone(), self.number);
        HistoryParams { conference, after, through, newest: false, limit: PAGE, wait_ms }
    }

    /// Prints a page.
    fn page(&mut self, page: &HistoryResult) -> Result<(), Stop> {
        self.print(&page.events)?;
        self.number = self.number.max(page.through);
        Ok(())
    }

    /// Goes back: what follows stands in the place of what was shown above that number.
    async fn reset(&self, to: u64, attachment: &mut Attachment) -> Result<(), Stop> {
        if to >= self.number {
            return Ok(());
        }
        if self.context.json {
            let conference = output::conference_of(&self.conference);
            return Ok(output::json(&json!({ "conference": conference, "seq": to, "state": "reset" }))?);
        }
        // A person knows the last that holds by its time.
        let last = HistoryParams { after: 0, newest: true, limit: 1, ..self.wanted(Some(to), 0) };
        let page = attachment.call::<History>(&last).await?;
        let event = page.events.last().and_then(|raw| serde_json::from_str::<Event>(raw.get()).ok());
        let wording = &self.context.wording;
        let told = event.map_or_else(
            || wording.word("reset"),
            |event| wording.about("tail-reset", &[("time", &self.context.time(event.at))]),
        );
        Ok(output::line(&told)?)
    }

    /// Tells that something of one's own is in the conference no more.
    fn lost(&self, lost: &LostNotification) -> Result<(), Stop> {
        let LostNotification { command, body, .. } = lost;
        if self.context.json {
            let conference = output::conference_of(&self.conference);
            let line = json!({ "conference": conference, "command": command, "state": "lost", "body": body });
            return Ok(output::json(&line)?);
        }
        let body: Value = serde_json::from_str(body.get()).unwrap_or_default();
        let text = body.get("text").or_else(|| body.get("kind")).and_then(Value::as_str).unwrap_or_default();
        Ok(output::line(&format!("{}: {}", self.context.wording.word("lost"), output::inert(text)))?)
    }

    fn print(&mut self, events: &[Json]) -> Result<(), Stop> {
        for raw in events {
            if let Some(prose) = &mut self.prose {
                output::line(&prose.line(raw))?;
                continue;
            }
            let event: Value = serde_json::from_str(raw.get()).map_err(|_| CallError::Malformed)?;
            output::json(&output::flat(&self.conference, &event))?;
        }
        Ok(())
    }
}
