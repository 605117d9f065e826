//! A crowd of participants on this machine, each with a connection of its own: a daemon's machines
//! and hands without its store, which here counts everything as durable at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use convene_dial::{Authorities, DialSettings, Dialer, Trust};
use convene_link::LinkSecret;
use convene_model::{CommandId, JoinLink, Json, Stage};
use convene_reach::{AttemptId, Failure, Ladder, Route, Targets};
use convene_seat::{Delta, JoinRequest, Seat, SeatRecord, SeatSecret};
use convene_uplink::{Connection, ConnectionEvent, Conversation, Inspection, PipeAction, SeatIndex};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use uuid::Uuid;

use crate::until;

/// Frames for one pipe that its task has not taken yet; a pipe that has more is given up, and the
/// link sends them again.
const FRAMES_MAX: usize = 256;
/// Reports of one member's pipes that wait.
const REPORTS_MAX: usize = 64;
/// Members that join at the same time.
const TOGETHER: usize = 100;
/// Wishes to say something that wait.
const WISHES_MAX: usize = 4;

/// What came to a member.
#[derive(Debug, Clone, Default)]
struct Heard {
    /// The messages, and when each came.
    messages: Vec<(CommandId, Instant)>,
    /// The participants of whom the member's seat knows; 0 before it is in.
    people: usize,
}

/// The participants, until it is dropped.
#[derive(Debug)]
pub struct Crowd {
    heard: Arc<Mutex<Vec<Heard>>>,
    voices: Vec<mpsc::Sender<CommandId>>,
    attempts: Arc<AtomicUsize>,
    members: JoinSet<()>,
}

impl Crowd {
    /// So many members, spread evenly over the conferences of these links, join some at a time. All
    /// links must be of one server.
    ///
    /// # Panics
    /// Where there is no link, or its server has no certificate of its own, and where the system
    /// gives no descriptors.
    pub async fn gather(links: &[JoinLink], size: usize) -> Self {
        let mut files = getrlimit(Resource::Nofile);
        files.current = files.maximum;
        assert!(setrlimit(Resource::Nofile, files).is_ok(), "everybody may use what the system allows");
        let fingerprint = links.first().and_then(|link| link.fingerprint);
        assert!(fingerprint.is_some(), "the server shows its own certificate");
        let settings = DialSettings {
            trust: fingerprint.map_or(Trust::System { beside: Authorities::default() }, Trust::Fingerprint),
            proxy_authorities: Authorities::default(),
            addresses: Vec::new(),
            logins: Arc::default(),
            whose: String::new(),
            tickets: None,
            allow_local: true,
        };
        let dialer = Dialer::new(settings).map(Arc::new);
        let dialer = dialer.unwrap_or_else(|error| unreachable!("TLS starts: {error}"));
        let heard = Arc::new(Mutex::new(vec![Heard::default(); size]));
        let attempts = Arc::<AtomicUsize>::default();
        let mut crowd = Self { heard, voices: Vec::with_capacity(size), attempts, members: JoinSet::new() };
        for (number, link) in links.iter().cycle().take(size).enumerate() {
            let (voice, wishes) = mpsc::channel(WISHES_MAX);
            crowd.voices.push(voice);
            let member = Member::new(number, link, &dialer, &crowd.heard, &crowd.attempts);
            crowd.members.spawn(member.live(wishes));
            if number % TOGETHER == TOGETHER - 1 {
                until("members that join", || (crowd.present() > number).then_some(())).await;
            }
        }
        until("the last that join", || (crowd.present() == size).then_some(())).await;
        crowd
    }

    /// The number of participants that have joined.
    fn present(&self) -> usize {
        self.ears().iter().filter(|heard| heard.people > 0).count()
    }

    /// The number of participants of whom every member knows.
    pub fn known(&self) -> usize {
        self.ears().iter().map(|heard| heard.people).min().unwrap_or_default()
    }

    /// This member says something under this id.
    ///
    /// # Panics
    /// Where it has more to say than it can.
    pub fn say(&self, member: usize, id: CommandId) {
        let wished = self.voices.get(member).map(|voice| voice.try_send(id));
        assert!(matches!(wished, Some(Ok(()))), "member {member} takes no more");
    }

    /// When a message came to each member; `None` where it did not come to everyone of the members
    /// that `who` admits.
    ///
    /// # Panics
    /// Where it came to somebody more than once.
    pub fn heard(&self, id: CommandId, who: impl Fn(usize) -> bool) -> Option<Vec<Instant>> {
        let of_member = |all: &Heard| {
            let mut times = all.messages.iter().filter(|(heard, _)| *heard == id).map(|(_, at)| *at);
            let first = times.next();
            assert!(times.next().is_none(), "message {id} came twice");
            first
        };
        let ears = self.ears();
        ears.iter().enumerate().filter(|(number, _)| who(*number)).map(|(_, all)| of_member(all)).collect()
    }

    /// The number of pipes whose opening was begun so far.
    pub fn attempts(&self) -> usize {
        self.attempts.load(Ordering::Relaxed)
    }

    fn ears(&self) -> MutexGuard<'_, Vec<Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
enum Report {
    Stage(AttemptId, Stage),
    Opened(AttemptId),
    Failed(AttemptId, Failure),
    Frame(AttemptId, String),
    Closed(AttemptId),
}

struct Member {
    number: usize,
    connection: Connection,
    seat: SeatIndex,
    dialer: Arc<Dialer>,
    pipes: BTreeMap<AttemptId, (mpsc::Sender<String>, AbortHandle)>,
    tasks: JoinSet<()>,
    reports: (mpsc::Sender<Report>, mpsc::Receiver<Report>),
    heard: Arc<Mutex<Vec<Heard>>>,
    attempts: Arc<AtomicUsize>,
}

impl Member {
    fn new(
        number: usize,
        link: &JoinLink,
        dialer: &Arc<Dialer>,
        heard: &Arc<Mutex<Vec<Heard>>>,
        attempts: &Arc<AtomicUsize>,
    ) -> Self {
        let targets = Targets {
            host: link.host.clone(),
            direct_ports: link.ports,
            https_port: link.https_port,
            proxies: Vec::new(),
        };
        let ladder = Ladder::new(targets, None, number as u64);
        let of_link = LinkSecret::from_random(random_key());
        let mut connection = Connection::new(ladder, of_link, "crowd".to_owned(), Inspection::Allow);
        let secret = random_key();
        let name = format!("Member {number}").parse();
        let name = name.unwrap_or_else(|_| unreachable!("letters and digits are a name"));
        let join = JoinRequest { code: link.code, name, id: CommandId(Uuid::new_v4()) };
        let seat = Seat::new(SeatRecord::new(SeatSecret::from_bytes(&secret), join));
        let added = connection.with_conversation(Instant::now(), |conversation| conversation.add_seat(seat));
        Self {
            number,
            connection,
            seat: added.unwrap_or(SeatIndex(0)),
            dialer: Arc::clone(dialer),
            pipes: BTreeMap::new(),
            tasks: JoinSet::new(),
            reports: mpsc::channel(REPORTS_MAX),
            heard: Arc::clone(heard),
            attempts: Arc::clone(attempts),
        }
    }

    async fn live(mut self, mut wishes: mpsc::Receiver<CommandId>) {
        self.connection.with_ladder(Instant::now(), |ladder| ladder.handle_start(Instant::now()));
        loop {
            self.carry_out();
            let due = self.connection.poll_timeout();
            tokio::select! {
                Some(report) = self.reports.1.recv() => self.report(report),
                Some(id) = wishes.recv() => self.say(id),
                () = sleep_until(due) => self.connection.handle_timeout(Instant::now()),
            }
        }
    }

    fn carry_out(&mut self) {
        let now = Instant::now();
        let mut is_news = false;
        loop {
            if let Some((index, id, _)) = self.connection.with_conversation(now, Conversation::poll_write) {
                self.connection.with_conversation(now, |conversation| conversation.handle_stored(index, id));
            } else if let Some(action) = self.connection.poll_action() {
                match action {
                    PipeAction::Open { attempt, route } => self.open(attempt, route),
                    PipeAction::AskPortal(question) => {
                        self.connection.handle_portal_answer(question, None, now);
                    }
                    PipeAction::Close { attempt } => self.close(attempt),
                }
            } else if let Some(event) = self.connection.poll_event() {
                is_news = true;
                if let ConnectionEvent::Delta { delta: Delta::Events { items, .. }, .. } = event {
                    items.iter().for_each(|item| self.hear(item.text.get()));
                }
            } else if let Some(transmit) =
                self.connection.with_conversation(now, |conversation| conversation.poll_transmit(now))
            {
                let attempt = AttemptId(transmit.pipe.0);
                let sent =
                    self.pipes.get(&attempt).map(|(frames, _)| frames.try_send(transmit.text.to_string()));
                if !matches!(sent, Some(Ok(()))) {
                    self.close(attempt);
                    self.connection.handle_closed(attempt, now);
                }
            } else {
                break;
            }
        }
        if is_news {
            self.look_around();
        }
    }

    fn open(&mut self, attempt: AttemptId, route: Route) {
        while self.tasks.try_join_next().is_some() {}
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let (frames, outgoing) = mpsc::channel(FRAMES_MAX);
        let (dialer, reports) = (Arc::clone(&self.dialer), self.reports.0.clone());
        let task = self.tasks.spawn(async move {
            let last = carry(&dialer, attempt, &route, outgoing, &reports).await;
            // A receiver that is gone needs no report.
            drop(reports.send(last).await);
        });
        self.pipes.insert(attempt, (frames, task));
    }

    fn close(&mut self, attempt: AttemptId) {
        if let Some((_, task)) = self.pipes.remove(&attempt) {
            task.abort();
        }
    }

    fn report(&mut self, report: Report) {
        let now = Instant::now();
        match report {
            Report::Stage(attempt, stage) => {
                self.connection.with_ladder(now, |ladder| ladder.handle_stage(attempt, stage, now));
            }
            Report::Opened(attempt) => self.connection.handle_opened(attempt, None, now),
            Report::Failed(attempt, failure) => self.connection.handle_failed(attempt, failure, now),
            Report::Frame(attempt, text) => self.connection.handle_frame(attempt, None, &text, now),
            Report::Closed(attempt) => self.connection.handle_closed(attempt, now),
        }
    }

    fn say(&mut self, id: CommandId) {
        let body = Json::of(&serde_json::json!({ "kind": "say", "text": format!("message {id}") }));
        let body = body.unwrap_or_else(|_| unreachable!("this value is JSON"));
        let seat = self.seat;
        let now = Instant::now();
        let acted =
            self.connection.with_conversation(now, |conversation| conversation.act(seat, id, body, None));
        assert!(matches!(acted, Some(Ok(_))), "a member may speak: {acted:?}");
    }

    fn hear(&self, event: &str) {
        if !is_message(event) {
            return;
        }
        let event: serde_json::Value = serde_json::from_str(event).unwrap_or_default();
        let command = event.get("command").and_then(serde_json::Value::as_str);
        if let Some(id) = command.and_then(|id| id.parse().ok()) {
            self.note(|own| own.messages.push((id, Instant::now())));
        }
    }

    /// Counts the participants in the state that the seat has folded.
    fn look_around(&self) {
        let seat = self.connection.conversation().seat(self.seat);
        let replica = seat.and_then(|seat| seat.record().replica.as_ref());
        if let Some(state) = replica.and_then(|replica| replica.state.as_ref()) {
            self.note(|own| own.people = state.public().participants().len());
        }
    }

    fn note(&self, change: impl FnOnce(&mut Heard)) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = heard.get_mut(self.number) {
            change(own);
        }
    }
}

/// Whether an event is one that somebody said: its body is the first object in it. In a large
/// conference each member is told of thousands of other events, and reading them all takes longer
/// than carrying them.
fn is_message(event: &str) -> bool {
    let body = event.get(1..).and_then(|fields| fields.split_once('{'));
    body.is_some_and(|(_, body)| body.starts_with(r#""kind":"said""#))
}

/// Opens a route and carries frames until it ends; says how.
async fn carry(
    dialer: &Dialer,
    attempt: AttemptId,
    route: &Route,
    mut frames: mpsc::Receiver<String>,
    reports: &mpsc::Sender<Report>,
) -> Report {
    // A stage that finds no room is one among many.
    let mut watch = |stage| drop(reports.try_send(Report::Stage(attempt, stage)));
    let mut pipe = match dialer.open_watched(route, &mut watch).await {
        Ok(pipe) => pipe,
        Err(error) => return Report::Failed(attempt, error.failure),
    };
    if reports.send(Report::Opened(attempt)).await.is_err() {
        return Report::Closed(attempt);
    }
    let read = async {
        while let Some(Ok(text)) = pipe.receiver.next().await {
            if reports.send(Report::Frame(attempt, text.to_string())).await.is_err() {
                return;
            }
        }
    };
    let write = async {
        while let Some(frame) = frames.recv().await {
            if pipe.sender.send([frame]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = read => {}
        () = write => {}
    }
    Report::Closed(attempt)
}

fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    for half in key.chunks_exact_mut(16) {
        half.copy_from_slice(Uuid::new_v4().as_bytes());
    }
    key
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
