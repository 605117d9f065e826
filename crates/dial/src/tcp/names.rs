//! Looking names up: by the operating system, so that its VPN and host file count; one lookup per name at a time.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use convene_model::Code;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use tokio::time::Instant;

type Answer = Result<Arc<[IpAddr]>, Code>;
type Lookup = BoxFuture<'static, Answer>;

/// Addresses of one name that are tried: a name with more of them is no server of ours.
const ADDRESSES_MAX: usize = 16;
/// A lookup that fails after this long was not answered; one that fails sooner was refused. It is the shortest time that
/// a resolver can be told to wait.
const UNANSWERED: Duration = Duration::from_secs(1);

/// The lookups under way. The system's resolver cannot be told to stop, so attempts that want the same name share one.
#[derive(Default)]
pub(crate) struct Names {
    under_way: Mutex<BTreeMap<String, WeakShared<Lookup>>>,
}

impl Names {
    /// The addresses of a name in the system's order, at least one and at most 16, or why there are none. Waits as long
    /// as the system's resolver does.
    pub(crate) fn look_up(&self, name: &str) -> impl Future<Output = Answer> + Send + use<> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.retain(|_, lookup| lookup.upgrade().is_some_and(|lookup| lookup.peek().is_none()));
        if let Some(lookup) = under_way.get(name).and_then(WeakShared::upgrade) {
            return lookup;
        }
        let lookup: Shared<Lookup> = ask_system(name.to_owned()).boxed().shared();
        if let Some(weak) = lookup.downgrade() {
            under_way.insert(name.to_owned(), weak);
        }
        lookup
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

async fn ask_system(name: String) -> Answer {
    let began = Instant::now();
    match tokio::net::lookup_host((name, 0)).await {
        Ok(found) => {
            let mut addresses = Vec::new();
            for address in found.map(|found| found.ip()) {
                if addresses.len() < ADDRESSES_MAX && !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            if addresses.is_empty() { Err(Code::NameNotFound) } else { Ok(addresses.into()) }
        }
        Err(error) if says_unknown(&error) => Err(Code::NameNotFound),
        Err(_) if began.elapsed() >= UNANSWERED => Err(Code::DnsTimedOut),
        Err(_) => Err(Code::DnsFailed),
    }
}

/// Whether the resolver says that there is no such name. Outside Windows the standard library passes on the resolver's
/// words and not its code: EAI_NONAME and EAI_NODATA as glibc, musl and macOS say them.
fn says_unknown(error: &io::Error) -> bool {
    /// WSAHOST_NOT_FOUND and WSANO_DATA.
    const WINDOWS: [i32; 2] = [11_001, 11_004];
    const WORDS: [&str; 5] = [
        "Name or service not known",
        "No address associated with",
        "Name does not resolve",
        "Name has no usable address",
        "nodename nor servname provided",
    ];
    if let Some(code) = error.raw_os_error() {
        return cfg!(windows) && WINDOWS.contains(&code);
    }
    let text = error.to_string();
    WORDS.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_is_looked_up_once_at_a_time() {
        let names = Names::default();
        let (first, second) = (names.look_up("localhost"), names.look_up("localhost"));
        assert_eq!(names.under_way.lock().unwrap().len(), 1);
        assert_eq!(first.await, second.await);
        drop(names.look_up("127.0.0.1"));
        assert_eq!(names.under_way.lock().unwrap().keys().collect::<Vec<_>>(), ["127.0.0.1"]);
    }

    #[test]
    fn an_unknown_name_is_told_from_a_silent_server() {
        let said = |words: &str| says_unknown(&io::Error::other(words.to_owned()));
        assert!(said("failed to lookup address information: Name or service not known"));
        assert!(!said("failed to lookup address information: Temporary failure in name resolution"));
    }
}
