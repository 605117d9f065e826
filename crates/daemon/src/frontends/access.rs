//! Checks of the access: a frontend begins them, and is told how they go on.

use convene_local_api::{
    AccessChanged, AccessCheck, AccessCheckParams, AccessCheckResult, AccessReason, ErrorObject, Method as _,
    Request, notification_line, result_line,
};
use tokio::time::timeout;

use super::answers::{Answering, LOCAL_MAX, params, with};
use super::attendant::Asker;
use super::lines::Lines;

/// Answers the methods of this room, where the frontend follows already.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            AccessCheck::NAME => {
                with::<AccessCheck, _>(request, |wanted| async move { Ok(check(asker, &wanted).await) }).await
            }
            _ => None,
        }
    })
}

/// Begins the checks that are wanted. Where that takes long, what was there before is the answer,
/// and the rest is told.
async fn check(asker: &Asker, wanted: &AccessCheckParams) -> AccessCheckResult {
    let (access, user) = (&asker.means.access, asker.peer.user.as_str());
    let server = wanted.server.as_deref();
    let begun = access.begin(user, server, AccessReason::Asked);
    if !wanted.watch_only && timeout(LOCAL_MAX, begun).await.is_err() {
        tracing::warn!("an access check takes long to begin");
    }
    AccessCheckResult { checks: access.last(user, server) }
}

/// Begins the checks that are wanted, and tells how they and all later ones of this user go on: the
/// whole record whenever one of its steps did. A frontend that reads slowly is told less often.
pub(super) async fn follow(asker: &Asker, request: &Request, lines: &Lines) -> Result<(), ErrorObject> {
    let wanted = params::<AccessCheck>(request)?;
    let (access, user) = (&asker.means.access, asker.peer.user.as_str());
    let mut changes = access.changes();
    let (mut told, _) = access.since(user, u64::MAX);
    let result = check(asker, &wanted).await;
    let Some(id) = &request.id else { return Ok(()) };
    if lines.send(result_line(id, &result)).await.is_err() {
        return Ok(());
    }
    while changes.changed().await.is_ok() {
        let (count, fresh) = access.since(user, told);
        told = count;
        for check in fresh {
            if lines.send(notification_line(&AccessChanged { check })).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}
