//! Strangers.

use std::collections::VecDeque;
use std::iter::repeat_with;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use convene_model::JoinLink;
use convene_tests_attackers::{attach_and_go, half_batch, part_of_a_frame, secured, sessions};
use ed25519_dalek::SigningKey;
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

/// Links that are made at the same time.
const LINKS: usize = 16;
/// Connections that are held open, and how far apart they are made.
const HELD: usize = 4_000;
const PAUSE: Duration = Duration::from_millis(4);
/// How long one may take.
const CONNECT_MAX: Duration = Duration::from_secs(1);
/// Connections with halves that are held.
const HALVES: usize = 600;
/// Connections on which sessions begin at the same time, and sessions in one breath.
const BREATHS: usize = 4;
const SESSIONS: usize = 40;
/// The attacker's address where the server has one alone: it is in another network than 127.0.0.1.
const APART: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);

pub(super) fn run(kind: &str, link: &JoinLink, check: SocketAddr) -> Result<()> {
    let host: IpAddr = link.host.parse()?;
    let ports: Vec<SocketAddr> = link.ports.iter().map(|port| (host, port).into()).collect();
    let first = SocketAddr::from((host, link.ports.first()));
    let runtime = Builder::new_current_thread().enable_all().build()?;
    match kind {
        "n1" => runtime.block_on(links_that_go(link)),
        "n2" => runtime.block_on(hold_open(&ports, None)),
        "n3" => halves(first),
        "n4" => breaths(first),
        "n5" => runtime.block_on(hold_open(&[check], Some(APART))),
        _ => bail!("no attack is called {kind}"),
    }
}

async fn links_that_go(link: &JoinLink) -> Result<()> {
    let mut links = JoinSet::new();
    loop {
        while links.len() < LINKS {
            let (link, own) = (link.clone(), SigningKey::from_bytes(&rand::random()));
            links.spawn(async move { attach_and_go(&link, &own).await });
        }
        // One that finds no place comes again.
        drop(links.join_next().await);
    }
}

/// Opens connections that say nothing, and keeps the latest.
async fn hold_open(addresses: &[SocketAddr], from: Option<Ipv4Addr>) -> Result<()> {
    let (mut held, mut tick) = (VecDeque::new(), interval(PAUSE));
    for address in addresses.iter().cycle() {
        tick.tick().await;
        if let Ok(Ok(stream)) = timeout(CONNECT_MAX, connect(*address, from)).await {
            held.push_back(stream);
        }
        if held.len() > HELD {
            held.pop_front();
        }
    }
    bail!("there is no address")
}

async fn connect(address: SocketAddr, from: Option<Ipv4Addr>) -> Result<TcpStream> {
    let Some(from) = from else { return Ok(TcpStream::connect(address).await?) };
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    Ok(socket.connect(address).await?)
}

fn halves(address: SocketAddr) -> Result<()> {
    let mut held = VecDeque::from([secured(address)?]);
    for number in 0_u128.. {
        held.extend(half_batch(address, number.to_be_bytes()).ok().map(|(stream, _)| stream));
        held.extend(part_of_a_frame(address).ok());
        let excess = held.len().saturating_sub(HALVES);
        held.drain(..excess);
    }
    Ok(())
}

fn breaths(address: SocketAddr) -> Result<()> {
    thread::scope(|scope| {
        for _ in 0..BREATHS {
            // A connection that is refused is followed by the next.
            let breathe = move || repeat_with(|| sessions(address, SESSIONS)).for_each(drop);
            thread::Builder::new().spawn_scoped(scope, breathe)?;
        }
        Ok(())
    })
}
