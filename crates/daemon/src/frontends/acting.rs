//! Commands: into the outbox, and what became of them.

use std::time::Duration;

use convene_conference::{Outcome, Receipt, Refusal};
use convene_local_api::{
    Act, ActParams, ActResult, CommandState, Dismiss, DismissParams, DismissResult, ErrorCode, ErrorObject,
    Method as _, Request,
};
use convene_model::{CommandId, Json, Point, Timestamp};
use convene_seat::ActError;
use tokio::sync::oneshot;

use super::answers::{Answering, LOCAL_MAX, local, send, storage_failed, unsure, wait, with};
use super::attendant::Asker;
use super::bodies;
use super::seats::seat;
use crate::registry::HeldSeat;
use crate::servers::{ActAnswer, Acting, NotStored, Wish};

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            Act::NAME => with::<Act, _>(request, |params| act(asker, params)).await,
            Dismiss::NAME => {
                with::<Dismiss, _>(request, |params| async move { dismiss(asker, &params).await }).await
            }
            _ => None,
        }
    })
}

async fn act(asker: &Asker, wanted: ActParams) -> Result<ActResult, ErrorObject> {
    bodies::check(wanted.body.get())?;
    let seat = seat(asker, &wanted.conference)?;
    if !asker.means.registry.may_wait(&seat.user, wanted.body.get().len()) {
        return Err(ErrorObject::new(ErrorCode::OutboxFull));
    }
    want(&seat, wanted.id, wanted.body, wanted.seen, wait(wanted.wait_ms)).await
}

async fn dismiss(asker: &Asker, wanted: &DismissParams) -> Result<DismissResult, ErrorObject> {
    let seat = seat(asker, &wanted.conference)?;
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

/// The result of a command that was decided, of a seat that knows when its conference opens.
pub(super) fn decided(receipt: Receipt, opens: Option<Timestamp>) -> ActResult {
    let Receipt { id: command, number, outcome } = receipt;
    let result = |state| ActResult { command, state, seq: None, code: None, opens: None };
    match outcome {
        Outcome::Accepted => ActResult { seq: Some(number), ..result(CommandState::Accepted) },
        Outcome::Refused { code } => refused(command, code, opens),
        // A later version of this program will know.
        Outcome::Other => result(CommandState::Queued),
    }
}

/// The result of a command that was refused.
pub(super) fn refused(command: CommandId, code: Refusal, opens: Option<Timestamp>) -> ActResult {
    let opens = opens.filter(|_| code == Refusal::NotOpenYet);
    let code = Some(code.as_str().to_owned());
    ActResult { command, state: CommandState::Refused, seq: None, code, opens }
}

/// Puts a command into a seat's outbox, and waits so long for its receipt.
pub(super) async fn want(
    seat: &HeldSeat,
    id: CommandId,
    body: Json,
    seen: Option<Point>,
    wait: Duration,
) -> Result<ActResult, ErrorObject> {
    let told = |state| Ok(ActResult { command: id, state, seq: None, code: None, opens: None });
    let decided = |receipt| Ok(decided(receipt, opens(seat)));
    let ((acted, answer), (receipt, received)) = (oneshot::channel(), oneshot::channel());
    let wish = Wish::Act { seat: seat.id, id, body, seen, answer: Acting { acted, receipt } };
    let asked = async {
        send(seat, wish).await?;
        Ok(answer.await.ok())
    };
    // Anyone who has no answer by then, or none at all, cannot know: the disk may still take it.
    let Ok(answer) = tokio::time::timeout(LOCAL_MAX, asked).await else {
        return told(CommandState::Unsure);
    };
    match answer?.transpose().map_err(refusal)? {
        Some(ActAnswer::Decided(receipt)) => decided(receipt),
        Some(ActAnswer::NotStored(NotStored::Undone)) => Err(storage_failed()),
        Some(ActAnswer::NotStored(NotStored::Unsure)) | None => told(CommandState::Unsure),
        Some(ActAnswer::Queued) => match tokio::time::timeout(wait, received).await {
            Ok(Ok(receipt)) => decided(receipt),
            Ok(Err(_)) | Err(_) => told(CommandState::Queued),
        },
    }
}

/// When the conference opens, as far as the seat knows.
fn opens(seat: &HeldSeat) -> Option<Timestamp> {
    seat.view.borrow().now.as_ref().and_then(|now| now.opens)
}

fn refusal(error: ActError) -> ErrorObject {
    match error {
        ActError::OutboxFull => ErrorObject::new(ErrorCode::OutboxFull),
        ActError::IdReused => ErrorObject::new(ErrorCode::IdReused),
        ActError::TooLarge => ErrorObject::new(ErrorCode::CommandTooLarge),
        ActError::StoreFailed => storage_failed(),
        ActError::SeatRefused { code } => ErrorObject::new(ErrorCode::Refused).with("refusal", code.as_str()),
    }
}
