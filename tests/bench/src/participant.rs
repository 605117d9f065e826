//! One participant over the real protocol: a link, a seat, and a count of what comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use convene_dial::{Dialer, Pipe};
use convene_link::{Initiator, InitiatorEvent, LinkSecret, PipeId};
use convene_model::{CommandId, JoinLink, Json, Name};
use convene_protocol::proof::{self, Signature};
use convene_protocol::{ClientFrame, Commands, Join, OpenedOutcome, OutgoingCommand, Resume, ServerFrame};
use convene_reach::Route;
use convene_seat::SeatSecret;
use tokio::sync::mpsc;
use uuid::Uuid;

const PIPE: PipeId = PipeId(1);
/// How long a participant may take to be in.
const OPEN_MAX: Duration = Duration::from_secs(30);

/// The counts of all participants together.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Events that came to participants.
    pub(crate) deliveries: AtomicU64,
    /// Microseconds from a message's sending to its coming, where that is wanted.
    pub(crate) delays: std::sync::Mutex<Vec<u64>>,
}

/// A participant who is in.
pub(crate) struct Participant {
    pipe: Pipe,
    link: Initiator,
    counts: Arc<Counts>,
    base: Instant,
    receipts: Option<mpsc::Sender<usize>>,
}

impl Participant {
    pub(crate) async fn join(
        dialer: &Dialer,
        route: &Route,
        link: &JoinLink,
        number: usize,
        counts: &Arc<Counts>,
        base: Instant,
    ) -> Result<Self> {
        let pipe = dialer.open(route).await.context("opening a pipe")?;
        let mut initiator = Initiator::new(LinkSecret::from_random(rand::random()), "bench".to_owned());
        initiator.handle_pipe_open(PIPE);
        let mut this = Self { pipe, link: initiator, counts: Arc::clone(counts), base, receipts: None };
        let secret = SeatSecret::from_bytes(&rand::random());
        let name: Name = format!("Seat {number}").parse().context("a name")?;
        let join = Join { code: link.code, name, id: CommandId(Uuid::new_v4()) };
        tokio::time::timeout(OPEN_MAX, this.open(&secret, join)).await.context("joining took too long")??;
        Ok(this)
    }

    async fn open(&mut self, secret: &SeatSecret, join: Join) -> Result<()> {
        loop {
            self.flush().await?;
            while let Some(event) = self.link.poll_event() {
                match event {
                    InitiatorEvent::Greeted { .. } => {
                        let context = self.link.next_context(PIPE, None).context("a pipe that greeted")?;
                        let mut resume = Resume {
                            index: 0,
                            count: 1,
                            key: secret.key(),
                            conference: None,
                            replica: None,
                            snapshot: false,
                            join: join.clone(),
                            was_participant: false,
                            signature: Signature([0; 64]),
                        };
                        resume.signature = Signature(secret.sign(&proof::resume_message(&context, &resume)));
                        self.link.attach(PIPE, vec![resume], None, Instant::now());
                    }
                    InitiatorEvent::Frame(ServerFrame::Opened(opened)) => {
                        match opened.first().map(|one| &one.outcome) {
                            Some(OpenedOutcome::Open { .. }) => return Ok(()),
                            outcome => bail!("not opened: {outcome:?}"),
                        }
                    }
                    InitiatorEvent::Attached { .. }
                    | InitiatorEvent::Frame(_)
                    | InitiatorEvent::Presence(_) => {}
                    InitiatorEvent::Refused { refused, .. } => bail!("refused: {refused:?}"),
                    InitiatorEvent::Dead { why, .. } => bail!("the pipe died: {why:?}"),
                }
            }
            self.flush().await?;
            let text = self.pipe.receiver.next().await.context("the pipe ended")??;
            self.link.handle_frame(PIPE, None, &text, Instant::now());
        }
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
            self.flush().await?;
            let due = self.link.poll_timeout().map(|(at, _)| tokio::time::Instant::from_std(at));
            let due = due.unwrap_or_else(|| tokio::time::Instant::now() + Duration::from_secs(3_600));
            tokio::select! {
                frame = self.pipe.receiver.next() => {
                    let text = frame.context("the pipe ended")??;
                    self.link.handle_frame(PIPE, None, &text, Instant::now());
                    self.count()?;
                }
                Some(texts) = say.recv() => self.say(texts)?,
                () = tokio::time::sleep_until(due) => self.link.handle_timeout(Instant::now()),
            }
        }
    }

    fn say(&mut self, texts: Vec<String>) -> Result<()> {
        let mut list = Vec::with_capacity(texts.len());
        for text in texts {
            let body = Json::of(&serde_json::json!({ "kind": "say", "text": text }))?;
            list.push(OutgoingCommand { id: CommandId(Uuid::new_v4()), seen: None, body });
        }
        self.link
            .send(&ClientFrame::Commands(Commands { index: 0, count: 1, list }))
            .context("the link is full")
    }

    fn count(&mut self) -> Result<()> {
        while let Some(event) = self.link.poll_event() {
            match event {
                InitiatorEvent::Frame(ServerFrame::Events(events)) => {
                    self.counts.deliveries.fetch_add(events.list.len() as u64, Ordering::Relaxed);
                    let now = self.base.elapsed().as_micros();
                    for raw in &events.list {
                        self.note_delay(raw.get(), now);
                    }
                }
                InitiatorEvent::Frame(ServerFrame::Receipts(receipts)) => {
                    if let Some(sender) = &self.receipts {
                        sender.try_send(receipts.list.len()).context("receipts pile up")?;
                    }
                }
                InitiatorEvent::Dead { why, .. } => bail!("the pipe died: {why:?}"),
                InitiatorEvent::Refused { refused, .. } => bail!("refused: {refused:?}"),
                InitiatorEvent::Greeted { .. }
                | InitiatorEvent::Attached { .. }
                | InitiatorEvent::Presence(_)
                | InitiatorEvent::Frame(_) => {}
            }
        }
        Ok(())
    }

    /// A message that is timed says when it was sent: `at=MICROSECONDS;`.
    fn note_delay(&self, event: &str, now: u128) {
        let sent =
            event.split_once("at=").and_then(|(_, rest)| rest.split_once(';')).map(|(number, _)| number);
        if let Some(sent) = sent.and_then(|number| number.parse::<u128>().ok()) {
            let delay = u64::try_from(now.saturating_sub(sent)).unwrap_or(u64::MAX);
            self.counts.delays.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(delay);
        }
    }

    async fn flush(&mut self) -> Result<()> {
        let now = Instant::now();
        let frames: Vec<String> = std::iter::from_fn(|| self.link.poll_transmit(now))
            .map(|transmit| transmit.text.as_ref().to_owned())
            .collect();
        if !frames.is_empty() {
            self.pipe.sender.send(frames).await?;
        }
        Ok(())
    }
}
