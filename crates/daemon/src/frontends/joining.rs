//! Joining: as long as a person waits, and no longer.

use std::time::Duration;

use convene_conference::{Command, Refusal};
use convene_local_api::{
    CommandState, ConnectionState, ErrorCode, ErrorObject, Join, JoinParams, JoinResult, JoinState,
    Method as _, Request,
};
use convene_model::{CommandId, JoinLink, JoinLinkError, Json, LogId, Name, NameError};
use convene_seat::Standing;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::acting::want;
use super::answers::{Answering, not_stored, send, stopping, unsure, wait, with};
use super::attendant::Asker;
use crate::registry::{HeldSeat, JoinError};
use crate::servers::Wish;

/// How long a login that was given may take to show what it is worth.
const LOGIN_WAIT: Duration = Duration::from_secs(10);
/// How long a connection may take to begin anew: until then what it tells is how it failed before.
const OUTDATED: Duration = Duration::from_secs(1);

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            Join::NAME => with::<Join, _>(request, |params| Box::pin(join(asker, params))).await,
            _ => None,
        }
    })
}

/// Joins, or finds out why not.
async fn join(asker: &Asker, wanted: JoinParams) -> Result<JoinResult, ErrorObject> {
    let link = JoinLink::find(&wanted.link).map_err(malformed)?;
    let name: Name = wanted.name.parse().map_err(|error| invalid(&error))?;
    let taken = asker.means.registry.join(&asker.peer.user, &link, name.clone()).await;
    let seat = taken.map_err(|error| refused(&error))?;
    let deadline = Instant::now() + wait(wanted.wait_ms);
    if !seat.view.borrow().takes_part() {
        asker.means.access.await_seat(seat.clone());
    }
    if let Some(log) = wanted.log {
        turn_to(&seat, log, name.clone()).await?;
    }
    let standing = seat.view.borrow().standing;
    match standing {
        Standing::Left => come_back(&seat, name).await?,
        // Anyone who joins again after a failure wants it now, and may know a better password.
        Standing::Joining | Standing::NotHereNow { .. } | Standing::Refused { .. } => {
            asker.means.logins.forgive(asker.peer.user.as_str());
            send(&seat, Wish::Retry).await?;
        }
        Standing::Joined | Standing::Removed => {}
    }
    let known = seat.server.status.borrow().state;
    // An earlier failure says nothing of this time.
    let outdated = if is_hopeless(known) { Instant::now() + OUTDATED } else { Instant::now() };
    await_end(asker, seat, deadline, outdated).await
}

async fn come_back(seat: &HeldSeat, name: Name) -> Result<(), ErrorObject> {
    let body = Json::of(&Command::Join(convene_conference::Join { name })).map_err(|_| stopping())?;
    let done = want(seat, CommandId(Uuid::now_v7()), body, None, Duration::ZERO).await?;
    if done.state == CommandState::Unsure { Err(unsure()) } else { Ok(()) }
}

/// Turns the seat to the log that the server shows in place of the one that it knows.
async fn turn_to(seat: &HeldSeat, log: LogId, name: Name) -> Result<(), ErrorObject> {
    let (answer, turned) = oneshot::channel();
    send(seat, Wish::JoinLog { seat: seat.id, log, name, answer }).await?;
    let turned = turned.await.map_err(|_| stopping())?;
    if turned { Ok(()) } else { Err(ErrorObject::new(ErrorCode::LogUnknown).with("log", log.to_string())) }
}

/// Waits until the seat is a participant's, is refused, or it is known why not. While the person is
/// asked for a login at a proxy nobody is in a hurry. Failures before `outdated` do not count.
async fn await_end(
    asker: &Asker,
    mut seat: HeldSeat,
    mut deadline: Instant,
    mut outdated: Instant,
) -> Result<JoinResult, ErrorObject> {
    let mut status = seat.server.status.clone();
    let mut questions = asker.means.logins.open();
    let mut was_asked = false;
    // An earlier answer of the server's says nothing of this time.
    let before = seat.view.borrow().standing;
    loop {
        let is_asked = questions.borrow_and_update().contains(asker.peer.user.as_str());
        if was_asked && !is_asked {
            let now = Instant::now();
            (outdated, deadline) = (now + OUTDATED, deadline.max(now + LOGIN_WAIT));
        }
        was_asked = is_asked;
        let (standing, conference, participant) = {
            let view = seat.view.borrow_and_update();
            (view.standing, view.conference, view.participant)
        };
        let (state, attempts, inspected_by) = {
            let status = status.borrow_and_update();
            (status.state, status.attempts.clone(), status.inspected_by.clone())
        };
        let is_hopeless = is_hopeless(state);
        let (state, code) = match standing {
            Standing::Refused { code, .. } => {
                return Err(ErrorObject::new(ErrorCode::Refused).with("refusal", code.as_str()));
            }
            Standing::Removed => {
                return Err(ErrorObject::new(ErrorCode::Refused).with("refusal", Refusal::Removed.as_str()));
            }
            Standing::Joined => (JoinState::Joined, None),
            Standing::Joining | Standing::Left => (JoinState::Joining, None),
            Standing::NotHereNow { code, .. } => (JoinState::NotHereNow, Some(code.as_str().to_owned())),
        };
        let attempts = if state == JoinState::Joined { Vec::new() } else { attempts };
        let stands = JoinResult { conference, participant, state, code, attempts, inspected_by };
        let is_answer = match state {
            JoinState::Joined => true,
            JoinState::Joining => false,
            JoinState::NotHereNow => standing != before,
        };
        if is_answer {
            if let Err(error) = asker.means.registry.forget_replaced(&seat).await {
                tracing::warn!(%error, "seats that were refused before could not be forgotten");
            }
            return Ok(stands);
        }
        let counts = !is_asked && Instant::now() >= outdated;
        if is_hopeless && counts {
            return Ok(stands);
        }
        tokio::select! {
            changed = questions.changed() => changed.map_err(|_| stopping())?,
            () = sleep_until(outdated), if is_hopeless && !is_asked => {}
            changed = seat.view.changed() => changed.map_err(|_| stopping())?,
            changed = status.changed() => changed.map_err(|_| stopping())?,
            () = sleep_until(deadline), if !is_asked => return Ok(stands),
        }
    }
}

fn is_hopeless(state: ConnectionState) -> bool {
    matches!(state, ConnectionState::Blocked | ConnectionState::Offline)
}

fn malformed(error: JoinLinkError) -> ErrorObject {
    ErrorObject::new(ErrorCode::LinkMalformed).with("part", error.part()).with("reason", error.to_string())
}

fn invalid(error: &NameError) -> ErrorObject {
    ErrorObject::new(ErrorCode::NameInvalid).with("reason", error.to_string())
}

fn refused(error: &JoinError) -> ErrorObject {
    match error {
        JoinError::TooManySeats => ErrorObject::new(ErrorCode::TooManySeats),
        JoinError::Store(error) => not_stored(error),
        JoinError::Stopping => stopping(),
        JoinError::Dial(_) | JoinError::CaFile(_) => {
            tracing::error!(%error, "a server cannot be dialled");
            ErrorObject::new(ErrorCode::ConfigurationInvalid).with("reason", error.to_string())
        }
    }
}
