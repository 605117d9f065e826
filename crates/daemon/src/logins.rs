//! Logins at proxies: which is shown, which was rejected, and whom to ask for one.
//!
//! A login comes from the configuration, from an address that names it, or from a person who was
//! asked (`proxy.password`); that one is kept for its user and comes first. A login that was
//! rejected is remembered for good, by a hash that says nothing without this store's key, so that
//! no restart locks an account. A person is asked twice at most, and then not again before they
//! want to connect.

#[cfg(test)]
mod tests;
mod tickets;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use convene_dial::{KnownLogin, Login, TicketSource, carries};
use convene_local_api::{ProxyPassword, ProxyPasswordAnswer, ProxyPasswordParams, ProxyToken};
use convene_model::Secret;
use convene_reach::ProxyAddress;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;

use self::tickets::{SessionTickets, Unticketed};
use crate::questions::{Answer, Questions};
use crate::store::Store;

/// How often a person is asked for the login at one proxy: for the right one, and once more where
/// it was rejected or could not be shown.
const ASKED_MAX: u8 = 2;
/// Logins of one user that are kept: one per proxy, and nobody has so many.
const KEPT_MAX: usize = 64;
/// Logins that were given and that some connection has not noticed; one that misses some tries all
/// the same, later.
const GIVEN_MAX: usize = 64;
/// The traces of a login that was rejected: this word and the user who showed it, or nothing, as
/// earlier versions wrote.
const REJECTED: &str = "rejected";
/// And of one that was given again by somebody who knew that.
const FORGIVEN: &str = "forgiven";
/// Under which name the store keeps the key of the hashes.
const KEY: &str = "key of rejected logins";

/// There is a login for this proxy that there was not before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    /// The user who owns the login; it counts for this user's connections alone.
    pub(crate) user: String,
    pub(crate) proxy: ProxyAddress,
}

/// A proxy that wants a login which is not known.
#[derive(Debug, Clone)]
pub(crate) struct Want {
    pub(crate) user: String,
    pub(crate) proxy: ProxyAddress,
    /// The server that is behind it.
    pub(crate) server: String,
}

/// A login as it is kept for its user.
#[derive(Serialize, Deserialize)]
struct Kept {
    proxy: ProxyAddress,
    user: String,
    password: String,
}

/// The questions to a person about one login: its purpose, how often it was asked for, and whether
/// a question is open.
#[derive(Debug)]
struct Asking {
    want: Want,
    asked: u8,
    open: bool,
}

/// All logins.
#[derive(Debug)]
pub(crate) struct Logins {
    store: Arc<Store>,
    key: Vec<u8>,
    known: Arc<convene_dial::Logins>,
    questions: Arc<Questions>,
    asking: Mutex<BTreeMap<(String, ProxyAddress), Asking>>,
    /// The users with an open question.
    open: watch::Sender<BTreeSet<String>>,
    given: broadcast::Sender<Given>,
    unticketed: Arc<Unticketed>,
    tasks: Mutex<JoinSet<()>>,
}

impl Logins {
    /// Reads or makes the key of the hashes.
    pub(crate) async fn new(store: Arc<Store>, questions: Arc<Questions>) -> Arc<Self> {
        let kept = store.recall(KEY).await.ok().flatten();
        let key = kept.unwrap_or_else(|| {
            let key = rand::random::<[u8; 32]>().to_vec();
            store.remember(KEY, key.clone());
            key
        });
        let this = Arc::new(Self {
            store,
            key,
            known: Arc::default(),
            questions,
            asking: Mutex::default(),
            open: watch::Sender::default(),
            given: broadcast::Sender::new(GIVEN_MAX),
            unticketed: Arc::default(),
            tasks: Mutex::default(),
        });
        lock(&this.tasks).spawn(note_all(Arc::downgrade(&this), this.known()));
        this
    }

    /// The tickets of this user's sessions.
    pub(crate) fn tickets(&self, user: &str) -> Arc<dyn TicketSource> {
        self.session_tickets(user, Some(Arc::clone(&self.unticketed)))
    }

    /// The same for a check: where one is missing, a session that comes later makes nobody connect.
    pub(crate) fn tickets_for_check(&self, user: &str) -> Arc<dyn TicketSource> {
        self.session_tickets(user, None)
    }

    fn session_tickets(&self, user: &str, unticketed: Option<Arc<Unticketed>>) -> Arc<dyn TicketSource> {
        Arc::new(SessionTickets { questions: Arc::clone(&self.questions), user: user.to_owned(), unticketed })
    }

    /// The logins that dialers show.
    pub(crate) fn known(&self) -> Arc<convene_dial::Logins> {
        Arc::clone(&self.known)
    }

    /// Tells of every login that is given, and of every ticket that was missed and is there now.
    pub(crate) fn given(&self) -> broadcast::Receiver<Given> {
        self.given.subscribe()
    }

    /// The users who are being asked for a login at the moment.
    pub(crate) fn open(&self) -> watch::Receiver<BTreeSet<String>> {
        self.open.subscribe()
    }

    /// Chooses what is shown to this proxy for this user: what the user gave, else `named`, which
    /// is shown in clear only where `in_clear`; of the two one that was not rejected.
    pub(crate) async fn choose(
        &self,
        user: &str,
        proxy: &ProxyAddress,
        named: Option<Login>,
        in_clear: bool,
    ) {
        let kept = self.kept_for(user, proxy).await;
        let named = named.map(|login| KnownLogin { login, in_clear });
        let mut chosen = None;
        for known in [kept, named].into_iter().flatten() {
            let rejected = self.is_rejected(proxy, &known.login).await;
            if !rejected || chosen.is_none() {
                chosen = Some(known);
            }
            if !rejected {
                break;
            }
        }
        self.known.set(user, proxy, chosen);
    }

    /// Asks for a login, if somebody is there and was not asked too often.
    pub(crate) fn want(self: &Arc<Self>, want: Want) {
        let key = (want.user.clone(), want.proxy.clone());
        self.asking().entry(key.clone()).or_insert(Asking { want, asked: 0, open: false });
        self.ask(key);
    }

    /// A frontend has come that answers this user's questions.
    pub(crate) fn handle_willing(self: &Arc<Self>, user: &str) {
        let of_user = self.asking().keys().filter(|(whose, _)| whose == user).cloned().collect::<Vec<_>>();
        for key in of_user {
            self.ask(key);
        }
        if self.questions.reaches::<ProxyToken>(user) {
            for proxy in self.unticketed.take(user) {
                self.tell(user, &proxy);
            }
        }
    }

    /// The user wants to connect: anyone who declined or erred before is asked again.
    pub(crate) fn forgive(self: &Arc<Self>, user: &str) {
        for (_, asking) in self.asking().iter_mut().filter(|((whose, _), _)| whose == user) {
            asking.asked = 0;
        }
        self.handle_willing(user);
    }

    /// The proxy lets this user through.
    pub(crate) fn note_open(&self, user: &str, proxy: &ProxyAddress) {
        self.asking().remove(&(user.to_owned(), proxy.clone()));
    }

    /// Ends all questions. Logins that were rejected before are remembered.
    pub(crate) async fn stop(&self) {
        self.note_rejections().await;
        let mut tasks = std::mem::take(&mut *lock(&self.tasks));
        tasks.shutdown().await;
    }

    fn ask(self: &Arc<Self>, key: (String, ProxyAddress)) {
        // The attempt that failed may have begun before the login that is known now was there.
        let known = self.known.known(&key.0, &key.1);
        if known.is_some_and(|known| self.is_usable(&key.1, &known.login)) {
            return;
        }
        let want = {
            let mut asking = self.asking();
            let Some(asking) = asking.get_mut(&key) else { return };
            if asking.open || asking.asked >= ASKED_MAX || !self.questions.reaches::<ProxyPassword>(&key.0) {
                return;
            }
            (asking.open, asking.asked) = (true, asking.asked + 1);
            asking.want.clone()
        };
        self.open.send_modify(|open| {
            open.insert(key.0.clone());
        });
        let this = Arc::clone(self);
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move { this.converse(key, want).await });
    }

    /// Asks, and takes what is given.
    async fn converse(self: Arc<Self>, key: (String, ProxyAddress), want: Want) {
        let Want { user, proxy, server } = want;
        let known = self.known.known(&user, &proxy);
        let useless = known.as_ref().filter(|known| !self.is_usable(&proxy, &known.login));
        let rejected = useless.map(|known| known.login.user.clone());
        let answer = if known.is_none() && self.recall(&user, &proxy).await {
            Answer::Nobody
        } else {
            let params = ProxyPasswordParams { proxy: proxy.to_string(), server, rejected };
            self.ask_person(&key, params).await
        };
        let nobody = answer == Answer::Nobody;
        // The question is open until its answer is known: who fails meanwhile must not ask again.
        if let Answer::Given(login) = answer {
            self.take(&user, &proxy, login).await;
        }
        let is_open = {
            let mut asking = self.asking();
            if let Some(asking) = asking.get_mut(&key) {
                asking.open = false;
                if nobody {
                    asking.asked = asking.asked.saturating_sub(1);
                }
            }
            asking.iter().any(|((whose, _), asking)| *whose == user && asking.open)
        };
        if !is_open {
            self.open.send_modify(|open| {
                open.remove(&user);
            });
        }
    }

    /// Asks, and once more where the proxy could not be shown what was typed.
    async fn ask_person(
        &self,
        key: &(String, ProxyAddress),
        mut params: ProxyPasswordParams,
    ) -> Answer<ProxyPasswordAnswer> {
        loop {
            let answer = self.questions.ask::<ProxyPassword>(&key.0, &params).await;
            let typed = match &answer {
                Answer::Given(ProxyPasswordAnswer { user, password }) => {
                    Login { user: user.clone(), password: Secret::new(password.clone()) }
                }
                Answer::Declined | Answer::Nobody => return answer,
            };
            if carries(key.1.scheme, &typed) {
                return answer;
            }
            let mut asking = self.asking();
            match asking.get_mut(key).filter(|asking| asking.asked < ASKED_MAX) {
                Some(asking) => asking.asked += 1,
                None => return Answer::Declined,
            }
            params.rejected = Some(typed.user);
        }
    }

    /// Whether the proxy can be shown it, and has not rejected it.
    fn is_usable(&self, proxy: &ProxyAddress, login: &Login) -> bool {
        carries(proxy.scheme, login) && !self.known.is_rejected(proxy, login)
    }

    /// Takes up what this user gave before, if anything: a route that is remembered is tried before
    /// the script is read that names its proxy.
    async fn recall(&self, user: &str, proxy: &ProxyAddress) -> bool {
        let Some(kept) = self.kept_for(user, proxy).await else { return false };
        let is_usable = !self.is_rejected(proxy, &kept.login).await;
        if is_usable {
            self.known.set(user, proxy, Some(kept));
            self.tell(user, proxy);
        }
        is_usable
    }

    async fn take(&self, user: &str, proxy: &ProxyAddress, given: ProxyPasswordAnswer) {
        let mut kept = self.kept(user).await;
        kept.retain(|known| known.proxy != *proxy);
        let ProxyPasswordAnswer { user: account, password } = given;
        let login = Login { user: account.clone(), password: Secret::new(password.clone()) };
        kept.push(Kept { proxy: proxy.clone(), user: account, password });
        let excess = kept.len().saturating_sub(KEPT_MAX);
        kept.drain(..excess);
        self.keep(&kept_key(user), serde_json::to_vec(&kept).unwrap_or_default()).await;
        if self.is_rejected(proxy, &login).await {
            // Anyone who gives the same password again knows that it was rejected, and may have had
            // the account unlocked.
            self.known.forgive(proxy, &login);
            self.keep(&self.rejection(proxy, &login), trace(FORGIVEN, user)).await;
        }
        self.known.set(user, proxy, Some(typed_by_its_user(login)));
        self.tell(user, proxy);
    }

    /// Remembers for good what proxies rejected.
    async fn note_rejections(&self) {
        for (proxy, login) in self.known.take_rejections() {
            tracing::warn!(%proxy, "the proxy rejected the login, which is not shown to it again");
            let whose = self.known.whose(&proxy, &login).unwrap_or_default();
            self.keep(&self.rejection(&proxy, &login), trace(REJECTED, &whose)).await;
        }
    }

    fn tell(&self, user: &str, proxy: &ProxyAddress) {
        if self.given.send(Given { user: user.to_owned(), proxy: proxy.clone() }).is_err() {
            tracing::debug!("a login is there, and nobody connects any more");
        }
    }

    async fn keep(&self, key: &str, value: Vec<u8>) {
        if let Err(error) = self.store.keep(key, value).await {
            tracing::error!(%error, "what is known of a login cannot be kept");
        }
    }

    async fn kept(&self, user: &str) -> Vec<Kept> {
        let kept = self.store.recall(&kept_key(user)).await.ok().flatten().unwrap_or_default();
        serde_json::from_slice(&kept).unwrap_or_default()
    }

    async fn kept_for(&self, user: &str, proxy: &ProxyAddress) -> Option<KnownLogin> {
        let kept = self.kept(user).await.into_iter().find(|kept| kept.proxy == *proxy)?;
        Some(typed_by_its_user(Login { user: kept.user, password: Secret::new(kept.password) }))
    }

    /// Whether the proxy has rejected it, now or before a restart. A store that cannot be read has
    /// not.
    async fn is_rejected(&self, proxy: &ProxyAddress, login: &Login) -> bool {
        let before = self.store.recall(&self.rejection(proxy, login)).await;
        let before = before
            .ok()
            .flatten()
            .is_some_and(|noted| noted.is_empty() || noted.starts_with(REJECTED.as_bytes()));
        if before {
            self.known.note_rejected(proxy, login);
        }
        before || self.known.is_rejected(proxy, login)
    }

    /// Under which name the store keeps that a login was rejected: another password is another
    /// login.
    fn rejection(&self, proxy: &ProxyAddress, login: &Login) -> String {
        let Ok(mut hash) = Hmac::<Sha256>::new_from_slice(&self.key) else { return String::new() };
        for part in [proxy.to_string().as_str(), &login.user, login.password.reveal()] {
            hash.update(&part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        let hash: String = hash.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("rejected login {hash}")
    }

    fn asking(&self) -> MutexGuard<'_, BTreeMap<(String, ProxyAddress), Asking>> {
        lock(&self.asking)
    }
}

/// Remembers every rejection, also where the task that dialled has gone or asks nobody for a login.
async fn note_all(logins: Weak<Logins>, known: Arc<convene_dial::Logins>) {
    loop {
        known.rejection().await;
        let Some(logins) = logins.upgrade() else { return };
        logins.note_rejections().await;
    }
}

/// Anyone who types a login for a proxy names that proxy, whatever named it before; a browser sees
/// it in the same way.
const fn typed_by_its_user(login: Login) -> KnownLogin {
    KnownLogin { login, in_clear: true }
}

/// The store keeps a limited number of traces of each user.
fn trace(what: &str, user: &str) -> Vec<u8> {
    format!("{what} {user}").into_bytes()
}

fn kept_key(user: &str) -> String {
    format!("logins of {user}")
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
