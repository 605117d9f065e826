//! Many who join one conference, some at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use convene_model::JoinLink;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::line::Person;
use crate::newcomer::Newcomer;
use crate::participant::{Counts, Participant, join_together};
use crate::process::Running;
use crate::room::{ARRIVAL_MAX, JOINING};
use crate::way::Way;

/// All of them.
pub(crate) const PARTICIPANTS: usize = 2_000;
/// The thread of the server that reads the event log, as the system shortens its name.
const READER: &str = "event log reade";
/// How often it is looked at whether everyone was told.
const LOOK_PAUSE: Duration = Duration::from_millis(10);

/// The cost of a crowd.
pub(crate) struct Crowd {
    /// Seconds of the server's CPU time until everyone was told of everyone.
    pub(crate) cpu_s: f64,
    /// KiB that the server has read of its event log for each join. Following it takes a few pages
    /// of the file; a page of history would be 64 KiB.
    pub(crate) read_kib: f64,
    /// One of them.
    pub(crate) one: Person,
}

/// A crowd with random names joins a conference that is new.
pub(crate) async fn measure(server: &Running, link: &JoinLink) -> Result<Crowd> {
    let way = Way::to(link)?;
    let people: Vec<Person> = (0..PARTICIPANTS).map(|_| Person::random(link)).collect::<Result<_>>()?;
    let (last, others) = people.split_last().context("a crowd")?;
    let (cpu, read) = (server.cpu()?, server.read_by(READER)?);
    let mut gathering = Gathering::default();
    for together in others.chunks(JOINING) {
        gathering.come(&way, together).await?;
    }
    // The last one folds what comes, and so knows when everyone is there.
    let last = Newcomer::join(&way, last.clone(), PARTICIPANTS).await?;
    gathering.know(last.number()).await?;
    let cpu_s = (server.cpu()? - cpu).as_secs_f64();
    let read_kib = (server.read_by(READER)? - read) as f64 / 1_024.0 / PARTICIPANTS as f64;
    let one = others.first().context("a crowd")?.clone();
    Ok(Crowd { cpu_s, read_kib, one })
}

/// Those who are there.
#[derive(Default)]
struct Gathering {
    told: Vec<Arc<AtomicU64>>,
    counts: Arc<Counts>,
    lives: JoinSet<Result<()>>,
}

impl Gathering {
    /// These join at the same time, and stay.
    async fn come(&mut self, way: &Way, people: &[Person]) -> Result<()> {
        let joined = join_together(way, people.iter().cloned(), &self.counts, Instant::now()).await?;
        self.told.extend(joined.iter().map(Participant::told));
        for participant in joined {
            // They have nothing to say.
            self.lives.spawn(participant.live(mpsc::channel(1).1, None));
        }
        Ok(())
    }

    /// Waits until each was told everything up to this entry.
    async fn know(&mut self, number: u64) -> Result<()> {
        let deadline = Instant::now() + ARRIVAL_MAX;
        while self.told.iter().any(|told| told.load(Ordering::Relaxed) < number) {
            if let Some(ended) = self.lives.try_join_next() {
                bail!("a participant left: {ended:?}");
            }
            ensure!(Instant::now() < deadline, "not everyone was told of everyone");
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        Ok(())
    }
}
