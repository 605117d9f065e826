//! The number of descriptors that the system lets this process have.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Descriptors for what all users may have at the same time: frontends, and some for each server.
const WANTED: u64 = 16_384;

/// Raises the limit that counts at first, which is meant for programs of another kind, as far as
/// this process may.
pub(crate) fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    let allowed = limit.maximum.unwrap_or(u64::MAX).min(WANTED);
    if limit.current.is_some_and(|current| current < allowed) {
        limit.current = Some(allowed);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the limit of open files cannot be raised");
        }
    }
}
