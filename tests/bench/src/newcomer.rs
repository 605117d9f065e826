//! A newcomer, who has arrived once all that the conference is has come down and is folded.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use convene_conference::{Event, Outcome, Own, Public, State};
use convene_model::{Json, ParticipantId};
use convene_protocol::{Events, OwnPart, ServerFrame, Snapshot};
use convene_seat::SnapshotParts;
use serde_json::json;

use crate::line::{Line, Person};
use crate::way::Way;

/// How long coming, and going, may take.
const TURN_MAX: Duration = Duration::from_secs(60);

/// The cost of coming.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    /// From the first byte of the way to the complete state.
    pub(crate) ms: f64,
    /// All that came down meanwhile; see [`Line::bytes`].
    pub(crate) bytes: usize,
    /// Of these, the events.
    pub(crate) tail_bytes: usize,
}

/// Someone who has arrived.
pub(crate) struct Newcomer {
    line: Line,
    replica: Replica,
    pub(crate) arrival: Arrival,
}

impl Newcomer {
    /// Joins, and waits for a state in which there are so many participants, this one among them.
    pub(crate) async fn join(way: &Way, person: Person, participants: usize) -> Result<Self> {
        let arrived = tokio::time::timeout(TURN_MAX, Self::arrive(way, person, participants)).await;
        arrived.context("the state did not come")?
    }

    /// The number of the entry up to which the state goes.
    pub(crate) fn number(&self) -> u64 {
        self.replica.number
    }

    /// Leaves the conference for good, and the server.
    pub(crate) async fn leave(self) -> Result<()> {
        let gone = tokio::time::timeout(TURN_MAX, self.go()).await;
        gone.context("nobody answered the farewell")?
    }

    async fn arrive(way: &Way, person: Person, participants: usize) -> Result<Self> {
        let start = Instant::now();
        let mut line = Line::open(way, person).await?;
        let mut replica = Replica::of(line.opened().await?);
        let mut tail_bytes = 0;
        while !replica.holds(participants) {
            let before = line.bytes();
            let frame = line.next().await?;
            replica.take(&frame)?;
            if matches!(frame, ServerFrame::Events(_)) {
                tail_bytes += line.bytes() - before;
            }
        }
        let ms = start.elapsed().as_secs_f64() * 1_000.0;
        let arrival = Arrival { ms, bytes: line.bytes(), tail_bytes };
        Ok(Self { line, replica, arrival })
    }

    async fn go(mut self) -> Result<()> {
        self.line.command([Json::of(&json!({ "kind": "leave" }))?])?;
        loop {
            let ServerFrame::Receipts(receipts) = self.line.next().await? else { continue };
            match receipts.list.first().map(|receipt| receipt.outcome) {
                Some(Outcome::Accepted) => return self.line.close().await,
                outcome => bail!("may not leave: {outcome:?}"),
            }
        }
    }
}

/// The state of one seat, as a daemon folds it.
struct Replica {
    participant: ParticipantId,
    state: State,
    /// The number of the last entry in it.
    number: u64,
    /// A snapshot on its way.
    parts: Option<SnapshotParts>,
}

impl Replica {
    fn of(participant: ParticipantId) -> Self {
        Self { participant, state: State::default(), number: 0, parts: None }
    }

    fn holds(&self, participants: usize) -> bool {
        let known = self.state.public().participants();
        known.len() >= participants && known.get(self.participant).is_some()
    }

    fn take(&mut self, frame: &ServerFrame) -> Result<()> {
        if let ServerFrame::Snapshot(part) = frame {
            self.take_part(part)
        } else if let ServerFrame::Own(own) = frame {
            self.begin_with(own)
        } else if let ServerFrame::Events(events) = frame {
            self.fold(events)
        } else {
            Ok(())
        }
    }

    fn take_part(&mut self, part: &Snapshot) -> Result<()> {
        if part.part == 0 {
            let terms = part.terms.clone();
            self.parts = Some(SnapshotParts::new(part.number, part.level, terms, part.parts));
        }
        let parts = self.parts.as_mut().context("a snapshot without its first part")?;
        Ok(parts.push(part.part, &part.data)?)
    }

    /// The own part completes a snapshot.
    fn begin_with(&mut self, own: &OwnPart) -> Result<()> {
        let snapshot = self.parts.take().context("an own part without a snapshot")?.text()?;
        ensure!(snapshot.number == own.number, "an own part of another snapshot");
        let public: Public = serde_json::from_str(&snapshot.public)?;
        let mine: Own = serde_json::from_str(own.state.get())?;
        self.state = State::of_seat(self.participant, public, mine);
        self.number = own.number;
        Ok(())
    }

    fn fold(&mut self, events: &Events) -> Result<()> {
        let (number, after) = (self.number, events.after);
        ensure!(after <= number, "told up to {number}, and then from {after}");
        for text in &events.list {
            let event: Event = serde_json::from_str(text.get())?;
            if event.seq > number {
                self.state.evolve(&event);
            }
        }
        self.number = number.max(events.through);
        Ok(())
    }
}
