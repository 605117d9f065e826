//! A server with one conference and many participants.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use convene_dial::{Authorities, DialSettings, Dialer, Trust};
use convene_model::{Carrier, JoinLink, Rung};
use convene_reach::{Route, Target};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::participant::{Counts, Participant};
use crate::process::{Running, program};

/// Bytes of one message's text.
const TEXT_BYTES: usize = 250;
/// How long each run talks.
const TALK: Duration = Duration::from_secs(10);
/// How long everything may take to arrive behind the last message.
const ARRIVAL_MAX: Duration = Duration::from_secs(30);
/// Deliveries per second of the run that is timed.
const TIMED_RATE: usize = 2_000;
/// Participants that join at the same time.
const JOINING: usize = 16;
/// How long memory may settle after the last join: the server returns what joins took at most four
/// seconds later.
const SETTLE: Duration = Duration::from_secs(5);

/// The server and everyone in it.
pub(crate) struct Room {
    server: Running,
    counts: Arc<Counts>,
    base: Instant,
    participants: usize,
    say: mpsc::Sender<Vec<String>>,
    receipts: mpsc::Receiver<usize>,
    everyone: JoinSet<Result<()>>,
    pub(crate) idle_kib: f64,
    _dir: TempDir,
}

/// The cost of one run.
pub(crate) struct Run {
    pub(crate) cpu_per_million: f64,
    pub(crate) per_second: f64,
}

/// A server with a conference: its directory, itself, and the participants' link.
pub(crate) async fn serve(core: usize, ports: u16) -> Result<(TempDir, Running, JoinLink)> {
    let dir = tempfile::tempdir()?;
    let state = dir.path().join("state");
    let config = dir.path().join("convene-server.toml");
    std::fs::write(&config, "name = \"localhost\"\n")?;
    let listen = format!("127.0.0.1:{ports}-{}", ports + 1);
    let command = [
        program("convene-server")?.into(),
        "run".into(),
        "--config".into(),
        config.into(),
        "--state-dir".into(),
        state.clone().into(),
        "--listen".into(),
        listen.into(),
    ];
    let server = Running::start(core, &command)?;
    let file = dir.path().join("conference.toml");
    std::fs::write(&file, "title = \"A measurement\"\n")?;
    let deadline = Instant::now() + ARRIVAL_MAX;
    loop {
        let create = Command::new(program("convene-server")?)
            .args(["conference", "create", "--json"])
            .arg(&file)
            .arg("--state-dir")
            .arg(&state)
            .output()?;
        if create.status.success() {
            let created: serde_json::Value = serde_json::from_slice(&create.stdout)?;
            let link =
                created.get("participant_link").and_then(serde_json::Value::as_str).context("a link")?;
            return Ok((dir, server, link.parse()?));
        }
        ensure!(
            Instant::now() < deadline,
            "the server does not start: {}",
            String::from_utf8_lossy(&create.stderr)
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Room {
    pub(crate) async fn open(participants: usize) -> Result<Self> {
        let (dir, server, link) = serve(0, 15_500).await?;
        let before = server.resident_kib()?;
        let trust = Trust::Fingerprint(link.fingerprint.context("a fingerprint")?);
        let settings = DialSettings {
            trust,
            proxy_authorities: Authorities::default(),
            addresses: Vec::new(),
            logins: Arc::default(),
            whose: String::new(),
            tickets: None,
            allow_local: true,
        };
        let dialer = Arc::new(Dialer::new(settings)?);
        let target = Target { host: "localhost".to_owned(), port: link.ports.first() };
        let route = Route { rung: Rung::Direct, target, proxy: None, carrier: Carrier::Websocket };
        let (counts, base) = (Arc::new(Counts::default()), Instant::now());
        let mut joined = Vec::with_capacity(participants);
        for first in (0..participants).step_by(JOINING) {
            let mut joining = JoinSet::new();
            for number in first..participants.min(first + JOINING) {
                let (dialer, route, link, counts) =
                    (Arc::clone(&dialer), route.clone(), link.clone(), Arc::clone(&counts));
                joining.spawn(async move {
                    Participant::join(&dialer, &route, &link, number, &counts, base).await
                });
            }
            while let Some(one) = joining.join_next().await {
                joined.push(one??);
            }
        }
        let (say, to_say) = mpsc::channel(256);
        let (receipt, receipts) = mpsc::channel(4_096);
        let mut everyone = JoinSet::new();
        let mut speaker = Some((to_say, receipt));
        for participant in joined {
            let (say, receipt) = match speaker.take() {
                Some((say, receipt)) => (say, Some(receipt)),
                None => (mpsc::channel(1).1, None),
            };
            everyone.spawn(participant.live(say, receipt));
        }
        tokio::time::sleep(SETTLE).await;
        let idle_kib = (server.resident_kib()? - before) / participants as f64;
        Ok(Self { server, counts, base, participants, say, receipts, everyone, idle_kib, _dir: dir })
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
                self.say.send(vec![text.clone(); wanted]).await?;
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
        self.counts.delays.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        let pause = Duration::from_secs_f64(self.participants as f64 / TIMED_RATE as f64);
        let mut tick = tokio::time::interval(pause);
        let start = Instant::now();
        let before = self.counts.deliveries.load(Ordering::Relaxed);
        let mut sent = 0_u64;
        while start.elapsed() < TALK {
            tick.tick().await;
            let text = format!("at={};{}", self.base.elapsed().as_micros(), "x".repeat(TEXT_BYTES));
            self.say.send(vec![text]).await?;
            sent += 1;
            while self.receipts.try_recv().is_ok() {}
        }
        self.arrived(before + sent * self.participants as u64).await?;
        let mut delays = std::mem::take(
            &mut *self.counts.delays.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        );
        delays.sort_unstable();
        let p99 = delays.get(delays.len() * 99 / 100).copied().context("no message was timed")?;
        Ok(p99 as f64 / 1_000.0)
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
