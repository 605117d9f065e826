//! Tests of what a server's task keeps of a network for its next start.

mod storage;

use convene_dial::{Authorities, DialSettings, Trust};
use convene_model::{Carrier, Fingerprint, PortRange, Rung};
use convene_pac::Evaluator;
use convene_reach::{Route, Target};

use super::*;
use crate::config::Config;
use crate::logins::Logins;
use crate::proxies::{MachineProxies, Proxies};
use crate::questions::Questions;
use crate::servers;
use crate::store::{ServerAddress, StoreOptions};

const HERE: NetworkId = NetworkId(1);
const ELSEWHERE: NetworkId = NetworkId(2);
const UNTAUGHT: Habits = (HEARTBEAT, HOLD);
const TAUGHT: Habits = (Duration::from_millis(6_250), Duration::from_secs(3));

/// Between two heartbeats, and for how long answers may be held.
type Habits = (Duration, Duration);

fn whereabouts(id: NetworkId) -> Whereabouts {
    Whereabouts { id, leads_out: true, portal_api: None }
}

/// A machine that is started again and again.
struct House(tempfile::TempDir);

impl House {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn start(&self, network: NetworkId) -> (Task, watch::Sender<Whereabouts>) {
        let store = Arc::new(Store::open(&self.0.path().join("state"), &StoreOptions::default()).unwrap().0);
        let (means, moves) = self.means(store, network).await;
        let (_, inbox) = servers::channel(&means.address, &means.rules);
        (Task::new(means, inbox).await, moves)
    }

    async fn means(&self, store: Arc<Store>, network: NetworkId) -> (Means, watch::Sender<Whereabouts>) {
        let logins = Logins::new(Arc::clone(&store), Arc::<Questions>::default()).await;
        let settings = DialSettings {
            trust: Trust::Fingerprint(Fingerprint([0; 32])),
            proxy_authorities: Authorities::default(),
            addresses: Vec::new(),
            logins: logins.known(),
            whose: "anna".to_owned(),
            tickets: None,
            allow_local: true,
        };
        let machine = MachineProxies { takes_others: true, ..MachineProxies::default() };
        let address = ServerAddress {
            host: "conference.test".to_owned(),
            https_port: 443,
            ports: PortRange::DEFAULT,
            fingerprint: None,
        };
        let (moves, whereabouts) = watch::channel(whereabouts(network));
        let rules = Rules::of(&Config::default(), &address).unwrap();
        let means = Means {
            proxies: Arc::new(Proxies::new(Arc::clone(&store), machine)),
            store,
            dialer: Arc::new(Dialer::new(settings).unwrap()),
            address,
            rules,
            user: "anna".to_owned(),
            logins,
            evaluator: Evaluator::new(std::path::PathBuf::new()),
            whereabouts,
        };
        (means, moves)
    }
}

impl Task {
    fn win(&mut self) {
        let target = Target { host: "conference.test".to_owned(), port: 443 };
        let route = Route { rung: Rung::Https, target, proxy: None, carrier: Carrier::Poll };
        self.happened(ConnectionEvent::Remember(route));
    }

    fn learn(&mut self, (heartbeat, hold): Habits) {
        self.connection
            .with_conversation(Instant::now(), |conversation| conversation.set_heartbeat(heartbeat));
        self.dialer.set_hold(Some(hold));
    }

    fn habits(&self) -> Habits {
        (self.connection.conversation().heartbeat(), self.dialer.hold())
    }
}

#[tokio::test]
async fn what_a_network_taught_outlives_the_daemon_and_holds_there_alone() {
    let house = House::new();
    let (mut task, _moves) = house.start(HERE).await;
    task.win();
    assert_eq!(task.habits(), UNTAUGHT);
    task.learn(TAUGHT);
    task.refresh();
    drop(task);
    assert_eq!(house.start(ELSEWHERE).await.0.habits(), UNTAUGHT);
    let (mut task, moves) = house.start(HERE).await;
    assert_eq!(task.habits(), TAUGHT);
    for (network, habits) in [(ELSEWHERE, UNTAUGHT), (HERE, TAUGHT)] {
        moves.send_replace(whereabouts(network));
        task.moved();
        assert_eq!(task.habits(), habits);
    }
    // It holds answers for longer again.
    task.learn(UNTAUGHT);
    task.refresh();
    drop(task);
    assert_eq!(house.start(HERE).await.0.habits(), UNTAUGHT);
}

#[tokio::test]
async fn what_was_learned_before_a_move_is_noticed_belongs_to_the_network_before() {
    let house = House::new();
    let (mut task, moves) = house.start(ELSEWHERE).await;
    task.win();
    moves.send_replace(whereabouts(HERE));
    task.moved();
    task.win();
    moves.send_replace(whereabouts(ELSEWHERE));
    task.learn(TAUGHT);
    task.refresh();
    task.moved();
    assert_eq!(task.habits(), UNTAUGHT);
    drop(task);
    assert_eq!(house.start(ELSEWHERE).await.0.habits(), UNTAUGHT);
    assert_eq!(house.start(HERE).await.0.habits(), TAUGHT);
}

#[tokio::test]
async fn what_is_learned_before_anything_won_is_kept_when_something_does() {
    let house = House::new();
    let (mut task, moves) = house.start(HERE).await;
    task.learn(TAUGHT);
    task.refresh();
    // The same network, in another way.
    moves.send_replace(whereabouts(HERE));
    task.moved();
    assert_eq!(task.habits(), TAUGHT);
    task.win();
    task.refresh();
    drop(task);
    assert_eq!(house.start(HERE).await.0.habits(), TAUGHT);
}
