//! The search for one host's addresses: both families' lookups, and what is known otherwise.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use convene_model::{Code, Stage};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, sleep_until};

use super::End;
use super::names::{Answer, Family, Names};
use super::race::Race;
use crate::failure::DialError;

/// How long name lookups may be silent before the addresses that are known otherwise start: an
/// answer that comes at all mostly comes within it.
const LOOKUP_SILENCE: Duration = Duration::from_millis(300);
/// How long IPv4 waits for the answer about IPv6 (RFC 8305, section 3).
const RESOLUTION_DELAY: Duration = Duration::from_millis(50);

/// The search for the addresses of a host. Addresses that are found go into the race at once.
pub(super) struct Search<'a> {
    end: &'a End<'a>,
    lookups: FuturesUnordered<BoxFuture<'static, (Family, Answer)>>,
    silence: Instant,
    is_silent: bool,
    found: bool,
    /// Why nothing was found.
    code: Option<Code>,
}

impl<'a> Search<'a> {
    /// Begins to look, unless the host is an address.
    pub(super) fn new(end: &'a End<'a>, names: &Names) -> Self {
        let look = |family| {
            let lookup = names.look_up(end.host, family);
            async move { (family, lookup.await) }.boxed()
        };
        let is_name = end.host.parse::<IpAddr>().is_err();
        let lookups = Family::BOTH.into_iter().filter(|_| is_name).map(look).collect();
        let silence = Instant::now() + LOOKUP_SILENCE;
        Self { end, lookups, silence, is_silent: false, found: false, code: None }
    }

    /// Whether something may still be found.
    pub(super) fn may_find(&self) -> bool {
        !self.lookups.is_empty()
    }

    /// Whether a race without addresses waits in vain: nothing is found any more, or one family was
    /// and the other is silent.
    pub(super) fn is_over(&self) -> bool {
        !self.may_find() || (self.found && self.is_silent)
    }

    /// Waits for the next answer; `None` is the end of patience with the lookups. Cancel safe.
    pub(super) async fn hear(&mut self) -> Option<(Family, Answer)> {
        tokio::select! {
            heard = self.lookups.next() => heard,
            () = sleep_until(self.silence), if !self.is_silent => None,
        }
    }

    /// Puts what is known now into the race.
    pub(super) fn take(&mut self, heard: Option<(Family, Answer)>, race: &mut Race) {
        if let Some((family, answer)) = heard {
            self.learn(family, answer, race);
        } else {
            self.is_silent = true;
        }
        if !self.found && (self.is_silent || !self.may_find()) {
            self.fall_back(race);
        }
    }

    /// The failure of the lookups, where neither gave an address.
    pub(super) fn failure(&self) -> Option<DialError> {
        let code = self.code.filter(|_| !self.found);
        code.map(|code| DialError::new(Stage::Dns, code))
    }

    fn learn(&mut self, family: Family, answer: Answer, race: &mut Race) {
        match answer {
            Ok(addresses) => {
                self.found = true;
                race.add(&addresses, self.end.allow_local);
            }
            Err(code) => self.note(code),
        }
        if family == Family::V4 && self.may_find() {
            race.hold(RESOLUTION_DELAY);
        } else if family == Family::V6 {
            race.release();
        }
    }

    /// A family of which nothing is known says more than one that the name does not have.
    fn note(&mut self, code: Code) {
        if self.code.is_none_or(|known| known == Code::NameNotFound) {
            self.code = Some(code);
        }
    }

    /// Where the host was before, then what the configuration says.
    fn fall_back(&self, race: &mut Race) {
        race.add(self.end.good, self.end.allow_local);
        race.add(self.end.configured, true);
    }
}

impl fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("found", &self.found).finish_non_exhaustive()
    }
}
