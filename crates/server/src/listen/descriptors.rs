//! The number of connections that the system lets this process have.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Descriptors for everything that is not a connection: ports, the event log, the control socket.
const RESERVED: u64 = 128;

/// Asks for as many descriptors as `connections` need, as far as this process may go, and says how
/// many connections that gives.
pub(super) fn raise_to(connections: usize) -> usize {
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(RESERVED);
    let mut limit = getrlimit(Resource::Nofile);
    let allowed = limit.maximum.unwrap_or(u64::MAX).min(wanted);
    if limit.current.is_some_and(|current| current < allowed) {
        limit.current = Some(allowed);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the limit of open files cannot be raised");
        }
    }
    let current = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let given = usize::try_from(current.saturating_sub(RESERVED)).unwrap_or(usize::MAX).min(connections);
    if given < connections {
        tracing::warn!(connections = given, "the limit of open files allows no more connections");
    }
    given
}
