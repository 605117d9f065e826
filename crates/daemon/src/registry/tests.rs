//! The number of seats that a user has on one server, and which of them are forgotten.

use std::path::Path;

use convene_conference::Refusal;
use convene_model::{ConferenceId, Json, LogId, ParticipantId, SeatName};
use convene_seat::{Queued, Write};

use super::*;
use crate::proxies::MachineProxies;
use crate::questions::Questions;
use crate::store::StoreOptions;

/// A registry over a store in which nobody can be reached: links alone do not lead to this machine.
struct House {
    registry: Arc<Registry>,
    passing: JoinSet<()>,
    dir: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (registry, passing) = Self::open(dir.path()).await;
        Self { registry, passing, dir }
    }

    async fn open(dir: &Path) -> (Arc<Registry>, JoinSet<()>) {
        let (store, notices) = Store::open(&dir.join("state"), &StoreOptions::default()).unwrap();
        let seats = store.load().unwrap();
        let store = Arc::new(store);
        let logins = Logins::new(Arc::clone(&store), Arc::<Questions>::default()).await;
        let machine = MachineProxies { takes_others: true, ..MachineProxies::default() };
        let proxies = Arc::new(Proxies::new(Arc::clone(&store), machine));
        let here = Whereabouts { id: convene_reach::NetworkId(1), leads_out: true, portal_api: None };
        let registry = Arc::new(Registry::new(store, Config::default(), proxies, logins, here));
        let (mut passing, passes) = (JoinSet::new(), Arc::clone(&registry));
        passing.spawn(async move { passes.pass_on(notices).await });
        registry.resume(seats).await;
        (registry, passing)
    }

    async fn join(&self, number: u8) -> Result<HeldSeat, JoinError> {
        self.registry.join(&anna(), &link(number), "Anna".parse().unwrap()).await
    }

    /// Closes everything, and does this to every stored seat before it opens again.
    async fn restart(self, change: impl Fn(usize) -> Vec<Write>) -> Self {
        self.registry.stop().await;
        let Self { registry, mut passing, dir } = self;
        passing.shutdown().await;
        let state = dir.path().join("state");
        let mut registry = Some(registry);
        // Tasks that were told to end let go of the store a moment later.
        let (store, mut notices) = loop {
            drop(registry.take());
            match Store::open(&state, &StoreOptions::default()) {
                Ok(opened) => break opened,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        for (at, seat) in store.load().unwrap().into_iter().enumerate() {
            let tenure = store.begin_tenure();
            for (number, write) in (1..).zip(change(at)) {
                let room = store.try_reserve().unwrap().unwrap();
                room.write(tenure, seat.id, convene_seat::WriteId(number), write);
            }
            store.flush().await.unwrap();
        }
        drop(store);
        while notices.next().await.is_some() {}
        let (registry, passing) = Self::open(dir.path()).await;
        Self { registry, passing, dir }
    }

    fn names(&self) -> Vec<SeatId> {
        self.registry.seats(&anna()).into_iter().map(|seat| seat.id).collect()
    }
}

fn anna() -> UserId {
    UserId::named("anna")
}

fn link(number: u8) -> JoinLink {
    let code = JoinCode([number; 16]);
    format!("https://127.0.0.1:9/j/{code}#fp={}", Fingerprint([1; 32])).parse().unwrap()
}

fn opened(at: usize) -> Write {
    Write::Opened {
        conference: ConferenceId::from_random(at as u64),
        log: LogId([1; 8]),
        participant: ParticipantId(1),
    }
}

/// A participant who came and went.
fn left(at: usize) -> Vec<Write> {
    let bodies = [
        r#"{"kind":"joined","participant":"p1","name":"Anna","role":"participant"}"#,
        r#"{"kind":"left","participant":"p1"}"#,
    ];
    let event = |(seq, body): (u64, &str)| {
        let text = format!(r#"{{"seq":{seq},"at":"2026-11-23T09:00:00.000Z","body":{body}}}"#);
        convene_seat::EventText { seq, step: 1, text: Json::parse(&text).unwrap() }
    };
    let items = (1..).zip(bodies).map(event).collect();
    vec![opened(at), Write::Events { items, through: 2, terms: Vec::new() }]
}

fn queued() -> Write {
    let (id, body) = (CommandId(Uuid::from_u128(1)), Json::parse("1").unwrap());
    Write::Queued(Queued { order: 1, id, seen: None, body })
}

#[tokio::test]
async fn who_takes_part_in_64_conferences_of_a_server_joins_no_other_and_may_leave_one() {
    let mut house = House::new().await;
    for number in 1..=64 {
        house.join(number).await.unwrap();
    }
    // One more that is not reached does not count, and those that are not reached do not count
    // towards it.
    house.join(65).await.unwrap();
    house = house.restart(|at| if at < 64 { vec![opened(at)] } else { Vec::new() }).await;
    assert!(matches!(house.join(66).await, Err(JoinError::TooManySeats)));
    assert!(house.join(1).await.is_ok(), "it is there already");
    house = house.restart(|at| if at == 7 { left(at) } else { Vec::new() }).await;
    house.join(66).await.unwrap();
    assert_eq!(house.registry.seats(&anna()).len(), 66);
    house = house.restart(|at| if at == 64 { vec![opened(at)] } else { Vec::new() }).await;
    assert!(matches!(house.join(8).await, Err(JoinError::TooManySeats)), "it cannot come back");
}

#[tokio::test]
async fn of_seats_that_take_no_part_256_are_kept_and_never_one_forgotten_in_which_something_waits() {
    let mut house = House::new().await;
    for number in 0..=255 {
        house.join(number).await.unwrap();
    }
    // The first has something to say, and the third takes part.
    house = house
        .restart(|at| match at {
            0 => vec![queued()],
            2 => vec![opened(at)],
            _ => left(at),
        })
        .await;
    let kept = house.names();
    let other = JoinLink { https_port: 10, ..link(1) };
    let elsewhere = house.registry.join(&anna(), &other, "Anna".parse().unwrap()).await.unwrap();
    // 255 take no part, then 256.
    let new = |number| JoinLink {
        code: JoinCode([number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ..link(1)
    };
    let first = house.registry.join(&anna(), &new(1), "Anna".parse().unwrap()).await.unwrap();
    assert_eq!(house.names().len(), 258);
    let second = house.registry.join(&anna(), &new(2), "Anna".parse().unwrap()).await.unwrap();
    let now: Vec<SeatId> = kept
        .iter()
        .copied()
        .filter(|seat| *seat != kept[1])
        .chain([elsewhere.id, first.id, second.id])
        .collect();
    assert_eq!(house.names(), now, "the earliest that nobody misses is gone");
    let stored: Vec<SeatId> = house.registry.store.load().unwrap().into_iter().map(|seat| seat.id).collect();
    assert_eq!(stored, now, "durably");

    let takes_part = SeatName::Conference(ConferenceId::from_random(2));
    assert!(matches!(house.registry.forget(&anna(), &takes_part).await, Err(ForgetError::StillJoined)));
    let stranger = UserId::named("bert");
    let by_number = SeatName::Number(first.id.0.unsigned_abs());
    assert!(matches!(house.registry.forget(&stranger, &by_number).await, Err(ForgetError::Unknown)));
    assert_eq!(house.registry.servers(&anna()).len(), 2);
    let apart = SeatName::Number(elsewhere.id.0.unsigned_abs());
    house.registry.forget(&anna(), &apart).await.unwrap();
    assert_eq!(house.registry.servers(&anna()).len(), 1, "nobody tries to reach a server without seats");
    house.registry.forget(&anna(), &SeatName::Conference(ConferenceId::from_random(5))).await.unwrap();
    assert!(matches!(house.registry.forget(&anna(), &apart).await, Err(ForgetError::Unknown)));
    assert_eq!(house.names().len(), 256);
}

/// Anyone who leads a conference may also sit in it like anybody else.
#[tokio::test]
async fn two_seats_in_one_conference_are_two_and_are_named_by_their_numbers() {
    let mut house = House::new().await;
    let organizer = house.join(1).await.unwrap().id;
    let participant = house.join(2).await.unwrap().id;
    house = house
        .restart(|at| {
            let Write::Opened { conference, log, .. } = opened(7) else { unreachable!() };
            let participant = ParticipantId(1 + u32::try_from(at).unwrap());
            vec![Write::Opened { conference, log, participant }]
        })
        .await;
    let named = |name: SeatName| -> Vec<(SeatId, Option<ParticipantId>)> {
        let seats = house.registry.named(&anna(), &name);
        seats.iter().map(|seat| (seat.id, seat.view.borrow().participant)).collect()
    };
    let (leads, sits) = ((organizer, Some(ParticipantId(1))), (participant, Some(ParticipantId(2))));
    assert_eq!(named(SeatName::Conference(ConferenceId::from_random(7))), [leads, sits]);
    for seat in [leads, sits] {
        assert_eq!(named(SeatName::Number(seat.0.0.unsigned_abs())), [seat]);
    }
    assert_eq!(house.join(1).await.unwrap().id, organizer, "its link leads to it, and to no third one");
    assert_eq!(house.join(2).await.unwrap().id, participant);
}

#[tokio::test]
async fn a_conference_that_two_servers_claim_is_named_with_its_server() {
    let mut house = House::new().await;
    let other = JoinLink { https_port: 10, ..link(1) };
    house.join(1).await.unwrap();
    house.registry.join(&anna(), &other, "Anna".parse().unwrap()).await.unwrap();
    house = house.restart(|_| vec![opened(7)]).await;
    let conference = ConferenceId::from_random(7);
    let named = |name: SeatName| -> Vec<String> {
        house.registry.named(&anna(), &name).iter().map(HeldSeat::server_name).collect()
    };
    assert_eq!(named(SeatName::Conference(conference)), ["127.0.0.1:9", "127.0.0.1:10"]);
    assert_eq!(named(SeatName::At(conference, "127.0.0.1:10".to_owned())), ["127.0.0.1:10"]);
    assert_eq!(named(SeatName::At(conference, "127.0.0.1".to_owned())).len(), 2);
    assert_eq!(named(SeatName::At(conference, "elsewhere".to_owned())), [""; 0]);
}

#[tokio::test]
async fn a_refused_seat_keeps_its_key_until_the_next_one_is_a_participants() {
    let mut house = House::new().await;
    let refused = |code| vec![Write::Refused { code }];
    let first = house.join(1).await.unwrap().id;
    house = house.restart(|_| [left(0), refused(Refusal::ConferenceDeleted)].concat()).await;
    let second = house.join(1).await.unwrap();
    assert_eq!(house.names(), [first, second.id], "it may be refused as well");
    house.registry.forget_replaced(&second).await.unwrap();
    let second = second.id;
    house = house.restart(|at| if at == 1 { refused(Refusal::NameTaken) } else { vec![] }).await;
    let third = house.join(1).await.unwrap().id;
    house = house.restart(|at| if at == 2 { refused(Refusal::NameTaken) } else { vec![] }).await;
    let fourth = house.join(1).await.unwrap().id;
    assert_eq!(house.names(), [first, third, fourth], "of the tries the last stays: {second:?} is gone");
    house = house.restart(|at| if at == 2 { vec![opened(9)] } else { vec![] }).await;
    let known = house.join(1).await.unwrap();
    assert_eq!(known.id, fourth);
    house.registry.forget_replaced(&known).await.unwrap();
    assert_eq!(house.names(), [fourth]);
}

#[tokio::test]
async fn l2_a_user_has_seats_on_64_servers_and_another_user_has_room_beside() {
    let mut house = House::new().await;
    let at = |port: u16| JoinLink { https_port: port, ..link(1) };
    let name = || "Anna".parse::<Name>().unwrap();
    for port in 1..=64 {
        house.registry.join(&anna(), &at(port), name()).await.unwrap();
    }
    let refused = house.registry.join(&anna(), &at(65), name()).await;
    assert!(matches!(refused, Err(JoinError::TooManySeats)), "all of them may still be reached");
    house.registry.join(&UserId::named("bert"), &at(65), name()).await.unwrap();
    house = house.restart(left).await;
    let seat = house.registry.join(&anna(), &at(65), name()).await.unwrap();
    assert_eq!(house.registry.servers(&anna()).len(), 64, "one that was left makes way");
    assert!(house.names().contains(&seat.id));
}

#[tokio::test]
async fn l2_a_user_with_few_seats_is_served_before_those_of_others_are_taken_up() {
    let house = House::new().await;
    house.registry.join(&UserId::named("bert"), &link(1), "Bert".parse().unwrap()).await.unwrap();
    for number in 1..=3 {
        house.join(number).await.unwrap();
    }
    let stored = house.registry.store.load().unwrap();
    let bert = UserId::named("bert");
    house.registry.stop().await;
    let resuming = house.registry.resume(stored);
    tokio::pin!(resuming);
    // Taking up a seat waits for its server's task.
    while !house.registry.is_resumed(&bert) || house.registry.is_resumed(&anna()) {
        tokio::select! {
            biased;
            () = &mut resuming => break,
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(house.registry.seats(&bert).len(), 1);
    assert!(house.registry.seats(&anna()).len() < 3 && !house.registry.is_resumed(&anna()));
}
