//! Participants who talk while somebody else abuses their server, and people who come.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use convene_model::JoinLink;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

use crate::delays::{p99_ms, stamped};
use crate::line::{Line, Person};
use crate::participant::{Counts, join_together};
use crate::way::Way;

/// How many they are.
const OTHERS: usize = 20;
/// How far their messages are apart.
const SAY_PAUSE: Duration = Duration::from_millis(20);
/// How far their long messages are apart, how long they say such, and bytes of one beside what it
/// says of its time.
const LONG_PAUSE: Duration = Duration::from_secs(3);
const LONG_TALK: Duration = Duration::from_secs(8);
const LONG_BYTES: usize = 3_000;
/// How long everything may take to arrive behind the last message.
const ARRIVAL_MAX: Duration = Duration::from_secs(60);
const ARRIVAL_PAUSE: Duration = Duration::from_millis(20);
/// How long one try to come may take, the pause behind it, and all tries together.
const TRY_MAX: Duration = Duration::from_secs(10);
const TRY_PAUSE: Duration = Duration::from_millis(20);
const COME_MAX: Duration = Duration::from_secs(120);

/// Participants of one conference, of whom one says something again and again.
pub(super) struct Others {
    counts: Arc<Counts>,
    base: Instant,
    say: mpsc::Sender<Vec<String>>,
    lives: JoinSet<Result<()>>,
}

impl Others {
    pub(super) async fn join(link: &JoinLink) -> Result<Self> {
        let way = Way::to(link)?;
        let (counts, base) = (Arc::new(Counts::default()), Instant::now());
        let people: Vec<Person> = (0..OTHERS).map(|_| Person::random(link)).collect::<Result<_>>()?;
        let (say, to_say) = mpsc::channel(256);
        let (mut to_say, mut lives) = (Some(to_say), JoinSet::new());
        for participant in join_together(&way, people, &counts, base).await? {
            let hears = to_say.take().unwrap_or_else(|| mpsc::channel(1).1);
            lives.spawn(participant.live(hears, None));
        }
        Ok(Self { counts, base, say, lives })
    }

    /// The 99th percentile, in milliseconds, from a message's sending to its coming to each, while
    /// they talk for so long.
    pub(super) async fn p99(&mut self, how_long: Duration) -> Result<f64> {
        self.talk(SAY_PAUSE, how_long, 0).await
    }

    /// Likewise, of a few long messages.
    pub(super) async fn p99_of_long(&mut self) -> Result<f64> {
        self.talk(LONG_PAUSE, LONG_TALK, LONG_BYTES).await
    }

    async fn talk(&mut self, pause: Duration, how_long: Duration, more_bytes: usize) -> Result<f64> {
        drop(self.counts.take_delays());
        let (mut tick, began, mut sent) = (interval(pause), Instant::now(), 0);
        while began.elapsed() < how_long {
            tick.tick().await;
            let text = stamped(self.base) + &"x".repeat(more_bytes);
            if self.say.send(vec![text]).await.is_err() {
                // Whoever takes what is to be said is one of them.
                bail!("a participant left: {:?}", self.lives.join_next().await);
            }
            sent += 1;
        }
        let (mut delays, deadline) = (Vec::new(), Instant::now() + ARRIVAL_MAX);
        while delays.len() < sent * OTHERS {
            if let Some(ended) = self.lives.try_join_next() {
                bail!("a participant left: {ended:?}");
            }
            ensure!(Instant::now() < deadline, "{} of {} came", delays.len(), sent * OTHERS);
            sleep(ARRIVAL_PAUSE).await;
            delays.extend(self.counts.take_delays());
        }
        p99_ms(delays)
    }
}

/// Somebody comes, as often as it takes: the milliseconds until the seat is open.
pub(super) async fn comes_in(way: &Way, person: &Person) -> Result<f64> {
    let began = Instant::now();
    loop {
        let coming = async {
            let mut line = Line::open(way, person.clone()).await?;
            line.opened().await?;
            anyhow::Ok(line)
        };
        if let Ok(Ok(line)) = timeout(TRY_MAX, coming).await {
            let took = began.elapsed().as_secs_f64() * 1_000.0;
            line.close().await?;
            return Ok(took);
        }
        ensure!(began.elapsed() < COME_MAX, "nobody comes in");
        sleep(TRY_PAUSE).await;
    }
}
