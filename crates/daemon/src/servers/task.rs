//! One server's task: it does what the connection wants.

mod proxies;
mod seats;
#[cfg(test)]
mod tests;
mod views;
mod wishes;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use convene_dial::{Dialer, HOLD};
use convene_link::LinkSecret;
use convene_link::timing::HEARTBEAT;
use convene_model::Timestamp;
use convene_reach::{AttemptId, Ladder, Memory, NetworkId, Targets};
use convene_service_log::number;
use convene_uplink::{Connection, ConnectionEvent, PipeAction};
use futures_util::FutureExt as _;
use serde::de::DeserializeOwned;
use tokio::sync::{oneshot, watch};

use self::proxies::ProxySearch;
use self::seats::Seats;
pub(super) use self::views::watching;
use super::pipes::{Pipes, Report};
use super::scripts::ScriptReader;
use super::{Inbox, Means, Wish, status};
use crate::network::Whereabouts;
use crate::rules::Rules;
use crate::store::{Full, Health, Store, StoreError};

/// The name and the version that the server is told about us.
pub(crate) const PROGRAM: &str = concat!("convened ", env!("CARGO_PKG_VERSION"));

/// Before a task that a defect ended begins anew. It doubles where that happens again and again.
const RESTART_FIRST: Duration = Duration::from_secs(1);
/// The longest such pause: a defect costs a minute, and does not fill the log.
const RESTART_MAX: Duration = Duration::from_secs(60);

struct Task {
    store: Arc<Store>,
    connection: Connection,
    pipes: Pipes,
    dialer: Arc<Dialer>,
    /// The user who owns the connection.
    user: String,
    seats: Seats,
    health: watch::Receiver<Health>,
    /// For whom no more of conferences is kept.
    full: watch::Receiver<Full>,
    inbox: Inbox,
    rules: Rules,
    /// When the server's clock was last seen.
    clock_seen: Option<Instant>,
    /// A frame whose pipe had no room for it.
    held_back: Option<(AttemptId, Arc<str>)>,
    whereabouts: watch::Receiver<Whereabouts>,
    /// The network that the connection knows of: what it learns was learned there.
    here: NetworkId,
    /// The winners on each network, and the key under which the store keeps them.
    memory: Memory,
    memory_key: String,
    targets: Targets,
    proxies: ProxySearch,
}

/// Runs a server's connection until nobody can reach it any more. A defect in it is told, and it
/// begins anew with what is stored.
///
/// # Errors
/// When the store has ended.
pub(crate) async fn run(mut means: Means, mut inbox: Inbox) -> Result<(), StoreError> {
    let mut pause = RESTART_FIRST;
    loop {
        let mut task = Task::new(means.clone(), inbox).await;
        let began = Instant::now();
        if let Ok(ended) = AssertUnwindSafe(task.serve()).catch_unwind().await {
            return ended;
        }
        let (server, user) = (&task.targets.host, &task.user);
        tracing::error!(
            number = number::TASK_FAILED,
            server,
            user,
            "a defect ended a connection; it begins anew"
        );
        (means.dialer, means.rules, inbox) = (task.dialer, task.rules, task.inbox);
        tokio::time::sleep(pause).await;
        pause = if began.elapsed() > RESTART_MAX { RESTART_FIRST } else { RESTART_MAX.min(pause * 2) };
    }
}

/// The next report, or none when the pipe that was full has room.
async fn next(pipes: &mut Pipes, held_back: Option<AttemptId>) -> Option<Report> {
    match held_back {
        None => Some(pipes.report().await),
        Some(attempt) => {
            pipes.room(attempt).await;
            None
        }
    }
}

/// Under which key the store keeps where the server has proven itself.
fn addresses_key(memory_key: &str) -> String {
    format!("addresses of {memory_key}")
}

/// The value that was learned before. It is a help, and no more: a value that cannot be read
/// counts as nothing.
async fn recall<T: Default + DeserializeOwned>(store: &Store, key: &str) -> T {
    let kept = store.recall(key).await.ok().flatten().unwrap_or_default();
    serde_json::from_slice(&kept).unwrap_or_default()
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

impl Task {
    /// With what was learned here before the last restart.
    async fn new(means: Means, inbox: Inbox) -> Self {
        let Means { address, rules, user, .. } = &means;
        let targets = Targets {
            host: address.host.clone(),
            direct_ports: rules.ports,
            https_port: rules.https_port,
            proxies: Vec::new(),
        };
        let inspection = rules.inspection;
        let memory_key = format!("routes {}:{} {user}", address.host, address.https_port);
        let memory: Memory = recall(&means.store, &memory_key).await;
        means.dialer.set_good_addresses(recall(&means.store, &addresses_key(&memory_key)).await);
        let mut whereabouts = means.whereabouts;
        let Whereabouts { id: here, portal_api, .. } = whereabouts.borrow_and_update().clone();
        let reader = ScriptReader {
            evaluator: means.evaluator,
            dialer: Arc::clone(&means.dialer),
            host: targets.host.clone(),
            port: targets.https_port,
            user: means.user.clone(),
            proxies: Arc::clone(&means.proxies),
        };
        let (user, rules) = (means.user, means.rules);
        let proxies = ProxySearch::new(means.proxies, means.logins, user.clone(), reader, here);
        let ladder = Ladder::new(
            targets.clone(),
            memory.recall(here, Timestamp::from(SystemTime::now())).cloned(),
            rand::random(),
        );
        let secret = LinkSecret::from_random(rand::random());
        let mut task = Self {
            health: means.store.health(),
            full: means.store.full(),
            store: means.store,
            connection: Connection::new(ladder, secret, PROGRAM.to_owned(), inspection),
            pipes: Pipes::new(Arc::clone(&means.dialer), &user),
            dialer: means.dialer,
            user,
            seats: Seats::default(),
            inbox,
            rules,
            clock_seen: None,
            held_back: None,
            whereabouts,
            here,
            memory,
            memory_key,
            targets,
            proxies,
        };
        task.recall_habits();
        task.connection.handle_portal_announced(portal_api.is_some());
        task
    }

    async fn serve(&mut self) -> Result<(), StoreError> {
        self.take_over().await?;
        self.look_for_proxies().await;
        tracing::debug!(server = self.targets.host, "connecting");
        self.connection.with_ladder(Instant::now(), |ladder| ladder.handle_start(Instant::now()));
        loop {
            self.carry_out()?;
            if self.seats.is_stale {
                self.read_anew().await;
                self.carry_out()?;
            }
            let due = self.connection.poll_timeout();
            let reads = !self.connection.conversation().is_behind();
            let held_back = self.held_back.as_ref().map(|(attempt, _)| *attempt);
            let Self { pipes, inbox, whereabouts, proxies, health, full, store, seats, .. } = &mut *self;
            tokio::select! {
                wish = inbox.wishes.recv() => match wish {
                    Some(wish) => self.wish(wish),
                    None => return Ok(()),
                },
                Ok(()) = whereabouts.changed() => self.moved(),
                Some(stored) = inbox.stored.recv() => self.stored(stored),
                changed = health.changed() => {
                    changed.map_err(|_| StoreError::Closed)?;
                    self.store_changed().await;
                }
                // The next round looks at the seats.
                Ok(()) = full.changed() => {}
                room = store.wait_for_room(), if seats.wait_for_room => room?,
                Some(folded) = seats.folds.join_next() => self.folded(folded),
                change = proxies.changed() => self.take_proxy_change(change).await,
                report = next(pipes, held_back), if reads || held_back.is_some() => match report {
                    Some(report) => self.report(report),
                    None => self.resume_sending(),
                },
                () = until(due) => self.connection.handle_timeout(Instant::now()),
            }
            if self.connection.handle_due(due, Instant::now()) {
                tracing::info!("this program was paused");
            }
        }
    }

    fn wish(&mut self, wish: Wish) {
        let now = Instant::now();
        match wish {
            Wish::Add { seat, record, answer } => reply(answer, self.add(seat, *record)),
            Wish::Remove { seat, only_spare, answer } => {
                let removes = !only_spare || self.is_spare(seat);
                if removes {
                    self.remove(seat);
                }
                reply(answer, removes);
            }
            Wish::Act { seat, id, body, seen, answer } => self.act(seat, id, body, seen, answer),
            Wish::Dismiss { seat, id, answer } => self.dismiss(seat, id, answer),
            Wish::Watch { seat, wish } => self.watch(seat, wish),
            Wish::Fetch { seat, wish, answer } => self.fetch(seat, wish, answer),
            Wish::JoinLog { seat, log, name, answer } => reply(answer, self.join_log(seat, log, name)),
            #[cfg(test)]
            Wish::Panic => panic!("a test wants it"),
            Wish::Proxies { answer } => {
                let routes = self.targets.through_proxies().collect();
                reply(answer, (Arc::clone(&self.dialer), routes));
            }
            Wish::Configure { rules, dialer } => self.configure(rules, dialer),
            Wish::Wake { asleep } => self.connection.handle_woken(asleep, now),
            Wish::Retry => self.connection.with_ladder(now, |ladder| ladder.handle_retry(now)),
        }
    }

    fn configure(&mut self, rules: Rules, dialer: Option<Arc<Dialer>>) {
        self.rules = rules.clone();
        let Rules { ports, https_port, inspection, contact, .. } = rules;
        self.inbox.status.send_modify(|shown| {
            (shown.ports, shown.https_port, shown.contact) = (ports, https_port, contact);
        });
        let Some(dialer) = dialer else { return };
        dialer.set_good_addresses(self.dialer.good_addresses());
        dialer.set_hold(Some(self.dialer.hold()));
        self.pipes.open_by(Arc::clone(&dialer));
        self.proxies.search_by(Arc::clone(&dialer), https_port);
        self.dialer = dialer;
        (self.targets.direct_ports, self.targets.https_port) = (ports, https_port);
        tracing::info!(server = self.targets.host, "the configuration says something else: connecting anew");
        self.connection.handle_reconfigured(self.targets.clone(), inspection, Instant::now());
    }

    fn moved(&mut self) {
        self.note_habits();
        let Whereabouts { id, leads_out, portal_api } = self.whereabouts.borrow_and_update().clone();
        self.proxies.search_in(id);
        let remembered = self.memory.recall(id, Timestamp::from(SystemTime::now())).cloned();
        self.connection.handle_portal_announced(portal_api.is_some());
        self.connection.handle_network_changed(remembered, leads_out, Instant::now());
        if id != self.here {
            self.here = id;
            self.recall_habits();
        }
    }

    /// Applies what is known of this network: how often the connection must be used, and how long
    /// answers may be held.
    fn recall_habits(&mut self) {
        let (here, now) = (self.here, Timestamp::from(SystemTime::now()));
        let known = self.memory.heartbeat(here, now).unwrap_or(HEARTBEAT);
        self.connection.with_conversation(Instant::now(), |conversation| conversation.set_heartbeat(known));
        self.dialer.set_hold(self.memory.hold(here, now));
    }

    /// Keeps what was learned, once something has won here.
    fn note_habits(&mut self) {
        let (heartbeat, hold) = (self.connection.conversation().heartbeat(), self.dialer.hold());
        let (here, now) = (self.here, Timestamp::from(SystemTime::now()));
        let beats = heartbeat != self.memory.heartbeat(here, now).unwrap_or(HEARTBEAT)
            && self.memory.remember_heartbeat(here, heartbeat, now);
        let holds =
            hold != self.memory.hold(here, now).unwrap_or(HOLD) && self.memory.remember_hold(here, hold, now);
        if beats || holds {
            tracing::info!(
                ?heartbeat,
                ?hold,
                "this network lets connections be idle, and answers be held, for so long"
            );
            self.store.remember(&self.memory_key, serde_json::to_vec(&self.memory).unwrap_or_default());
        }
    }

    fn report(&mut self, report: Report) {
        let now = Instant::now();
        match report {
            Report::Stage(attempt, stage) => {
                self.connection.with_ladder(now, |ladder| ladder.handle_stage(attempt, stage, now));
            }
            Report::Opened(attempt, far_end) => {
                self.connection.handle_opened(attempt, Some(far_end), now);
            }
            Report::Failed(attempt, failure, seen) => {
                if let Some(seen) = seen {
                    self.connection.with_ladder(now, |ladder| ladder.handle_evidence(attempt, seen));
                }
                self.connection.handle_failed(attempt, failure, now);
            }
            Report::LoginWanted(_, proxy) => self.proxies.want_login(proxy),
            Report::Frame(attempt, text) => self.connection.handle_frame(attempt, None, &text, now),
            Report::Checked(question, portal) => {
                self.connection.handle_portal_answer(question, portal, now);
            }
            Report::Closed(attempt) => self.connection.handle_closed(attempt, now),
        }
    }

    /// Does all that the connection wants. It waits for nothing.
    fn carry_out(&mut self) -> Result<(), StoreError> {
        let now = Instant::now();
        self.arrange();
        loop {
            self.hand_over(now)?;
            if let Some(action) = self.connection.poll_action() {
                match action {
                    PipeAction::Open { attempt, route } => self.pipes.open(attempt, route),
                    PipeAction::AskPortal(question) => {
                        let announced = self.whereabouts.borrow().portal_api.clone();
                        self.pipes.ask_portal(question, self.connection.ladder().host(), announced);
                    }
                    PipeAction::Close { attempt } => {
                        self.held_back.take_if(|(held, _)| *held == attempt);
                        self.pipes.close(attempt);
                    }
                }
            } else if let Some(event) = self.connection.poll_event() {
                self.happened(event);
            } else if !self.send_next(now) {
                break;
            }
        }
        self.refresh();
        Ok(())
    }

    /// Sends the next frame; says whether there was one.
    fn send_next(&mut self, now: Instant) -> bool {
        if self.held_back.is_some() {
            return false;
        }
        let transmit = self.connection.with_conversation(now, |conversation| conversation.poll_transmit(now));
        let Some(transmit) = transmit else { return false };
        let attempt = AttemptId(transmit.pipe.0);
        if self.pipes.has_room(attempt) {
            self.pipes.send(attempt, transmit.text);
        } else {
            self.held_back = Some((attempt, transmit.text));
        }
        true
    }

    fn resume_sending(&mut self) {
        if let Some((attempt, frame)) = self.held_back.take() {
            self.pipes.send(attempt, frame);
        }
    }

    fn happened(&mut self, event: ConnectionEvent) {
        match event {
            ConnectionEvent::StatusChanged => {}
            ConnectionEvent::Lost(code) => {
                let (server, user) = (&self.targets.host, &self.user);
                tracing::info!(number = number::CONNECTION_LOST, server, user, %code, "the connection ended");
                self.forget_presence();
            }
            ConnectionEvent::Remember(route) => {
                tracing::debug!(%route, rung = ?route.rung, "a route won");
                self.proxies.note_open(&route);
                self.memory.remember(self.here, route, Timestamp::from(SystemTime::now()));
                self.store.remember(&self.memory_key, serde_json::to_vec(&self.memory).unwrap_or_default());
                let addresses = serde_json::to_vec(&self.dialer.good_addresses()).unwrap_or_default();
                self.store.remember(&addresses_key(&self.memory_key), addresses);
            }
            ConnectionEvent::Delta { seat, delta } => self.tell(seat, delta),
            ConnectionEvent::Refold { seat, wish } => self.refold_carried(seat, wish),
            ConnectionEvent::Reread { seat } => self.reread(seat),
            ConnectionEvent::Presence { seat, online } => self.tell_presence(seat, online),
        }
    }

    /// Reckons how far the server's clock is ahead of this machine's, whenever it is seen.
    fn note_clock(&mut self) {
        let seen = self.connection.server_clock().filter(|(_, at)| self.clock_seen != Some(*at));
        let Some((clock, at)) = seen else { return };
        self.clock_seen = Some(at);
        let now = Timestamp::from(SystemTime::now()).as_millis();
        let since = i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX);
        let offset_ms = clock.as_millis().saturating_add(since).saturating_sub(now);
        self.inbox.status.send_modify(|shown| shown.clock_offset_ms = Some(offset_ms));
    }

    /// Shows what changed.
    fn refresh(&mut self) {
        self.note_habits();
        self.note_clock();
        self.show_seats();
        let (connection, search) = (&self.connection, self.proxies.status());
        self.inbox.status.send_if_modified(|shown| {
            let fresh = status::refreshed(shown, connection, &search);
            let changed = fresh != *shown;
            if changed {
                status::log(&self.user, shown, &fresh);
                *shown = fresh;
            }
            changed
        });
    }
}

/// Answers; who asked may have gone.
pub(super) fn reply<T>(answer: oneshot::Sender<T>, what: T) {
    if answer.send(what).is_err() {
        tracing::debug!("nobody waits for the answer any more");
    }
}
