//! A link as it runs: between its pipe, its desk and the conferences of its seats.

mod ending;

use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::task::Poll;
use std::time::{Duration, Instant};

use convene_conference::Refusal;
use convene_event_log::EventLog;
use convene_hosting::{CommandsWish, Desk, DeskOutput, Wish};
use convene_link::{Acceptor, AttachOutcome, Outbound, PipeId};
use convene_model::limits::CONNECTION_QUEUE_BYTES_MAX;
use convene_protocol::{OutgoingCommand, RefuseCode, Refused, Resume, ServerFrame};
use convene_service_log::number;
use futures_util::FutureExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::{Attaching, Links};
use crate::budget::{Block, CommandsSize, NoRoom, Pacing, Place, Queued, Sender};
use crate::conferences::{Door, Input};
use crate::delivery::{Delivery, LinkHandle, Message, TaskNumber};
use crate::web::{Pipe, PipeError, Utf8Bytes};

/// Bytes that may wait for a link that is not cut while too much waits on all links together: more
/// than is fed to a seat that is being brought up.
const UNCUT_BYTES_MAX: usize = 512 * 1024;
/// Bytes that may wait for a link that has no pipe: what a lively conference says in some seconds,
/// and little for thousands who come and go.
const KEPT_BYTES_MAX: usize = 16 * 1024;

/// How long a link goes on that is to end, so that what was taken from it before is decided: it
/// would be taken back with the link, and each time that its daemon comes.
const DECIDED_AFTER: Duration = Duration::from_secs(1);

struct Link<'a, E> {
    links: &'a Links<E>,
    acceptor: Acceptor<Queued>,
    desk: Desk<Door>,
    handle: LinkHandle,
    deliveries: mpsc::Receiver<Delivery>,
    pipe: Option<Pipe>,
    pipes: u64,
    /// For conferences that are full. Nothing is read while something waits here.
    waiting: VecDeque<(Door, Input)>,
    /// Commands that came faster than their seats may send them.
    pacing: Pacing<(Door, CommandsWish)>,
    /// When it ends, because too much waits for its network. Until then nothing is read, and what
    /// was taken before is decided.
    ends: Option<Instant>,
    /// Whether a seat of it was ever open.
    has_proved: bool,
    /// From where it began.
    from: IpAddr,
    place: &'a mut Place,
    /// Pipes that take their farewell, which nothing waits for but the end of the link.
    farewells: JoinSet<()>,
}

/// The event that woke the link.
enum Woken {
    Pipe(Result<Option<Utf8Bytes>, PipeError>),
    Delivery(Delivery),
    Attach(Box<Attaching>),
    Room(mpsc::OwnedPermit<Input>),
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
    newer: &mut mpsc::Receiver<Box<Attaching>>,
    from: IpAddr,
    place: &mut Place,
) {
    let Attaching { pipe, attach, greeted } = *first;
    let (handle, deliveries) = links.handle();
    let known = links.knows_end_point(&attach);
    let acceptor = Acceptor::new(&attach, &greeted, PipeId(0), known, Instant::now());
    let mut link = Link {
        links,
        desk: Desk::new(handle.number(), *acceptor.context()),
        acceptor,
        handle,
        deliveries,
        pipe: Some(pipe),
        pipes: 0,
        waiting: VecDeque::new(),
        pacing: links.budget.pacing(Block::of(from)),
        ends: None,
        has_proved: false,
        from,
        place,
        farewells: JoinSet::new(),
    };
    // A defect in a link ends it and nothing else: its conferences are told, and its daemon comes
    // back.
    if AssertUnwindSafe(link.live(attach.seats, newer)).catch_unwind().await.is_err() {
        tracing::error!(number = number::TASK_FAILED, link = %link.acceptor.link(), "a defect ended a link");
    }
    link.leave_conferences().await;
    while link.farewells.join_next().await.is_some() {}
}

/// Whether this is the only kind of input that a conference must get although the link is gone.
fn is_farewell((_, input): &(Door, Input)) -> bool {
    matches!(input, Input::LinkGone(_))
}

async fn drive(
    pipe: &mut Option<Pipe>,
    acceptor: &mut Acceptor<Queued>,
    reading: bool,
) -> Result<Option<Utf8Bytes>, PipeError> {
    poll_fn(|cx| {
        let Some(pipe) = pipe else { return Poll::Pending };
        let now = Instant::now();
        pipe.poll(cx, reading, || {
            Some(match acceptor.poll_transmit(now)? {
                Outbound::Data(_, queued) | Outbound::Uncounted(queued) => queued.text(),
                Outbound::Control(frame) => frame.to_string().into(),
            })
        })
    })
    .await
}

/// Waits for a change of what is watched, and gives it back.
async fn changed<T>(mut watched: watch::Receiver<T>) -> watch::Receiver<T> {
    if watched.changed().await.is_err() {
        pending::<()>().await;
    }
    watched
}

/// Waits for room behind a door; `None` where it is closed.
async fn reserve(door: Option<&Door>) -> Option<mpsc::OwnedPermit<Input>> {
    door?.inputs().clone().reserve_owned().await.ok()
}

impl<E: EventLog> Link<'_, E> {
    async fn live(&mut self, seats: Vec<Resume>, newer: &mut mpsc::Receiver<Box<Attaching>>) {
        if self.begin(seats).await.is_some() {
            self.serve(newer).await;
        }
    }

    async fn serve(&mut self, newer: &mut mpsc::Receiver<Box<Attaching>>) {
        // Each is registered once, and not each time that the link is woken.
        let mut stopping = std::pin::pin!(changed(self.links.stopping.clone()));
        let mut closed = std::pin::pin!(changed(self.links.conferences.closed()));
        let handle = self.handle.clone();
        let mut cut = std::pin::pin!(handle.cut_wanted());
        let timer = tokio::time::sleep_until(self.acceptor.poll_timeout().0.into());
        let mut timer = std::pin::pin!(timer);
        loop {
            let due = self.due().into();
            if timer.deadline() != due {
                timer.as_mut().reset(due);
            }
            let is_through = self.waiting.is_empty();
            let reading = is_through && !self.pacing.is_full() && self.ends.is_none();
            let room = self.waiting.front().map(|(door, _)| door.clone());
            let Link { pipe, acceptor, deliveries, .. } = &mut *self;
            let woken = tokio::select! {
                biased;
                // Before anything that came behind the frame that was lost.
                () = &mut cut => Woken::Cut,
                delivery = deliveries.recv() => delivery.map_or(Woken::Cut, Woken::Delivery),
                event = drive(pipe, acceptor, reading) => Woken::Pipe(event),
                permit = reserve(room.as_ref()), if !is_through => {
                    permit.map_or(Woken::DoorsClosed, Woken::Room)
                }
                Some(attaching) = newer.recv() => Woken::Attach(attaching),
                () = timer.as_mut() => Woken::Timeout,
                _ = &mut stopping => Woken::Stopping,
                watched = &mut closed => {
                    closed.set(changed(watched));
                    Woken::DoorsClosed
                }
            };
            if self.handle(woken).await.is_none() || self.carry_out().await.is_none() {
                break;
            }
        }
    }

    /// Deals with what woke the link; `None` ends it.
    async fn handle(&mut self, woken: Woken) -> Option<()> {
        let now = Instant::now();
        match woken {
            Woken::Pipe(Ok(Some(text))) => self.take(&text, now),
            Woken::Pipe(Ok(None) | Err(_)) => self.lose_pipe(now),
            Woken::Delivery(first) => self.deliver(first).await?,
            Woken::Attach(attaching) => self.attach(*attaching, now).await?,
            Woken::Room(permit) => {
                if let Some((_, input)) = self.waiting.pop_front() {
                    permit.send(input);
                }
            }
            Woken::Timeout => {
                if self.acceptor.is_forgotten(now) {
                    return None;
                }
                if self.ends.is_some_and(|ends| ends <= now) {
                    return self.end(RefuseCode::Busy);
                }
                if let Err(why) = self.acceptor.handle_timeout(now) {
                    self.drop_pipe(why, now);
                }
                while let Some((door, wish)) = self.pacing.poll_commands(now) {
                    self.tell(door, Input::Commands(wish));
                }
            }
            Woken::Cut => return self.end(RefuseCode::TooSlow),
            Woken::Stopping => return self.end(RefuseCode::Restarting),
            Woken::DoorsClosed => self.leave_closed_doors(),
        }
        (self.pipe.is_some() || self.is_worth_keeping()).then_some(())
    }

    /// When there is something to do though nothing comes.
    fn due(&self) -> Instant {
        let timeout = self.acceptor.poll_timeout().0;
        // Behind commands that wait for their conference, none of these is sent.
        let paced = if self.waiting.is_empty() { self.pacing.poll_timeout() } else { None };
        [paced, self.ends].into_iter().flatten().fold(timeout, Instant::min)
    }

    /// Whether the link is kept without a pipe: its daemon gets back to an open seat, and not much
    /// waits for it meanwhile. Another one begins anew, which costs it a round trip.
    fn is_worth_keeping(&self) -> bool {
        self.desk.has_open_seat() && self.acceptor.bytes_waiting() <= KEPT_BYTES_MAX
    }

    /// A link that has an open seat is no newcomer, and neither is its connection.
    fn prove(&mut self) {
        self.has_proved = self.has_proved || self.desk.has_open_seat();
        if self.has_proved {
            self.place.prove();
            if let Some(pipe) = &mut self.pipe {
                pipe.prove();
            }
        }
    }

    /// The seats of the attach with which the link begins.
    async fn begin(&mut self, seats: Vec<Resume>) -> Option<()> {
        self.desk.handle_attach(seats);
        self.carry_out().await
    }

    /// Takes over what conferences have said, so that all of it goes out together.
    async fn deliver(&mut self, first: Delivery) -> Option<()> {
        let mut next = Some(first);
        while let Some(delivery) = next {
            match delivery {
                Delivery::Told(message) => {
                    let Message { at, told } = *message;
                    if let Some(door) = self.door(at).cloned() {
                        self.desk.handle_told(&door, told);
                    }
                }
                Delivery::Shared(frame) => {
                    // Everything that the link was told before this frame is sent before it.
                    self.carry_out().await?;
                    if self.door(frame.at).is_some() {
                        self.send(frame.queued(&self.links.budget.queues))?;
                    }
                }
                Delivery::Presence(frame) => {
                    let queued = Queued::uncharged(frame.text.clone());
                    self.acceptor.send_presence(frame.conference, queued);
                }
                #[cfg(test)]
                Delivery::Panic => panic!("a test wanted it"),
            }
            next = self.deliveries.try_recv().ok();
        }
        self.prove();
        Some(())
    }

    /// The conference that is run by this task, if a seat of this link is there.
    fn door(&self, task: TaskNumber) -> Option<&Door> {
        self.desk.conferences().find(|door| door.task() == task)
    }

    fn take(&mut self, text: &str, now: Instant) {
        match self.acceptor.handle_frame(PipeId(self.pipes), None, text, now) {
            Ok(Some(frame)) => self.desk.handle_frame(frame),
            Ok(None) => {}
            Err(why) => self.drop_pipe(why, now),
        }
    }

    async fn attach(&mut self, attaching: Attaching, now: Instant) -> Option<()> {
        let Attaching { pipe, attach, greeted } = attaching;
        let known = self.links.knows_end_point(&attach);
        let outcome = self.acceptor.handle_attach(&attach, &greeted, PipeId(self.pipes + 1), known, now);
        if let AttachOutcome::Refused(code) = outcome {
            self.links.tell_refused(code);
            let refused = ServerFrame::Refused(Refused::of(code));
            self.farewell(pipe, refused.to_string().into());
            return Some(());
        }
        self.pipes += 1;
        if let Some(old) = self.pipe.replace(pipe) {
            let bye = self.bye(RefuseCode::Superseded);
            self.farewell(old, bye);
        }
        if let AttachOutcome::Begun { .. } = outcome {
            self.forsake_conferences();
            // The deliveries of conferences to the former link are not meant for the new one.
            (self.handle, self.deliveries) = self.links.handle();
            self.desk = Desk::new(self.handle.number(), *self.acceptor.context());
            self.pacing = self.links.budget.pacing(Block::of(self.from));
            self.ends = None;
            return self.begin(attach.seats).await;
        }
        self.prove();
        self.tell_living(true);
        Some(())
    }

    /// Does what the desk wants; `None` ends the link.
    async fn carry_out(&mut self) -> Option<()> {
        loop {
            self.desk.handle_room(self.bytes_waiting());
            let Some(output) = self.desk.poll_output() else { return Some(()) };
            match output {
                DeskOutput::Frame(text) => {
                    let text = Utf8Bytes::from(&*text);
                    self.send(self.links.budget.queues.charge(text))?;
                }
                DeskOutput::Find { index, count, conference, code } => {
                    // Boxed, because it is rare, and every link has room for what is not.
                    let found = Box::pin(self.links.conferences.find(conference, code)).await;
                    if let Err(code) = &found {
                        self.tell_refused(code.as_str());
                    }
                    if matches!(found, Err(Refusal::CodeUnknown)) {
                        // Boxed for the same reason.
                        Box::pin(self.links.slow_down_guesses(self.from)).await;
                    }
                    self.desk.handle_found(index, count, found);
                }
                DeskOutput::Wish { conference, wish } => {
                    self.forget_paced(&wish);
                    let link = self.handle.clone();
                    self.tell(conference, Input::Wish { link, wish });
                }
                DeskOutput::Commands { conference, wish } => self.pace(conference, wish),
                DeskOutput::Cut(code) => return self.end(code),
            }
        }
    }

    /// Tells the log that a seat was refused, for each reason once a minute.
    fn tell_refused(&self, reason: &'static str) {
        if let Some(count) = self.links.refused.count(reason, Instant::now()) {
            let (number, link) = (number::LINK_REFUSED, self.acceptor.link());
            tracing::info!(number, %link, reason, count, "a seat was refused");
        }
    }

    /// Bytes that wait, as the desk is told of them. Where too much waits on all links together, a
    /// link gets nothing more that was not told already before it has nothing left.
    fn bytes_waiting(&self) -> usize {
        let bytes = self.acceptor.bytes_waiting();
        if bytes > 0 && self.links.budget.queues.is_full() {
            bytes + CONNECTION_QUEUE_BYTES_MAX
        } else {
            bytes
        }
    }

    /// Commands go to their conference, or wait for their pace. Where too much waits for its
    /// network, the link ends soon: its daemon comes back, and sends what was not decided.
    fn pace(&mut self, door: Door, wish: CommandsWish) {
        let bytes = |command: &OutgoingCommand| command.body.get().len();
        let has_long = CommandsSize::of(wish.list.iter().map(bytes)).long > 0;
        // Long ones go one by one: what others say meanwhile comes in between.
        let together = if has_long { 1 } else { wish.list.len() };
        let CommandsWish { place, key, term, list } = wish;
        let mut rest = list.into_iter();
        while !rest.as_slice().is_empty() && self.ends.is_none() {
            let mut list = Vec::with_capacity(together);
            list.extend(rest.by_ref().take(together));
            let size = CommandsSize::of(list.iter().map(bytes));
            let (conference, readers) = (door.task().0, door.readers());
            let sender = Sender { index: place.index, seat: key, conference, readers };
            let wish = (door.clone(), CommandsWish { place, key, term, list });
            match self.pacing.handle_commands(sender, size, wish, Instant::now()) {
                Ok(Some((door, wish))) => self.tell(door, Input::Commands(wish)),
                Ok(None) => {}
                Err(NoRoom) => {
                    self.links.tell_refused(RefuseCode::Busy);
                    self.ends = Some(Instant::now() + DECIDED_AFTER);
                }
            }
        }
    }

    /// A seat that is closed or opened anew sends again what has no receipt.
    fn forget_paced(&mut self, wish: &Wish) {
        match wish {
            Wish::Open(resume) => self.pacing.handle_closed(resume.index),
            Wish::Close { index } => self.pacing.handle_closed(*index),
            Wish::History(_) | Wish::Ready { .. } => {}
        }
    }

    /// Sends a counted frame; `None` where the daemon reads too slowly, which ends the link, or
    /// where much waits for it while too much waits on all links together.
    fn send(&mut self, queued: Queued) -> Option<()> {
        let bytes = queued.text().len();
        let is_greedy = self.acceptor.bytes_waiting() > UNCUT_BYTES_MAX && self.links.budget.queues.is_full();
        match self.acceptor.send(queued, bytes) {
            Ok(()) if !is_greedy => Some(()),
            Ok(()) | Err(_) => self.end(RefuseCode::TooSlow),
        }
    }

    /// Sends to a conference, behind all that waits for one to have room.
    fn tell(&mut self, door: Door, input: Input) {
        if !self.waiting.is_empty() {
            return self.waiting.push_back((door, input));
        }
        match door.inputs().try_send(input) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(input)) => self.waiting.push_back((door, input)),
            Err(mpsc::error::TrySendError::Closed(_)) => self.desk.handle_conference_gone(&door),
        }
    }

    /// Seats of conferences that do not run any more are asked for again.
    fn leave_closed_doors(&mut self) {
        let closed = |door: &Door| door.inputs().is_closed();
        self.waiting.retain(|(door, _)| !closed(door));
        let gone: Vec<Door> = self.desk.conferences().filter(|door| closed(door)).cloned().collect();
        for door in gone {
            self.desk.handle_conference_gone(&door);
        }
    }
}
