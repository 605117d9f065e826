//! The conversation against a server that is played by hand.

mod delivery;
mod faults;
mod opening;
mod snapshots;

use convene_conference::{Outcome, Receipt, Refusal, Role};
use convene_model::{ConferenceId, JoinCode, Nonce, ParticipantId};
use convene_protocol::{
    Attach, ClientFrame, Commands, Events, Follow, Opened, OpenedOutcome, Receipts, Reopen, Resume,
    Resumption, ServerFrame, ServerHello, To, proof,
};
use convene_seat::{Disk, JoinRequest, SeatSecret, Span};

use super::*;

const LOG: LogId = LogId([1; 8]);
const NONCE: Nonce = Nonce([8; 16]);

struct Play {
    conversation: Conversation,
    disks: BTreeMap<SeatIndex, Disk>,
    /// Everything that seats told, in order.
    told: Vec<(SeatIndex, Delta)>,
    rereads: Vec<SeatIndex>,
    presence: Vec<SeatIndex>,
    pipe: PipeId,
    now: Instant,
    /// Counted frames that came from the daemon.
    heard: u64,
    attach: Option<Attach>,
}

impl Play {
    fn new(seats: usize) -> Self {
        let mut play = Self {
            conversation: Conversation::new(LinkSecret::from_random([5; 32]), "test".to_owned()),
            disks: BTreeMap::new(),
            told: Vec::new(),
            rereads: Vec::new(),
            presence: Vec::new(),
            pipe: PipeId(0),
            now: start(),
            heard: 0,
            attach: None,
        };
        for _ in 0..seats {
            play.add();
        }
        play
    }

    /// With so many seats that are open as participants 1, 2, 3 … and follow.
    fn open(seats: usize) -> Self {
        let mut play = Self::new(seats);
        play.begin();
        for index in 0..u32::try_from(seats).unwrap() {
            play.opened(index, 1, Resumption::Current);
            play.follow(index, true);
        }
        play.settle();
        play.told.clear();
        play
    }

    fn add(&mut self) -> SeatIndex {
        let n = self.conversation.next_index;
        self.add_record(record(u8::try_from(n % 256).unwrap()))
    }

    fn add_record(&mut self, record: SeatRecord) -> SeatIndex {
        let index = self.conversation.add_seat(Seat::new(record.clone())).unwrap();
        self.disks.insert(index, Disk::new(record));
        index
    }

    /// A new pipe on which the link begins; gives the wishes of the attach.
    fn begin(&mut self) -> Vec<Resume> {
        self.heard = 0;
        self.connect(Attached { received: 0, resumed: false, end_point_known: None })
    }

    /// A new pipe on which the link goes on.
    fn resume(&mut self) -> Vec<Resume> {
        let received = self.heard;
        self.connect(Attached { received, resumed: true, end_point_known: None })
    }

    fn connect(&mut self, attached: Attached) -> Vec<Resume> {
        self.greet();
        self.conversation.adopt(self.pipe, self.now);
        let seats = self.attach_said();
        self.say(ServerFrame::Attached(attached));
        seats
    }

    fn greet(&mut self) {
        self.pipe = PipeId(self.pipe.0 + 1);
        self.conversation.handle_pipe_open(self.pipe, None);
        let (server, now) = ("server".to_owned(), Timestamp::from_millis(0));
        let hello = ServerHello { version: 2, server, nonce: NONCE, now, end_points: vec![] };
        self.say(ServerFrame::Hello(hello));
    }

    fn attach_said(&mut self) -> Vec<Resume> {
        let attach = |frame| if let ClientFrame::Attach(attach) = frame { Some(attach) } else { None };
        let attach = self.frames().into_iter().find_map(attach);
        let seats = attach.as_ref().unwrap().seats.clone();
        self.attach = attach;
        seats
    }

    fn say(&mut self, frame: ServerFrame) {
        self.conversation.handle_frame(self.pipe, None, &frame.to_string(), self.now);
    }

    /// The frames that the daemon sends on the current pipe.
    fn frames(&mut self) -> Vec<ClientFrame> {
        let mut frames = Vec::new();
        while let Some(transmit) = self.conversation.poll_transmit(self.now) {
            assert!(transmit.text.len() <= convene_model::limits::FRAME_BYTES_MAX);
            self.heard += u64::from(transmit.number.is_some());
            if transmit.pipe == self.pipe {
                frames.push(ClientFrame::parse(&transmit.text).unwrap());
            }
        }
        frames
    }

    /// The wishes in `open` frames.
    fn wishes(&mut self) -> Vec<Resume> {
        let wishes = |frame| if let ClientFrame::Open(open) = frame { open.seats } else { vec![] };
        self.frames().into_iter().flat_map(wishes).collect()
    }

    /// The commands that come: of which seat, under which count, and which.
    fn commands(&mut self) -> Vec<(u32, u32, Vec<CommandId>)> {
        let batch = |frame| {
            let ClientFrame::Commands(Commands { index, count, list }) = frame else { return None };
            Some((index, count, list.iter().map(|command| command.id).collect()))
        };
        self.frames().into_iter().filter_map(batch).collect()
    }

    fn opened(&mut self, index: u32, count: u32, resume: Resumption) {
        self.answer(
            index,
            count,
            None,
            OpenedOutcome::Open {
                participant: ParticipantId(index + 1),
                conference: conference(),
                log: LOG,
                role: Role::Participant,
                credit: 256,
                resume,
            },
        );
    }

    fn answer(&mut self, index: u32, count: u32, void_after: Option<u64>, outcome: OpenedOutcome) {
        self.say(ServerFrame::Opened(vec![Opened { index, count, void_after, outcome }]));
    }

    fn follow(&mut self, index: u32, following: bool) {
        self.say(ServerFrame::Follow(Follow { index, following }));
    }

    fn events(&mut self, to: To, after: u64, through: u64, list: Vec<Json>) {
        let (conference, log, terms) = (conference(), LOG, vec![]);
        self.say(ServerFrame::Events(Events { conference, log, to, after, through, terms, list }));
    }

    fn receipts(&mut self, index: u32, list: Vec<Receipt>) {
        self.say(ServerFrame::Receipts(Receipts { index, terms: vec![], list }));
    }

    fn reopen(&mut self, seats: Vec<u32>) {
        self.say(ServerFrame::Reopen(Reopen { seats }));
    }

    fn act(&mut self, index: u32, n: u128) -> Acceptance {
        self.conversation.act(SeatIndex(index), id(n), body(n), None).unwrap().unwrap()
    }

    /// Stores everything, and does what is asked for.
    fn settle(&mut self) {
        loop {
            if let Some((index, id, write)) = self.conversation.poll_write() {
                self.disks.get_mut(&index).unwrap().apply(&write);
                self.conversation.handle_stored(index, id);
            } else if let Some(event) = self.conversation.poll_event() {
                match event {
                    ConversationEvent::Delta { seat, delta } => self.told.push((seat, delta)),
                    ConversationEvent::Refold { seat, wish } => {
                        let state = self.disks[&seat].fold(wish);
                        self.conversation.handle_refolded(seat, wish, state);
                    }
                    ConversationEvent::Reread { seat } => self.rereads.push(seat),
                    ConversationEvent::Presence { seat, .. } => self.presence.push(seat),
                    ConversationEvent::Greeted { .. }
                    | ConversationEvent::Attached { .. }
                    | ConversationEvent::Refused { .. }
                    | ConversationEvent::PipeDead { .. } => {}
                }
            } else {
                return;
            }
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.conversation.handle_timeout(self.now);
    }

    fn seat(&self, index: u32) -> &Seat {
        self.conversation.seat(SeatIndex(index)).unwrap()
    }

    fn cursor(&self, index: u32) -> u64 {
        self.seat(index).record().replica.as_ref().map_or(0, |replica| replica.cursor)
    }

    /// The numbers of the events that a seat has.
    fn seqs(&self, index: u32) -> Vec<u64> {
        let everything = Span { after: 0, through: u64::MAX };
        self.disks[&SeatIndex(index)].texts(everything).iter().map(|text| text.seq).collect()
    }

    /// Whether every wish is signed by its seat for the attach with which the link began.
    fn are_signed(&self, wishes: &[Resume]) -> bool {
        let context = Context::of(self.attach.as_ref().unwrap(), NONCE);
        wishes.iter().all(|resume| proof::resume_holds(&context, resume))
    }
}

#[expect(clippy::disallowed_methods, reason = "a clock has no other zero")]
fn start() -> Instant {
    Instant::now()
}

fn record(n: u8) -> SeatRecord {
    let join = JoinRequest { code: JoinCode([1; 16]), name: "Anna".parse().unwrap(), id: id(n.into()) };
    SeatRecord::new(SeatSecret::from_bytes(&[n; 32]), join)
}

fn id(n: u128) -> CommandId {
    format!("{n:032x}").parse().unwrap()
}

fn body(n: u128) -> Json {
    Json::parse(&format!(r#"{{"kind":"say","text":"{n}"}}"#)).unwrap()
}

fn conference() -> ConferenceId {
    ConferenceId::from_random(5)
}

fn said(seq: u64) -> Json {
    event(seq, r#"{"kind":"said","room":"plenary","text":"x"}"#)
}

fn event(seq: u64, body: &str) -> Json {
    Json::parse(&format!(r#"{{"seq":{seq},"at":"2026-11-23T09:00:00.000Z","body":{body}}}"#)).unwrap()
}

fn joined(seq: u64, participant: u32) -> Json {
    let who = format!(r#""participant":"p{participant}","name":"N{participant}","role":"participant""#);
    event(seq, &format!(r#"{{"kind":"joined",{who}}}"#))
}

fn left(seq: u64, participant: u32) -> Json {
    event(seq, &format!(r#"{{"kind":"left","participant":"p{participant}"}}"#))
}

fn accepted(n: u128, number: u64) -> Receipt {
    Receipt { id: id(n), number, outcome: Outcome::Accepted }
}
