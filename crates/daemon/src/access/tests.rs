//! Checks of a server that only the configuration names, and that is not there.

use convene_model::{Code, PortRange};
use tokio::time::timeout;

use super::*;
use crate::config::{Config, Server};
use crate::network::Whereabouts;
use crate::proxies::MachineProxies;
use crate::questions::Questions;
use crate::settings::tell_access_key;
use crate::store::StoreOptions;

/// More than a check may take.
const PATIENCE: Duration = Duration::from_secs(90);

struct House {
    access: Arc<Access>,
    _dir: tempfile::TempDir,
}

impl House {
    /// Its only server is a port of this machine on which nobody listens.
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (store, _notices) = Store::open(&dir.path().join("state"), &StoreOptions::default()).unwrap();
        let store = Arc::new(store);
        let logins = Logins::new(Arc::clone(&store), Arc::<Questions>::default()).await;
        let proxies = Arc::new(Proxies::new(Arc::clone(&store), MachineProxies::default()));
        let here = Whereabouts { id: convene_reach::NetworkId(1), leads_out: true, portal_api: None };
        let mut config = Config::default();
        config.server.push(Server {
            host: "127.0.0.1".to_owned(),
            direct_ports: PortRange::new(1, 2),
            https_port: Some(3),
            contact: Some("help@conference.test".to_owned()),
            ..Server::default()
        });
        let (named, counted) = (Arc::clone(&proxies), Arc::clone(&logins));
        let registry = Arc::new(Registry::new(Arc::clone(&store), config, named, counted, here));
        Self { access: Access::new(&registry, &proxies, &logins, &store), _dir: dir }
    }

    /// The only record of Anna's, once its check is over.
    async fn ended(&self) -> AccessCheckRecord {
        let mut changes = self.access.changes();
        let waiting = async {
            loop {
                let record = self.access.last("anna", None).pop().expect("a check was begun");
                if record.ended.is_some() {
                    return record;
                }
                changes.changed().await.expect("there are checks");
            }
        };
        timeout(PATIENCE, waiting).await.expect("it ends")
    }
}

#[tokio::test]
async fn one_check_of_a_server_runs_at_a_time_and_the_last_record_is_kept_for_its_user() {
    let house = House::new().await;
    let access = &house.access;
    access.begin("anna", None, AccessReason::Asked).await;
    access.begin("anna", Some("127.0.0.1"), AccessReason::SeatTaken).await;
    let running = access.last("anna", None);
    let about: Vec<_> = running.iter().map(|one| (one.reason, one.ended.is_some())).collect();
    assert_eq!(about, [(AccessReason::Asked, false)]);
    let record = house.ended().await;
    assert_eq!((record.reason, record.verdict), (AccessReason::Asked, Some(AccessVerdict::Red)));
    assert_eq!(record.contact.as_deref(), Some("help@conference.test"));
    let refused = record.attempts().filter(|attempt| attempt.code == Code::Refused).count();
    assert_eq!(refused, 3, "two conference ports and the HTTPS port: {record:?}");
    assert!(record.steps.iter().all(|step| step.state.is_over()));
    assert_eq!(access.last("anna", Some("127.0.0.1")), [record]);
    assert!(access.last("anna", Some("elsewhere.test")).is_empty());
    assert!(access.last("bert", None).is_empty(), "it is nobody else's");
    access.begin("anna", Some("elsewhere.test"), AccessReason::DayBefore).await;
    access.begin("anna", Some("127.0.0.1"), AccessReason::DayBefore).await;
    assert_eq!(house.ended().await.reason, AccessReason::DayBefore);
    access.stop().await;
}

#[tokio::test]
async fn a_check_that_is_slow_to_begin_delays_no_other() {
    let house = House::new().await;
    let address = house.access.registry.known_servers("anna").await.remove(0).address;
    let turnstile = house.access.turnstile(&("anna".to_owned(), address));
    let slow = turnstile.lock().await;
    let access = Arc::clone(&house.access);
    let mut hers = JoinSet::new();
    hers.spawn(async move { access.begin("anna", None, AccessReason::Asked).await });
    timeout(PATIENCE, house.access.begin("bert", None, AccessReason::Asked)).await.expect("it begins");
    assert_eq!(house.access.last("bert", None).len(), 1);
    assert!(house.access.last("anna", None).is_empty(), "it waits still");
    drop(slow);
    timeout(PATIENCE, hers.join_next()).await.expect("it begins").expect("there is one").unwrap();
    assert_eq!(house.access.last("anna", None).len(), 1);
    house.access.stop().await;
}

#[tokio::test]
async fn whoever_follows_is_told_what_changed_behind_the_last_time() {
    let house = House::new().await;
    let (none, _) = house.access.since("anna", 0);
    assert_eq!(none, 0);
    house.access.begin("anna", None, AccessReason::Asked).await;
    let (begun, told) = house.access.since("anna", none);
    assert!(begun > none && told.len() == 1);
    assert!(house.access.since("anna", begun).1.is_empty(), "nothing new");
    let ended = house.ended().await;
    let (last, told) = house.access.since("anna", begun);
    assert!(last > begun);
    assert_eq!(told, [ended]);
    assert!(house.access.since("bert", 0).1.is_empty());
    house.access.stop().await;
}

#[tokio::test]
async fn nobody_is_told_before_the_user_has_agreed() {
    let house = House::new().await;
    let store = &house.access.store;
    assert!(!telling::tell_access(store, "anna").await);
    for (value, tells) in [("true", true), ("false", false), ("null", false)] {
        store.keep(&tell_access_key("anna"), value.as_bytes().to_vec()).await.unwrap();
        store.flush().await.unwrap();
        assert_eq!(telling::tell_access(store, "anna").await, tells, "{value}");
    }
    assert!(!telling::tell_access(store, "bert").await);
}
