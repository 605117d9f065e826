//! The real protocol for one seat: a pipe, the machine of the link, and the bytes that came down.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use convene_dial::Pipe;
use convene_link::{Initiator, InitiatorEvent, LinkSecret, PipeId};
use convene_model::{CommandId, JoinLink, Json, ParticipantId};
use convene_protocol::proof::{self, Signature};
use convene_protocol::{
    ClientFrame, CloseSeat, Commands, HistoryRequest, Join, OpenedOutcome, OutgoingCommand, Resume,
    ServerFrame,
};
use convene_seat::SeatSecret;
use uuid::Uuid;

use crate::way::Way;

const PIPE: PipeId = PipeId(1);
/// The only seat of the link.
const INDEX: u32 = 0;
/// It asks to be opened once.
const COUNT: u32 = 1;
/// How long a wait may be that nothing ends but a frame.
const IDLE_MAX: Duration = Duration::from_secs(3_600);
/// Letters of a random name.
const NAME_LETTERS: usize = 18;

/// Someone with a seat key, who joins wherever it is nobody's yet.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    secret: SeatSecret,
    join: Join,
}

impl Person {
    /// Someone new, with this name.
    pub(crate) fn new(link: &JoinLink, name: &str) -> Result<Self> {
        let name = name.parse().context("a name")?;
        let join = Join { code: link.code, name, id: CommandId(Uuid::new_v4()) };
        Ok(Self { secret: SeatSecret::from_bytes(&rand::random()), join })
    }

    /// Someone new, whose name no compression makes short.
    pub(crate) fn random(link: &JoinLink) -> Result<Self> {
        let letters = (0..NAME_LETTERS).map(|_| char::from(rand::random_range(b'a'..=b'z')));
        Self::new(link, &letters.collect::<String>())
    }
}

/// A link with one seat.
pub(crate) struct Line {
    pipe: Pipe,
    link: Initiator,
    person: Person,
    bytes: usize,
}

impl Line {
    /// Opens a pipe. The seat is asked for as soon as the server has said hello.
    pub(crate) async fn open(way: &Way, person: Person) -> Result<Self> {
        let pipe = way.open().await?;
        let mut link = Initiator::new(LinkSecret::from_random(rand::random()), "bench".to_owned());
        link.handle_pipe_open(PIPE);
        Ok(Self { pipe, link, person, bytes: 0 })
    }

    /// Waits until the seat is open, and gives whose it is.
    pub(crate) async fn opened(&mut self) -> Result<ParticipantId> {
        loop {
            let ServerFrame::Opened(opened) = self.next().await? else { continue };
            match opened.first().map(|one| &one.outcome) {
                Some(OpenedOutcome::Open { participant, .. }) => return Ok(*participant),
                outcome => bail!("not opened: {outcome:?}"),
            }
        }
    }

    /// Waits for the next counted frame.
    pub(crate) async fn next(&mut self) -> Result<ServerFrame> {
        loop {
            if let Some(frame) = self.poll_frame()? {
                return Ok(frame);
            }
            self.flush().await?;
            self.receive().await?;
        }
    }

    /// The next counted frame of those that came.
    pub(crate) fn poll_frame(&mut self) -> Result<Option<ServerFrame>> {
        while let Some(event) = self.link.poll_event() {
            match event {
                InitiatorEvent::Greeted { .. } => self.attach()?,
                InitiatorEvent::Frame(frame) => return Ok(Some(frame)),
                InitiatorEvent::Attached { .. } | InitiatorEvent::Presence(_) => {}
                InitiatorEvent::Refused { refused, .. } => bail!("refused: {refused:?}"),
                InitiatorEvent::Dead { why, .. } => bail!("the pipe died: {why:?}"),
            }
        }
        Ok(None)
    }

    /// Waits until something comes, and takes it. Cancel safe.
    pub(crate) async fn receive(&mut self) -> Result<()> {
        let text = self.pipe.receiver.next().await.context("the pipe ended")??;
        self.bytes += framed_bytes(text.len());
        self.link.handle_frame(PIPE, None, &text, Instant::now());
        Ok(())
    }

    /// Sends what is to be sent.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        let now = Instant::now();
        let frames: Vec<String> = std::iter::from_fn(|| self.link.poll_transmit(now))
            .map(|transmit| transmit.text.as_ref().to_owned())
            .collect();
        if !frames.is_empty() {
            self.pipe.sender.send(frames).await?;
        }
        Ok(())
    }

    /// When [`Line::handle_timeout`] is due.
    pub(crate) fn due(&self) -> tokio::time::Instant {
        let due = self.link.poll_timeout().map(|(at, _)| tokio::time::Instant::from_std(at));
        due.unwrap_or_else(|| tokio::time::Instant::now() + IDLE_MAX)
    }

    pub(crate) fn handle_timeout(&mut self) {
        self.link.handle_timeout(Instant::now());
    }

    /// Commands with these bodies, to be sent by the next flush.
    pub(crate) fn command(&mut self, bodies: impl IntoIterator<Item = Json>) -> Result<()> {
        let command = |body| OutgoingCommand { id: CommandId(Uuid::new_v4()), seen: None, body };
        let list = bodies.into_iter().map(command).collect();
        let commands = Commands { index: INDEX, count: COUNT, list };
        self.link.send(&ClientFrame::Commands(commands)).context("the link is full")
    }

    /// Asks for a page of the past, to be sent by the next flush.
    pub(crate) fn ask_history(&mut self, after: u64, through: u64) -> Result<()> {
        let request = HistoryRequest { index: INDEX, after, through, newest: false };
        self.link.send(&ClientFrame::History(request)).context("the link is full")
    }

    /// Bytes that came down: the frames' texts, and what a WebSocket writes before each. The head
    /// of the answer to the upgrade, some 130 bytes, is not seen here.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Closes the seat and says farewell.
    pub(crate) async fn close(mut self) -> Result<()> {
        self.link.send(&ClientFrame::Close(CloseSeat { index: INDEX })).context("the link is full")?;
        self.flush().await?;
        self.pipe.sender.close().await;
        Ok(())
    }

    fn attach(&mut self) -> Result<()> {
        let context = self.link.next_context(PIPE, None).context("a pipe that greeted")?;
        let mut resume = Resume {
            index: INDEX,
            count: COUNT,
            key: self.person.secret.key(),
            conference: None,
            replica: None,
            snapshot: false,
            join: self.person.join.clone(),
            was_participant: false,
            signature: Signature([0; 64]),
        };
        resume.signature = Signature(self.person.secret.sign(&proof::resume_message(&context, &resume)));
        self.link.attach(PIPE, vec![resume], None, Instant::now());
        Ok(())
    }
}

/// Bytes of a text with the head of its frame, from a server (RFC 6455, section 5.2).
fn framed_bytes(text: usize) -> usize {
    let head = match text {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    };
    head + text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_frame_grows_with_its_text() {
        let framed = [0, 125, 126, 65_535, 65_536].map(framed_bytes);
        assert_eq!(framed, [2, 127, 130, 65_539, 65_546]);
    }
}
