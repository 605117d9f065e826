//! A server with one conference and many participants.

use std::iter::Cycle;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use std::vec::IntoIter;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::delays::{TEXT_BYTES, p99_ms, stamped};
use crate::line::Person;
use crate::participant::{Counts, join_together};
use crate::process::Running;
use crate::server::{Place, serve};
use crate::way::Way;

/// How long each run talks.
pub(crate) const TALK: Duration = Duration::from_secs(10);
/// How long everything may take to arrive behind the last message.
pub(crate) const ARRIVAL_MAX: Duration = Duration::from_secs(30);
/// Deliveries per second of the run that is timed.
pub(crate) const TIMED_RATE: usize = 2_000;
/// Participants that join at the same time.
pub(crate) const JOINING: usize = 16;
/// How long memory may settle after the last join: the server returns what joins took at most four
/// seconds later.
pub(crate) const SETTLE: Duration = Duration::from_secs(5);

/// The server and everyone in it.
pub(crate) struct Room {
    server: Running,
    counts: Arc<Counts>,
    base: Instant,
    participants: usize,
    /// What each says next: they speak in turns, because the server delays whoever says much alone.
    say: Cycle<IntoIter<mpsc::Sender<Vec<String>>>>,
    receipts: mpsc::Receiver<usize>,
    everyone: JoinSet<Result<()>>,
    pub(crate) idle_kib: f64,
    _place: Place,
}

/// The cost of one run.
pub(crate) struct Run {
    pub(crate) cpu_per_million: f64,
    pub(crate) per_second: f64,
}

impl Room {
    pub(crate) async fn open(participants: usize) -> Result<Self> {
        let (place, server, link) = serve(15_500).await?;
        let before = server.resident_kib()?;
        let way = Way::to(&link)?;
        let (counts, base) = (Arc::new(Counts::default()), Instant::now());
        let people: Vec<Person> = (0..participants)
            .map(|number| Person::new(&link, &format!("Seat {number}")))
            .collect::<Result<_>>()?;
        let mut joined = Vec::with_capacity(participants);
        for together in people.chunks(JOINING) {
            joined.extend(join_together(&way, together.iter().cloned(), &counts, base).await?);
        }
        let (receipt, receipts) = mpsc::channel(4_096);
        let (mut everyone, mut speakers) = (JoinSet::new(), Vec::with_capacity(participants));
        for participant in joined {
            let (say, to_say) = mpsc::channel(256);
            speakers.push(say);
            everyone.spawn(participant.live(to_say, Some(receipt.clone())));
        }
        let say = speakers.into_iter().cycle();
        tokio::time::sleep(SETTLE).await;
        let idle_kib = (server.resident_kib()? - before) / participants as f64;
        Ok(Self { server, counts, base, participants, say, receipts, everyone, idle_kib, _place: place })
    }

    /// Keeps so many messages in flight for a while.
    pub(crate) async fn talk(&mut self, in_flight: usize) -> Result<Run> {
        let text = "x".repeat(TEXT_BYTES);
        self.settle().await?;
        let (cpu, start) = (self.server.cpu()?, Instant::now());
        let before = self.counts.deliveries.load(Ordering::Relaxed);
        let (mut sent, mut answered) = (0_usize, 0_usize);
        while start.elapsed() < TALK || answered < sent {
            let wanted = if start.elapsed() < TALK { in_flight.saturating_sub(sent - answered) } else { 0 };
            if wanted > 0 {
                sent += wanted;
                self.say(vec![text.clone(); wanted]).await?;
            }
            tokio::select! {
                Some(count) = self.receipts.recv() => answered += count,
                Some(ended) = self.everyone.join_next() => bail!("a participant left: {ended:?}"),
            }
        }
        let deliveries = (sent * self.participants) as u64;
        self.arrived(before + deliveries).await?;
        let spent = (self.server.cpu()? - cpu).as_secs_f64();
        let deliveries = deliveries as f64;
        Ok(Run {
            cpu_per_million: spent * 1e6 / deliveries,
            per_second: deliveries / start.elapsed().as_secs_f64(),
        })
    }

    /// The 99th percentile of the time from sending to coming, in milliseconds.
    pub(crate) async fn latency(&mut self) -> Result<f64> {
        self.settle().await?;
        self.counts.take_delays();
        let pause = Duration::from_secs_f64(self.participants as f64 / TIMED_RATE as f64);
        let mut tick = tokio::time::interval(pause);
        let start = Instant::now();
        let before = self.counts.deliveries.load(Ordering::Relaxed);
        let mut sent = 0_u64;
        while start.elapsed() < TALK {
            tick.tick().await;
            self.say(vec![stamped(self.base)]).await?;
            sent += 1;
            while self.receipts.try_recv().is_ok() {}
        }
        self.arrived(before + sent * self.participants as u64).await?;
        p99_ms(self.counts.take_delays())
    }

    /// Has the next one say all of these at once.
    async fn say(&mut self, texts: Vec<String>) -> Result<()> {
        Ok(self.say.next().context("nobody is there")?.send(texts).await?)
    }

    /// Waits until nothing is under way.
    async fn settle(&mut self) -> Result<()> {
        while self.receipts.try_recv().is_ok() {}
        let mut last = u64::MAX;
        loop {
            let now = self.counts.deliveries.load(Ordering::Relaxed);
            if now == last {
                return Ok(());
            }
            last = now;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    async fn arrived(&mut self, deliveries: u64) -> Result<()> {
        let deadline = Instant::now() + ARRIVAL_MAX;
        while self.counts.deliveries.load(Ordering::Relaxed) < deliveries {
            ensure!(Instant::now() < deadline, "not everything arrived");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}
