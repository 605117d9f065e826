//! A server with many conferences that have a long history.

use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::crowd::{self, Crowd, PARTICIPANTS};
use crate::history;
use crate::line::Person;
use crate::newcomer::{Arrival, Newcomer};
use crate::room::SETTLE;
use crate::server::{Created, Place};
use crate::way::Way;

/// Conferences of the server.
const CONFERENCES: usize = 200;
/// Events of each.
const EVENTS: usize = 50_000;
/// Conferences that somebody joins and leaves again.
const VISITED: usize = 50;
/// How long the server may take to answer.
const START_MAX: Duration = Duration::from_secs(60);
/// How often a server that starts is looked at: far below what a start takes.
const LOOK_PAUSE: Duration = Duration::from_millis(1);

/// The values that were measured.
pub(crate) struct Hosting {
    pub(crate) crowd: Crowd,
    /// From the start of the process until a pipe stands.
    pub(crate) start_ms: f64,
    /// The middle one by its time, each in a conference that nobody had wanted since the start.
    pub(crate) newcomer: Arrival,
    /// Memory that stays of one conference that was joined and left again.
    pub(crate) idle_conference_kib: f64,
}

/// Has the server write one history, copies it, and starts the server on all of it.
pub(crate) async fn measure() -> Result<Hosting> {
    let place = Place::unpaced(15_800)?;
    let (crowd, conferences) = prepare(&place).await?;
    let one = conferences.first().context("a conference")?;
    let way = Way::to(&one.participants)?;
    let start = Instant::now();
    let server = place.start()?;
    answer(&place, &way).await?;
    let start_ms = start.elapsed().as_secs_f64() * 1_000.0;
    tokio::time::sleep(SETTLE).await;
    let before = server.resident_kib()?;
    let mut arrivals = visit(&way, conferences.get(..VISITED).context("enough conferences")?).await?;
    tokio::time::sleep(SETTLE).await;
    let idle_conference_kib = (server.resident_kib()? - before) / VISITED as f64;
    arrivals.sort_by(|one, other| one.ms.total_cmp(&other.ms));
    let newcomer = *arrivals.get(arrivals.len() / 2).context("a newcomer")?;
    Ok(Hosting { crowd, start_ms, newcomer, idle_conference_kib })
}

/// The conferences, of which none is loaded and no server runs. The one with whose joins the crowd
/// was measured is the first.
async fn prepare(place: &Place) -> Result<(Crowd, Vec<Created>)> {
    let server = place.start()?;
    let mut conferences = vec![place.create().await?];
    let first = conferences.first().context("a conference")?.participants.clone();
    let crowd = crowd::measure(&server, &first).await.context("crowd")?;
    // Those who have gone are forgotten: what is said now is told to nobody but its author.
    drop(server);
    let server = place.start()?;
    conferences.push(place.create().await?);
    // One event says that the conference exists, one that each participant joined.
    history::talk(&first, crowd.one.clone(), EVENTS - PARTICIPANTS - 1).await.context("history")?;
    while conferences.len() < CONFERENCES {
        conferences.push(place.create().await?);
    }
    drop(server);
    let (from, to) = conferences.split_first().context("a conference")?;
    history::copy(&place.events(), from, to).context("copies")?;
    Ok((crowd, conferences))
}

/// Waits until the server answers on its port.
async fn answer(place: &Place, way: &Way) -> Result<()> {
    let deadline = Instant::now() + START_MAX;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, place.port())).is_err() {
        ensure!(Instant::now() < deadline, "the server does not listen");
        tokio::time::sleep(LOOK_PAUSE).await;
    }
    way.open().await.map(drop)
}

/// Somebody new joins each of these conferences, and leaves it again.
async fn visit(way: &Way, conferences: &[Created]) -> Result<Vec<Arrival>> {
    let mut arrivals = Vec::with_capacity(conferences.len());
    for conference in conferences {
        let person = Person::random(&conference.participants)?;
        let newcomer = Newcomer::join(way, person, PARTICIPANTS + 1).await?;
        arrivals.push(newcomer.arrival);
        newcomer.leave().await?;
    }
    Ok(arrivals)
}
