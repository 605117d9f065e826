//! Strangers.

use std::collections::VecDeque;
use std::iter::repeat_with;
use std::net::{IpAddr, SocketAddr};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use convene_model::JoinLink;
use convene_tests_attackers::{attach_and_go, half_batch, part_of_a_frame, sessions};
use ed25519_dalek::SigningKey;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

/// Links that are made at the same time.
const LINKS: usize = 16;
/// Connections that are held open, how many are made together, and how far apart these are: 1,200
/// a second. A server takes less than 15 s to let one go.
const HELD: usize = 18_000;
const TOGETHER: usize = 6;
const PAUSE: Duration = Duration::from_millis(5);
/// How long one may take.
const CONNECT_MAX: Duration = Duration::from_secs(1);
/// Connections with halves that are held.
const HALVES: usize = 600;
/// Connections on which sessions begin at the same time, and sessions in one breath.
const BREATHS: usize = 4;
const SESSIONS: usize = 40;

pub(super) fn run(kind: &str, links: &[JoinLink], check: u16) -> Result<()> {
    let hosts: Vec<IpAddr> = links.iter().map(|link| link.host.parse()).collect::<Result<_, _>>()?;
    let ports = links.first().context("a link")?.ports;
    let at = |port: u16| hosts.iter().map(move |host| SocketAddr::from((*host, port)));
    let first: Vec<SocketAddr> = at(ports.first()).collect();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    match kind {
        "n1" => runtime.block_on(links_that_go(links)),
        "n2" => runtime.block_on(hold_open(&ports.iter().flat_map(at).collect::<Vec<_>>())),
        "n3" => halves(&first),
        "n4" => breaths(&first),
        "n5" => runtime.block_on(hold_open(&at(check).collect::<Vec<_>>())),
        _ => bail!("no attack is called {kind}"),
    }
}

async fn links_that_go(links: &[JoinLink]) -> Result<()> {
    let (mut going, mut next) = (JoinSet::new(), links.iter().cycle());
    loop {
        while going.len() < LINKS {
            let link = next.next().context("a link")?.clone();
            let own = SigningKey::from_bytes(&rand::random());
            going.spawn(async move { attach_and_go(&link, &own).await });
        }
        // One that finds no place comes again.
        drop(going.join_next().await);
    }
}

/// Opens connections that say nothing, and keeps the latest.
async fn hold_open(addresses: &[SocketAddr]) -> Result<()> {
    let (mut held, mut tick) = (VecDeque::new(), interval(PAUSE));
    let mut addresses = addresses.iter().cycle();
    loop {
        tick.tick().await;
        for address in addresses.by_ref().take(TOGETHER) {
            if let Ok(Ok(stream)) = timeout(CONNECT_MAX, TcpStream::connect(address)).await {
                held.push_back(stream);
            }
        }
        let excess = held.len().saturating_sub(HELD);
        held.drain(..excess);
    }
}

fn halves(addresses: &[SocketAddr]) -> Result<()> {
    let (mut held, mut next) = (VecDeque::new(), (0_u128..).zip(addresses.iter().cycle()));
    loop {
        let (number, address) = next.next().context("an address")?;
        held.extend(half_batch(*address, number.to_be_bytes()).ok().map(|(stream, _)| stream));
        held.extend(part_of_a_frame(*address).ok());
        let excess = held.len().saturating_sub(HALVES);
        held.drain(..excess);
    }
}

fn breaths(addresses: &[SocketAddr]) -> Result<()> {
    thread::scope(|scope| {
        for address in addresses.iter().cycle().take(BREATHS.max(addresses.len())) {
            // A connection that is refused is followed by the next.
            let breathe = move || repeat_with(|| sessions(*address, SESSIONS)).for_each(drop);
            thread::Builder::new().spawn_scoped(scope, breathe)?;
        }
        Ok(())
    })
}
