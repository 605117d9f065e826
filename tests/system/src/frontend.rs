//! A frontend that keeps everything raw, and one that talks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use convene_local_api::{
    Act, ActParams, ActResult, After, CommandState, ConnectionRetry, History, HistoryParams, Join,
    JoinParams, JoinState, RetryParams, Told, Watch, WatchParams, notification_line,
};
use convene_local_client::{Attachment, AttachmentError, Introduction, News, Patience};
use convene_model::{CommandId, ConferenceId, Json, ParticipantId, SeatName};
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use crate::PATIENCE;

/// Before something is tried again that a daemon refused, as one does whose disk fails.
const PAUSE: Duration = Duration::from_millis(20);

/// The news that a frontend was given.
#[derive(Debug, Default)]
struct Got {
    /// Each event as it came: its number, and the command that it came of.
    deltas: Vec<(u64, Option<CommandId>)>,
    /// The same events, whole.
    events: Vec<Json>,
    /// All that the daemon has said of what people want and do.
    told: Vec<String>,
    receipts: BTreeSet<CommandId>,
    cursor: u64,
    attached: usize,
}

/// Attached to a daemon, again and again, with its own cursor.
#[derive(Debug, Clone)]
pub struct Frontend {
    socket: PathBuf,
    conference: ConferenceId,
    participant: ParticipantId,
    got: Arc<Mutex<Got>>,
}

/// Goes on however long its daemon is away: each test has a limit of its own.
fn attachment(socket: &Path) -> Attachment {
    Attachment::new(Introduction::new(vec![socket.to_owned()], "test"), Patience::Each(Duration::MAX))
}

impl Frontend {
    /// Joins the conference through this daemon.
    ///
    /// # Panics
    /// When the daemon or the server refuses.
    pub async fn join(socket: PathBuf, link: &str, name: &str) -> Self {
        let params = JoinParams { link: link.to_owned(), name: name.to_owned(), log: None, wait_ms: 30_000 };
        let joined = attachment(&socket).call::<Join>(&params).await;
        let place = match &joined {
            Ok(joined) if joined.state == JoinState::Joined => joined.conference.zip(joined.participant),
            Ok(_) | Err(_) => None,
        };
        assert!(place.is_some(), "{name} did not join: {joined:?}");
        let (conference, participant) =
            place.unwrap_or_else(|| (ConferenceId::from_random(0), ParticipantId(0)));
        Self { socket, conference, participant, got: Arc::default() }
    }

    /// Another frontend at the same daemon.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { got: Arc::default(), ..self.clone() }
    }

    /// Who speaks here.
    pub fn participant(&self) -> ParticipantId {
        self.participant
    }

    /// Watches until dropped, whatever is killed meanwhile.
    pub async fn follow(&self) {
        loop {
            // Whatever the daemon refused, the next attachment goes on behind the cursor.
            drop(self.follow_once().await);
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn follow_once(&self) -> Result<(), AttachmentError> {
        let mut attachment = attachment(&self.socket);
        let after = Some(After::Number(self.got().cursor));
        let conference = SeatName::Conference(self.conference);
        attachment.watch(WatchParams { conference, after, state: false }).await?;
        self.attach(&mut attachment).await?;
        loop {
            match attachment.next().await? {
                News::Told(Told::PassedOver(passed_over)) => {
                    self.fill(&mut attachment, passed_over.through).await?;
                }
                News::Told(told) => self.take(&told),
                News::Reconnected(_) => self.attach(&mut attachment).await?,
                News::Disconnected(_) => {}
            }
        }
    }

    /// The frontend is attached, and wants the server at once.
    async fn attach(&self, attachment: &mut Attachment) -> Result<(), AttachmentError> {
        attachment.call::<ConnectionRetry>(&RetryParams::default()).await?;
        self.got().attached += 1;
        Ok(())
    }

    /// Reads what was passed over, before what lies behind it.
    async fn fill(&self, attachment: &mut Attachment, through: u64) -> Result<(), AttachmentError> {
        loop {
            let after = self.got().cursor;
            if after >= through {
                return Ok(());
            }
            let conference = SeatName::Conference(self.conference);
            let (newest, limit, wait_ms) = (false, 1_000, 30_000);
            let wanted = HistoryParams { conference, after, through: Some(through), newest, limit, wait_ms };
            let page = attachment.call::<History>(&wanted).await?;
            self.got().told.extend(page.events.iter().map(|event| event.get().to_owned()));
            self.hear(&page.events, page.through);
        }
    }

    fn take(&self, told: &Told) {
        self.got().told.push(text(told));
        if let Told::Events(news) = told {
            self.hear(&news.events, news.through);
        } else if let Told::Receipt(receipt) = told {
            self.got().receipts.insert(receipt.result.command);
        }
    }

    fn hear(&self, events: &[Json], through: u64) {
        #[derive(Default)]
        struct Named {
            seq: u64,
            command: Option<CommandId>,
        }
        let named = |raw: &Json| {
            let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
            let seq = value.get("seq").and_then(Value::as_u64).unwrap_or_default();
            let command = value.get("command").and_then(Value::as_str);
            Named { seq, command: command.and_then(|text| text.parse().ok()) }
        };
        let mut got = self.got();
        for raw in events {
            let Named { seq, command } = named(raw);
            got.deltas.push((seq, command));
        }
        got.events.extend_from_slice(events);
        got.cursor = through;
    }

    /// Every event as it came: its number, and the command that it came of.
    pub fn deltas(&self) -> Vec<(u64, Option<CommandId>)> {
        self.got().deltas.clone()
    }

    /// Every event as it came.
    pub fn events(&self) -> Vec<Json> {
        self.got().events.clone()
    }

    /// Whether an event has come that holds this text.
    pub fn heard(&self, text: &str) -> bool {
        self.got().events.iter().rev().any(|event| event.get().contains(text))
    }

    /// All that the daemon has said of what people want and do, as it came.
    pub fn told(&self) -> Vec<String> {
        self.got().told.clone()
    }

    /// Wants this until it is decided, whatever is cut or killed meanwhile: the same id is the same
    /// command.
    ///
    /// # Panics
    /// When nobody has decided it after [`PATIENCE`].
    pub async fn want(&self, id: CommandId, body: &Value) -> ActResult {
        let body = Json::of(body).unwrap_or_else(|_| unreachable!("this value is JSON"));
        let conference = SeatName::Conference(self.conference);
        let wait_ms = u64::try_from(PATIENCE.as_millis() / 4).unwrap_or_default();
        let params = ActParams { conference, id, body, seen: None, wait_ms };
        let deadline = Instant::now() + PATIENCE;
        loop {
            let acted = attachment(&self.socket).call::<Act>(&params).await;
            match acted {
                Ok(result) if matches!(result.state, CommandState::Accepted | CommandState::Refused) => {
                    return result;
                }
                undecided => assert!(Instant::now() < deadline, "{}: {undecided:?}", params.body.get()),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Lets the daemon try to connect at once, and not when it would by itself.
    pub async fn retry(&self) {
        // A daemon that cannot be asked tries by itself, a little later.
        drop(attachment(&self.socket).call::<ConnectionRetry>(&RetryParams::default()).await);
    }

    /// The conference as the daemon knows it now: the number up to which it does, and the state.
    ///
    /// # Panics
    /// When the daemon does not tell.
    pub async fn state(&self) -> (u64, Value) {
        let conference = SeatName::Conference(self.conference);
        let wanted = WatchParams { conference, after: None, state: false };
        let watch = attachment(&self.socket).call::<Watch>(&wanted).await;
        let watch = watch.unwrap_or_else(|error| unreachable!("a seat can be watched: {error}"));
        let state = watch.state.map(|state| serde_json::from_str::<Value>(state.get()).unwrap_or_default());
        assert!(state.is_some(), "the state of a few fits into a line");
        (watch.cursor, state.unwrap_or_default())
    }

    /// Whether an event of this command has come.
    pub fn has(&self, id: CommandId) -> bool {
        self.got().deltas.iter().any(|(_, command)| *command == Some(id))
    }

    /// The number of times that it has attached.
    pub fn attached(&self) -> usize {
        self.got().attached
    }

    /// Whether this command's receipt has come.
    pub fn has_receipt(&self, id: CommandId) -> bool {
        self.got().receipts.contains(&id)
    }

    fn got(&self) -> MutexGuard<'_, Got> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A notification of what people want and do, as it came; nothing of others.
fn text(told: &Told) -> String {
    match told {
        Told::State(told) => notification_line(told),
        Told::Events(told) => notification_line(told),
        Told::Receipt(told) => notification_line(told),
        Told::Outbox(told) => notification_line(told),
        Told::Lost(told) => notification_line(told),
        Told::Dismissed(told) => notification_line(told),
        Told::Other(_, params) => params.get().to_owned(),
        Told::Connections(_)
        | Told::Access(_)
        | Told::Settings(_)
        | Told::Draft(_)
        | Told::May(_)
        | Told::Seat(_)
        | Told::PassedOver(_)
        | Told::Reset(_)
        | Told::Clock(_)
        | Told::Presence(_) => String::new(),
    }
}

/// Talks without a break through one frontend's daemon; at most so many commands wait for their
/// receipt.
#[derive(Debug, Clone)]
pub struct Talker {
    frontend: Frontend,
    told: Arc<Mutex<Vec<CommandId>>>,
}

impl Talker {
    /// Through the daemon of this frontend, which must follow.
    pub fn new(frontend: &Frontend) -> Self {
        Self { frontend: frontend.clone(), told: Arc::default() }
    }

    /// Talks until dropped.
    pub async fn talk(&self, waiting_max: usize) {
        loop {
            if self.waiting().len() < waiting_max {
                self.say(CommandId(Uuid::new_v4())).await;
            } else {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }

    /// Says something, and repeats it under the same id until the daemon has told that it is queued
    /// or decided.
    pub async fn say(&self, id: CommandId) {
        let text = serde_json::json!({ "kind": "say", "text": format!("message {id}") });
        let Ok(body) = Json::of(&text) else { return };
        let conference = SeatName::Conference(self.frontend.conference);
        let params = ActParams { conference, id, body, seen: None, wait_ms: 0 };
        let mut attachment = attachment(&self.frontend.socket);
        loop {
            let acted = attachment.call::<Act>(&params).await;
            if acted.is_ok_and(|result| result.state != CommandState::Unsure) {
                self.told().push(id);
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Every command that was told queued or decided, in that order.
    pub fn told(&self) -> MutexGuard<'_, Vec<CommandId>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of them that no event has come of yet.
    pub fn waiting(&self) -> Vec<CommandId> {
        let told = self.told().clone();
        told.into_iter().filter(|id| !self.frontend.has(*id) && !self.frontend.has_receipt(*id)).collect()
    }
}
