//! One participant who stays, and a count of what comes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use convene_model::Json;
use convene_protocol::{Events, ServerFrame};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::delays::delays;
use crate::line::{Line, Person};
use crate::way::Way;

/// How long a participant may take to be in.
const OPEN_MAX: Duration = Duration::from_secs(30);

/// The counts of all participants together.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Events that came to participants.
    pub(crate) deliveries: AtomicU64,
    /// Microseconds from a message's sending to its coming, where that is wanted.
    delays: Mutex<Vec<u64>>,
}

impl Counts {
    /// Takes the delays that were noted.
    pub(crate) fn take_delays(&self) -> Vec<u64> {
        std::mem::take(&mut *self.delays.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, came: impl Iterator<Item = u64>) {
        self.delays.lock().unwrap_or_else(PoisonError::into_inner).extend(came);
    }
}

/// A participant who is in.
pub(crate) struct Participant {
    line: Line,
    counts: Arc<Counts>,
    base: Instant,
    receipts: Option<mpsc::Sender<usize>>,
    /// The number of the last entry up to which this one was told everything.
    told: Arc<AtomicU64>,
}

/// Lets these people join at the same time.
pub(crate) async fn join_together(
    way: &Way,
    people: impl IntoIterator<Item = Person>,
    counts: &Arc<Counts>,
    base: Instant,
) -> Result<Vec<Participant>> {
    let mut joining = JoinSet::new();
    for person in people {
        let (way, counts) = (way.clone(), Arc::clone(counts));
        joining.spawn(async move { Participant::join(&way, person, counts, base).await });
    }
    let mut joined = Vec::with_capacity(joining.len());
    while let Some(one) = joining.join_next().await {
        joined.push(one??);
    }
    Ok(joined)
}

impl Participant {
    /// Comes in: joins, where the seat is nobody's yet.
    pub(crate) async fn join(way: &Way, person: Person, counts: Arc<Counts>, base: Instant) -> Result<Self> {
        let mut line = Line::open(way, person).await?;
        tokio::time::timeout(OPEN_MAX, line.opened()).await.context("joining took too long")??;
        Ok(Self { line, counts, base, receipts: None, told: Arc::default() })
    }

    /// The number of the last entry up to which this one was told everything, as it changes.
    pub(crate) fn told(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.told)
    }

    /// Takes part until dropped. Messages that come on `say` are sent; receipts are counted on
    /// `receipts`.
    pub(crate) async fn live(
        mut self,
        mut say: mpsc::Receiver<Vec<String>>,
        receipts: Option<mpsc::Sender<usize>>,
    ) -> Result<()> {
        self.receipts = receipts;
        loop {
            while let Some(frame) = self.line.poll_frame()? {
                self.count(&frame)?;
            }
            self.line.flush().await?;
            let due = self.line.due();
            tokio::select! {
                came = self.line.receive() => came?,
                Some(texts) = say.recv() => self.say(texts)?,
                () = tokio::time::sleep_until(due) => self.line.handle_timeout(),
            }
        }
    }

    fn say(&mut self, texts: Vec<String>) -> Result<()> {
        let bodies =
            texts.into_iter().map(|text| Json::of(&serde_json::json!({ "kind": "say", "text": text })));
        self.line.command(bodies.collect::<Result<Vec<Json>, _>>()?)
    }

    fn count(&self, frame: &ServerFrame) -> Result<()> {
        if let ServerFrame::Events(events) = frame {
            self.counts.deliveries.fetch_add(events.list.len() as u64, Ordering::Relaxed);
            let now = self.base.elapsed().as_micros();
            self.counts.note(events.list.iter().flat_map(|event| delays(event.get(), now)));
            self.go_on(events)?;
        } else if let ServerFrame::Own(own) = frame {
            // It completes a snapshot.
            self.told.fetch_max(own.number, Ordering::Relaxed);
        } else if let ServerFrame::Receipts(receipts) = frame
            && let Some(sender) = &self.receipts
        {
            sender.try_send(receipts.list.len()).context("receipts pile up")?;
        }
        Ok(())
    }

    fn go_on(&self, events: &Events) -> Result<()> {
        let told = self.told.fetch_max(events.through, Ordering::Relaxed);
        ensure!(events.after <= told, "told up to {told}, and then from {}", events.after);
        Ok(())
    }
}
