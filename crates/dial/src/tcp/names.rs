//! Looking names up: by the operating system, so that its VPN and host file count, and by ourselves
//! where it is silent; one lookup per name and family at a time.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use convene_model::Code;
use convene_model::limits::{LOOKUPS_MAX, LOOKUPS_PER_USER_MAX};
use dns_lookup::{AddrFamily, AddrInfoHints, LookupErrorKind, SockType};
use futures_util::future::{BoxFuture, Shared};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::Semaphore;
use tokio::time::Instant;

#[cfg(target_os = "linux")]
use super::name_servers::find;
use crate::net_watch::gateway_is_silent;

pub(crate) type Answer = Result<Arc<[IpAddr]>, Code>;
type Lookup = Shared<BoxFuture<'static, Answer>>;

/// Addresses of one name and family that are tried: of so many that are silent the last has started
/// within 8 s, and an attempt at TCP counts for 10. Each costs a socket.
pub(super) const ADDRESSES_MAX: usize = 32;
/// A lookup that fails after this long was not answered; one that fails sooner was refused. It is
/// the shortest time that a resolver can be told to wait.
const UNANSWERED: Duration = Duration::from_secs(1);
/// How long others may join a lookup: after a resolver's usual first wait its server is silent, and
/// the network, and with it the server to ask, may have changed. So few lookups of one name run
/// side by side, and none holds up all that come later.
const SHARED_FOR: Duration = Duration::from_secs(5);

/// A version of IP, in the order of preference (RFC 8305, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    V6,
    V4,
}

impl Family {
    pub(crate) const BOTH: [Self; 2] = [Self::V6, Self::V4];

    pub(crate) fn of(address: IpAddr) -> Self {
        if address.is_ipv6() { Self::V6 } else { Self::V4 }
    }
}

/// The lookups under way. The system's resolver cannot be told to stop, so attempts that want the
/// same name share one.
pub(crate) struct Names {
    /// A user's, whichever server is looked for.
    slots: Arc<Semaphore>,
    under_way: Mutex<BTreeMap<(String, Family), (Instant, Lookup)>>,
}

/// The slots of all users. One without a lookup under way and without a dialer costs nothing.
static SLOTS: Mutex<BTreeMap<String, Weak<Semaphore>>> = Mutex::new(BTreeMap::new());
/// And those that all users have together.
static ALL_SLOTS: Semaphore = Semaphore::const_new(LOOKUPS_MAX);

impl Names {
    /// Lookups for this user.
    pub(crate) fn of(whose: &str) -> Self {
        let mut all = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, slots| slots.strong_count() > 0);
        let known = all.get(whose).and_then(Weak::upgrade);
        let slots = known.unwrap_or_else(|| Arc::new(Semaphore::new(LOOKUPS_PER_USER_MAX)));
        all.insert(whose.to_owned(), Arc::downgrade(&slots));
        Self { slots, under_way: Mutex::default() }
    }

    /// The name's addresses of that family, at least one and at most [`ADDRESSES_MAX`], or why
    /// there are none. Waits no longer than the system's resolver does. Must be called inside a
    /// runtime.
    pub(crate) fn look_up(&self, name: &str, family: Family) -> Lookup {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.retain(|_, (began, lookup)| {
            began.elapsed() < SHARED_FOR && lookup.clone().now_or_never().is_none()
        });
        let key = (name.to_owned(), family);
        let fresh =
            || (Instant::now(), ask(name.to_owned(), family, Arc::clone(&self.slots)).boxed().shared());
        under_way.entry(key).or_insert_with(fresh).1.clone()
    }

    /// Finds out whether a host has an address of either family, and says why where it has none. An
    /// address needs no lookup. Cancel safe.
    pub(crate) async fn find_any(&self, host: &str) -> Result<(), Code> {
        if host.parse::<IpAddr>().is_ok() {
            return Ok(());
        }
        let lookups = Family::BOTH.map(|family| self.look_up(host, family));
        let mut lookups: FuturesUnordered<Lookup> = lookups.into_iter().collect();
        let mut why = Code::NameNotFound;
        while let Some(answer) = lookups.next().await {
            match answer {
                Ok(_) => return Ok(()),
                // A family of which nothing is known says more than one that the name does not
                // have.
                Err(code) if why == Code::NameNotFound => why = code,
                Err(_) => {}
            }
        }
        Err(why)
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

async fn ask(name: String, family: Family, slots: Arc<Semaphore>) -> Answer {
    tokio::select! {
        answer = ask_system(name.clone(), family, slots) => answer,
        addresses = find(&name, family) => Ok(addresses),
    }
}

/// Windows asks all of its name servers by itself.
#[cfg(not(target_os = "linux"))]
async fn find(_: &str, _: Family) -> Arc<[IpAddr]> {
    std::future::pending().await
}

async fn ask_system(name: String, family: Family, slots: Arc<Semaphore>) -> Answer {
    let (Ok(slot), Ok(of_all)) = (slots.acquire_owned().await, ALL_SLOTS.acquire().await) else {
        return Err(Code::DnsFailed);
    };
    let began = Instant::now();
    // A resolver cannot be told to stop: the thread has its slots until it ends.
    let asked = tokio::task::spawn_blocking(move || {
        let answer = ask_blocking(&name, family);
        drop((slot, of_all));
        answer
    });
    let asked = asked.await;
    match asked.unwrap_or(Err(LookupErrorKind::System)) {
        Ok(addresses) if addresses.is_empty() => Err(Code::NameNotFound),
        Ok(addresses) => Ok(addresses.into()),
        Err(kind) if says_unknown(kind) => Err(Code::NameNotFound),
        // Mostly the gateway is the name server, or nothing behind it can be asked.
        Err(_) if gateway_is_silent() => Err(Code::Unreachable),
        Err(_) if began.elapsed() >= UNANSWERED => Err(Code::DnsTimedOut),
        Err(_) => Err(Code::DnsFailed),
    }
}

fn ask_blocking(name: &str, family: Family) -> Result<Vec<IpAddr>, LookupErrorKind> {
    let address = match family {
        Family::V6 => AddrFamily::Inet6.into(),
        Family::V4 => AddrFamily::Inet.into(),
    };
    let hints = AddrInfoHints { address, socktype: SockType::Stream.into(), flags: 0, protocol: 0 };
    let found = dns_lookup::getaddrinfo(Some(name), None, Some(hints)).map_err(|error| error.kind())?;
    let mut addresses = Vec::new();
    for address in found.flatten().map(|found| found.sockaddr.ip()) {
        if addresses.len() < ADDRESSES_MAX && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

/// Whether the resolver says that there is no such name, or no address of that family. glibc calls
/// the latter an error of its own (EAI_ADDRFAMILY) for numeric names and those of the host file,
/// which the library files under `IO`.
fn says_unknown(kind: LookupErrorKind) -> bool {
    matches!(kind, LookupErrorKind::NoName | LookupErrorKind::NoData | LookupErrorKind::IO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_family_is_looked_up_once_at_a_time() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        runtime.block_on(async {
            // The one thread that lookups have is busy until they have been counted.
            let (release, held) = std::sync::mpsc::channel::<()>();
            drop(tokio::task::spawn_blocking(move || held.recv()));
            let names = Names::of("");
            let count = || names.under_way.lock().unwrap().len();
            let [first, second] = [Family::V4; 2].map(|family| names.look_up("localhost", family));
            assert!(first.ptr_eq(&second));
            drop(names.look_up("localhost", Family::V6));
            assert_eq!(count(), 2, "one for each family, also when nobody waits for it");
            drop(release);
            assert_eq!(first.await.unwrap().as_ref(), [IpAddr::from([127, 0, 0, 1])]);
        });
    }

    #[tokio::test]
    async fn what_is_answered_is_asked_anew() {
        let names = Names::of("");
        let first = names.look_up("127.0.0.1", Family::V4);
        first.clone().await.unwrap();
        assert!(!first.ptr_eq(&names.look_up("127.0.0.1", Family::V4)));
    }

    #[tokio::test]
    async fn a_name_without_addresses_of_a_family_is_unknown_there() {
        let names = Names::of("");
        assert_eq!(names.look_up("127.0.0.1", Family::V6).await, Err(Code::NameNotFound));
    }

    #[tokio::test]
    async fn a_host_is_found_by_either_family_and_an_address_is_one_already() {
        let names = Names::of("");
        assert_eq!(names.find_any("localhost").await, Ok(()));
        assert_eq!(names.find_any("192.0.2.1").await, Ok(()));
        assert_eq!(names.find_any("::1").await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lookup_that_lasts_is_not_joined_for_ever() {
        let names = Names::of("");
        let first = names.look_up("conference.invalid", Family::V4);
        assert!(first.ptr_eq(&names.look_up("conference.invalid", Family::V4)));
        tokio::time::advance(SHARED_FOR).await;
        assert!(!first.ptr_eq(&names.look_up("conference.invalid", Family::V4)));
    }

    #[test]
    fn l3_a_user_with_silent_name_servers_leaves_threads_for_others() {
        let (anna, bert) = (Names::of("one of two"), Names::of("another"));
        let more = Names::of("one of two");
        let held: Vec<_> = std::iter::from_fn(|| Arc::clone(&anna.slots).try_acquire_owned().ok()).collect();
        assert_eq!(held.len(), LOOKUPS_PER_USER_MAX);
        assert_eq!(more.slots.available_permits(), 0, "whichever server is looked for");
        assert_eq!(bert.slots.available_permits(), LOOKUPS_PER_USER_MAX);
    }
}
