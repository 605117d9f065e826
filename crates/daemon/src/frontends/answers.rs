//! The answers of the daemon.

use std::pin::Pin;
use std::time::Duration;

use convene_local_api::{ErrorCode, ErrorObject, Method, Request, error_line, result_line};
use serde_json::value::RawValue;

use super::attendant::{Asker, Lines};
use super::{acting, hello, history, joining, proxies, seats, system, watching};
use crate::registry::HeldSeat;
use crate::servers::Wish;
use crate::store::StoreError;

/// How long a local answer may take, beside the wait for a server that the asker allows: reading
/// and answering never wait for a disk.
pub(super) const LOCAL_MAX: Duration = Duration::from_secs(5);
/// How long anyone may wait: a frontend that wants longer asks again.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// The answer of a method, as it is sent.
pub(super) type Answer = Result<Box<RawValue>, ErrorObject>;

/// An answer on its way; `None` where the method belongs to another room.
pub(super) type Answering<'a> = Pin<Box<dyn Future<Output = Option<Answer>> + Send + 'a>>;

/// The rooms that answer. Each knows its methods by name, so that a new method is added in one of
/// them and nowhere else here.
const ROOMS: [for<'a> fn(&'a Asker, &'a Request) -> Answering<'a>; 8] = [
    hello::answer,
    system::answer,
    proxies::answer,
    joining::answer,
    seats::answer,
    acting::answer,
    history::answer,
    watching::answer,
];

/// Answers one request, unless it wants no answer.
pub(super) async fn answer(asker: Asker, request: Request, lines: Lines) {
    let id = request.id.clone();
    let result = Box::pin(carry_out(&asker, &request)).await;
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
    for room in ROOMS {
        if let Some(answered) = room(asker, request).await {
            return answered;
        }
    }
    Err(ErrorObject::new(ErrorCode::MethodNotFound).with("method", request.method.as_str()))
}

/// The answer of one method: its parameters are read, and its result is written.
pub(super) async fn with<M: Method, F: Future<Output = Result<M::Result, ErrorObject>>>(
    request: &Request,
    work: impl FnOnce(M::Params) -> F,
) -> Option<Answer> {
    let answered = async { result::<M>(work(params::<M>(request)?).await?) };
    Some(answered.await)
}

/// The parameters, if they fit the method.
pub(super) fn params<M: Method>(request: &Request) -> Result<M::Params, ErrorObject> {
    serde_json::from_str(request.params.get())
        .map_err(|error| ErrorObject::new(ErrorCode::InvalidParams).with("reason", error.to_string()))
}

fn result<M: Method>(result: M::Result) -> Result<Box<RawValue>, ErrorObject> {
    serde_json::value::to_raw_value(&result).map_err(|_| stopping())
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

pub(super) fn unsure() -> ErrorObject {
    ErrorObject::new(ErrorCode::Unsure)
}

pub(super) fn not_stored(error: &StoreError) -> ErrorObject {
    match error {
        StoreError::Failing(_) => storage_failed(),
        StoreError::Unsure => unsure(),
        StoreError::Closed => stopping(),
    }
}

/// Gives the answer if it comes in time, which it does unless a disk hangs; otherwise gives `late`.
pub(super) async fn local<T>(
    answer: impl Future<Output = Result<T, ErrorObject>>,
    late: impl FnOnce() -> ErrorObject,
) -> Result<T, ErrorObject> {
    tokio::time::timeout(LOCAL_MAX, answer).await.unwrap_or_else(|_| Err(late()))
}

pub(super) fn wait(ms: u64) -> Duration {
    Duration::from_millis(ms).min(WAIT_MAX)
}
