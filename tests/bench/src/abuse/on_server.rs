//! A server that is abused from one network, while others are on it from another one.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use convene_model::JoinLink;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::attacker::Attacker;
use super::figures::Figure;
use super::memory::{self, Watch, resident_mib};
use super::others::{Others, comes_in};
use super::sources;
use crate::line::Person;
use crate::participant::Participant;
use crate::server::Place;
use crate::way::Way;

/// The first of the server's ports.
const PORT: u16 = 15_800;
/// How long memory settles before it is looked at.
const SETTLE: Duration = Duration::from_secs(3);
/// How long the attack lasts before others are looked at, and how long each time that is.
const BEGINNING: Duration = Duration::from_secs(5);
const TALK: Duration = Duration::from_secs(5);
/// MiB that the server may take.
const MOST_MIB: f64 = 256.0;
/// Milliseconds in which somebody from another network, and one who has proven a seat, is in, and
/// in which long messages come; and in which anybody behind the attacker's address is in.
const SOON_MS: f64 = 1_000.0;
const BEHIND_MS: f64 = 60_000.0;
/// How many times as long messages may take as without the attack.
const TIMES_MAX: f64 = 3.0;
/// How long the check page may take.
const CHECK_MAX: Duration = Duration::from_secs(120);

pub(super) fn measure(runtime: &Runtime, kind: &str) -> Result<Vec<Figure>> {
    runtime.block_on(abused(kind))
}

/// Two networks of this machine: that of the attacker, and another one. The check page is asked
/// from a third.
struct Networks {
    near: JoinLink,
    far: JoinLink,
    check: SocketAddr,
}

async fn abused(kind: &str) -> Result<Vec<Figure>> {
    let place = Place::everywhere(PORT)?;
    let server = Arc::new(place.start()?);
    let participants = place.create().await?.participants;
    let at = |host: &str| JoinLink { host: host.to_owned(), ..participants.clone() };
    let check = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT + 2));
    let networks = Networks { near: at(&sources::FIRST.to_string()), far: at("::1"), check };
    let mut others = Others::join(&networks.far).await?;
    let mut proven = Proven::join(&networks.near).await?;
    sleep(SETTLE).await;
    let before = resident_mib(&server)?;
    let undisturbed = others.p99(TALK).await.context("undisturbed")?;
    let watch = Watch::begin(&server);
    let attacker = Attacker::start(kind, &[networks.near.to_string(), check.to_string()])?;
    sleep(BEGINNING).await;
    let disturbed = others.p99(TALK).await.context("disturbed")?;
    let mut figures =
        vec![Figure::told("p99_undisturbed_ms", undisturbed), Figure::told("p99_ms", disturbed)];
    if kind.starts_with('p') {
        figures.push(Figure::limited("p99_times", disturbed / undisturbed, TIMES_MAX));
        let long = others.p99_of_long().await.context("long messages")?;
        figures.push(Figure::limited("long_ms", long, SOON_MS));
    } else {
        figures.extend(newcomers(&networks, &mut proven).await?);
    }
    if sources::kind(kind) == "n5" {
        figures.push(Figure::limited("check_ms", check_page(networks.check).await?, SOON_MS));
    }
    attacker.end()?;
    let most = watch.end()?;
    figures.extend(memory::figures(&server, before, most, MOST_MIB).await?);
    Ok(figures)
}

/// How soon people come in while a stranger attacks.
async fn newcomers(networks: &Networks, proven: &mut Proven) -> Result<[Figure; 4]> {
    let (way, person) = (Way::to(&networks.far)?, Person::random(&networks.far)?);
    let far = comes_in(&way, &person).await.context("from another network")?;
    let lost = if proven.is_there() { 0.0 } else { 1.0 };
    let resumed = proven.come_back().await.context("with a seat")?;
    let person = Person::random(&networks.near)?;
    let near = comes_in(&proven.way, &person).await.context("behind the attacker's address")?;
    Ok([
        Figure::limited("newcomer_ms", far, SOON_MS),
        Figure::limited("proven_lost", lost, 0.0),
        Figure::limited("proven_resumes_ms", resumed, SOON_MS),
        Figure::limited("newcomer_behind_ms", near, BEHIND_MS),
    ])
}

/// Somebody behind the attacker's address, who was there before.
struct Proven {
    way: Way,
    person: Person,
    life: JoinSet<Result<()>>,
}

impl Proven {
    async fn join(link: &JoinLink) -> Result<Self> {
        let (way, person) = (Way::to(link)?, Person::random(link)?);
        let joined = Participant::join(&way, person.clone(), Arc::default(), Instant::now()).await?;
        let mut life = JoinSet::new();
        // There is nothing to say.
        life.spawn(joined.live(mpsc::channel(1).1, None));
        Ok(Self { way, person, life })
    }

    fn is_there(&mut self) -> bool {
        self.life.try_join_next().is_none()
    }

    /// Loses the connection, and comes back by a new one: the milliseconds that it takes.
    async fn come_back(&mut self) -> Result<f64> {
        self.life.shutdown().await;
        comes_in(&self.way, &self.person).await
    }
}

/// Milliseconds until the check page is answered, asked from another network than the attacker's.
async fn check_page(address: SocketAddr) -> Result<f64> {
    let began = Instant::now();
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /v1/check HTTP/1.1\r\nHost: a\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        anyhow::Ok(answer)
    };
    let answer = timeout(CHECK_MAX, asked).await.context("the check page")??;
    ensure!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    Ok(began.elapsed().as_secs_f64() * 1_000.0)
}
