//! A frontend that keeps everything raw, and one that talks.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use convene_local_api::{
    Act, ActParams, After, CommandState, ConnectionRetry, EventsNotification, History, HistoryParams, Join,
    JoinParams, JoinState, Notification as _, PassedOverNotification, ReceiptNotification, RetryParams,
    Watch, WatchParams,
};
use convene_local_client::{CallError, Client};
use convene_model::{CommandId, ConferenceId, Json, SeatName};
use serde_json::value::RawValue;
use uuid::Uuid;

/// Between two tries to reach a daemon that is being started.
const PAUSE: Duration = Duration::from_millis(20);

/// The news that a frontend was given.
#[derive(Debug, Default)]
struct Got {
    /// Each event as it came: its number, and the command that it came of.
    deltas: Vec<(u64, Option<CommandId>)>,
    receipts: BTreeSet<CommandId>,
    cursor: u64,
    attached: usize,
}

/// Attached to a daemon, again and again, with its own cursor.
#[derive(Debug, Clone)]
pub struct Frontend {
    socket: PathBuf,
    conference: ConferenceId,
    got: Arc<Mutex<Got>>,
}

async fn connect(socket: &PathBuf) -> Client {
    loop {
        match Client::connect(std::slice::from_ref(socket), "test", None, None).await {
            Ok(client) => return client,
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

impl Frontend {
    /// Joins the conference through this daemon.
    ///
    /// # Panics
    /// When the daemon or the server refuses.
    pub async fn join(socket: PathBuf, link: &str, name: &str) -> Self {
        let mut client = connect(&socket).await;
        let params = JoinParams { link: link.to_owned(), name: name.to_owned(), log: None, wait_ms: 30_000 };
        let joined = client.call::<Join>(&params).await;
        let conference = match &joined {
            Ok(joined) if joined.state == JoinState::Joined => joined.conference,
            Ok(_) | Err(_) => None,
        };
        assert!(conference.is_some(), "{name} did not join: {joined:?}");
        let conference = conference.unwrap_or_else(|| ConferenceId::from_random(0));
        Self { socket, conference, got: Arc::default() }
    }

    /// Another frontend at the same daemon.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { socket: self.socket.clone(), conference: self.conference, got: Arc::default() }
    }

    /// Watches until dropped, whatever is killed meanwhile.
    pub async fn follow(&self) {
        loop {
            // Whatever ended it, the next attachment goes on behind the cursor.
            drop(self.follow_once().await);
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn follow_once(&self) -> Result<(), CallError> {
        let mut client = connect(&self.socket).await;
        let after = Some(After::Number(self.got().cursor));
        let conference = SeatName::Conference(self.conference);
        client.call::<Watch>(&WatchParams { conference, after }).await?;
        client.call::<ConnectionRetry>(&RetryParams::default()).await?;
        self.got().attached += 1;
        loop {
            let (method, params) = client.next_notification().await?;
            if method == PassedOverNotification::NAME
                && let Ok(passed_over) = serde_json::from_str::<PassedOverNotification>(params.get())
            {
                self.fill(&mut client, passed_over.through).await?;
            } else {
                self.take(&method, &params);
            }
        }
    }

    /// Reads what was passed over, before what lies behind it.
    async fn fill(&self, client: &mut Client, through: u64) -> Result<(), CallError> {
        loop {
            let after = self.got().cursor;
            if after >= through {
                return Ok(());
            }
            let conference = SeatName::Conference(self.conference);
            let (newest, limit, wait_ms) = (false, 1_000, 30_000);
            let wanted = HistoryParams { conference, after, through: Some(through), newest, limit, wait_ms };
            let page = client.call::<History>(&wanted).await?;
            self.hear(&page.events, page.through);
        }
    }

    fn take(&self, method: &str, params: &RawValue) {
        if method == EventsNotification::NAME {
            let Ok(news) = serde_json::from_str::<EventsNotification>(params.get()) else { return };
            self.hear(&news.events, news.through);
        } else if method == ReceiptNotification::NAME
            && let Ok(receipt) = serde_json::from_str::<ReceiptNotification>(params.get())
        {
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
            let value: serde_json::Value = serde_json::from_str(raw.get()).unwrap_or_default();
            let seq = value.get("seq").and_then(serde_json::Value::as_u64).unwrap_or_default();
            let command = value.get("command").and_then(serde_json::Value::as_str);
            Named { seq, command: command.and_then(|text| text.parse().ok()) }
        };
        let mut got = self.got();
        for raw in events {
            let Named { seq, command } = named(raw);
            got.deltas.push((seq, command));
        }
        got.cursor = through;
    }

    /// Every event as it came: its number, and the command that it came of.
    pub fn deltas(&self) -> Vec<(u64, Option<CommandId>)> {
        self.got().deltas.clone()
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
        loop {
            let mut client = connect(&self.frontend.socket).await;
            let acted = client.call::<Act>(&params).await;
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
