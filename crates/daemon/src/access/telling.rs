//! Telling the organizers how a check went, where the user agreed to that.

use convene_conference::{Command, Outcome, TellAccess};
use convene_local_api::AccessVerdict;
use convene_model::{CommandId, Json};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::registry::HeldSeat;
use crate::servers::{ActAnswer, Acting, Wish};
use crate::settings::tell_access_key;
use crate::store::Store;

/// Whether the organizers of this user's conferences are to be told how the access check went
/// (`tell_access` of the user's own settings). Not, before the user has said so.
pub(super) async fn tell_access(store: &Store, user: &str) -> bool {
    let kept = store.recall(&tell_access_key(user)).await.ok().flatten();
    kept.is_some_and(|kept| kept == b"true")
}

/// Gives the verdict to the seat's outbox; says whether it is there or was decided. What a server
/// refuses, such as an older one that knows no such command, is let go: nobody wrote it.
pub(super) async fn tell(seat: &HeldSeat, verdict: AccessVerdict) -> bool {
    let tell = TellAccess { verdict, version: env!("CARGO_PKG_VERSION").to_owned() };
    let Ok(body) = Json::of(&Command::Access(tell)) else { return false };
    let id = CommandId(Uuid::now_v7());
    let ((acted, answer), (receipt, received)) = (oneshot::channel(), oneshot::channel());
    let wish = Wish::Act { seat: seat.id, id, body, seen: None, answer: Acting { acted, receipt } };
    if seat.server.wishes.send(wish).await.is_err() {
        return false;
    }
    let outcome = match answer.await {
        Ok(Ok(ActAnswer::Decided(receipt))) => receipt.outcome,
        // It may take until the server is reached.
        Ok(Ok(ActAnswer::Queued)) => match received.await {
            Ok(receipt) => receipt.outcome,
            Err(_) => return true,
        },
        Ok(Ok(ActAnswer::NotStored(_)) | Err(_)) | Err(_) => return false,
    };
    if matches!(outcome, Outcome::Refused { .. }) {
        let (answer, dismissed) = oneshot::channel();
        let wish = Wish::Dismiss { seat: seat.id, id, answer };
        if seat.server.wishes.send(wish).await.is_ok() && dismissed.await.is_err() {
            tracing::debug!("a seat was removed before its access check was told");
        }
    }
    true
}
