//! Which proxies lead to a server, and for whom.
//!
//! A place says what it knows of proxies as a [`ProxySource`]: a desktop, the environment, or a
//! person by `convene proxy set`. Read, it is a [`ProxyList`]. [`Proxies`] keeps what each user's
//! session offered, which serves that user alone, and what the machine says ([`MachineProxies`]).
//! For one server and one user both come together as [`Leads`]: the addresses to try, best first,
//! and the scripts that name more. Each address becomes a route of that server's ladder.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use convene_dial::{Login, ProxyList, ProxyUrlError, candidates};
use convene_local_api::ProxySource;
use convene_model::Timestamp;
use convene_reach::ProxyAddress;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::store::Store;

/// Places that one user's session may name.
const SOURCES_MAX: usize = 8;
/// Proxies of one place: as many as one round tries.
const PROXIES_MAX: usize = convene_reach::timing::PROXIES_MAX;
/// Exceptions of one place.
const EXCEPTIONS_MAX: usize = 1_024;
/// Bytes of an address or an exception.
const TEXT_MAX: usize = 2_048;
/// Bytes of all that a session says at once: some hundred times what systems have.
const OFFER_BYTES_MAX: usize = 64 * 1024;
/// How often the log is told of one user's offers: a loop of them is one line.
const TOLD_EVERY: Duration = Duration::from_mins(1);
/// How long an offer counts that is not renewed: as long as what was learned about a network.
const OFFER_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The proxies that a user set by hand go by this name, and come before all others.
pub(crate) const OWN: &str = "user";
/// The places of what the machine names, in the order of [`MachineProxies::named`].
const MACHINE: [&str; 2] = ["file", "environment"];

/// Why an offer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OfferError {
    /// It is larger than any system's settings.
    #[error(
        "at most {SOURCES_MAX} sources with {PROXIES_MAX} proxies and {EXCEPTIONS_MAX} exceptions each, and {OFFER_BYTES_MAX} bytes"
    )]
    TooLarge,
    /// A policy says which proxies there are, by this setting.
    #[error("{0} is fixed by a policy")]
    Fixed(&'static str),
    /// The proxy that the user set by hand cannot be used.
    #[error(transparent)]
    Address(#[from] ProxyUrlError),
}

/// The proxies that lead to one server, for one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Leads {
    /// The proxies that are named, best first.
    pub(crate) proxies: Vec<(ProxyAddress, Option<Login>)>,
    /// The scripts that name more.
    pub(crate) scripts: BTreeSet<Script>,
}

/// The place of a script that names proxies (PAC).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Script {
    /// At this address.
    At(String),
    /// Wherever the network's search domain has one (WPAD).
    Wpad,
}

impl Script {
    /// The word for the place.
    pub(crate) fn place(&self) -> &'static str {
        match self {
            Self::At(_) => "script",
            Self::Wpad => "wpad",
        }
    }

    /// The place as it may be shown: without a login, and without what may be a secret in it. Of an
    /// address in which it is not clear what is the login, the word for the place is all.
    pub(crate) fn shown(&self) -> String {
        let shown = match self {
            Self::At(url) => without_secrets(url),
            Self::Wpad => None,
        };
        shown.unwrap_or_else(|| self.place().to_owned())
    }
}

/// The proxies of this machine, which are the same for all its users.
#[derive(Debug, Clone, Default)]
pub(crate) struct MachineProxies {
    /// The proxies that the configuration and the environment name, best first.
    pub(crate) named: Vec<ProxyList>,
    /// The scripts that the configuration names.
    pub(crate) scripts: BTreeSet<Script>,
    /// Whether others count as well: those that the system names and those that users do.
    pub(crate) takes_others: bool,
    /// The proxies that the system itself names.
    pub(crate) of_system: Vec<ProxySource>,
    /// The setting by which a policy forbids users to name others by hand.
    pub(crate) fixed: Option<&'static str>,
}

/// A place of a user's session, and when it was told of last.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Offer {
    source: ProxySource,
    at: Timestamp,
}

/// All that is known about proxies.
#[derive(Debug)]
pub(crate) struct Proxies {
    store: Arc<Store>,
    machine: Mutex<MachineProxies>,
    offers: Mutex<BTreeMap<String, Vec<Offer>>>,
    /// When the log was last told of a user's.
    told: Mutex<BTreeMap<String, Instant>>,
    /// Counts, for each user, how often their offers changed.
    offers_changed: watch::Sender<BTreeMap<String, u64>>,
    /// Counts what changed.
    changes: watch::Sender<u64>,
}

impl Proxies {
    pub(crate) fn new(store: Arc<Store>, machine: MachineProxies) -> Self {
        Self {
            store,
            machine: Mutex::new(machine),
            offers: Mutex::default(),
            told: Mutex::default(),
            offers_changed: watch::Sender::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// Counts up whenever something changed: anyone who uses [`Proxies::leads`] asks again.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Counts up, for each user, whenever that user offers something else, whether it counts or
    /// not.
    pub(crate) fn offers_changed(&self) -> watch::Receiver<BTreeMap<String, u64>> {
        self.offers_changed.subscribe()
    }

    /// The setting by which a policy forbids users to name proxies.
    pub(crate) fn fixed(&self) -> Option<&'static str> {
        lock(&self.machine).fixed
    }

    /// Takes up what a user's sessions offered before the last restart.
    pub(crate) async fn recall(&self, user: &str) {
        if lock(&self.offers).contains_key(user) {
            return;
        }
        let kept = self.store.recall(&key(user)).await.ok().flatten().unwrap_or_default();
        let kept: Vec<Offer> = serde_json::from_slice(&kept).unwrap_or_default();
        lock(&self.offers).entry(user.to_owned()).or_insert(kept);
    }

    /// The machine says something else.
    pub(crate) fn set_machine(&self, machine: MachineProxies) {
        *lock(&self.machine) = machine;
        self.changes.send_modify(|count| *count += 1);
    }

    /// Whether the configuration or the system names this script, and not a user or the network
    /// alone.
    pub(crate) fn is_of_machine(&self, script: &Script) -> bool {
        let machine = lock(&self.machine);
        let Script::At(url) = script else { return false };
        let mut of_system = machine.of_system.iter().filter_map(|source| source.pac_url.as_ref());
        machine.scripts.contains(script) || of_system.any(|named| named == url)
    }

    /// Whether this may be offered now.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check(&self, sources: &[ProxySource]) -> Result<(), OfferError> {
        check(sources)?;
        let names_own = sources.iter().any(|source| source.name == OWN && !source.is_empty());
        match self.fixed().filter(|_| names_own) {
            Some(setting) => Err(OfferError::Fixed(setting)),
            None => Ok(()),
        }
    }

    /// Takes what a user's session says. Says whether it counts: not where the configuration alone
    /// decides.
    pub(crate) async fn offer(
        &self,
        user: &str,
        sources: Vec<ProxySource>,
        now: Timestamp,
    ) -> Result<bool, OfferError> {
        self.check(&sources)?;
        self.recall(user).await;
        let (changed, kept) = {
            let mut offers = lock(&self.offers);
            let known = offers.entry(user.to_owned()).or_default();
            let before: Vec<ProxySource> = known.iter().map(|offer| offer.source.clone()).collect();
            for source in sources {
                known.retain(|offer| offer.source.name != source.name);
                known.push(Offer { source, at: now });
            }
            known.retain(|offer| is_fresh(offer, now));
            known.sort_by(|one, other| one.source.name.cmp(&other.source.name));
            let excess = known.len().saturating_sub(SOURCES_MAX);
            known.drain(..excess);
            let changed = !known.iter().map(|offer| &offer.source).eq(&before);
            (changed, serde_json::to_vec(&*known).unwrap_or_default())
        };
        if let Err(error) = self.store.keep(&key(user), kept).await {
            tracing::error!(%error, "what a session offers cannot be kept");
        }
        let counts = lock(&self.machine).takes_others;
        if changed {
            self.offers_changed.send_modify(|counts| *counts.entry(user.to_owned()).or_default() += 1);
            if self.is_to_be_told(user) {
                tracing::info!(user, counts, "a session offers other proxies than before");
                tell_unused(user, &self.offered(user, now));
            }
        }
        if changed && counts {
            self.changes.send_modify(|count| *count += 1);
        }
        Ok(counts)
    }

    fn is_to_be_told(&self, user: &str) -> bool {
        let (mut told, now) = (lock(&self.told), Instant::now());
        let is_due = told.get(user).is_none_or(|before| now.duration_since(*before) >= TOLD_EVERY);
        if is_due {
            told.insert(user.to_owned(), now);
        }
        is_due
    }

    /// The offers of a user's sessions that are not too old.
    pub(crate) fn offered(&self, user: &str, now: Timestamp) -> Vec<ProxySource> {
        let offers = lock(&self.offers);
        let known = offers.get(user).into_iter().flatten();
        known.filter(|offer| is_fresh(offer, now)).map(|offer| offer.source.clone()).collect()
    }

    /// The leads to this server for this user: first those that the user set by hand, those of the
    /// configuration and those of the environment, then those of the system and of the user's
    /// desktop.
    pub(crate) fn leads(&self, user: &str, (host, port): (&str, u16), now: Timestamp) -> Leads {
        let (lists, scripts) = self.lists(user, now);
        let lists: Vec<ProxyList> = lists.into_iter().map(|(_, list)| list).collect();
        Leads { proxies: candidates(&lists, host, port), scripts }
    }

    /// The place that names this proxy for this server and this user: the first, where several do.
    pub(crate) fn place_of(
        &self,
        user: &str,
        (host, port): (&str, u16),
        proxy: &ProxyAddress,
        now: Timestamp,
    ) -> Option<String> {
        let names = |list: &ProxyList| {
            let named = candidates(std::slice::from_ref(list), host, port);
            named.iter().any(|(known, _)| known == proxy)
        };
        self.lists(user, now).0.into_iter().find(|(_, list)| names(list)).map(|(place, _)| place)
    }

    /// The list of each place, the first word first, and the scripts.
    fn lists(&self, user: &str, now: Timestamp) -> (Vec<(String, ProxyList)>, BTreeSet<Script>) {
        let MachineProxies { named, mut scripts, takes_others, of_system, fixed } =
            lock(&self.machine).clone();
        let mut offered = Vec::new();
        if takes_others {
            offered = of_system;
            offered.extend(self.offered(user, now));
            // A proxy that was set before there was the policy is kept until the policy is gone
            // again.
            offered.retain(|source| fixed.is_none() || source.name != OWN);
        }
        let (own, others): (Vec<_>, Vec<_>) = offered.iter().partition(|source| source.name == OWN);
        let read = |sources: Vec<&ProxySource>| {
            let read = |source: &ProxySource| Some((source.name.clone(), usable(source).ok()?));
            sources.into_iter().filter_map(read).collect::<Vec<_>>()
        };
        let places = MACHINE.into_iter().chain(std::iter::repeat("environment")).map(str::to_owned);
        let lists = [read(own), places.zip(named).collect(), read(others)].concat();
        scripts.extend(offered.iter().flat_map(|source| {
            // The daemon may read files that a user may not: only the configuration names one.
            let script = source.pac_url.clone().filter(|url| is_fetched(url)).map(Script::At);
            script.into_iter().chain(source.wpad.then_some(Script::Wpad))
        }));
        (lists, scripts)
    }
}

/// Of a session's list what can be used; of one that was set by hand all or nothing, which
/// [`check`] told.
fn usable(source: &ProxySource) -> Result<ProxyList, ProxyUrlError> {
    if source.name == OWN {
        return ProxyList::new(&source.proxies, &source.exceptions);
    }
    ProxyList::new(&usable_proxies(source), &source.exceptions)
}

/// Tells which proxies of a user's places cannot be used, with their places and why.
fn tell_unused(user: &str, offered: &[ProxySource]) {
    for source in offered {
        let errors =
            source.proxies.iter().filter_map(|url| ProxyList::new(std::slice::from_ref(url), &[]).err());
        errors.for_each(|error| {
            tracing::warn!(user, place = source.name, %error, "a proxy that is named there is not used");
        });
    }
}

/// The proxies of a place that can be used.
pub(crate) fn usable_proxies(source: &ProxySource) -> Vec<String> {
    let is_usable = |url: &&String| ProxyList::new(&[(*url).clone()], &[]).is_ok();
    source.proxies.iter().filter(is_usable).cloned().collect()
}

fn check(sources: &[ProxySource]) -> Result<(), OfferError> {
    let texts = |source: &ProxySource| {
        let all =
            source.proxies.iter().chain(&source.exceptions).chain(&source.pac_url).chain([&source.name]);
        all.map(String::len).max().unwrap_or_default()
    };
    let is_large = |source: &ProxySource| {
        source.proxies.len() > PROXIES_MAX
            || source.exceptions.len() > EXCEPTIONS_MAX
            || texts(source) > TEXT_MAX
    };
    let texts_of = |source: &ProxySource| {
        let lists = source.proxies.iter().chain(&source.exceptions);
        lists.chain(&source.pac_url).chain([&source.name]).map(String::len).sum::<usize>()
    };
    let bytes: usize = sources.iter().map(texts_of).sum();
    if sources.len() > SOURCES_MAX || bytes > OFFER_BYTES_MAX || sources.iter().any(is_large) {
        return Err(OfferError::TooLarge);
    }
    for source in sources.iter().filter(|source| source.name == OWN) {
        usable(source)?;
        if source.pac_url.as_ref().is_some_and(|url| !is_fetched(url)) {
            return Err(ProxyUrlError::Scheme.into());
        }
    }
    Ok(())
}

/// A script's address as it is shown to those who named it: one that may hold a login as to
/// everybody.
pub(crate) fn script_address(url: &str) -> String {
    if url.contains('@') { Script::At(url.to_owned()).shown() } else { url.to_owned() }
}

/// A script's address without login, query and fragment. None, where it is of no known form, or
/// where an `@` stands behind the host: a password with a raw `/`, `?` or `#` puts it there.
fn without_secrets(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let (authority, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_clear = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => is_host(host) && !behind.contains('@'),
        "file" => matches!(authority, "" | "localhost"),
        _ => false,
    };
    let path = behind.split(['?', '#']).next().unwrap_or_default();
    is_clear.then(|| format!("{scheme}://{host}{path}"))
}

/// Whether this is a host as it stands in an address, with a port or without.
fn is_host(text: &str) -> bool {
    let (is_named, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => (address.parse::<Ipv6Addr>().is_ok(), port),
        None => {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            let is_of_one = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
            (!host.is_empty() && host.chars().all(is_of_one), port)
        }
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    is_named && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

/// The file that this is the address of (RFC 8089), as far as it needs no escapes.
pub(crate) fn script_file(url: &str) -> Option<PathBuf> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    (scheme.eq_ignore_ascii_case("file") && path.starts_with('/')).then(|| PathBuf::from(path))
}

/// Whether a script at this address is asked for over a network.
fn is_fetched(url: &str) -> bool {
    let scheme = url.trim().split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

fn is_fresh(offer: &Offer, now: Timestamp) -> bool {
    let age = now.as_millis().saturating_sub(offer.at.as_millis());
    // A proxy that the user set by hand stays until it is set otherwise.
    offer.source.name == OWN || u128::try_from(age).unwrap_or(0) <= OFFER_MAX.as_millis()
}

fn key(user: &str) -> String {
    format!("proxies of {user}")
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
