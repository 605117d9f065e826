//! What all connections of one bridge share.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use convene_local_client::Introduction;

use crate::address::Address;
use crate::admission::{Admissions, Admitted};
use crate::usage::Usage;

/// One bridge.
pub(crate) struct Shared {
    pub(crate) address: Address,
    pub(crate) usage: Usage,
    /// Where the daemon is found.
    pub(crate) introduction: Introduction,
    admissions: Mutex<Admissions>,
}

impl Shared {
    /// A bridge that listens there.
    pub(crate) fn new(socket: SocketAddr, introduction: Introduction) -> Self {
        let (usage, admissions) = (Usage::default(), Mutex::default());
        Self { address: Address::new(socket), usage, introduction, admissions }
    }

    /// A link that opens the page once, within half a minute; the code stands where browsers tell
    /// it to no server.
    pub(crate) fn link(&self, join: Option<String>) -> String {
        self.usage.link();
        let code = self.admissions().code(rand::random(), join, Instant::now());
        format!("{}/#{code}", self.address.origin())
    }

    /// Exchanges the code of a link for a token.
    pub(crate) fn exchange(&self, code: &str) -> Option<Admitted> {
        self.admissions().exchange(code, rand::random(), Instant::now())
    }

    /// Whether this is the token of a page.
    pub(crate) fn admits(&self, token: &str) -> bool {
        self.admissions().admits(token)
    }

    fn admissions(&self) -> MutexGuard<'_, Admissions> {
        self.admissions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
