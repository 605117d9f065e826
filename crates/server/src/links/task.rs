//! A link as it runs: between its pipe and the conferences of its seats.

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Instant;

use convene_conference::Refusal;
use convene_event_log::EventLog;
use convene_link::{Acceptor, AttachOutcome, Outbound, PipeDeath, PipeId};
use convene_model::limits::SEATS_PER_CONNECTION_MAX;
use convene_model::{ConferenceId, LinkId};
use convene_protocol::{
    Bye, ClientFrame, Opened, OpenedOutcome, RefuseCode, Refused, Resume, ServerFrame, proof,
};
use convene_service_log::number;
use tokio::sync::mpsc;

use super::{Attaching, Links};
use crate::conferences::{Door, Input};
use crate::delivery::{Delivery, LinkHandle};
use crate::web::{Pipe, PipeError, Utf8Bytes};

/// Bytes that wait on a link below which seats that are being brought up get more.
const READY_BELOW: usize = 256 * 1024;

struct Link<'a, E> {
    links: &'a Links<E>,
    acceptor: Acceptor<Utf8Bytes>,
    handle: LinkHandle,
    deliveries: mpsc::Receiver<Delivery>,
    pipe: Option<Pipe>,
    pipes: u64,
    /// The conference of each seat.
    seats: BTreeMap<u32, (ConferenceId, Door)>,
    /// For conferences that are full. Nothing is read while something waits here.
    waiting: VecDeque<(Door, Input)>,
    /// Seats that want more events once the link has room.
    hungry: Vec<(ConferenceId, u32)>,
}

/// What woke the link.
enum Woken {
    Pipe(Result<Option<Utf8Bytes>, PipeError>),
    Delivery(Delivery),
    Attach(Box<Attaching>),
    Room(mpsc::OwnedPermit<Input>),
    ConferenceGone,
    Timeout,
    Cut,
    Stopping,
    /// Some conferences do not run any more.
    DoorsClosed,
}

/// Runs a link until it is forgotten or ended.
pub(super) async fn run<E: EventLog>(
    links: &Links<E>,
    first: Box<Attaching>,
    mut newer: mpsc::Receiver<Box<Attaching>>,
) {
    let Attaching { pipe, attach, greeted } = *first;
    let (handle, deliveries) = LinkHandle::new(attach.link);
    let known = links.knows_end_point(&attach);
    let mut link = Link {
        links,
        acceptor: Acceptor::new(&attach, &greeted, PipeId(0), known, Instant::now()),
        handle,
        deliveries,
        pipe: Some(pipe),
        pipes: 0,
        seats: BTreeMap::new(),
        waiting: VecDeque::new(),
        hungry: Vec::new(),
    };
    link.open(&attach.seats).await;
    let mut stopping = links.stopping.clone();
    let mut closed = links.conferences.closed();
    let timer = tokio::time::sleep_until(link.acceptor.poll_timeout().0.into());
    let mut timer = std::pin::pin!(timer);
    loop {
        let due = link.acceptor.poll_timeout().0.into();
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        let handle = link.handle.clone();
        let reading = link.waiting.is_empty();
        let room = link.waiting.front().map(|(door, _)| door.clone());
        let Link { pipe, acceptor, deliveries, .. } = &mut link;
        let woken = tokio::select! {
            biased;
            delivery = deliveries.recv() => delivery.map_or(Woken::Cut, Woken::Delivery),
            event = drive(pipe, acceptor, reading) => Woken::Pipe(event),
            permit = reserve(room), if !reading => permit.map_or(Woken::ConferenceGone, Woken::Room),
            Some(attaching) = newer.recv() => Woken::Attach(attaching),
            () = timer.as_mut() => Woken::Timeout,
            () = handle.until_cut() => Woken::Cut,
            Ok(()) = stopping.changed() => Woken::Stopping,
            Ok(()) = closed.changed() => Woken::DoorsClosed,
        };
        if link.handle(woken).await.is_none() {
            break;
        }
    }
    link.leave_conferences().await;
}

async fn drive(
    pipe: &mut Option<Pipe>,
    acceptor: &mut Acceptor<Utf8Bytes>,
    reading: bool,
) -> Result<Option<Utf8Bytes>, PipeError> {
    poll_fn(|cx| {
        let Some(pipe) = pipe else { return Poll::Pending };
        let now = Instant::now();
        pipe.poll(cx, reading, || {
            Some(match acceptor.poll_transmit(now)? {
                Outbound::Data(_, text) => text,
                Outbound::Control(frame) => frame.to_string().into(),
            })
        })
    })
    .await
}

async fn reserve(door: Option<Door>) -> Option<mpsc::OwnedPermit<Input>> {
    door?.reserve_owned().await.ok()
}

impl<E: EventLog> Link<'_, E> {
    /// Deals with what woke the link; `None` ends it.
    async fn handle(&mut self, woken: Woken) -> Option<()> {
        let now = Instant::now();
        match woken {
            Woken::Pipe(Ok(Some(text))) => self.take(&text, now).await,
            Woken::Pipe(Ok(None) | Err(_)) => self.lose_pipe(now),
            Woken::Delivery(first) => self.deliver(first).await?,
            Woken::Attach(attaching) => self.attach(*attaching, now).await,
            Woken::Room(permit) => {
                if let Some((_, input)) = self.waiting.pop_front() {
                    permit.send(input);
                }
            }
            Woken::ConferenceGone => {
                self.waiting.pop_front();
            }
            Woken::Timeout => {
                if self.acceptor.is_forgotten(now) {
                    return None;
                }
                if let Err(why) = self.acceptor.handle_timeout(now) {
                    self.drop_pipe(why, now).await;
                }
            }
            Woken::Cut => return self.end(RefuseCode::Busy).await,
            Woken::Stopping => return self.end(RefuseCode::Restarting).await,
            // Its daemon comes back, opens its seats again and sends what has no receipt.
            Woken::DoorsClosed if self.seats.values().any(|(_, door)| door.is_closed()) => {
                return self.end(RefuseCode::Busy).await;
            }
            Woken::DoorsClosed => {}
        }
        self.feed_the_hungry();
        Some(())
    }

    /// Takes over what conferences have said, so that all of it goes out together.
    async fn deliver(&mut self, first: Delivery) -> Option<()> {
        let mut next = Some(first);
        while let Some(Delivery { text, ready }) = next {
            let bytes = text.len();
            if self.acceptor.send(text, bytes).is_err() {
                return self.end(RefuseCode::TooSlow).await;
            }
            self.hungry.extend(ready);
            next = self.deliveries.try_recv().ok();
        }
        Some(())
    }

    async fn take(&mut self, text: &str, now: Instant) {
        let pipe = PipeId(self.pipes);
        let frame = match self.acceptor.handle_frame(pipe, None, text, now) {
            Ok(Some(frame)) => frame,
            Ok(None) => return,
            Err(why) => return self.drop_pipe(why, now).await,
        };
        match frame {
            ClientFrame::Open(open) => self.open(&open.seats).await,
            ClientFrame::Close(close) => {
                if let Some((_, door)) = self.seats.remove(&close.index) {
                    self.tell(door, Input::Close { link: self.handle.link(), index: close.index });
                }
            }
            ClientFrame::Commands(commands) => {
                let link = self.handle.link();
                if let Some((_, door)) = self.seats.get(&commands.index) {
                    self.tell(door.clone(), Input::Commands { link, commands });
                }
            }
            ClientFrame::History(request) => {
                let link = self.handle.link();
                if let Some((_, door)) = self.seats.get(&request.index) {
                    self.tell(door.clone(), Input::History { link, request });
                }
            }
            ClientFrame::Hello(_)
            | ClientFrame::Attach(_)
            | ClientFrame::Ack(_)
            | ClientFrame::Ping(_)
            | ClientFrame::Pong(_)
            | ClientFrame::Unknown(_) => {}
        }
    }

    async fn attach(&mut self, attaching: Attaching, now: Instant) {
        let Attaching { pipe, attach, greeted } = attaching;
        let known = self.links.knows_end_point(&attach);
        match self.acceptor.handle_attach(&attach, &greeted, PipeId(self.pipes + 1), known, now) {
            AttachOutcome::Refused(code) => {
                let number = number::LINK_REFUSED;
                tracing::info!(number, link = %attach.link, reason = ?code, "a link was refused");
                let refused = ServerFrame::Refused(Refused { code, retry_after_ms: None });
                return pipe.close([refused.to_string().into()]).await;
            }
            AttachOutcome::Resumed { .. } => {}
            AttachOutcome::Begun { .. } => {
                self.leave_conferences().await;
                // What conferences said to the link as it was is not for the link as it is.
                (self.handle, self.deliveries) = LinkHandle::new(attach.link);
                self.open(&attach.seats).await;
            }
        }
        self.pipes += 1;
        if let Some(old) = self.pipe.replace(pipe) {
            old.close([self.bye(RefuseCode::Superseded)]).await;
        }
    }

    /// Sends each seat's wish to its conference.
    async fn open(&mut self, seats: &[Resume]) {
        for resume in seats {
            if let Err(code) = self.open_seat(resume).await {
                let (number, link) = (number::LINK_REFUSED, self.handle.link());
                tracing::info!(number, %link, reason = code.as_str(), "a seat was refused");
                let outcome = OpenedOutcome::Refused { code };
                let frame = ServerFrame::Opened(vec![Opened { index: resume.index, outcome }]).to_string();
                let bytes = frame.len();
                if self.acceptor.send(frame.into(), bytes).is_err() {
                    self.handle.cut();
                }
            }
        }
    }

    async fn open_seat(&mut self, resume: &Resume) -> Result<(), Refusal> {
        if self.seats.len() >= SEATS_PER_CONNECTION_MAX && !self.seats.contains_key(&resume.index) {
            return Err(Refusal::ConferenceFull);
        }
        if !proof::holds(self.acceptor.context(), resume) {
            return Err(Refusal::ProofInvalid);
        }
        let (conference, door) = self.links.conferences.find(resume).await?;
        self.seats.insert(resume.index, (conference, door.clone()));
        let link = self.handle.clone();
        self.tell(door, Input::Open { link, resume: Box::new(resume.clone()) });
        Ok(())
    }

    /// Sends to a conference, behind whatever waits for it to have room.
    fn tell(&mut self, door: Door, input: Input) {
        if !self.waiting.is_empty() {
            return self.waiting.push_back((door, input));
        }
        if let Err(mpsc::error::TrySendError::Full(input)) = door.try_send(input) {
            self.waiting.push_back((door, input));
        }
    }

    fn feed_the_hungry(&mut self) {
        if self.hungry.is_empty() || self.acceptor.bytes_waiting() >= READY_BELOW {
            return;
        }
        for (conference, index) in std::mem::take(&mut self.hungry) {
            let link = self.handle.link();
            if let Some((_, door)) = self.seats.get(&index).filter(|(of, _)| *of == conference) {
                self.tell(door.clone(), Input::Ready { link, index });
            }
        }
    }

    fn lose_pipe(&mut self, now: Instant) {
        self.pipe = None;
        self.acceptor.handle_pipe_closed(PipeId(self.pipes), now);
    }

    async fn drop_pipe(&mut self, why: PipeDeath, now: Instant) {
        let code = match why {
            PipeDeath::Malformed => RefuseCode::Malformed,
            PipeDeath::Closed
            | PipeDeath::Silent
            | PipeDeath::NotAttached
            | PipeDeath::Superseded
            | PipeDeath::Bye(_) => RefuseCode::Silent,
        };
        if let Some(pipe) = self.pipe.take() {
            pipe.close([self.bye(code)]).await;
        }
        self.lose_pipe(now);
    }

    async fn end(&mut self, code: RefuseCode) -> Option<()> {
        if let Some(pipe) = self.pipe.take() {
            pipe.close([self.bye(code)]).await;
        }
        None
    }

    fn bye(&self, code: RefuseCode) -> Utf8Bytes {
        let retry_after = self.links.retry_after(code).map(|after| after.as_millis());
        let retry_after_ms = retry_after.and_then(|after| after.try_into().ok());
        ServerFrame::Bye(Bye { code, retry_after_ms }).to_string().into()
    }

    async fn leave_conferences(&mut self) {
        self.waiting.clear();
        let link: LinkId = self.handle.link();
        let doors: BTreeMap<ConferenceId, Door> = std::mem::take(&mut self.seats).into_values().collect();
        for door in doors.into_values() {
            // A conference that has ended needs no farewell.
            if door.send(Input::LinkGone(link)).await.is_err() {
                tracing::debug!(%link, "its conference is no longer run");
            }
        }
    }
}
