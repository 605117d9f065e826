//! What the daemon answers.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use convene_conference::{Command, Outcome};
use convene_local_api::{
    API_VERSION, Act, ActParams, ActResult, CommandState, ConnectionRetry, ConnectionWatch, DiscoverMethod,
    Dismiss, DismissResult, Empty, ErrorCode, ErrorObject, Hello, HelloResult, History, HistoryParams,
    HistoryResult, Join, Leave, LeaveResult, LeaveState, List, ListResult, ListedSeat, Method, ProxyOffer,
    ProxyOfferParams, ProxyOfferResult, ProxyTest, Request, SeatState, SystemStatus, Watch, error_line,
    openrpc, result_line,
};
use convene_model::{CommandId, ConferenceId, Timestamp};
use convene_seat::{ActError, Phase};
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::attendant::{Asker, Lines};
use super::{bodies, joining, system, testing};
use crate::proxies::OfferError;
use crate::registry::HeldSeat;
use crate::servers::{Acted, Wish};

/// Who the daemon says it is.
const PROGRAM: &str = concat!("convened ", env!("CARGO_PKG_VERSION"));
/// Events of one page of history.
const HISTORY_MAX: u64 = 1_000;
/// Bytes of one page of history: half a line.
const HISTORY_BYTES_MAX: usize = 512 * 1024;
/// How long anyone may wait: a frontend that wants longer asks again.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// Answers one request, unless it wants no answer.
pub(super) async fn answer(asker: Asker, request: Request, lines: Lines) {
    let id = request.id.clone();
    let result = carry_out(&asker, &request).await;
    let Some(id) = id else { return };
    let line = match result {
        Ok(result) => result_line(&id, &result),
        Err(error) => error_line(Some(&id), &error),
    };
    if lines.send(line).await.is_err() {
        tracing::debug!("a frontend went before its answer");
    }
}

async fn carry_out(asker: &Asker, request: &Request) -> Result<Box<RawValue>, ErrorObject> {
    match request.method.as_str() {
        DiscoverMethod::NAME => result::<DiscoverMethod>(openrpc()),
        Hello::NAME => {
            let client = params::<Hello>(request)?.client;
            tracing::debug!(client = client.escape_debug().take(80).collect::<String>(), "hello");
            result::<Hello>(HelloResult { daemon: PROGRAM.to_owned(), api: API_VERSION })
        }
        ConnectionRetry::NAME => {
            let server = params::<ConnectionRetry>(request)?.server;
            asker.registry.retry(&asker.peer.user, server.as_deref());
            result::<ConnectionRetry>(Empty {})
        }
        SystemStatus::NAME => result::<SystemStatus>(system::status(asker)?),
        ProxyOffer::NAME => result::<ProxyOffer>(offer(asker, params::<ProxyOffer>(request)?).await?),
        ProxyTest::NAME => result::<ProxyTest>(testing::proxies(asker).await?),
        Join::NAME => result::<Join>(joining::join(asker, params::<Join>(request)?).await?),
        List::NAME => result::<List>(list(asker)),
        History::NAME => result::<History>(history(asker, params::<History>(request)?).await?),
        Act::NAME => result::<Act>(act(asker, params::<Act>(request)?).await?),
        Dismiss::NAME => {
            let wanted = params::<Dismiss>(request)?;
            let seat = seat(asker, wanted.conference)?;
            let (answer, done) = oneshot::channel();
            send(&seat, Wish::Dismiss { seat: seat.id, id: wanted.id, answer }).await?;
            result::<Dismiss>(DismissResult { dismissed: done.await.map_err(|_| stopping())? })
        }
        Leave::NAME => result::<Leave>(leave(asker, params::<Leave>(request)?).await?),
        Watch::NAME | ConnectionWatch::NAME => {
            let reason = "a watch needs an id, and a frontend has at most 64 watches";
            Err(ErrorObject::new(ErrorCode::InvalidRequest).with("reason", reason))
        }
        _ => Err(ErrorObject::new(ErrorCode::MethodNotFound).with("method", request.method.as_str())),
    }
}

/// The parameters, if they fit the method.
pub(super) fn params<M: Method>(request: &Request) -> Result<M::Params, ErrorObject> {
    serde_json::from_str(request.params.get())
        .map_err(|error| ErrorObject::new(ErrorCode::InvalidParams).with("reason", error.to_string()))
}

fn result<M: Method>(result: M::Result) -> Result<Box<RawValue>, ErrorObject> {
    serde_json::value::to_raw_value(&result).map_err(|_| stopping())
}

/// This user's seat in a conference.
pub(super) fn seat(asker: &Asker, conference: ConferenceId) -> Result<HeldSeat, ErrorObject> {
    let seats = asker.registry.seats(&asker.peer.user);
    let is_it = |seat: &HeldSeat| {
        seat.view.borrow().membership.as_ref().is_some_and(|membership| membership.conference == conference)
    };
    let unknown =
        || ErrorObject::new(ErrorCode::ConferenceUnknown).with("conference", conference.to_string());
    seats.into_iter().rfind(is_it).ok_or_else(unknown)
}

pub(super) async fn send(seat: &HeldSeat, wish: Wish) -> Result<(), ErrorObject> {
    seat.server.wishes.send(wish).await.map_err(|_| stopping())
}

pub(super) fn stopping() -> ErrorObject {
    ErrorObject::new(ErrorCode::Stopping)
}

pub(super) fn storage_failed() -> ErrorObject {
    ErrorObject::new(ErrorCode::StorageFailed)
}

pub(super) fn wait(ms: u64) -> Duration {
    Duration::from_millis(ms).min(WAIT_MAX)
}

async fn offer(asker: &Asker, offered: ProxyOfferParams) -> Result<ProxyOfferResult, ErrorObject> {
    let taken = asker
        .registry
        .proxies
        .offer(asker.peer.user.as_str(), offered.sources, Timestamp::from(SystemTime::now()))
        .await;
    let refused = |error: OfferError| match error {
        OfferError::Fixed(setting) => ErrorObject::new(ErrorCode::FixedByPolicy).with("setting", setting),
        OfferError::TooLarge => ErrorObject::new(ErrorCode::InvalidParams).with("reason", error.to_string()),
        OfferError::Address(_) => {
            ErrorObject::new(ErrorCode::ProxyMalformed).with("reason", error.to_string())
        }
    };
    Ok(ProxyOfferResult { used: taken.map_err(refused)? })
}

fn list(asker: &Asker) -> ListResult {
    let seats = asker.registry.seats(&asker.peer.user);
    ListResult { conferences: seats.iter().map(listed).collect() }
}

fn listed(seat: &HeldSeat) -> ListedSeat {
    let view = seat.view.borrow();
    let (state, code) = seat_state(view.phase);
    ListedSeat {
        conference: view.membership.as_ref().map(|membership| membership.conference),
        server: seat.host.clone(),
        name: seat.name.to_string(),
        title: view.title.clone(),
        participant: view.membership.as_ref().map(|membership| membership.participant),
        state,
        code,
        waiting: view.waiting as u64,
        cursor: view.cursor,
    }
}

/// A phase in the words of the local API.
pub(super) fn seat_state(phase: Phase) -> (SeatState, Option<String>) {
    match phase {
        Phase::Joining => (SeatState::Joining, None),
        Phase::Joined => (SeatState::Joined, None),
        Phase::Left => (SeatState::Left, None),
        Phase::Refused { code } => (SeatState::Refused, Some(code.as_str().to_owned())),
    }
}

async fn history(asker: &Asker, wanted: HistoryParams) -> Result<HistoryResult, ErrorObject> {
    let seat = seat(asker, wanted.conference)?;
    let limit = usize::try_from(wanted.limit.clamp(1, HISTORY_MAX)).unwrap_or(1);
    let page = asker.registry.store.read_events(seat.id, wanted.after, limit, HISTORY_BYTES_MAX).await;
    let page = page.map_err(|_| storage_failed())?;
    let bytes: usize = page.iter().map(|item| item.text.len()).sum();
    let complete = page.len() < limit && bytes < HISTORY_BYTES_MAX;
    let through = page.last().map_or(wanted.after, |item| item.seq);
    Ok(HistoryResult { events: page.iter().filter_map(|item| raw(&item.text)).collect(), through, complete })
}

/// An event as it is passed on: the server wrote JSON, and that was checked when it came.
pub(super) fn raw(text: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(text.to_owned()).ok()
}

async fn act(asker: &Asker, wanted: ActParams) -> Result<ActResult, ErrorObject> {
    bodies::check(wanted.body.get())?;
    let seat = seat(asker, wanted.conference)?;
    want(asker, &seat, wanted.id, Arc::from(wanted.body.get()), wait(wanted.wait_ms)).await
}

async fn leave(asker: &Asker, wanted: convene_local_api::LeaveParams) -> Result<LeaveResult, ErrorObject> {
    let seat = seat(asker, wanted.conference)?;
    let body = serde_json::to_string(&Command::Leave).unwrap_or_default();
    let id = CommandId(Uuid::now_v7());
    let done = want(asker, &seat, id, Arc::from(body), wait(wanted.wait_ms)).await?;
    match done.state {
        CommandState::Accepted => Ok(LeaveResult { state: LeaveState::Left }),
        CommandState::Queued => Ok(LeaveResult { state: LeaveState::Queued }),
        CommandState::Refused => {
            Err(ErrorObject::new(ErrorCode::Refused).with("refusal", done.code.unwrap_or_default()))
        }
    }
}

/// Puts a command into a seat's outbox, and waits so long for its receipt.
pub(super) async fn want(
    asker: &Asker,
    seat: &HeldSeat,
    id: CommandId,
    body: Arc<str>,
    wait: Duration,
) -> Result<ActResult, ErrorObject> {
    let mut health = asker.registry.store.health();
    let (answer, acted) = oneshot::channel();
    let asked = async {
        send(seat, Wish::Act { seat: seat.id, id, body, answer }).await?;
        acted.await.map_err(|_| stopping())
    };
    let acted = tokio::select! {
        acted = asked => acted?,
        // It may still become durable once there is room; the same id asks what became of it.
        _ = health.wait_for(Option::is_some) => return Err(storage_failed()),
    };
    let settled = |outcome| match outcome {
        Outcome::Accepted { seq } => {
            ActResult { command: id, state: CommandState::Accepted, seq: Some(seq), code: None }
        }
        Outcome::Refused { code } => {
            let code = Some(code.as_str().to_owned());
            ActResult { command: id, state: CommandState::Refused, seq: None, code }
        }
    };
    match acted.map_err(refusal)? {
        Acted::Settled(outcome) => Ok(settled(outcome)),
        Acted::Queued(receipt) => Ok(match tokio::time::timeout(wait, receipt).await {
            Ok(Ok(outcome)) => settled(outcome),
            Ok(Err(_)) | Err(_) => {
                ActResult { command: id, state: CommandState::Queued, seq: None, code: None }
            }
        }),
    }
}

fn refusal(error: ActError) -> ErrorObject {
    match error {
        ActError::OutboxFull => ErrorObject::new(ErrorCode::OutboxFull),
        ActError::IdReused => ErrorObject::new(ErrorCode::IdReused),
        ActError::TooLarge => ErrorObject::new(ErrorCode::CommandTooLarge),
        ActError::SeatRefused { code } => ErrorObject::new(ErrorCode::Refused).with("refusal", code.as_str()),
    }
}
