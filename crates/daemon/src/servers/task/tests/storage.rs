//! Tests of what is told of commands while the disk is full or fails half-way, and after a defect.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use convene_conference::Refusal;
use convene_model::{CommandId, ConferenceId, Json, LogId, ParticipantId};
use convene_seat::{
    ActError, EventText, JoinRequest, Missing, SeatRecord, SeatSecret, Standing, Write, WriteId,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::*;
use crate::servers::{ActAnswer, Acting, Begin, NotStored, SeatView, ServerHandle, WatchWish, Watching};
use crate::store::{Disk, NewSeat, Quota, SeatId, Stored};

const PATIENCE: Duration = Duration::from_secs(60);
/// As many pages as SQLite allows.
const NO_LIMIT: u32 = 0xffff_fffe;

/// A running task with one seat, on a disk of its own.
struct Running {
    _house: House,
    disk: Arc<Disk>,
    store: Arc<Store>,
    handle: ServerHandle,
    seat: SeatId,
    view: watch::Receiver<SeatView>,
    _moves: watch::Sender<Whereabouts>,
    _tasks: JoinSet<()>,
}

impl Running {
    async fn new() -> Self {
        Self::with(Quota::default()).await
    }

    async fn with(quota: Quota) -> Self {
        let house = House::new();
        let disk = Arc::new(Disk { pages_max: AtomicU32::new(NO_LIMIT), doubts: AtomicBool::new(false) });
        let options = StoreOptions { quota, disk: Some(Arc::clone(&disk)), ..StoreOptions::default() };
        let (store, mut notices) = Store::open(&house.0.path().join("state"), &options).unwrap();
        let store = Arc::new(store);
        let (mut means, moves) = house.means(Arc::clone(&store), HERE).await;
        "127.0.0.1".clone_into(&mut means.address.host);
        let secret = SeatSecret::from_bytes(&[7; 32]);
        let join = JoinRequest {
            code: convene_model::JoinCode([1; 16]),
            name: "Anna".parse().unwrap(),
            id: command(0),
        };
        let new = NewSeat {
            user: "anna".to_owned(),
            server: means.address.clone(),
            secret: secret.clone(),
            join: join.clone(),
        };
        let seat = store.add(new).await.unwrap();
        // It was opened before, so that there is something to watch.
        let opened = Write::Opened {
            conference: ConferenceId::from_random(1),
            log: LogId([1; 8]),
            participant: ParticipantId(1),
        };
        let room = store.try_reserve().unwrap().unwrap();
        room.write(store.begin_tenure(), seat, WriteId(1), opened.clone());
        store.flush().await.unwrap();
        let (handle, inbox) = servers::channel(&means.address, &means.rules);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { drop(run(means, inbox).await) });
        let stored = handle.stored.clone();
        tasks.spawn(async move {
            while let Some(notice) = notices.next().await {
                if stored.send(notice).await.is_err() {
                    break;
                }
            }
        });
        let (answer, view) = oneshot::channel();
        let mut record = Box::new(SeatRecord::new(secret, join));
        record.apply(&opened);
        handle.wishes.send(Wish::Add { seat, record, answer }).await.unwrap();
        let view = view.await.unwrap();
        Self { _house: house, disk, store, handle, seat, view, _moves: moves, _tasks: tasks }
    }

    async fn act(&self, id: u128, body: &str) -> Result<ActAnswer, ActError> {
        let (acted, answer) = oneshot::channel();
        let (receipt, _decided) = oneshot::channel();
        let answer_to = Acting { acted, receipt };
        let (id, body) = (command(id), Json::parse(body).unwrap());
        let wish = Wish::Act { seat: self.seat, id, body, seen: None, answer: answer_to };
        self.handle.wishes.send(wish).await.unwrap();
        timeout(PATIENCE, answer).await.expect("in time").expect("an answer")
    }

    async fn watch(&self) -> Result<Watching, NotStored> {
        let (news, _) = mpsc::channel(1);
        let (answer, watching) = oneshot::channel();
        let wish = WatchWish { begin: Begin::Here, state: true, news, answer };
        self.handle.wishes.send(Wish::Watch { seat: self.seat, wish }).await.unwrap();
        timeout(PATIENCE, watching).await.expect("in time").expect("an answer")
    }

    async fn dismiss(&self, id: u128) -> Result<bool, NotStored> {
        let (answer, dismissed) = oneshot::channel();
        self.handle.wishes.send(Wish::Dismiss { seat: self.seat, id: command(id), answer }).await.unwrap();
        timeout(PATIENCE, dismissed).await.expect("in time").expect("an answer")
    }

    async fn wait_until_well(&self, failures: u64) {
        let mut health = self.store.health();
        let wait = health.wait_for(|health| health.failures == failures && health.fault.is_none());
        timeout(PATIENCE, wait).await.expect("in time").unwrap();
    }

    /// Puts something into the store that the task does not know of, and waits until the seat
    /// stands so.
    async fn stands_after(&self, write: Write, standing: Standing) {
        let room = self.store.try_reserve().unwrap().unwrap();
        room.write(self.store.begin_tenure(), self.seat, WriteId(1), write);
        let mut view = self.view.clone();
        let wait = view.wait_for(|view| view.standing == standing);
        timeout(PATIENCE, wait).await.expect("in time").expect("the task runs");
    }

    /// The commands that a restart would send.
    async fn outbox(&self) -> Vec<CommandId> {
        let stored = self.store.load_seat(self.seat).await.unwrap().expect("a seat");
        stored.record.outbox.iter().map(|queued| queued.id).collect()
    }

    /// Repeats the command until it is told queued, as it is once the task knows that the store is
    /// well.
    async fn act_until_queued(&self, id: u128, body: &str) {
        let mut view = self.view.clone();
        while self.act(id, body).await != Ok(ActAnswer::Queued) {
            timeout(Duration::from_millis(20), view.changed()).await.ok();
        }
    }
}

fn command(id: u128) -> CommandId {
    CommandId(uuid::Uuid::from_u128(id))
}

/// More than the pages that are there have room for.
fn large(letter: &str) -> String {
    format!("\"{}\"", letter.repeat(40_000))
}

#[tokio::test]
async fn what_was_told_as_not_accepted_never_arrives() {
    let running = Running::new().await;
    assert_eq!(running.act(1, "1").await, Ok(ActAnswer::Queued));
    running.disk.pages_max.store(1, Ordering::SeqCst);
    let undone = Ok(ActAnswer::NotStored(NotStored::Undone));
    // The first one meets the disk, the second what is known of it.
    assert_eq!(running.act(2, &large("a")).await, undone);
    assert_eq!(running.act(3, "3").await, undone);
    assert_eq!(running.act(1, "1").await, Ok(ActAnswer::Queued), "it was durable before");
    assert_eq!(running.act(1, "\"another\"").await, Err(ActError::IdReused));
    assert_eq!(running.watch().await.expect("reading goes on").cursor, 0);
    assert_eq!(running.dismiss(1).await, Err(NotStored::Undone));
    assert_eq!(running.view.borrow().waiting, 1, "nobody is shown what is not stored");

    running.disk.pages_max.store(NO_LIMIT, Ordering::SeqCst);
    running.wait_until_well(1).await;
    running.act_until_queued(4, "4").await;
    assert_eq!(running.outbox().await, [command(1), command(4)]);
    // Nothing is wrong with its id.
    assert_eq!(running.act(2, &large("b")).await, Ok(ActAnswer::Queued));
    assert_eq!(running.outbox().await, [command(1), command(4), command(2)]);
}

#[tokio::test]
async fn where_it_is_not_known_unsure_is_told_and_the_same_id_may_be_sent_again() {
    let running = Running::new().await;
    running.disk.doubts.store(true, Ordering::SeqCst);
    assert_eq!(running.act(1, "1").await, Ok(ActAnswer::NotStored(NotStored::Unsure)));
    running.wait_until_well(1).await;
    running.act_until_queued(1, "1").await;
    assert_eq!(running.outbox().await, [command(1)], "it is one command, however often it is sent");
}

#[tokio::test]
async fn a_notice_of_a_life_before_makes_nothing_durable() {
    let running = Running::new().await;
    for id in 1..=3 {
        assert_eq!(running.act(id, "1").await, Ok(ActAnswer::Queued));
    }
    running.disk.doubts.store(true, Ordering::SeqCst);
    assert_eq!(running.act(4, "4").await, Ok(ActAnswer::NotStored(NotStored::Unsure)));
    running.wait_until_well(1).await;
    running.act_until_queued(4, "4").await;
    // Writes are counted from 1 again. Commands are queued as far as the disk has room, and no
    // others, whatever notices come late from other lives.
    running.disk.pages_max.store(1, Ordering::SeqCst);
    let mut told: Vec<CommandId> = (1..=4).map(command).collect();
    let last = loop {
        let id = told.len() as u128 + 1;
        let of_before = running.store.begin_tenure();
        let notice = Stored { tenure: of_before, seat: running.seat, through: WriteId(99) };
        running.handle.stored.send(notice).await.unwrap();
        match running.act(id, &large("a")).await {
            Ok(ActAnswer::Queued) => told.push(command(id)),
            other => break other,
        }
    };
    assert_eq!(last, Ok(ActAnswer::NotStored(NotStored::Undone)));
    assert_eq!(running.outbox().await, told);
}

#[tokio::test]
async fn a_task_that_meets_a_defect_goes_on_with_what_is_stored() {
    let running = Running::new().await;
    assert_eq!(running.act(1, "1").await, Ok(ActAnswer::Queued));
    running.handle.wishes.send(Wish::Panic).await.unwrap();
    assert_eq!(running.act(1, "1").await, Ok(ActAnswer::Queued));
    assert_eq!(running.act(2, "2").await, Ok(ActAnswer::Queued));
    assert_eq!(running.outbox().await, [command(1), command(2)]);
    assert_eq!(running.view.borrow().standing, Standing::Joined, "whoever held the seat still sees it");
    assert!(running.watch().await.is_ok());
}

#[tokio::test]
async fn s2_a_full_seat_says_so_keeps_what_is_said_and_goes_on_when_there_is_room() {
    let running = Running::with(Quota { seat: 1_000, ..Quota::default() }).await;
    assert_eq!(running.act(1, "1").await, Ok(ActAnswer::Queued));
    let text = Json::parse(&format!("{{\"seq\":1,\"later\":\"{}\"}}", "x".repeat(1_000))).unwrap();
    let items = [EventText { seq: 1, step: 1, text }].into();
    let full = Standing::NotHereNow { code: Refusal::SeatFull, other_log: None };
    running.stands_after(Write::Events { items, through: 1, terms: Vec::new() }, full).await;
    assert_eq!(running.act(2, "2").await, Ok(ActAnswer::Queued));
    assert_eq!(running.outbox().await, [command(1), command(2)]);
    let voided = Write::Voided { common: 0, cursor: 0, base: 0, missing: Missing::default() };
    running.stands_after(voided, Standing::Joined).await;
}
