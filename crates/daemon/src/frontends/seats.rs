//! The seats of a user: which there are, and letting them go.

use std::collections::{BTreeMap, BTreeSet};

use convene_conference::{Command, Refusal};
use convene_local_api::{
    CommandState, ConnectionState, Empty, ErrorCode, ErrorObject, Forget, ForgetParams, Leave, LeaveParams,
    LeaveResult, LeaveState, List, ListResult, ListedSeat, Method as _, Request, SeatState, Storage,
};
use convene_model::{Code, CommandId, Json, LogId, SeatName};
use convene_seat::Standing;
use uuid::Uuid;

use super::acting::want;
use super::answers::{Answering, not_stored, stopping, unsure, wait, with};
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

/// The seat that this user means. Where there are several on one server, it is the latest.
pub(super) fn seat(asker: &Asker, name: &SeatName) -> Result<HeldSeat, ErrorObject> {
    let named = asker.means.registry.named(&asker.peer.user, name);
    match ambiguous(&named, name) {
        Some(error) => Err(error),
        None => named.into_iter().next_back().ok_or_else(|| unknown(name)),
    }
}

/// Why a name does not say which of these seats is meant: they are on several servers, which links
/// may have told by their keys alone.
fn ambiguous(named: &[HeldSeat], name: &SeatName) -> Option<ErrorObject> {
    // The latest seat on each.
    let of_servers: BTreeMap<_, _> = named.iter().map(|seat| (seat.server_identity(), seat)).collect();
    if of_servers.len() < 2 {
        return None;
    }
    let servers: BTreeSet<String> = of_servers.values().map(|seat| seat.server_name()).collect();
    let servers: Vec<String> = servers.into_iter().collect();
    let mut seats: Vec<&HeldSeat> = of_servers.into_values().collect();
    seats.sort_by_key(|seat| seat.id);
    let seats: Vec<String> = seats.into_iter().map(|seat| own_name(seat).to_string()).collect();
    let error = ErrorObject::new(ErrorCode::ConferenceAmbiguous).with("conference", name.to_string());
    Some(error.with("servers", servers).with("seats", seats))
}

/// The name that no other seat of the machine has.
fn own_name(seat: &HeldSeat) -> SeatName {
    SeatName::Number(seat.id.0.unsigned_abs())
}

pub(super) fn unknown(seat: &SeatName) -> ErrorObject {
    ErrorObject::new(ErrorCode::ConferenceUnknown).with("conference", seat.to_string())
}

fn list(asker: &Asker) -> ListResult {
    let seats = asker.means.registry.seats(&asker.peer.user);
    let storage = asker.means.registry.storage();
    ListResult { conferences: seats.iter().map(|seat| listed(seat, storage)).collect() }
}

fn listed(seat: &HeldSeat, storage: Option<Storage>) -> ListedSeat {
    let view = seat.view.borrow();
    let (state, code, other_log) = seat_state(view.standing);
    let connection = seat.server.status.borrow();
    let failed = connection.attempts.iter().filter(|_| connection.state != ConnectionState::Connected);
    let of_version = failed.filter(|attempt| attempt.code == Code::VersionUnsupported);
    ListedSeat {
        seat: own_name(seat),
        conference: view.conference,
        server: seat.host.clone(),
        fingerprint: seat.fingerprint(),
        name: view.name.clone().unwrap_or_else(|| seat.name.to_string()),
        title: view.title.clone(),
        participant: view.participant,
        state,
        code,
        other_log,
        remedy: of_version.map(|attempt| attempt.remedy).next(),
        waiting: view.waiting as u64,
        cursor: view.cursor,
        now: view.now.clone(),
        storage,
    }
}

/// A standing in the words of the local API: with why, and the log that the server shows in place
/// of the seat's.
pub(super) fn seat_state(standing: Standing) -> (SeatState, Option<String>, Option<LogId>) {
    match standing {
        Standing::Joining => (SeatState::Joining, None, None),
        Standing::Joined => (SeatState::Joined, None, None),
        Standing::Left => (SeatState::Left, None, None),
        Standing::Removed => (SeatState::Left, Some(Refusal::Removed.as_str().to_owned()), None),
        Standing::Refused { code, .. } => (SeatState::Refused, Some(code.as_str().to_owned()), None),
        Standing::NotHereNow { code, other_log } => {
            (SeatState::NotHereNow, Some(code.as_str().to_owned()), other_log)
        }
    }
}

/// A seat that is in no conference yet has nobody to tell: it is given up.
async fn leave(asker: &Asker, wanted: LeaveParams) -> Result<LeaveResult, ErrorObject> {
    let seat = seat(asker, &wanted.conference)?;
    if seat.view.borrow().conference.is_none() {
        forget(asker, &ForgetParams { seat: own_name(&seat) }).await?;
        return Ok(LeaveResult { state: LeaveState::Left });
    }
    let body = Json::of(&Command::Leave).map_err(|_| stopping())?;
    let id = CommandId(Uuid::now_v7());
    let done = want(&seat, id, body, None, wait(wanted.wait_ms)).await?;
    match done.state {
        CommandState::Accepted => Ok(LeaveResult { state: LeaveState::Left }),
        CommandState::Queued => Ok(LeaveResult { state: LeaveState::Queued }),
        CommandState::Unsure => Err(unsure()),
        CommandState::Refused | CommandState::Lost => {
            Err(ErrorObject::new(ErrorCode::Refused).with("refusal", done.code.unwrap_or_default()))
        }
    }
}

async fn forget(asker: &Asker, wanted: &ForgetParams) -> Result<Empty, ErrorObject> {
    seat(asker, &wanted.seat)?;
    let forgotten = asker.means.registry.forget(&asker.peer.user, &wanted.seat).await;
    forgotten.map(|()| Empty {}).map_err(|error| match error {
        ForgetError::Unknown => unknown(&wanted.seat),
        ForgetError::StillJoined => ErrorObject::new(ErrorCode::StillJoined),
        ForgetError::Store(error) => not_stored(&error),
    })
}
