//! The state of a server's connection, as frontends see it.

use std::time::SystemTime;

use convene_local_api::{Connection as View, ConnectionRoute, ConnectionState};
use convene_model::{Attempt, Timestamp};
use convene_reach::{Route, Verdict};
use convene_service_log::number;
use convene_uplink::Connection;

use super::scripts::SearchStatus;
use crate::rules::Rules;
use crate::store::ServerAddress;

/// Before anything is known.
pub(super) fn initial(address: &ServerAddress, rules: &Rules) -> View {
    View {
        server: address.host.clone(),
        ports: rules.ports,
        https_port: rules.https_port,
        state: ConnectionState::Connecting,
        route: None,
        since: Timestamp::from(SystemTime::now()).to_string(),
        attempts: Vec::new(),
        inspected_by: None,
        contact: rules.contact.clone(),
        storage: None,
        clock_offset_ms: None,
    }
}

/// The view after a change, with why no proxy was found, if so; `since` moves where the state or
/// the way does.
pub(super) fn refreshed(before: &View, connection: &Connection, search: &SearchStatus) -> View {
    let ladder = connection.ladder();
    let current = ladder.current().filter(|_| connection.is_attached());
    let route = current.map(|(route, _)| shown(route));
    let portal = connection.portal();
    let state = match (&route, ladder.verdict()) {
        (Some(_), _) => ConnectionState::Connected,
        (None, _) if portal.is_some() => ConnectionState::Blocked,
        (None, None) => ConnectionState::Connecting,
        (None, Some(_)) if search.searching => ConnectionState::Connecting,
        (None, Some(Verdict::Connecting)) => ConnectionState::Connecting,
        (None, Some(Verdict::Blocked)) => ConnectionState::Blocked,
        (None, Some(Verdict::Offline)) => ConnectionState::Offline,
    };
    let moved = state != before.state || route != before.route;
    let mut attempts: Vec<Attempt> = portal.cloned().into_iter().chain(ladder.attempts()).collect();
    // Once a way was found, it is of no interest that no proxy was found.
    if route.is_none() {
        attempts.extend(search.attempts.iter().cloned());
    }
    View {
        server: before.server.clone(),
        ports: before.ports,
        https_port: before.https_port,
        state,
        route,
        since: if moved { Timestamp::from(SystemTime::now()).to_string() } else { before.since.clone() },
        attempts,
        inspected_by: connection.inspected_by().map(str::to_owned),
        contact: before.contact.clone(),
        storage: None,
        clock_offset_ms: before.clock_offset_ms,
    }
}

/// Tells administrators of another way, and of none. (Why the last one ended is told where it is
/// known.)
pub(super) fn log(user: &str, before: &View, fresh: &View) {
    let View { server, state, route, .. } = fresh;
    match (state, route) {
        (ConnectionState::Connected, Some(route)) if before.route.as_ref() != Some(route) => {
            let ConnectionRoute { rung, target, proxy, carrier } = route;
            let proxy = proxy.as_deref();
            tracing::info!(
                number = number::CONNECTED,
                server,
                user,
                ?rung,
                target,
                proxy,
                ?carrier,
                "connected"
            );
        }
        (ConnectionState::Blocked | ConnectionState::Offline, _) if before.state != *state => {
            let failed =
                |attempt: &Attempt| format!("{} {}: {}", attempt.stage, attempt.target, attempt.code);
            let attempts = fresh.attempts.iter().map(failed).collect::<Vec<_>>().join("; ");
            tracing::info!(
                number = number::NOT_REACHED,
                server,
                user,
                ?state,
                attempts,
                "the server is not reached"
            );
        }
        _ => tracing::debug!(server, user, ?state, "the connection changed"),
    }
}

fn shown(route: &Route) -> ConnectionRoute {
    ConnectionRoute {
        rung: route.rung,
        target: route.target.to_string(),
        proxy: route.proxy.as_ref().map(ToString::to_string),
        carrier: route.carrier,
    }
}
