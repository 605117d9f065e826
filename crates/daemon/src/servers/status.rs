//! How a server is connected, as frontends see it.

use convene_local_api::{Connection as View, ConnectionRoute, ConnectionState};
use convene_model::{Attempt, Timestamp};
use convene_reach::{Outlook, Route};

use super::finding::Unfound;
use crate::connection::Connection;
use crate::store::ServerAddress;

/// Before anything is known.
pub(super) fn initial(address: &ServerAddress, contact: Option<String>) -> View {
    View {
        server: address.host.clone(),
        ports: address.ports,
        https_port: address.https_port,
        state: ConnectionState::Connecting,
        route: None,
        since: now(),
        attempts: Vec::new(),
        inspected_by: None,
        contact,
    }
}

/// The view after a change, with why no proxy was found, if so; `since` moves where the state or the way does.
pub(super) fn refreshed(before: &View, connection: &Connection, unfound: &Unfound) -> View {
    let ladder = connection.ladder();
    let current = ladder.current().filter(|_| connection.is_attached());
    let route = current.map(|(route, _)| shown(route));
    let portal = connection.portal();
    let state = match (&route, ladder.verdict()) {
        (Some(_), _) => ConnectionState::Connected,
        (None, _) if portal.is_some() => ConnectionState::Blocked,
        (None, None) => ConnectionState::Connecting,
        (None, Some(_)) if unfound.searching => ConnectionState::Connecting,
        (None, Some(verdict)) => match verdict.outlook {
            Outlook::Connecting => ConnectionState::Connecting,
            Outlook::Blocked => ConnectionState::Blocked,
            Outlook::Offline => ConnectionState::Offline,
        },
    };
    let moved = state != before.state || route != before.route;
    let mut attempts: Vec<Attempt> = portal.cloned().into_iter().chain(ladder.attempts()).collect();
    // Where a way was found it is of no interest that a proxy was not.
    if route.is_none() {
        attempts.extend(unfound.attempts.iter().cloned());
    }
    View {
        server: before.server.clone(),
        ports: before.ports,
        https_port: before.https_port,
        state,
        route,
        since: if moved { now() } else { before.since.clone() },
        attempts,
        inspected_by: connection.inspected_by().map(str::to_owned),
        contact: before.contact.clone(),
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

fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)).to_string()
}
