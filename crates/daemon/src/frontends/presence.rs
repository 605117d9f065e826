//! The participants of a conference who are connected.

use convene_local_api::{Method as _, Presence, PresenceParams, PresenceResult, Request};

use super::answers::{Answering, with};
use super::attendant::Asker;
use super::seats::seat;
use super::telling::participants;

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            Presence::NAME => {
                with::<Presence, _>(request, |PresenceParams { conference }| async move {
                    let seat = seat(asker, &conference)?;
                    let online = seat.view.borrow().online.clone();
                    Ok(PresenceResult { online: online.as_deref().map(participants) })
                })
                .await
            }
            _ => None,
        }
    })
}
