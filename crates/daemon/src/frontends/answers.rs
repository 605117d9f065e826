//! What the daemon answers.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use convene_conference::{Command, Outcome};
use convene_local_api::{
    API_VERSION, Act, ActParams, ActResult, CommandState, ConnectionRetry, ConnectionWatch, DiscoverMethod,
    Dismiss, DismissParams, DismissResult, Empty, ErrorCode, ErrorObject, Forget, ForgetParams, Hello,
    HelloResult, History, Join, Leave, LeaveParams, LeaveResult, LeaveState, List, ListResult, ListedSeat,
    Method, ProxyOffer, ProxyOfferParams, ProxyOfferResult, ProxyTest, Request, SeatState, Storage,
    SystemStatus, Watch, error_line, openrpc, result_line,
};
use convene_model::{CommandId, ConferenceId, SeatName, Timestamp};
use convene_seat::{ActError, Phase};
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::attendant::{Asker, Lines};
use super::{bodies, history, joining, system, testing};
use crate::proxies::OfferError;
use crate::registry::{ForgetError, HeldSeat};
use crate::servers::{Acted, Acting, NotStored, Wish};
use crate::store::StoreError;

/// Who the daemon says it is.
const PROGRAM: &str = concat!("convened ", env!("CARGO_PKG_VERSION"));
/// How long a local answer may take, beside the wait for a server that the asker allows: reading
/// and answering never wait for a disk.
const LOCAL_MAX: Duration = Duration::from_secs(5);
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
        History::NAME => result::<History>(history::history(asker, params::<History>(request)?).await?),
        Act::NAME => result::<Act>(act(asker, params::<Act>(request)?).await?),
        Dismiss::NAME => result::<Dismiss>(dismiss(asker, &params::<Dismiss>(request)?).await?),
        Leave::NAME => result::<Leave>(leave(asker, params::<Leave>(request)?).await?),
        Forget::NAME => result::<Forget>(forget(asker, &params::<Forget>(request)?).await?),
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
    seats.into_iter().rfind(is_it).ok_or_else(|| unknown(SeatName::Conference(conference)))
}

fn unknown(seat: SeatName) -> ErrorObject {
    ErrorObject::new(ErrorCode::ConferenceUnknown).with("conference", seat.to_string())
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

fn unsure() -> ErrorObject {
    ErrorObject::new(ErrorCode::Unsure)
}

pub(super) fn not_stored(error: &StoreError) -> ErrorObject {
    match error {
        StoreError::Failing(_) => storage_failed(),
        StoreError::Unsure => unsure(),
        StoreError::Closed => stopping(),
    }
}

/// What comes in time, as all does but from a disk that hangs.
pub(super) async fn local<T>(
    answer: impl Future<Output = Result<T, ErrorObject>>,
    late: impl FnOnce() -> ErrorObject,
) -> Result<T, ErrorObject> {
    tokio::time::timeout(LOCAL_MAX, answer).await.unwrap_or_else(|_| Err(late()))
}

pub(super) fn wait(ms: u64) -> Duration {
    Duration::from_millis(ms).min(WAIT_MAX)
}

async fn offer(asker: &Asker, offered: ProxyOfferParams) -> Result<ProxyOfferResult, ErrorObject> {
    let now = Timestamp::from(SystemTime::now());
    let taken = asker.registry.proxies.offer(asker.peer.user.as_str(), offered.sources, now);
    let refused = |error: OfferError| match error {
        OfferError::Fixed(setting) => ErrorObject::new(ErrorCode::FixedByPolicy).with("setting", setting),
        OfferError::TooLarge => ErrorObject::new(ErrorCode::InvalidParams).with("reason", error.to_string()),
        OfferError::Address(_) => {
            ErrorObject::new(ErrorCode::ProxyMalformed).with("reason", error.to_string())
        }
    };
    let used = local(async { taken.await.map_err(refused) }, unsure).await?;
    Ok(ProxyOfferResult { used })
}

fn list(asker: &Asker) -> ListResult {
    let seats = asker.registry.seats(&asker.peer.user);
    let storage = asker.registry.storage();
    ListResult { conferences: seats.iter().map(|seat| listed(seat, storage)).collect() }
}

fn listed(seat: &HeldSeat, storage: Option<Storage>) -> ListedSeat {
    let view = seat.view.borrow();
    let (state, code) = seat_state(view.phase);
    ListedSeat {
        seat: SeatName::Number(seat.id.0.unsigned_abs()),
        conference: view.membership.as_ref().map(|membership| membership.conference),
        server: seat.host.clone(),
        name: seat.name.to_string(),
        title: view.title.clone(),
        participant: view.membership.as_ref().map(|membership| membership.participant),
        state,
        code,
        waiting: view.waiting as u64,
        cursor: view.cursor,
        storage,
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

/// An event as it is passed on: the server wrote JSON, and that was checked when it came.
pub(super) fn raw(text: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(text.to_owned()).ok()
}

async fn act(asker: &Asker, wanted: ActParams) -> Result<ActResult, ErrorObject> {
    bodies::check(wanted.body.get())?;
    let seat = seat(asker, wanted.conference)?;
    want(&seat, wanted.id, Arc::from(wanted.body.get()), wait(wanted.wait_ms)).await
}

async fn dismiss(asker: &Asker, wanted: &DismissParams) -> Result<DismissResult, ErrorObject> {
    let seat = seat(asker, wanted.conference)?;
    let (answer, done) = oneshot::channel();
    let asked = async {
        send(&seat, Wish::Dismiss { seat: seat.id, id: wanted.id, answer }).await?;
        done.await.map_err(|_| unsure())?.map_err(lost)
    };
    Ok(DismissResult { dismissed: local(asked, unsure).await? })
}

fn lost(change: NotStored) -> ErrorObject {
    match change {
        NotStored::Undone => storage_failed(),
        NotStored::Unsure => unsure(),
    }
}

/// A seat that never was a participant's has nobody to tell: it is given up.
async fn leave(asker: &Asker, wanted: LeaveParams) -> Result<LeaveResult, ErrorObject> {
    let named = asker.registry.named(&asker.peer.user, wanted.conference);
    let seat = named.last().ok_or_else(|| unknown(wanted.conference))?;
    if seat.view.borrow().membership.is_none() {
        let name = SeatName::Number(seat.id.0.unsigned_abs());
        forget(asker, &ForgetParams { seat: name }).await?;
        return Ok(LeaveResult { state: LeaveState::Left });
    }
    let body = serde_json::to_string(&Command::Leave).unwrap_or_default();
    let id = CommandId(Uuid::now_v7());
    let done = want(seat, id, Arc::from(body), wait(wanted.wait_ms)).await?;
    match done.state {
        CommandState::Accepted => Ok(LeaveResult { state: LeaveState::Left }),
        CommandState::Queued => Ok(LeaveResult { state: LeaveState::Queued }),
        CommandState::Unsure => Err(unsure()),
        CommandState::Refused => {
            Err(ErrorObject::new(ErrorCode::Refused).with("refusal", done.code.unwrap_or_default()))
        }
    }
}

async fn forget(asker: &Asker, wanted: &ForgetParams) -> Result<Empty, ErrorObject> {
    let forgotten = asker.registry.forget(&asker.peer.user, wanted.seat).await;
    forgotten.map(|()| Empty {}).map_err(|error| match error {
        ForgetError::Unknown => unknown(wanted.seat),
        ForgetError::StillJoined => ErrorObject::new(ErrorCode::StillJoined),
        ForgetError::Store(error) => not_stored(&error),
    })
}

/// Puts a command into a seat's outbox, and waits so long for its receipt.
pub(super) async fn want(
    seat: &HeldSeat,
    id: CommandId,
    body: Arc<str>,
    wait: Duration,
) -> Result<ActResult, ErrorObject> {
    let told = |state, seq, code| Ok(ActResult { command: id, state, seq, code });
    let settled = |outcome| match outcome {
        Outcome::Accepted { seq } => told(CommandState::Accepted, Some(seq), None),
        Outcome::Refused { code } => told(CommandState::Refused, None, Some(code.as_str().to_owned())),
    };
    let ((acted, answer), (receipt, decided)) = (oneshot::channel(), oneshot::channel());
    let wish = Wish::Act { seat: seat.id, id, body, answer: Acting { acted, receipt } };
    let asked = async {
        send(seat, wish).await?;
        Ok(answer.await.ok())
    };
    // Whoever has no answer by then, or none at all, cannot know: the disk may still take it.
    let Ok(answer) = tokio::time::timeout(LOCAL_MAX, asked).await else {
        return told(CommandState::Unsure, None, None);
    };
    match answer?.transpose().map_err(refusal)? {
        Some(Acted::Settled(outcome)) => settled(outcome),
        Some(Acted::NotStored(NotStored::Undone)) => Err(storage_failed()),
        Some(Acted::NotStored(NotStored::Unsure)) | None => told(CommandState::Unsure, None, None),
        Some(Acted::Queued) => match tokio::time::timeout(wait, decided).await {
            Ok(Ok(outcome)) => settled(outcome),
            Ok(Err(_)) | Err(_) => told(CommandState::Queued, None, None),
        },
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
