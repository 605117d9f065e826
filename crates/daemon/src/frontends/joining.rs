//! Joining: as long as a person waits, and no longer.

use std::sync::Arc;
use std::time::Duration;

use convene_conference::Command;
use convene_local_api::{ConnectionState, ErrorCode, ErrorObject, JoinParams, JoinResult, JoinState};
use convene_model::{CommandId, JoinLink, JoinLinkError, Name, NameError};
use convene_seat::Phase;
use uuid::Uuid;

use super::answers::{send, stopping, storage_failed, wait, want};
use super::attendant::Asker;
use crate::registry::{HeldSeat, JoinError};
use crate::servers::Wish;

/// Joins, or finds out why not.
pub(super) async fn join(asker: &Asker, wanted: JoinParams) -> Result<JoinResult, ErrorObject> {
    let link: JoinLink = wanted.link.trim().parse().map_err(|error| malformed(&error))?;
    let name: Name = wanted.name.parse().map_err(|error| invalid(&error))?;
    let seat =
        asker.registry.join(&asker.peer.user, &link, name.clone()).await.map_err(|error| refused(&error))?;
    let deadline = tokio::time::Instant::now() + wait(wanted.wait_ms);
    let phase = seat.view.borrow().phase;
    match phase {
        Phase::Left => come_back(asker, &seat, name).await?,
        // Whoever joins again after a failure wants it now.
        Phase::Joining => send(&seat, Wish::Retry).await?,
        Phase::Joined | Phase::Refused { .. } => {}
    }
    answer(seat, deadline).await
}

async fn come_back(asker: &Asker, seat: &HeldSeat, name: Name) -> Result<(), ErrorObject> {
    let body = serde_json::to_string(&Command::Join { name }).unwrap_or_default();
    want(asker, seat, CommandId(Uuid::now_v7()), Arc::from(body), Duration::ZERO).await.map(|_| ())
}

/// Waits until the seat is a participant's, is refused, or it is known why not.
async fn answer(mut seat: HeldSeat, deadline: tokio::time::Instant) -> Result<JoinResult, ErrorObject> {
    let mut status = seat.server.status.clone();
    loop {
        let (phase, membership) = {
            let view = seat.view.borrow_and_update();
            (view.phase, view.membership.clone())
        };
        let (state, attempts, inspected_by) = {
            let status = status.borrow_and_update();
            (status.state, status.attempts.clone(), status.inspected_by.clone())
        };
        let conference = membership.as_ref().map(|membership| membership.conference);
        let participant = membership.map(|membership| membership.participant);
        match phase {
            Phase::Joined => {
                return Ok(JoinResult {
                    conference,
                    participant,
                    state: JoinState::Joined,
                    attempts: Vec::new(),
                    inspected_by,
                });
            }
            Phase::Refused { code } => {
                return Err(ErrorObject::new(ErrorCode::Refused).with("refusal", code.as_str()));
            }
            Phase::Joining | Phase::Left => {}
        }
        let is_hopeless = matches!(state, ConnectionState::Blocked | ConnectionState::Offline);
        let waiting =
            JoinResult { conference, participant, state: JoinState::Joining, attempts, inspected_by };
        if is_hopeless {
            return Ok(waiting);
        }
        tokio::select! {
            changed = seat.view.changed() => changed.map_err(|_| stopping())?,
            changed = status.changed() => changed.map_err(|_| stopping())?,
            () = tokio::time::sleep_until(deadline) => return Ok(waiting),
        }
    }
}

fn malformed(error: &JoinLinkError) -> ErrorObject {
    ErrorObject::new(ErrorCode::LinkMalformed).with("reason", error.to_string())
}

fn invalid(error: &NameError) -> ErrorObject {
    ErrorObject::new(ErrorCode::NameInvalid).with("reason", error.to_string())
}

fn refused(error: &JoinError) -> ErrorObject {
    match error {
        JoinError::TooManySeats => ErrorObject::new(ErrorCode::TooManySeats),
        JoinError::Store(_) => storage_failed(),
        JoinError::Stopping => stopping(),
        JoinError::Dial(_) | JoinError::CaFile { .. } => {
            tracing::error!(%error, "a server cannot be dialled");
            ErrorObject::new(ErrorCode::ConfigurationInvalid).with("reason", error.to_string())
        }
    }
}
