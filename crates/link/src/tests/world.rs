//! A daemon and a server with any number of pipes between them. Wherever a data frame is taken, the
//! world checks that it is the next one of the link as it began; whenever a machine is woken, that
//! it does not want to be woken again at once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use convene_model::{Nonce, Timestamp};
use convene_protocol::{Attach, ClientFrame, HistoryRequest, RefuseCode, Refused, ServerFrame, history_text};

use crate::{
    Acceptor, AttachOutcome, Greeting, GreetingStep, Initiator, InitiatorEvent, LinkSecret, Outbound,
    PipeDeath, PipeId,
};

#[expect(clippy::disallowed_methods, reason = "only differences count: this is the test clock's zero")]
pub(crate) fn zero() -> Instant {
    Instant::now()
}

/// Frames of one world: far more than any test needs.
const SAID_MAX: usize = 20_000;

/// A frame on its way, with its number where the pipe carries numbers.
pub(super) type Flying = (Option<u64>, String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

/// One direction of a pipe.
#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) flying: VecDeque<Flying>,
    /// Nothing gets through, not even that it is closed.
    pub(super) is_blocked: bool,
    /// The sending end is closed.
    is_closed: bool,
}

#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) is_numbered: bool,
    pub(super) up: Lane,
    pub(super) down: Lane,
    greeting: Option<Greeting>,
}

impl Pipe {
    pub(super) fn lane(&mut self, way: Way) -> &mut Lane {
        match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        }
    }

    fn push(&mut self, way: Way, number: Option<u64>, text: &str) {
        let number = number.filter(|_| self.is_numbered);
        let lane = self.lane(way);
        if !lane.is_blocked && !lane.is_closed {
            lane.flying.push_back((number, text.to_owned()));
        }
    }
}

/// A record of the things that one end did since its link began.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The number of times that the link began.
    pub(super) begun: u32,
    pub(super) sent: u64,
    pub(super) took: u64,
    /// Which beginning of the other end the frames are of.
    from: Option<u32>,
}

impl Account {
    fn begin(&mut self) {
        *self = Self { begun: self.begun + 1, ..Self::default() };
    }

    fn take(&mut self, from: u32, place: u64) {
        assert_eq!(place, self.took + 1, "taken twice or out of order");
        assert_eq!(*self.from.get_or_insert(from), from, "of another beginning of the link");
        self.took += 1;
    }
}

pub(super) struct World {
    pub(super) now: Instant,
    pub(super) daemon: Initiator,
    pub(super) server: Option<Acceptor<Arc<str>>>,
    pub(super) pipes: BTreeMap<PipeId, Pipe>,
    last_pipe: u64,
    pub(super) at_daemon: Account,
    pub(super) at_server: Account,
    /// The ends of pipes, as the daemon and as the server see them.
    pub(super) deaths: Vec<(PipeId, PipeDeath)>,
    pub(super) server_deaths: Vec<(PipeId, PipeDeath)>,
    pub(super) refused: Vec<(PipeId, RefuseCode)>,
    /// Every frame that was ever sent.
    pub(super) said: Vec<(PipeId, Way, String)>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            now: zero(),
            daemon: Initiator::new(LinkSecret::from_random([7; 32]), "convened 0.1.0".to_owned()),
            server: None,
            pipes: BTreeMap::new(),
            last_pipe: 0,
            at_daemon: Account::default(),
            at_server: Account::default(),
            deaths: Vec::new(),
            server_deaths: Vec::new(),
            refused: Vec::new(),
            said: Vec::new(),
        }
    }

    /// A world whose first pipe carries the link, and where both ends have taken a frame.
    pub(super) fn attached(is_numbered: bool) -> (Self, PipeId) {
        let mut world = Self::new();
        let pipe = world.greet(is_numbered);
        world.attach(pipe);
        world.settle();
        world.send_down();
        world.send_up();
        world.settle();
        (world, pipe)
    }

    /// Opens a pipe on which both ends say hello.
    pub(super) fn greet(&mut self, is_numbered: bool) -> PipeId {
        self.last_pipe += 1;
        let pipe = PipeId(self.last_pipe);
        let greeting = Some(Greeting::new(Nonce([0; 16]), self.now));
        let (up, down) = (Lane::default(), Lane::default());
        self.pipes.insert(pipe, Pipe { is_numbered, up, down, greeting });
        self.daemon.handle_pipe_open(pipe);
        self.flush();
        while self.deliver(pipe, Way::Up) || self.deliver(pipe, Way::Down) {}
        pipe
    }

    /// The daemon says attach; it has not yet arrived.
    pub(super) fn attach(&mut self, pipe: PipeId) -> bool {
        let is_attaching = self.daemon.attach(pipe, Vec::new(), None, self.now);
        self.flush();
        is_attaching
    }

    /// Sends the daemon's next data frame, if it has a link to send it on.
    pub(super) fn send_up(&mut self) {
        let (index, place) = (self.at_daemon.begun, self.at_daemon.sent + 1);
        let frame =
            ClientFrame::History(HistoryRequest { index, after: place, through: place, newest: false });
        if self.daemon.send(&frame).is_ok() {
            self.at_daemon.sent = place;
        }
        self.flush();
    }

    /// Sends the server's next data frame, if it has a link to send it on.
    pub(super) fn send_down(&mut self) {
        let place = self.at_server.sent + 1;
        let text = history_text(self.at_server.begun, place, place, [""; 0]);
        let bytes = text.len();
        if let Some(server) = &mut self.server
            && server.send(text.into(), bytes).is_ok()
        {
            self.at_server.sent = place;
        }
        self.flush();
    }

    /// The server loses its memory, and with it every pipe.
    pub(super) fn forget(&mut self) {
        self.server = None;
        for pipe in self.pipes.keys().copied().collect::<Vec<_>>() {
            self.close(pipe, Way::Down);
        }
    }

    /// The pipe ends; what is under way is lost.
    pub(super) fn cut(&mut self, pipe: PipeId) {
        self.pipes.remove(&pipe);
        self.daemon.handle_pipe_closed(pipe);
        if let Some(server) = &mut self.server {
            server.handle_pipe_closed(pipe, self.now);
        }
        self.flush();
    }

    /// Delivers everything until nobody has anything to say. No time passes.
    pub(super) fn settle(&mut self) {
        self.flush();
        while self.pipes.keys().copied().collect::<Vec<_>>().into_iter().any(|pipe| {
            let up = self.deliver(pipe, Way::Up);
            self.deliver(pipe, Way::Down) || up
        }) {}
    }

    /// Delivers the next frame of a lane, or that its sending end is closed; says whether there was
    /// any.
    pub(super) fn deliver(&mut self, pipe: PipeId, way: Way) -> bool {
        let Some(lane) = self.pipes.get_mut(&pipe).map(|pipe| pipe.lane(way)) else { return false };
        let (flying, is_closed) = (lane.flying.pop_front(), lane.is_closed && !lane.is_blocked);
        match (flying, way) {
            (Some((number, text)), Way::Up) => self.server_hears(pipe, number, &text),
            (Some((number, text)), Way::Down) => self.daemon.handle_frame(pipe, number, &text, self.now),
            (None, Way::Up) if is_closed => self.close(pipe, Way::Down),
            (None, Way::Down) if is_closed => {
                self.daemon.handle_pipe_closed(pipe);
                self.close(pipe, Way::Up);
            }
            (None, _) => return false,
        }
        self.flush();
        true
    }

    /// Lets time pass; everything is delivered, and every machine is woken when it wants to be.
    pub(super) fn pass(&mut self, span: Duration) {
        let end = self.now + span;
        loop {
            self.settle();
            let Some(due) = self.due().filter(|due| *due <= end) else { break };
            self.now = self.now.max(due);
            self.wake();
        }
        self.now = end;
        self.settle();
    }

    /// Lets time pass in which nothing is delivered and nobody is woken before its end.
    pub(super) fn sleep(&mut self, span: Duration) {
        self.now += span;
        self.wake();
    }

    /// The number of frames of this kind that went this way.
    pub(super) fn count(&self, way: Way, kind: &str) -> usize {
        let start = format!(r#"{{"{kind}":"#);
        self.said.iter().filter(|(_, went, text)| *went == way && text.starts_with(&start)).count()
    }

    fn due(&self) -> Option<Instant> {
        let daemon = self.daemon.poll_timeout().map(|(due, _)| due);
        let server = self.server.as_ref().map(|server| server.poll_timeout().0);
        let greetings = self.pipes.values().filter_map(|pipe| Some(pipe.greeting.as_ref()?.poll_timeout().0));
        daemon.into_iter().chain(server).chain(greetings).min()
    }

    fn wake(&mut self) {
        self.daemon.handle_timeout(self.now);
        if let Some(server) = &mut self.server
            && let (Err(why), Some(pipe)) = (server.handle_timeout(self.now), server.pipe())
        {
            self.server_deaths.push((pipe, why));
            self.close(pipe, Way::Down);
        }
        self.server.take_if(|server| server.is_forgotten(self.now));
        for pipe in self.pipes.keys().copied().collect::<Vec<_>>() {
            let greeting = self.pipes.get(&pipe).and_then(|pipe| pipe.greeting.as_ref());
            if let Some(frame) = greeting.and_then(|greeting| greeting.handle_timeout(self.now)) {
                self.say_last(pipe, &frame);
            }
        }
        self.flush();
        let due = self.due();
        assert!(due.is_none_or(|due| due > self.now), "whoever was woken wants to be woken again at once");
    }

    /// Carries out what the machines ask for.
    fn flush(&mut self) {
        while let Some(event) = self.daemon.poll_event() {
            self.handle(event);
        }
        while let Some(transmit) = self.daemon.poll_transmit(self.now) {
            self.say(transmit.pipe, Way::Up, transmit.number, &transmit.text);
        }
        let Some(mut server) = self.server.take() else { return };
        while let Some(outbound) = server.poll_transmit(self.now) {
            let pipe = server.pipe().unwrap();
            match outbound {
                Outbound::Data(number, text) => self.say(pipe, Way::Down, Some(number), &text),
                Outbound::Uncounted(text) => self.say(pipe, Way::Down, None, &text),
                Outbound::Control(frame) => self.say(pipe, Way::Down, None, &frame.to_string()),
            }
        }
        self.server = Some(server);
    }

    fn handle(&mut self, event: InitiatorEvent) {
        match event {
            InitiatorEvent::Greeted { .. } => {}
            InitiatorEvent::Attached { attached, .. } => {
                if !attached.resumed {
                    self.at_daemon.begin();
                }
            }
            InitiatorEvent::Refused { pipe, refused } => {
                self.refused.push((pipe, refused.code));
                self.close(pipe, Way::Up);
            }
            InitiatorEvent::Dead { pipe, why } => {
                self.deaths.push((pipe, why));
                self.close(pipe, Way::Up);
            }
            InitiatorEvent::Frame(ServerFrame::History(page)) => self.at_daemon.take(page.index, page.after),
            InitiatorEvent::Presence(_) => {}
            InitiatorEvent::Frame(frame) => panic!("nobody sent {frame}"),
        }
    }

    fn server_hears(&mut self, pipe: PipeId, number: Option<u64>, text: &str) {
        let Some(end) = self.pipes.get_mut(&pipe).filter(|pipe| !pipe.down.is_closed) else { return };
        let Some(greeting) = &mut end.greeting else {
            let Some(server) = &mut self.server else { return };
            return match server.handle_frame(pipe, number, text, self.now) {
                Ok(Some(ClientFrame::History(request))) => {
                    self.at_server.take(request.index, request.after);
                }
                Ok(Some(frame)) => panic!("nobody sent {frame}"),
                Ok(None) => {}
                Err(why) => {
                    self.server_deaths.push((pipe, why));
                    self.close(pipe, Way::Down);
                }
            };
        };
        match greeting.handle_frame(text, "conference.example.org", &[], Timestamp::from_millis(0), self.now)
        {
            GreetingStep::Say(frame) => self.say(pipe, Way::Down, None, &frame.to_string()),
            GreetingStep::Attach(attach) => self.handle_attach(pipe, &attach),
            GreetingStep::Refuse(frame) => self.say_last(pipe, &frame),
        }
    }

    fn handle_attach(&mut self, pipe: PipeId, attach: &Attach) {
        let greeting = self.pipes.get_mut(&pipe).and_then(|pipe| pipe.greeting.take()).unwrap();
        let greeted = greeting.greeted();
        let outcome = match &mut self.server {
            Some(server) => server.handle_attach(attach, greeted, pipe, None, self.now),
            server @ None => {
                *server = Some(Acceptor::new(attach, greeted, pipe, None, self.now));
                AttachOutcome::Begun { superseded: None }
            }
        };
        match outcome {
            AttachOutcome::Resumed { superseded } => self.supersede(superseded),
            AttachOutcome::Begun { superseded } => {
                self.at_server.begin();
                self.supersede(superseded);
            }
            AttachOutcome::Refused(code) => {
                self.say_last(pipe, &ServerFrame::Refused(Refused::of(code)));
            }
        }
    }

    fn supersede(&mut self, pipe: Option<PipeId>) {
        if let Some(pipe) = pipe {
            self.server_deaths.push((pipe, PipeDeath::Superseded));
            self.close(pipe, Way::Down);
        }
    }

    fn say(&mut self, pipe: PipeId, way: Way, number: Option<u64>, text: &str) {
        self.said.push((pipe, way, text.to_owned()));
        assert!(self.said.len() < SAID_MAX, "the ends talk without end");
        if let Some(pipe) = self.pipes.get_mut(&pipe) {
            pipe.push(way, number, text);
        }
    }

    fn say_last(&mut self, pipe: PipeId, frame: &ServerFrame) {
        self.say(pipe, Way::Down, None, &frame.to_string());
        self.close(pipe, Way::Down);
    }

    /// The end that sends this way closes its pipe.
    fn close(&mut self, pipe: PipeId, way: Way) {
        let Some(end) = self.pipes.get_mut(&pipe) else { return };
        end.lane(way).is_closed = true;
        end.greeting.take_if(|_| way == Way::Down);
        if end.up.is_closed && end.down.is_closed {
            self.pipes.remove(&pipe);
        }
        if let (Way::Down, Some(server)) = (way, &mut self.server) {
            server.handle_pipe_closed(pipe, self.now);
        }
    }
}
