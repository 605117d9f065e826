//! Which seats there are, whose, and which server's task holds each.

mod forgetting;
mod reaching;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use convene_dial::{Dialer, TlsLibraryError};
use convene_local_api::{Connection as ConnectionView, Storage};
use convene_model::limits::{COMMAND_BYTES_MAX, OUTBOX_BYTES_MAX, OUTBOX_BYTES_PER_USER_MAX};
use convene_model::{CommandId, Fingerprint, JoinCode, JoinLink, Name, ShareLimit, bracketed};
use convene_pac::Evaluator;
use convene_seat::{JoinRequest, SeatRecord, SeatSecret, Standing};
use tokio::sync::{RwLock, oneshot, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

pub(crate) use self::forgetting::ForgetError;
use self::forgetting::in_time;
pub(crate) use self::reaching::{KnownServer, Opening};
use crate::config::Config;
use crate::logins::Logins;
use crate::network::Whereabouts;
use crate::os::UserId;
use crate::proxies::Proxies;
use crate::rules::{CaFileError, Rules};
use crate::servers::{self, Means, SeatView, ServerHandle, Wish};
use crate::store::{Fault, NewSeat, Notices, SeatId, ServerAddress, Store, StoreError, StoredSeat};
use crate::turns::Turns;

/// Bytes of commands that wait.
const OUTBOX: ShareLimit = ShareLimit { each: OUTBOX_BYTES_PER_USER_MAX, whole: OUTBOX_BYTES_MAX };

/// Why a seat was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JoinError {
    /// This user takes part in too many conferences of one server, or keeps too many seats that
    /// cannot be forgotten.
    #[error("too many seats on one server")]
    TooManySeats,
    /// It was not stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing can be dialled.
    #[error(transparent)]
    Dial(#[from] TlsLibraryError),
    /// The configuration names certificates that cannot be had.
    #[error(transparent)]
    CaFile(#[from] CaFileError),
    /// The daemon is going down.
    #[error("the daemon is going down")]
    Stopping,
}

/// A seat that a user has.
#[derive(Debug, Clone)]
pub(crate) struct HeldSeat {
    pub(crate) id: SeatId,
    pub(crate) user: String,
    pub(crate) server: ServerHandle,
    pub(crate) host: String,
    pub(crate) name: Name,
    code: JoinCode,
    address: ServerAddress,
    pub(crate) view: watch::Receiver<SeatView>,
}

impl HeldSeat {
    /// The server's host name, with the port where that is not the usual one.
    pub(crate) fn server_name(&self) -> String {
        match self.address.https_port {
            443 => self.host.clone(),
            port => format!("{}:{port}", bracketed(&self.host)),
        }
    }

    /// What makes its server another one: links to one port that name different keys lead to
    /// different servers, whoever answers there now.
    pub(crate) fn server_identity(&self) -> (&str, u16, Option<Fingerprint>) {
        (&self.host, self.address.https_port, self.address.fingerprint)
    }

    /// The only key that the server may have, where the join link named one.
    pub(crate) fn fingerprint(&self) -> Option<Fingerprint> {
        self.address.fingerprint
    }
}

/// One user's connection, and what is on it.
#[derive(Debug)]
pub(crate) struct ConnectionSummary {
    pub(crate) user: String,
    pub(crate) view: ConnectionView,
    pub(crate) seats: u64,
    /// Commands without a receipt.
    pub(crate) waiting: u64,
}

/// All seats and servers.
#[derive(Debug)]
pub(crate) struct Registry {
    store: Arc<Store>,
    /// A connection is started, or all are configured anew, and not both at the same time.
    config: RwLock<Config>,
    proxies: Arc<Proxies>,
    logins: Arc<Logins>,
    whereabouts: watch::Sender<Whereabouts>,
    held: Mutex<Held>,
    /// The users whose stored seats are not all taken up; none is known before that has begun.
    resuming: Mutex<Option<BTreeSet<String>>>,
    /// Counts what changed about the connections: anyone who watches them looks again.
    changes: watch::Sender<u64>,
    /// One join of a user at a time, so that a repeated one finds the first one's seat.
    joining: Turns,
}

/// A server, and whose connection with it.
type ConnectionKey = (ServerAddress, String);

#[derive(Debug, Default)]
struct Held {
    /// A connection serves one user: what leads there may be that user's alone.
    servers: BTreeMap<ConnectionKey, (ServerHandle, Rules)>,
    seats: BTreeMap<SeatId, HeldSeat>,
    tasks: JoinSet<()>,
}

impl Registry {
    pub(crate) fn new(
        store: Arc<Store>,
        config: Config,
        proxies: Arc<Proxies>,
        logins: Arc<Logins>,
        whereabouts: Whereabouts,
    ) -> Self {
        Self {
            store,
            config: RwLock::new(config),
            proxies,
            logins,
            whereabouts: watch::Sender::new(whereabouts),
            held: Mutex::default(),
            resuming: Mutex::default(),
            changes: watch::Sender::new(0),
            joining: Turns::default(),
        }
    }

    /// Takes up what was stored. Before it has, nobody may ask for a seat: who joins again would
    /// get a second one. Users with few seats come first, and are served while those of others are
    /// taken up. A seat that cannot be taken up is told and does not keep the others.
    pub(crate) async fn resume(&self, stored: Vec<StoredSeat>) {
        let mut users: BTreeMap<String, Vec<StoredSeat>> = BTreeMap::new();
        for seat in stored {
            users.entry(seat.user.clone()).or_default().push(seat);
        }
        *lock(&self.resuming) = Some(users.keys().cloned().collect());
        let mut users: Vec<(String, Vec<StoredSeat>)> = users.into_iter().collect();
        users.sort_by_key(|(_, seats)| seats.len());
        for (user, seats) in users {
            for StoredSeat { id, user, server, record } in seats {
                let host = server.host.clone();
                if let Err(error) = self.take_up(id, user, server, record).await {
                    tracing::error!(server = host, %error, "a stored seat could not be taken up");
                }
            }
            if let Some(resuming) = &mut *lock(&self.resuming) {
                resuming.remove(&user);
            }
        }
    }

    /// Whether what was stored of this user is taken up: until then their frontends are told that
    /// the daemon starts.
    pub(crate) fn is_resumed(&self, user: &UserId) -> bool {
        lock(&self.resuming).as_ref().is_some_and(|resuming| !resuming.contains(user.as_str()))
    }

    /// Passes on what has become durable, until the store ends.
    pub(crate) async fn pass_on(&self, mut notices: Notices) {
        while let Some(stored) = notices.next().await {
            let server = self.held().seats.get(&stored.seat).map(|held| held.server.stored.clone());
            if let Some(server) = server
                && server.send(stored).await.is_err()
            {
                tracing::debug!("a server's task has ended");
            }
        }
    }

    /// The seat of this user for this link: the one that there is, or a new one, which is durable
    /// when this returns.
    pub(crate) async fn join(
        &self,
        user: &UserId,
        link: &JoinLink,
        name: Name,
    ) -> Result<HeldSeat, JoinError> {
        let turn = self.joining.of(user.as_str());
        let _one_at_a_time = turn.lock().await;
        let server = ServerAddress {
            host: link.host.clone(),
            https_port: link.https_port,
            ports: link.ports,
            fingerprint: link.fingerprint,
        };
        if let Some(known) = self.known(user, &server, link.code) {
            let comes_back = known.view.borrow().standing == Standing::Left;
            return if comes_back && self.is_full(user, &server) {
                Err(JoinError::TooManySeats)
            } else {
                Ok(known)
            };
        }
        if self.is_full(user, &server) {
            return Err(JoinError::TooManySeats);
        }
        self.forget_tries(user, &server, link.code).await?;
        self.forget_oldest(user, &server).await?;
        self.make_room(user, &server).await?;
        let secret = SeatSecret::from_bytes(&rand::random());
        let join = JoinRequest { code: link.code, name, id: CommandId(Uuid::now_v7()) };
        let user = user.as_str().to_owned();
        let seat = NewSeat {
            user: user.clone(),
            server: server.clone(),
            secret: secret.clone(),
            join: join.clone(),
        };
        let id = in_time(self.store.add(seat)).await?;
        let taken = self.take_up(id, user, server, SeatRecord::new(secret, join)).await;
        if taken.is_err() {
            // Nobody is told of it, so it must not join at the next start.
            in_time(self.store.remove(id)).await?;
        }
        taken
    }

    /// The seats of a user, in the order in which they were taken.
    pub(crate) fn seats(&self, user: &UserId) -> Vec<HeldSeat> {
        self.held().seats.values().filter(|seat| seat.user == user.as_str()).cloned().collect()
    }

    /// Whether so many bytes of commands more may wait in the seats of a user.
    pub(crate) fn may_wait(&self, user: &str, bytes: usize) -> bool {
        let held = self.held();
        let kept = |is_own: bool| -> usize {
            let seats = held.seats.values().filter(|seat| (seat.user == user) == is_own);
            seats.map(|seat| seat.view.borrow().kept_bytes).sum()
        };
        let own = kept(true).saturating_add(bytes);
        // Others are looked at only where it is much.
        own <= COMMAND_BYTES_MAX || OUTBOX.allows(own, kept(false))
    }

    /// The connections of a user's.
    pub(crate) fn servers(&self, user: &UserId) -> Vec<ServerHandle> {
        let held = self.held();
        let own = held.servers.iter().filter(|((_, whose), _)| whose == user.as_str());
        own.map(|(_, (server, _))| server.clone()).collect()
    }

    /// Why nothing can be stored, where that is so.
    pub(crate) fn storage(&self) -> Option<Storage> {
        self.store.health().borrow().fault.as_ref().map(|fault| match fault {
            Fault::Full => Storage::Full,
            Fault::Failed { .. } => Storage::Failed,
        })
    }

    /// Counts what becomes of the store as a change of the connections, until it ends.
    pub(crate) async fn follow_storage(&self) {
        let mut health = self.store.health();
        while health.changed().await.is_ok() {
            self.changes.send_modify(|count| *count += 1);
        }
    }

    /// The state of the connections of all users.
    pub(crate) fn summaries(&self) -> Vec<ConnectionSummary> {
        let held = self.held();
        let standing = |((address, user), (server, _)): (&ConnectionKey, &(ServerHandle, Rules))| {
            let seats = held.seats.values().filter(|seat| seat.user == *user && seat.address == *address);
            let waiting: Vec<usize> = seats.map(|seat| seat.view.borrow().waiting).collect();
            ConnectionSummary {
                user: user.clone(),
                view: server.status.borrow().clone(),
                seats: waiting.len() as u64,
                waiting: waiting.into_iter().sum::<usize>() as u64,
            }
        };
        held.servers.iter().map(standing).collect()
    }

    /// The state of the connections to the servers on which a user has seats.
    pub(crate) fn connections(&self, user: &UserId) -> Vec<ConnectionView> {
        let storage = self.storage();
        let shown = |server: &ServerHandle| ConnectionView { storage, ..server.status.borrow().clone() };
        self.servers(user).iter().map(shown).collect()
    }

    /// Tries to connect at once, on this user's servers of this name or on all.
    pub(crate) fn retry(&self, user: &UserId, host: Option<&str>) {
        self.logins.forgive(user.as_str());
        for seat in self.seats(user) {
            if host.is_none_or(|host| host == seat.host) && seat.server.wishes.try_send(Wish::Retry).is_err()
            {
                tracing::debug!("a server's task is busy; it tries anyway");
            }
        }
    }

    /// The machine is in another network, or in this one in another way.
    pub(crate) fn move_to(&self, whereabouts: Whereabouts) {
        self.whereabouts.send_replace(whereabouts);
    }

    /// The machine has slept.
    pub(crate) fn wake(&self, asleep: Duration) {
        for (server, _) in self.held().servers.values() {
            if server.wishes.try_send(Wish::Wake { asleep }).is_err() {
                tracing::debug!("a server's task is busy; its heartbeat finds out");
            }
        }
        // A moment that somebody waits for may have passed meanwhile.
        self.count_change();
    }

    /// Has everyone look again who follows the changes.
    pub(crate) fn count_change(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Counts up whenever a connection changed.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Ends the servers' tasks. Nothing was told that is not durable.
    pub(crate) async fn stop(&self) {
        let mut tasks = {
            let mut held = self.held();
            held.seats.clear();
            held.servers.clear();
            std::mem::take(&mut held.tasks)
        };
        tasks.shutdown().await;
        self.logins.stop().await;
    }

    async fn take_up(
        &self,
        id: SeatId,
        user: String,
        address: ServerAddress,
        record: SeatRecord,
    ) -> Result<HeldSeat, JoinError> {
        let server = self.server(&address, &user).await?;
        let (name, code) = (record.join.name.clone(), record.join.code);
        let (answer, added) = oneshot::channel();
        let wish = Wish::Add { seat: id, record: Box::new(record), answer };
        server.wishes.send(wish).await.map_err(|_| JoinError::Stopping)?;
        let view = added.await.map_err(|_| JoinError::Stopping)?;
        let host = address.host.clone();
        let seat = HeldSeat { id, user, server, host, name, code, address, view };
        self.held().seats.insert(id, seat.clone());
        self.changes.send_modify(|count| *count += 1);
        Ok(seat)
    }

    /// The configuration is another now. A connection for which it says something else is made
    /// anew; seats, and what waits in them, stay. Where it cannot be, the one before stays.
    pub(crate) async fn configure(&self, config: Config) {
        let mut current = self.config.write().await;
        *current = config;
        let running: Vec<_> = self.held().servers.clone().into_iter().collect();
        for ((address, user), (handle, before)) in running {
            let configured = match Rules::of(&current, &address) {
                Ok(rules) if rules == before => continue,
                Ok(rules) if rules.open_alike(&before) => Ok((rules, None)),
                Ok(rules) => self.dialer(&rules, &address, &user).await.map(|dialer| (rules, Some(dialer))),
                Err(error) => Err(error.into()),
            };
            match configured {
                Ok((rules, dialer)) => {
                    if let Some((_, known)) = self.held().servers.get_mut(&(address, user)) {
                        known.clone_from(&rules);
                    }
                    if handle.wishes.send(Wish::Configure { rules, dialer }).await.is_err() {
                        tracing::debug!("a server's task has ended");
                    }
                }
                Err(error) => {
                    tracing::error!(server = address.host, %error, "this server is reached as before");
                }
            }
        }
    }

    /// The task of a user's connection with a server, started where there is none.
    async fn server(&self, address: &ServerAddress, user: &str) -> Result<ServerHandle, JoinError> {
        let key = (address.clone(), user.to_owned());
        if let Some((running, _)) = self.held().servers.get(&key) {
            return Ok(running.clone());
        }
        let config = self.config.read().await;
        self.proxies.recall(user).await;
        let rules = Rules::of(&config, address)?;
        let dialer = self.dialer(&rules, address, user).await?;
        let (handle, inbox) = servers::channel(address, &rules);
        let means = Means {
            store: Arc::clone(&self.store),
            dialer,
            address: address.clone(),
            rules: rules.clone(),
            user: user.to_owned(),
            proxies: Arc::clone(&self.proxies),
            logins: Arc::clone(&self.logins),
            evaluator: Evaluator::of_this_program(),
            whereabouts: self.whereabouts.subscribe(),
        };
        let mut held = self.held();
        let (status, opens) = (handle.status.clone(), handle.opens.clone());
        let changes = self.changes.clone();
        held.tasks.spawn(async move {
            if let Err(error) = servers::run(means, inbox).await {
                tracing::error!(%error, "a server's task has ended");
            }
        });
        held.tasks.spawn(count_changes(status, changes.clone()));
        held.tasks.spawn(count_changes(opens, changes));
        held.servers.insert(key, (handle.clone(), rules));
        Ok(handle)
    }

    async fn dialer(
        &self,
        rules: &Rules,
        address: &ServerAddress,
        user: &str,
    ) -> Result<Arc<Dialer>, JoinError> {
        let settings = rules.settings(address, user, &self.logins);
        // Reading the system's certificates takes a while.
        let dialer = tokio::task::spawn_blocking(|| Dialer::new(settings)).await;
        Ok(Arc::new(dialer.map_err(|_| JoinError::Stopping)??))
    }

    /// A seat that was refused is of no use; the same link may be tried again.
    fn known(&self, user: &UserId, server: &ServerAddress, code: JoinCode) -> Option<HeldSeat> {
        let is_it = |seat: &&HeldSeat| {
            let standing = seat.view.borrow().standing;
            let refused = matches!(standing, Standing::Refused { is_final: true, .. });
            seat.user == user.as_str() && seat.address == *server && seat.code == code && !refused
        };
        self.held().seats.values().find(is_it).cloned()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        lock(&self.held)
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn count_changes<T>(mut of: watch::Receiver<T>, changes: watch::Sender<u64>) {
    while of.changed().await.is_ok() {
        changes.send_modify(|count| *count += 1);
    }
}
