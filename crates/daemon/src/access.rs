//! Checks of the access: every way to a server is opened on purpose, also those that are not
//! needed, and what came of each is told while it happens.
//!
//! `check` is the machine of one check, and `hands` do what it says, by the dialer and the script
//! reader of connections. [`Access`] runs at most one check per user and server at a time, keeps
//! the last record of each, and begins checks by itself: when a seat is taken, and on the day
//! before a conference opens (`calendar`). `telling` lets the organizers know, where the user
//! agreed.

mod calendar;
mod check;
mod hands;
mod telling;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use convene_local_api::{AccessCheckRecord, AccessReason, AccessVerdict, ConnectionState};
use convene_model::Timestamp;
use convene_reach::Targets;
use convene_seat::Standing;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::calendar::Calendar;
use self::check::{Check, Moment, Subject};
use self::hands::Hands;
use crate::logins::Logins;
use crate::proxies::Proxies;
use crate::registry::{HeldSeat, JoinError, KnownServer, Opening, Registry};
use crate::servers::ScriptReader;
use crate::store::{SeatId, ServerAddress, Store};

/// How long a check may take: three rounds of silent steps, and people wait no longer.
const CHECK_MAX: Duration = Duration::from_secs(60);
/// How long after a join the check begins at the earliest: who has just joined wants the network
/// for the conference.
const SETTLE: Duration = Duration::from_secs(30);
/// Over how long those checks are spread: people join together, and each check opens a dozen
/// connections to one server.
const SETTLE_SPREAD: Duration = Duration::from_secs(20);

/// A server, and whose check of it.
type Key = (String, ServerAddress);
/// Lets one begin a check while others who want the same one wait.
type Turnstile = Arc<tokio::sync::Mutex<()>>;

/// All checks.
#[derive(Debug)]
pub(crate) struct Access {
    registry: Arc<Registry>,
    proxies: Arc<Proxies>,
    logins: Arc<Logins>,
    store: Arc<Store>,
    kept: Mutex<Kept>,
    /// Counts the changes of all records.
    changes: watch::Sender<u64>,
    /// Where somebody begins a check, so that none is begun twice. A server whose task is slow to
    /// answer delays the checks of no other.
    beginning: Mutex<BTreeMap<Key, Turnstile>>,
    tasks: Mutex<JoinSet<()>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The number of changes.
    count: u64,
    checks: BTreeMap<Key, KeptCheck>,
    /// The seats of which it is awaited that they are joined, or that this fails.
    awaited: Vec<SeatId>,
}

/// The last check of a server.
#[derive(Debug)]
struct KeptCheck {
    record: AccessCheckRecord,
    began: Timestamp,
    /// The number of its last change.
    changed: u64,
    /// The verdict that the organizers were told, by seat.
    told: BTreeMap<SeatId, AccessVerdict>,
}

impl Access {
    pub(crate) fn new(
        registry: &Arc<Registry>,
        proxies: &Arc<Proxies>,
        logins: &Arc<Logins>,
        store: &Arc<Store>,
    ) -> Arc<Self> {
        Arc::new(Self {
            registry: Arc::clone(registry),
            proxies: Arc::clone(proxies),
            logins: Arc::clone(logins),
            store: Arc::clone(store),
            kept: Mutex::default(),
            changes: watch::Sender::new(0),
            beginning: Mutex::default(),
            tasks: Mutex::default(),
        })
    }

    /// Begins checks when conferences are about to open. Never ends.
    pub(crate) async fn run(self: &Arc<Self>) {
        let mut calendar = Calendar::new(rand::random());
        let mut changes = self.registry.changes();
        loop {
            changes.mark_unchanged();
            let now = Timestamp::from(SystemTime::now());
            let checked = |opening: &Opening| self.began(&opening.user, &opening.server);
            let (due, next) = calendar.due(&self.registry.openings(), checked, now);
            for opening in due {
                let this = Arc::clone(self);
                self.spawn(async move { this.check_before(opening).await });
            }
            let wait = next.map(|next| next.as_millis().saturating_sub(now.as_millis()));
            let wait = wait.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or_default()));
            tokio::select! {
                Ok(()) = changes.changed() => {}
                () = pause(wait) => {}
            }
        }
    }

    /// Ends all checks. What was kept of them is let go.
    pub(crate) async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *lock(&self.tasks));
        tasks.shutdown().await;
    }

    /// Counts up whenever a record changed.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The number of changes so far, and the records of this user's that changed after the first
    /// `count` of them.
    pub(crate) fn since(&self, user: &str, count: u64) -> (u64, Vec<AccessCheckRecord>) {
        let kept = lock(&self.kept);
        let fresh = kept.checks.iter().filter(|((whose, _), one)| whose == user && one.changed > count);
        (kept.count, fresh.map(|(_, one)| one.record.clone()).collect())
    }

    /// The last records of this user's, of servers of this name or of all.
    pub(crate) fn last(&self, user: &str, host: Option<&str>) -> Vec<AccessCheckRecord> {
        let is_meant = |(whose, server): &Key| whose == user && host.is_none_or(|host| host == server.host);
        let kept = lock(&self.kept);
        kept.checks.iter().filter(|(key, _)| is_meant(key)).map(|(_, one)| one.record.clone()).collect()
    }

    /// Begins to check this user's access to the servers of this name, or to all. A check that runs
    /// is not begun again.
    pub(crate) async fn begin(self: &Arc<Self>, user: &str, host: Option<&str>, reason: AccessReason) {
        let known = self.registry.known_servers(user).await;
        {
            let mut kept = lock(&self.kept);
            kept.checks.retain(|(whose, server), one| {
                let is_known = known.iter().any(|known| known.address == *server);
                whose != user || is_known || one.record.ended.is_none()
            });
        }
        let mut begun = JoinSet::new();
        for server in known.into_iter().filter(|known| host.is_none_or(|host| host == known.address.host)) {
            let (this, user) = (Arc::clone(self), user.to_owned());
            begun.spawn(async move { this.begin_one(&user, &server, reason).await });
        }
        while begun.join_next().await.is_some() {}
    }

    /// A seat is being taken: the access to its server is checked once it is joined, and before
    /// that where joining fails.
    pub(crate) fn await_seat(self: &Arc<Self>, seat: HeldSeat) {
        {
            let mut kept = lock(&self.kept);
            if kept.awaited.contains(&seat.id) {
                return;
            }
            kept.awaited.push(seat.id);
        }
        let this = Arc::clone(self);
        self.spawn(async move {
            let id = seat.id;
            this.follow(seat).await;
            lock(&this.kept).awaited.retain(|awaited| *awaited != id);
        });
    }

    async fn follow(self: &Arc<Self>, mut seat: HeldSeat) {
        let mut status = seat.server.status.clone();
        let mut since = Timestamp::from(SystemTime::now());
        let mut has_failed = false;
        loop {
            if seat.view.borrow_and_update().standing == Standing::Joined {
                break;
            }
            let state = status.borrow_and_update().state;
            if !has_failed && matches!(state, ConnectionState::Blocked | ConnectionState::Offline) {
                has_failed = true;
                self.check_server(&seat.user, seat.address(), AccessReason::SeatTaken).await;
            }
            let changed = tokio::select! {
                changed = seat.view.changed() => changed,
                changed = status.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
        if has_failed {
            since = Timestamp::from(SystemTime::now());
        }
        let key = (seat.user.clone(), seat.address().clone());
        // A seat that is given up meanwhile is not held any longer because of this.
        drop((seat, status));
        tokio::time::sleep(SETTLE + SETTLE_SPREAD.mul_f64(rand::random())).await;
        // Of several seats that are taken together, one has the server checked for all.
        if self.began(&key.0, &key.1).is_none_or(|began| began < since) {
            self.check_server(&key.0, &key.1, AccessReason::SeatTaken).await;
        } else {
            self.tell(&key).await;
        }
    }

    /// Checks on the day before, as soon as there is a network.
    async fn check_before(self: &Arc<Self>, opening: Opening) {
        let Opening { opens, user, server } = opening;
        let seat = self.registry.seats_on(&user, &server).into_iter().next();
        let Some(mut status) = seat.map(|seat| seat.server.status) else { return };
        let is_settled =
            |state: ConnectionState| matches!(state, ConnectionState::Connected | ConnectionState::Blocked);
        let settled = status.wait_for(|view| is_settled(view.state)).await.is_ok();
        if settled && Timestamp::from(SystemTime::now()) < opens {
            self.check_server(&user, &server, AccessReason::DayBefore).await;
        }
    }

    async fn check_server(self: &Arc<Self>, user: &str, address: &ServerAddress, reason: AccessReason) {
        let known = self.registry.known_servers(user).await;
        if let Some(server) = known.iter().find(|known| known.address == *address) {
            self.begin_one(user, server, reason).await;
        }
    }

    /// Begins one check, unless one of this server runs.
    async fn begin_one(self: &Arc<Self>, user: &str, server: &KnownServer, reason: AccessReason) {
        let key = (user.to_owned(), server.address.clone());
        let turnstile = self.turnstile(&key);
        let _one_at_a_time = turnstile.lock().await;
        let is_running = |one: &KeptCheck| one.record.ended.is_none();
        if lock(&self.kept).checks.get(&key).is_some_and(is_running) {
            return;
        }
        let (subject, hands) = match self.prepare(user, server, reason).await {
            Ok(prepared) => prepared,
            Err(error) => {
                tracing::warn!(server = server.address.host, %error, "the access cannot be checked");
                return;
            }
        };
        let began = Timestamp::from(SystemTime::now());
        let check = Check::new(subject, began);
        self.keep(&key, &check, Some(began));
        let this = Arc::clone(self);
        self.spawn(async move { this.carry_out(key, check, hands).await });
    }

    fn turnstile(&self, key: &Key) -> Turnstile {
        let mut turnstiles = lock(&self.beginning);
        // Nobody stands at the others any more.
        turnstiles.retain(|_, one| Arc::strong_count(one) > 1);
        Arc::clone(turnstiles.entry(key.clone()).or_default())
    }

    /// Gathers what is to be checked, and by what.
    async fn prepare(
        &self,
        user: &str,
        server: &KnownServer,
        reason: AccessReason,
    ) -> Result<(Subject, Hands), JoinError> {
        let KnownServer { address, rules, .. } = server;
        let ways = self.registry.ways(user, server).await?;
        let (to, now) = ((address.host.as_str(), rules.https_port), Timestamp::from(SystemTime::now()));
        let leads = self.proxies.leads(user, to, now);
        let mut proxies = Vec::new();
        for (proxy, login) in leads.proxies {
            if self.logins.known().known(user, &proxy).is_none() {
                self.logins.choose(user, &proxy, login, true).await;
            }
            proxies.push(proxy);
        }
        // What the connection uses beside those, a script has named.
        let found = ways.proxies.into_iter().filter(|proxy| !proxies.contains(proxy)).collect::<Vec<_>>();
        proxies.extend(found);
        let place =
            |proxy| self.proxies.place_of(user, to, proxy, now).unwrap_or_else(|| "script".to_owned());
        let places = proxies.iter().map(place).collect();
        let subject = Subject {
            targets: Targets {
                host: address.host.clone(),
                direct_ports: rules.ports,
                https_port: rules.https_port,
                proxies,
            },
            places,
            scripts: leads.scripts,
            inspection: rules.inspection,
            contact: rules.contact.clone(),
            reason,
        };
        let reader = ScriptReader {
            evaluator: ways.evaluator,
            dialer: Arc::clone(&ways.dialer),
            host: address.host.clone(),
            port: rules.https_port,
            user: user.to_owned(),
            proxies: Arc::clone(&self.proxies),
        };
        let hands = Hands {
            dialer: ways.dialer,
            reader,
            logins: Arc::clone(&self.logins),
            user: user.to_owned(),
            inspection: rules.inspection,
            portal_api: ways.portal_api,
        };
        Ok((subject, hands))
    }

    /// Brings a check to its end.
    async fn carry_out(self: Arc<Self>, key: Key, mut check: Check, hands: Hands) {
        let deadline = tokio::time::Instant::now() + CHECK_MAX;
        let mut tasks = JoinSet::new();
        while !check.is_over() {
            while let Some((step, task)) = check.poll_task(Instant::now()) {
                let hands = hands.clone();
                tasks.spawn(async move { (step, hands.carry_out(task).await) });
            }
            self.keep(&key, &check, None);
            tokio::select! {
                Some(done) = tasks.join_next() => match done {
                    Ok((step, (finding, logins))) => check.handle_finding(step, finding, logins, now()),
                    // It counts as silent in the end.
                    Err(error) => tracing::error!(%error, "a step of an access check has failed"),
                },
                () = tokio::time::sleep_until(deadline) => check.handle_timeout(now()),
            }
        }
        drop(tasks);
        self.keep(&key, &check, None);
        let verdict = check.record().verdict.map(AccessVerdict::as_str);
        tracing::info!(server = key.1.host, user = key.0, verdict, "the access was checked");
        // Others may wait for the memory that it took.
        self.registry.count_change();
        self.tell(&key).await;
    }

    /// Keeps the record as it stands, and lets everyone know who follows; `began`, where it is new.
    fn keep(&self, key: &Key, check: &Check, began: Option<Timestamp>) {
        let record = check.record();
        let count = {
            let mut kept = lock(&self.kept);
            kept.count += 1;
            let changed = kept.count;
            if let Some(began) = began {
                let told = kept.checks.remove(key).map(|before| before.told).unwrap_or_default();
                kept.checks.insert(key.clone(), KeptCheck { record, began, changed, told });
            } else if let Some(known) = kept.checks.get_mut(key) {
                (known.record, known.changed) = (record, changed);
            }
            changed
        };
        self.changes.send_replace(count);
    }

    /// When the last check of this server began.
    fn began(&self, user: &str, server: &ServerAddress) -> Option<Timestamp> {
        let key = (user.to_owned(), server.clone());
        lock(&self.kept).checks.get(&key).map(|one| one.began)
    }

    /// Tells the organizers of this user's conferences there, if the user agreed, as far as they do
    /// not know it.
    async fn tell(self: &Arc<Self>, key: &Key) {
        let verdict = lock(&self.kept).checks.get(key).and_then(|one| one.record.verdict);
        let Some(verdict) = verdict else { return };
        if !telling::tell_access(&self.store, &key.0).await {
            return;
        }
        let mut seats = self.registry.seats_on(&key.0, &key.1);
        seats.retain(|seat| seat.view.borrow().standing == Standing::Joined);
        {
            let mut kept = lock(&self.kept);
            let Some(one) = kept.checks.get_mut(key) else { return };
            one.told.retain(|id, _| seats.iter().any(|seat| seat.id == *id));
            seats.retain(|seat| one.told.insert(seat.id, verdict) != Some(verdict));
        }
        for seat in seats {
            let (this, key) = (Arc::clone(self), key.clone());
            self.spawn(async move {
                if !telling::tell(&seat, verdict).await
                    && let Some(one) = lock(&this.kept).checks.get_mut(&key)
                {
                    one.told.remove(&seat.id);
                }
            });
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }
}

async fn pause(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

fn now() -> Moment {
    Moment { instant: Instant::now(), at: Timestamp::from(SystemTime::now()) }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
