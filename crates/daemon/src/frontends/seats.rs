//! The seats of a user: which there are, and letting them go.

use std::sync::Arc;

use convene_conference::Command;
use convene_local_api::{
    CommandState, Empty, ErrorCode, ErrorObject, Forget, ForgetParams, Leave, LeaveParams, LeaveResult,
    LeaveState, List, ListResult, ListedSeat, Method as _, Request, SeatState, Storage,
};
use convene_model::{CommandId, ConferenceId, SeatName};
use convene_seat::Phase;
use uuid::Uuid;

use super::acting::want;
use super::answers::{Answering, not_stored, unsure, wait, with};
use super::attendant::Asker;
use crate::registry::{ForgetError, HeldSeat};

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            List::NAME => with::<List, _>(request, |_| async { Ok(list(asker)) }).await,
            Leave::NAME => with::<Leave, _>(request, |params| leave(asker, params)).await,
            Forget::NAME => {
                with::<Forget, _>(request, |params| async move { forget(asker, &params).await }).await
            }
            _ => None,
        }
    })
}

/// This user's seat in a conference.
pub(super) fn seat(asker: &Asker, conference: ConferenceId) -> Result<HeldSeat, ErrorObject> {
    let seats = asker.means.registry.seats(&asker.peer.user);
    let is_it = |seat: &HeldSeat| {
        seat.view.borrow().membership.as_ref().is_some_and(|membership| membership.conference == conference)
    };
    seats.into_iter().rfind(is_it).ok_or_else(|| unknown(SeatName::Conference(conference)))
}

fn unknown(seat: SeatName) -> ErrorObject {
    ErrorObject::new(ErrorCode::ConferenceUnknown).with("conference", seat.to_string())
}

fn list(asker: &Asker) -> ListResult {
    let seats = asker.means.registry.seats(&asker.peer.user);
    let storage = asker.means.registry.storage();
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

/// A seat that never was a participant's has nobody to tell: it is given up.
async fn leave(asker: &Asker, wanted: LeaveParams) -> Result<LeaveResult, ErrorObject> {
    let named = asker.means.registry.named(&asker.peer.user, wanted.conference);
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
    let forgotten = asker.means.registry.forget(&asker.peer.user, wanted.seat).await;
    forgotten.map(|()| Empty {}).map_err(|error| match error {
        ForgetError::Unknown => unknown(wanted.seat),
        ForgetError::StillJoined => ErrorObject::new(ErrorCode::StillJoined),
        ForgetError::Store(error) => not_stored(&error),
    })
}
