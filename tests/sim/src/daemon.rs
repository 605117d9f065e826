//! A daemon of the world: the real connection with its seats, and what is on its way to the disk.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use convene_link::LinkSecret;
use convene_model::{Carrier, PortRange, Rung};
use convene_reach::{Ladder, ProxyAddress, ProxyScheme, Route, Target, Targets};
use convene_seat::{Seat, SeatRecord, Write, WriteId};
use convene_uplink::{Connection, Inspection, SeatIndex};
use rand::RngExt as _;
use rand::rngs::StdRng;

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

/// A daemon that runs. Seats are named by their numbers in the world.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub(crate) connection: Connection,
    /// On their way to the disk.
    pub(crate) writes: VecDeque<(usize, WriteId, Write)>,
    indexes: BTreeMap<usize, SeatIndex>,
    seats: BTreeMap<SeatIndex, usize>,
}

impl Daemon {
    pub(crate) fn start(remembered: Option<Route>, secret: [u8; 32], seed: u64, now: Instant) -> Self {
        let proxies = vec![proxy()];
        #[expect(clippy::expect_used, reason = "a fixed range")]
        let direct_ports = PortRange::new(4500, 4502).expect("a range");
        let targets = Targets { host: HOST.to_owned(), direct_ports, https_port: 443, proxies };
        let ladder = Ladder::new(targets, remembered, seed);
        let secret = LinkSecret::from_random(secret);
        let mut connection = Connection::new(ladder, secret, "sim".to_owned(), Inspection::Allow);
        connection.with_ladder(now, |ladder| ladder.handle_start(now));
        Self { connection, writes: VecDeque::new(), indexes: BTreeMap::new(), seats: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, number: usize, record: SeatRecord, now: Instant) {
        let seat = Seat::new(record);
        let added = self.connection.with_conversation(now, |conversation| conversation.add_seat(seat));
        if let Ok(index) = added {
            self.indexes.insert(number, index);
            self.seats.insert(index, number);
        }
    }

    pub(crate) fn index(&self, number: usize) -> Option<SeatIndex> {
        self.indexes.get(&number).copied()
    }

    pub(crate) fn number(&self, index: SeatIndex) -> Option<usize> {
        self.seats.get(&index).copied()
    }

    pub(crate) fn seat(&self, number: usize) -> Option<&Seat> {
        self.connection.conversation().seat(self.index(number)?)
    }

    /// Takes what the seats want stored.
    pub(crate) fn collect_writes(&mut self, now: Instant) {
        while let Some((index, id, write)) =
            self.connection.with_conversation(now, convene_uplink::Conversation::poll_write)
        {
            if let Some(number) = self.number(index) {
                self.writes.push_back((number, id, write));
            }
        }
    }
}
