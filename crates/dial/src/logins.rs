//! The logins that are known, of all users and for all servers: a password is shown once at a time,
//! and one that was rejected is not shown again by whoever dials next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use convene_proxy_auth::Login;
use convene_reach::ProxyAddress;
use convene_reach::timing::OPEN_MAX;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Rejected logins that are kept in mind; a person has one or two, and beyond it the oldest are
/// forgotten.
const REJECTED_MAX: usize = 256;

/// Proxies whose ways to log in are kept in mind: more than one machine meets.
const WANTED_MAX: usize = 256;

/// How long the others at an account wait for an answer that nobody wants any more: a domain
/// controller answers within a second, and behind a connection that died with its network the next
/// attempt must not be late.
const GIVEN_UP_TURN: Duration = Duration::from_secs(2);

/// A login at a proxy, and in which way it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLogin {
    /// The user and the password.
    pub login: Login,
    /// Whether the password may be shown as it is (Basic, and in SOCKS): only to a proxy that an
    /// administrator, or the user whose password it is, named or typed it for; a script that came
    /// over a network may have named anybody.
    pub in_clear: bool,
}

/// The logins of all users at all proxies. One in a process, whoever dials.
#[derive(Debug, Default)]
pub struct Logins {
    state: Mutex<State>,
    /// Rejections are there of which nobody has taken note.
    rejection: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// By whose they are.
    known: BTreeMap<(String, ProxyAddress), KnownLogin>,
    /// The rejections at each proxy, for all users together: what locks an account is the password
    /// at the proxy.
    rejected: Vec<(ProxyAddress, Login)>,
    /// Rejections that nobody has taken note of.
    untold: Vec<(ProxyAddress, Login)>,
    /// The ways to log in that each proxy offers, by name.
    wanted: BTreeMap<ProxyAddress, Vec<String>>,
    /// Of each account at a proxy.
    turns: BTreeMap<(ProxyAddress, String), Arc<Semaphore>>,
    /// Those that are being shown; each ends by itself.
    showing: JoinSet<()>,
}

/// A login whose turn it is; the others at that account wait until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    known: KnownLogin,
    rejected: bool,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// The login, unless it was rejected.
    pub(crate) fn login(&self) -> Option<&Login> {
        (!self.rejected).then_some(&self.known.login)
    }

    pub(crate) fn is_rejected(&self) -> bool {
        self.rejected
    }

    pub(crate) fn allows_clear(&self) -> bool {
        self.known.in_clear
    }
}

impl Logins {
    /// Sets what is shown to a proxy on behalf of `whose`, or that nothing is.
    pub fn set(&self, whose: &str, proxy: &ProxyAddress, known: Option<KnownLogin>) {
        let mut state = self.state();
        let key = (whose.to_owned(), proxy.clone());
        match known {
            Some(known) => state.known.insert(key, known),
            None => state.known.remove(&key),
        };
        let State { known, turns, .. } = &mut *state;
        // An account whose login nobody can show any more, and nobody shows now, needs no turns.
        turns.retain(|(proxy, user), turn| {
            let is_known = |((_, at), known): (&(String, ProxyAddress), &KnownLogin)| {
                at == proxy && known.login.user == *user
            };
            Arc::strong_count(turn) > 1 || known.iter().any(is_known)
        });
    }

    /// The login that is shown to a proxy on behalf of `whose`.
    pub fn known(&self, whose: &str, proxy: &ProxyAddress) -> Option<KnownLogin> {
        self.state().known.get(&(whose.to_owned(), proxy.clone())).cloned()
    }

    /// One on whose behalf this login is shown to this proxy, where there still is somebody.
    pub fn whose(&self, proxy: &ProxyAddress, login: &Login) -> Option<String> {
        let state = self.state();
        let mut known = state.known.iter();
        let found = known.find(|((_, at), known)| at == proxy && known.login == *login);
        found.map(|((whose, _), _)| whose.clone())
    }

    /// The proxy has rejected this login before: it is not shown to it again.
    pub fn note_rejected(&self, proxy: &ProxyAddress, login: &Login) {
        let mut state = self.state();
        let rejection = (proxy.clone(), login.clone());
        if !state.rejected.contains(&rejection) {
            if state.rejected.len() >= REJECTED_MAX {
                state.rejected.remove(0);
            }
            state.rejected.push(rejection);
        }
    }

    /// Somebody wants it shown once more who knows that the proxy rejected it.
    pub fn forgive(&self, proxy: &ProxyAddress, login: &Login) {
        self.state().rejected.retain(|(at, known)| at != proxy || known != login);
    }

    /// Whether the proxy has rejected it.
    pub fn is_rejected(&self, proxy: &ProxyAddress, login: &Login) -> bool {
        self.state().rejected.iter().any(|(at, known)| at == proxy && known == login)
    }

    /// The ways to log in that a proxy offered when it was last asked, by name.
    pub(crate) fn wanted(&self, proxy: &ProxyAddress) -> Vec<String> {
        self.state().wanted.get(proxy).cloned().unwrap_or_default()
    }

    /// The proxy offers these ways to log in; none: it wants no login.
    pub(crate) fn note_wanted(&self, proxy: &ProxyAddress, schemes: &[String]) {
        let mut state = self.state();
        let wanted = &mut state.wanted;
        if schemes.is_empty() {
            wanted.remove(proxy);
        } else if wanted.len() < WANTED_MAX || wanted.contains_key(proxy) {
            wanted.insert(proxy.clone(), schemes.to_vec());
        }
    }

    /// Waits until a proxy has rejected a login of which nobody has taken note. For one caller at a
    /// time. Cancel safe.
    pub async fn rejection(&self) {
        self.rejection.notified().await;
    }

    /// The logins that proxies rejected since this was asked last: to be kept in mind for good.
    pub fn take_rejections(&self) -> Vec<(ProxyAddress, Login)> {
        std::mem::take(&mut self.state().untold)
    }

    /// Waits for the turn of the login that is known; `None` where there is none. Cancel safe.
    pub(crate) async fn turn(&self, whose: &str, proxy: &ProxyAddress) -> Option<Turn> {
        let known = self.known(whose, proxy)?;
        let turn = {
            let account = (proxy.clone(), known.login.user.clone());
            let mut state = self.state();
            Arc::clone(state.turns.entry(account).or_insert_with(|| Arc::new(Semaphore::new(1))))
        };
        // Nobody closes it.
        let permit = turn.acquire_owned().await.ok();
        let rejected = self.is_rejected(proxy, &known.login);
        Some(Turn { known, rejected, _permit: permit })
    }

    /// Shows the login of this turn: `showing` is brought to its end, whoever gives up waiting for
    /// it, because what was shown may be rejected, and must be noted then. `None` where that took
    /// [`OPEN_MAX`]. Cancel safe in that sense.
    pub(crate) async fn show<T: Send + 'static>(
        &self,
        turn: Turn,
        showing: impl Future<Output = T> + Send + 'static,
    ) -> Option<(Turn, T)> {
        let (mut sender, shown) = oneshot::channel();
        let task = async move {
            let mut showing = Box::pin(timeout(OPEN_MAX, showing));
            tokio::select! {
                done = &mut showing => {
                    if let Ok(done) = done && sender.send((turn, done)).is_err() {
                        tracing::debug!("an attempt was given up as its login was answered");
                    }
                    return;
                }
                () = sender.closed() => {}
            }
            if timeout(GIVEN_UP_TURN, &mut showing).await.is_err() {
                drop(turn);
                drop(showing.await);
            }
        };
        {
            let mut state = self.state();
            while state.showing.try_join_next().is_some() {}
            state.showing.spawn(task);
        }
        shown.await.ok()
    }

    /// The proxy rejected what was shown to it.
    pub(crate) fn reject(&self, proxy: &ProxyAddress, login: &Login) {
        self.note_rejected(proxy, login);
        let mut state = self.state();
        if state.untold.len() < REJECTED_MAX {
            state.untold.push((proxy.clone(), login.clone()));
        }
        drop(state);
        self.rejection.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
