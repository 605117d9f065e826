//! One server's task: it does what the connection wants.

mod proxies;
#[cfg(test)]
mod tests;
mod views;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use convene_dial::{Dialer, HOLD};
use convene_link::timing::HEARTBEAT;
use convene_model::{LinkId, Timestamp};
use convene_reach::{AttemptId, Ladder, Memory, NetworkId, Targets};
use convene_seat::{Acted as SeatActed, Seat, SeatRecord};
use convene_service_log::number;
use convene_uplink::{Connection, ConnectionEvent, Conversation, PipeAction, SeatIndex};
use serde::de::DeserializeOwned;
use tokio::sync::{oneshot, watch};

use self::proxies::Leading;
use super::finding::Finder;
use super::pipes::{Pipes, Report};
use super::watchers::Watchers;
use super::{Acted, Inbox, Means, SeatView, TooManySeats, Wish, status};
use crate::network::Whereabouts;
use crate::os;
use crate::rules::Rules;
use crate::store::{SeatId, Store, StoreError, Stored};

/// What the server is told about us.
const PROGRAM: &str = concat!("convened ", env!("CARGO_PKG_VERSION"));

/// A seat on this server.
#[derive(Debug)]
struct Place {
    index: SeatIndex,
    view: watch::Sender<SeatView>,
    watchers: Watchers,
}

struct Task {
    store: Arc<Store>,
    connection: Connection,
    pipes: Pipes,
    dialer: Arc<Dialer>,
    /// Whose connection it is.
    user: String,
    places: BTreeMap<SeatId, Place>,
    seats: BTreeMap<SeatIndex, SeatId>,
    inbox: Inbox,
    /// A frame whose pipe had no room for it.
    held_back: Option<(AttemptId, Arc<str>)>,
    whereabouts: watch::Receiver<Whereabouts>,
    /// The network that the connection knows of: what it learns was learned there.
    here: NetworkId,
    /// What won on which network, and under which key the store keeps it.
    memory: Memory,
    memory_key: String,
    targets: Targets,
    proxies: Leading,
}

/// Runs a server's connection until nobody can reach it any more.
///
/// # Errors
/// When the store has ended.
pub(crate) async fn run(means: Means, inbox: Inbox) -> Result<(), StoreError> {
    let mut task = Task::new(means, inbox).await;
    task.look_for_proxies().await;
    tracing::debug!(server = task.targets.host, "connecting");
    task.connection.with_ladder(Instant::now(), |ladder| ladder.handle_start(Instant::now()));
    loop {
        task.carry_out().await?;
        let due = task.connection.poll_timeout();
        let reads = !task.connection.conversation().is_behind();
        let held_back = task.held_back.as_ref().map(|(attempt, _)| *attempt);
        let Task { pipes, inbox, whereabouts, proxies, .. } = &mut task;
        tokio::select! {
            wish = inbox.wishes.recv() => match wish {
                Some(wish) => task.wish(wish),
                None => return Ok(()),
            },
            Ok(()) = whereabouts.changed() => task.moved(),
            Some(stored) = inbox.stored.recv() => task.stored(stored),
            news = proxies.news() => task.proxy_news(news).await,
            report = next(pipes, held_back), if reads || held_back.is_some() => match report {
                Some(report) => task.report(report),
                None => task.resume_sending(),
            },
            () = until(due) => task.connection.handle_timeout(Instant::now()),
        }
        if task.connection.handle_due(due, Instant::now()) {
            tracing::info!("this program was paused");
        }
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

/// What was learned before: a help, and no more. What cannot be read counts as nothing.
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
        let finder = Finder {
            evaluator: means.evaluator,
            dialer: Arc::clone(&means.dialer),
            host: targets.host.clone(),
            port: targets.https_port,
        };
        let user = means.user;
        let proxies = Leading::new(means.proxies, means.logins, user.clone(), finder, here);
        let ladder = Ladder::new(
            targets.clone(),
            memory.recall(here, Timestamp::from(SystemTime::now())).cloned(),
            rand::random(),
        );
        let mut task = Self {
            store: means.store,
            connection: Connection::new(ladder, LinkId(rand::random()), PROGRAM.to_owned(), inspection),
            pipes: Pipes::new(Arc::clone(&means.dialer)),
            dialer: means.dialer,
            user,
            places: BTreeMap::new(),
            seats: BTreeMap::new(),
            inbox,
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

    fn wish(&mut self, wish: Wish) {
        let now = Instant::now();
        match wish {
            Wish::Add { seat, record, answer } => reply(answer, self.add(seat, *record)),
            Wish::Remove { seat } => {
                if let Some(place) = self.places.remove(&seat) {
                    self.seats.remove(&place.index);
                    self.connection
                        .with_conversation(now, |conversation| conversation.remove_seat(place.index));
                }
            }
            Wish::Act { seat, id, body, answer } => {
                let Some(place) = self.places.get_mut(&seat) else { return };
                let index = place.index;
                let acted =
                    self.connection.with_conversation(now, |conversation| conversation.act(index, id, body));
                match acted {
                    Some(Ok(SeatActed::Queued { write, .. })) => {
                        let seat = self.connection.conversation().seat(index);
                        if seat.is_some_and(|seat| seat.is_stored(write)) {
                            place.watchers.answer(id, answer);
                        } else {
                            place.watchers.take(write, id, answer);
                        }
                    }
                    Some(Ok(SeatActed::Settled(outcome))) => reply(answer, Ok(Acted::Settled(outcome))),
                    Some(Err(error)) => reply(answer, Err(error)),
                    None => {}
                }
            }
            Wish::Dismiss { seat, id, answer } => {
                if let Some(place) = self.places.get(&seat) {
                    let index = place.index;
                    let done = self
                        .connection
                        .with_conversation(now, |conversation| conversation.dismiss(index, id));
                    reply(answer, done);
                }
            }
            Wish::Watch { seat, news, answer } => {
                let index = self.places.get(&seat).map(|place| place.index);
                let record =
                    index.and_then(|index| self.connection.conversation().seat(index)).map(Seat::record);
                if let (Some(place), Some(record)) = (self.places.get_mut(&seat), record) {
                    place.watchers.watch(news);
                    reply(answer, views::watching(record));
                }
            }
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

    /// How often the connection must be used in this network, and how long answers may be held, as far as is known.
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

    fn add(&mut self, seat: SeatId, record: SeatRecord) -> Result<watch::Receiver<SeatView>, TooManySeats> {
        let (view, receiver) = watch::channel(views::view(&record));
        let added = self
            .connection
            .with_conversation(Instant::now(), |conversation| conversation.add_seat(Seat::new(record)));
        let index = added.map_err(|_| TooManySeats)?;
        self.places.insert(seat, Place { index, view, watchers: Watchers::default() });
        self.seats.insert(index, seat);
        Ok(receiver)
    }

    fn stored(&mut self, Stored { seat, through }: Stored) {
        let Some(place) = self.places.get_mut(&seat) else { return };
        let index = place.index;
        self.connection
            .with_conversation(Instant::now(), |conversation| conversation.handle_stored(index, through));
        place.watchers.handle_stored(through);
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
                    self.connection.with_ladder(now, |ladder| ladder.handle_seen(attempt, seen));
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

    /// Does all that the connection wants.
    async fn carry_out(&mut self) -> Result<(), StoreError> {
        let now = Instant::now();
        loop {
            let write = self.connection.with_conversation(now, Conversation::poll_write);
            if let Some((index, id, write)) = write {
                if let Some(seat) = self.seats.get(&index) {
                    self.store.write(*seat, id, write).await?;
                }
            } else if let Some(action) = self.connection.poll_action() {
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
            }
            ConnectionEvent::Remember(route) => {
                tracing::debug!(%route, rung = ?route.rung, "a route won");
                self.proxies.note_open(&route);
                self.memory.remember(self.here, route, Timestamp::from(SystemTime::now()));
                self.store.remember(&self.memory_key, serde_json::to_vec(&self.memory).unwrap_or_default());
                let addresses = serde_json::to_vec(&self.dialer.good_addresses()).unwrap_or_default();
                self.store.remember(&addresses_key(&self.memory_key), addresses);
            }
            ConnectionEvent::Delta { seat, delta } => {
                if let Some(place) = self.seats.get(&seat).and_then(|id| self.places.get_mut(id)) {
                    place.watchers.tell(delta);
                }
            }
        }
    }

    /// Shows what changed.
    fn refresh(&mut self) {
        self.note_habits();
        for place in self.places.values() {
            if let Some(seat) = self.connection.conversation().seat(place.index) {
                let record = seat.record();
                place.view.send_if_modified(|shown| {
                    let before = shown.phase;
                    let changed = views::update(shown, record);
                    if before != shown.phase {
                        views::log(&self.targets.host, &self.user, shown);
                    }
                    changed
                });
            }
        }
        let (connection, unfound) = (&self.connection, self.proxies.unfound());
        self.inbox.status.send_if_modified(|shown| {
            let fresh = status::refreshed(shown, connection, &unfound);
            let changed = fresh != *shown;
            if changed {
                status::log(&self.user, shown, &fresh);
                if fresh.state != shown.state {
                    // What the race needed is not needed while the winner lasts.
                    os::return_memory();
                }
                *shown = fresh;
            }
            changed
        });
    }
}

/// Answers; who asked may have gone.
fn reply<T>(answer: oneshot::Sender<T>, what: T) {
    if answer.send(what).is_err() {
        tracing::debug!("nobody waits for the answer any more");
    }
}
