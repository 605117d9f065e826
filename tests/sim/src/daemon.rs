//! A daemon of the world: the real connection, a disk that keeps what was synced, and a frontend.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use convene_conference::Outcome;
use convene_model::{Carrier, CommandId, LinkId, PortRange, Rung};
use convene_reach::{Ladder, ProxyAddress, ProxyScheme, Route, Target, Targets};
use convene_seat::{Acted, Delta, EventText, Seat, SeatRecord, Write, WriteId};
use convene_uplink::{Connection, Inspection, SeatIndex};
use rand::RngExt as _;
use rand::rngs::StdRng;
use serde::Deserialize;

use crate::Defect;

const HOST: &str = "server";

fn proxy() -> ProxyAddress {
    ProxyAddress { scheme: ProxyScheme::Http, host: "proxy".to_owned(), port: 3128 }
}

/// A route that may have won some time ago.
pub(crate) fn any_route(rng: &mut StdRng) -> Route {
    let (rung, port, proxy) = match rng.random_range(0..3) {
        0 => (Rung::Direct, 4500, None),
        1 => (Rung::Https, 443, None),
        _ => (Rung::Proxy, 443, Some(proxy())),
    };
    let carrier = match rng.random_range(0..3) {
        0 => Carrier::Websocket,
        1 => Carrier::Stream,
        _ => Carrier::Poll,
    };
    Route { rung, target: Target { host: HOST.to_owned(), port }, proxy, carrier }
}

/// What is left when the daemon is killed.
#[derive(Debug)]
pub(crate) struct Disk {
    pub(crate) record: SeatRecord,
    pub(crate) replica: Vec<EventText>,
    /// What won last.
    pub(crate) remembered: Option<Route>,
}

impl Disk {
    /// A write is durable.
    pub(crate) fn sync(&mut self, write: &Write, defect: Option<Defect>) {
        match write {
            Write::Events { items, .. } | Write::History { items, .. } => {
                self.replica.extend(items.iter().cloned());
                self.replica.sort_by_key(|item| item.seq);
                self.replica.dedup_by_key(|item| item.seq);
            }
            Write::Snapshot { replaces: true, .. } => self.replica.clear(),
            Write::Snapshot { .. }
            | Write::Opened(_)
            | Write::Refused { .. }
            | Write::Queued(_)
            | Write::Settled(_)
            | Write::Dismissed { .. } => {}
        }
        let before = self.record.cursor;
        self.record.apply(write);
        if defect == Some(Defect::CursorNotStored) && matches!(write, Write::Events { .. }) {
            self.record.cursor = before;
        }
    }
}

/// What a frontend was given, raw.
#[derive(Debug, Clone)]
pub(crate) enum Got {
    Event { seq: u64, command: Option<CommandId>, text: String },
    Receipt { id: CommandId, outcome: Outcome },
}

/// A command that the frontend wants.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) id: CommandId,
    pub(crate) body: Arc<str>,
    pub(crate) told_queued: bool,
}

/// A frontend outlives its daemon: it attaches again with its cursor, and repeats what it was not told is taken.
#[derive(Debug)]
pub(crate) struct Frontend {
    pub(crate) name: String,
    pub(crate) cursor: u64,
    pub(crate) got: Vec<Got>,
    pub(crate) wishes: Vec<Wish>,
}

/// A daemon that runs.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub(crate) connection: Connection,
    pub(crate) seat: SeatIndex,
    /// On their way to the disk.
    pub(crate) writes: VecDeque<(WriteId, Write)>,
    /// Wishes that are told queued when this write is durable.
    telling: Vec<(WriteId, CommandId)>,
}

impl Daemon {
    pub(crate) fn start(disk: &Disk, link: LinkId, seed: u64, now: Instant) -> Self {
        let proxies = vec![proxy()];
        #[expect(clippy::expect_used, reason = "a fixed range")]
        let direct_ports = PortRange::new(4500, 4502).expect("a range");
        let targets = Targets { host: HOST.to_owned(), direct_ports, https_port: 443, proxies };
        let ladder = Ladder::new(targets, disk.remembered.clone(), seed);
        let mut connection = Connection::new(ladder, link, "sim".to_owned(), Inspection::Allow);
        let seat = Seat::new(disk.record.clone());
        let added = connection.with_conversation(now, |conversation| conversation.add_seat(seat));
        connection.with_ladder(now, |ladder| ladder.handle_start(now));
        Self { connection, seat: added.unwrap_or(SeatIndex(0)), writes: VecDeque::new(), telling: Vec::new() }
    }

    /// The frontend attaches: what it missed is read from the replica, and what it was not told is asked again.
    pub(crate) fn attach(&mut self, frontend: &mut Frontend, disk: &Disk, now: Instant) {
        let missed: Vec<EventText> =
            disk.replica.iter().filter(|item| item.seq > frontend.cursor).cloned().collect();
        frontend.take(&missed, disk.record.cursor);
        for settled in disk.record.settled.values() {
            frontend.got.push(Got::Receipt { id: settled.id, outcome: settled.outcome });
        }
        let untold: Vec<Wish> = frontend.wishes.iter().filter(|wish| !wish.told_queued).cloned().collect();
        for wish in untold {
            self.act(frontend, &wish, now);
        }
    }

    pub(crate) fn act(&mut self, frontend: &mut Frontend, wish: &Wish, now: Instant) {
        let (seat, id, body) = (self.seat, wish.id, Arc::clone(&wish.body));
        match self.connection.with_conversation(now, |conversation| conversation.act(seat, id, body)) {
            Some(Ok(Acted::Queued { write, .. })) => {
                let seat = self.connection.conversation().seat(seat);
                if seat.is_some_and(|seat| seat.is_stored(write)) {
                    frontend.tell_queued(id);
                } else {
                    self.telling.push((write, id));
                }
            }
            Some(Ok(Acted::Settled(outcome))) => {
                frontend.tell_queued(id);
                frontend.got.push(Got::Receipt { id, outcome });
            }
            Some(Err(_)) | None => {}
        }
    }

    /// The disk has everything up to this write.
    pub(crate) fn stored(&mut self, write: WriteId, frontend: &mut Frontend, now: Instant) {
        let seat = self.seat;
        self.telling.retain(|(until, id)| {
            if *until <= write {
                frontend.tell_queued(*id);
            }
            *until > write
        });
        self.connection.with_conversation(now, |conversation| conversation.handle_stored(seat, write));
    }
}

impl Frontend {
    /// The daemon says something.
    pub(crate) fn hear(&mut self, delta: Delta, defect: Option<Defect>) {
        match delta {
            Delta::Events { items, through } => {
                let mut items = items.to_vec();
                if defect == Some(Defect::Reordering) && items.len() > 1 {
                    items.reverse();
                }
                self.take(&items, through);
            }
            Delta::Receipt(settled) => {
                self.got.push(Got::Receipt { id: settled.id, outcome: settled.outcome });
            }
            Delta::Phase(_)
            | Delta::Queued(_)
            | Delta::Dismissed(_)
            | Delta::PassedOver(_)
            | Delta::Reset { .. }
            | Delta::History { .. } => {}
        }
    }

    fn take(&mut self, items: &[EventText], through: u64) {
        #[derive(Deserialize)]
        struct Of {
            command: Option<CommandId>,
        }
        for item in items {
            let command = serde_json::from_str(&item.text).ok().and_then(|Of { command }| command);
            self.got.push(Got::Event { seq: item.seq, command, text: item.text.as_ref().to_owned() });
        }
        self.cursor = self.cursor.max(through);
    }

    fn tell_queued(&mut self, id: CommandId) {
        if let Some(wish) = self.wishes.iter_mut().find(|wish| wish.id == id) {
            wish.told_queued = true;
        }
    }
}
