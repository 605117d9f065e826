//! The status of the daemon as a whole, for administrators.

use std::collections::BTreeSet;

use convene_local_api::{
    API_VERSION, ConnectionState, Formats, Method as _, Request, SystemConnection, SystemStatus,
    SystemStatusResult,
};

use super::answers::{Answering, with};
use super::attendant::Asker;
use crate::registry::ConnectionSummary;
use crate::store;

/// Answers the methods of this room.
pub(super) fn answer<'a>(asker: &'a Asker, request: &'a Request) -> Answering<'a> {
    Box::pin(async move {
        match request.method.as_str() {
            SystemStatus::NAME => with::<SystemStatus, _>(request, |_| async { Ok(status(asker)) }).await,
            _ => None,
        }
    })
}

/// It names the users of the machine, so it is said to those alone who may change settings.
fn status(asker: &Asker) -> SystemStatusResult {
    let instance = &asker.means.instance;
    let summaries = asker.means.registry.summaries();
    let users: BTreeSet<&str> = summaries.iter().map(|standing| standing.user.as_str()).collect();
    SystemStatusResult {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: instance.started.clone(),
        state_directory: instance.state.display().to_string(),
        socket: instance.socket.to_string(),
        configuration: instance.files().iter().map(|file| file.display().to_string()).collect(),
        formats: Formats {
            store: store::FORM.unsigned_abs(),
            protocol: convene_protocol::VERSIONS.iter().copied().max().unwrap_or_default(),
            api: API_VERSION,
        },
        frontends: asker.quotas.attached.total() as u64,
        users: users.len() as u64,
        connections: summaries.into_iter().map(connection).collect(),
        storage: asker.means.registry.storage(),
    }
}

fn connection(ConnectionSummary { user, view, seats, waiting }: ConnectionSummary) -> SystemConnection {
    let failed = view.attempts.last().filter(|_| view.state != ConnectionState::Connected);
    SystemConnection {
        user,
        code: failed.map(|attempt| attempt.code.to_string()),
        server: view.server,
        state: view.state,
        route: view.route,
        since: view.since,
        seats,
        waiting,
    }
}
