use convene_dial::{Authorities, DialSettings, Dialer, TokenAsked, Trust};
use convene_local_api::Question as _;
use convene_model::{Carrier, Code, Fingerprint, Rung};
use convene_reach::{ProxyScheme, Route, Target};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::{Duration, timeout};

use super::*;
use crate::questions::Registration;
use crate::store::StoreOptions;

/// No test waits so long that does not fail.
const PATIENCE: Duration = Duration::from_secs(20);
const ANNA: &str = "uid:1000";

fn proxy() -> ProxyAddress {
    ProxyAddress { scheme: ProxyScheme::Http, host: "proxy.test".to_owned(), port: 3_128 }
}

fn login(user: &str, password: &str) -> Login {
    Login { user: user.to_owned(), password: Secret::new(password) }
}

fn want() -> Want {
    Want { user: ANNA.to_owned(), proxy: proxy(), server: "conference.test".to_owned() }
}

struct House {
    dir: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    async fn open(&self) -> (Arc<Logins>, Arc<Questions>) {
        let store = Store::open(&self.dir.path().join("state"), &StoreOptions::default());
        let questions = Arc::<Questions>::default();
        (Logins::new(Arc::new(store.unwrap().0), Arc::clone(&questions)).await, questions)
    }
}

/// The next question that the person is asked, with the channel for the answer.
async fn asked(person: &mut Registration) -> crate::questions::Asked {
    timeout(PATIENCE, person.next()).await.unwrap().unwrap()
}

/// Waits until the login is in the store, which happens a moment after it is kept.
async fn written(logins: &Logins) {
    while logins.kept(ANNA).await.is_empty() {
        tokio::task::yield_now().await;
    }
}

fn typed(user: &str, password: &str) -> Option<Box<serde_json::value::RawValue>> {
    serde_json::value::to_raw_value(&json!({ "user": user, "password": password })).ok()
}

#[tokio::test]
async fn a_rejection_outlives_the_daemon_and_another_password_is_another_login() {
    let house = House::new();
    let (logins, _) = house.open().await;
    logins.keep(&logins.rejection(&proxy(), &login("anna", "wrong")), trace(REJECTED, "anna")).await;
    assert!(!logins.rejection(&proxy(), &login("anna", "wrong")).contains("wrong"));
    drop(logins);
    let (logins, _) = house.open().await;
    assert!(logins.is_rejected(&proxy(), &login("anna", "wrong")).await);
    for other in [login("anna", "right"), login("ann", "awrong")] {
        assert!(!logins.is_rejected(&proxy(), &other).await);
    }
    let elsewhere = House::new();
    let (other, _) = elsewhere.open().await;
    let hashes = [&logins, &other].map(|logins| logins.rejection(&proxy(), &login("anna", "wrong")));
    assert_ne!(hashes[0], hashes[1], "the hash of a store says nothing elsewhere");
}

/// Anyone who dials may be gone by then, or test a proxy and ask nobody for a login.
#[tokio::test]
async fn a_rejection_is_stored_though_nobody_wants_another_login() {
    let house = House::new();
    let (logins, _) = house.open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let proxy = ProxyAddress { scheme: ProxyScheme::Socks5, host: "127.0.0.1".to_owned(), port };
    logins.choose(ANNA, &proxy, Some(login("anna", "wrong")), true).await;
    let dialer = Dialer::new(DialSettings {
        trust: Trust::Fingerprint(Fingerprint([0; 32])),
        proxy_authorities: Authorities::default(),
        addresses: Vec::new(),
        logins: logins.known(),
        whose: ANNA.to_owned(),
        tickets: None,
        allow_local: false,
    });
    let target = Target { host: "conference.test".to_owned(), port: 443 };
    let route = Route { rung: Rung::Proxy, target, carrier: Carrier::Websocket, proxy: Some(proxy.clone()) };
    let rejecting = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        // The ways to log in, of which it takes the password; then user and password, which it
        // rejects (RFC 1928, RFC 1929).
        for answer in [[5, 2], [1, 1]] {
            assert!(stream.read(&mut [0; 64]).await.unwrap() > 0);
            stream.write_all(&answer).await.unwrap();
        }
    };
    let (opened, ()) = tokio::join!(dialer.as_ref().unwrap().open(&route), rejecting);
    assert_eq!(opened.unwrap_err().failure.code, Code::ProxyLoginRejected);
    let rejection = logins.rejection(&proxy, &login("anna", "wrong"));
    let stored = async {
        let noted = trace(REJECTED, ANNA);
        while logins.store.recall(&rejection).await.unwrap().as_ref() != Some(&noted) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, stored).await.expect("the rejection was not stored");
}

#[tokio::test]
async fn what_a_person_gives_is_kept_and_comes_before_what_is_named() {
    let house = House::new();
    let (logins, questions) = house.open().await;
    let mut given = logins.given();
    let mut person = questions.register(ANNA, &[ProxyPassword::NAME.to_owned()]);
    logins.want(want());
    let question = asked(&mut person).await;
    assert_eq!(question.params, json!({ "proxy": "proxy.test:3128", "server": "conference.test" }));
    assert!(logins.open().borrow().contains(ANNA));
    question.answer.send(typed("anna", "right")).unwrap();
    assert_eq!(given.recv().await.unwrap(), Given { user: ANNA.to_owned(), proxy: proxy() });
    assert_eq!(logins.known().known(ANNA, &proxy()).unwrap().login, login("anna", "right"));
    // An attempt that had begun before it was given fails behind it.
    logins.want(want());
    assert!(timeout(Duration::from_millis(50), person.next()).await.is_err(), "asked again");
    drop(logins);
    let (logins, _) = house.open().await;
    logins.choose(ANNA, &proxy(), Some(login("machine", "x")), true).await;
    assert_eq!(logins.known().known(ANNA, &proxy()).unwrap().login, login("anna", "right"));
    logins.choose("uid:1001", &proxy(), Some(login("machine", "x")), true).await;
    assert_eq!(logins.known().known("uid:1001", &proxy()).unwrap().login, login("machine", "x"));
}

#[tokio::test]
async fn a_person_is_asked_twice_and_then_not_again_before_they_want_to_connect() {
    let house = House::new();
    let (logins, questions) = house.open().await;
    let mut open = logins.open();
    let mut person = questions.register(ANNA, &[ProxyPassword::NAME.to_owned()]);
    for _ in 0..2 {
        logins.want(want());
        asked(&mut person).await.answer.send(None).unwrap();
        open.wait_for(|open| !open.contains(ANNA)).await.unwrap();
    }
    logins.want(want());
    assert!(!open.borrow().contains(ANNA), "a third question");
    logins.forgive(ANNA);
    assert!(asked(&mut person).await.answer.send(typed("anna", "right")).is_ok());
}

#[tokio::test]
async fn one_question_is_open_for_a_proxy_and_it_waits_for_somebody_who_answers() {
    let house = House::new();
    let (logins, questions) = house.open().await;
    logins.want(want());
    logins.want(want());
    let mut first = questions.register(ANNA, &[ProxyPassword::NAME.to_owned()]);
    logins.handle_willing(ANNA);
    drop(asked(&mut first).await);
    drop(first);
    // Nobody answered: that was no question.
    logins.open().wait_for(|open| !open.contains(ANNA)).await.unwrap();
    let mut second = questions.register(ANNA, &[ProxyPassword::NAME.to_owned()]);
    logins.handle_willing(ANNA);
    let question = asked(&mut second).await;
    logins.want(want());
    assert!(timeout(Duration::from_millis(50), second.next()).await.is_err(), "asked twice at the same time");
    question.answer.send(typed("anna", "right")).unwrap();
}

#[tokio::test]
async fn a_question_is_open_until_its_answer_is_known() {
    let house = House::new();
    let (logins, questions) = house.open().await;
    let mut given = logins.given();
    let mut person = questions.register(ANNA, &[ProxyPassword::NAME.to_owned()]);
    logins.want(want());
    asked(&mut person).await.answer.send(typed("anna", "right")).unwrap();
    let failing_meanwhile = async {
        while given.try_recv().is_err() {
            logins.want(want());
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, failing_meanwhile).await.unwrap();
    assert!(
        timeout(Duration::from_millis(50), person.next()).await.is_err(),
        "asked while the answer was stored"
    );
}

#[tokio::test]
async fn what_a_person_typed_is_shown_in_clear_to_a_proxy_that_only_a_script_names_after_a_restart_too() {
    let house = House::new();
    let (logins, questions) = house.open().await;
    let mut given = logins.given();
    let mut person = questions.register(ANNA, &[ProxyPassword::NAME.to_owned()]);
    logins.choose(ANNA, &proxy(), None, false).await;
    logins.want(want());
    asked(&mut person).await.answer.send(typed("anna", "right")).unwrap();
    given.recv().await.unwrap();
    let typed = KnownLogin { login: login("anna", "right"), in_clear: true };
    assert_eq!(logins.known().known(ANNA, &proxy()), Some(typed.clone()));
    timeout(PATIENCE, written(&logins)).await.expect("the login was not stored");
    // The script is looked at anew.
    logins.choose(ANNA, &proxy(), None, false).await;
    assert_eq!(logins.known().known(ANNA, &proxy()), Some(typed.clone()));
    logins.stop().await;
    drop(logins);
    let (logins, _) = house.open().await;
    logins.choose(ANNA, &proxy(), None, false).await;
    assert_eq!(logins.known().known(ANNA, &proxy()), Some(typed.clone()));
    // A route that is remembered is tried before the script is looked at.
    logins.stop().await;
    drop(logins);
    let (logins, questions) = house.open().await;
    let mut given = logins.given();
    let mut person = questions.register(ANNA, &[ProxyPassword::NAME.to_owned()]);
    logins.want(want());
    assert_eq!(given.recv().await.unwrap(), Given { user: ANNA.to_owned(), proxy: proxy() });
    assert_eq!(logins.known().known(ANNA, &proxy()), Some(typed));
    assert!(timeout(Duration::from_millis(50), person.next()).await.is_err(), "asked again");
}

#[tokio::test]
async fn what_the_proxy_cannot_be_shown_is_asked_for_once_more_and_not_kept() {
    let house = House::new();
    let (logins, questions) = house.open().await;
    let mut open = logins.open();
    let mut person = questions.register(ANNA, &[ProxyPassword::NAME.to_owned()]);
    logins.want(want());
    asked(&mut person).await.answer.send(typed("anna:b", "x")).unwrap();
    let again = asked(&mut person).await;
    assert_eq!(again.params["rejected"], "anna:b");
    again.answer.send(typed("", "x")).unwrap();
    open.wait_for(|open| !open.contains(ANNA)).await.unwrap();
    assert_eq!(logins.known().known(ANNA, &proxy()), None);
    logins.want(want());
    assert!(!open.borrow().contains(ANNA), "a third question");
    // A login that SOCKS cannot carry keeps nobody from giving another one, be it configured or
    // typed.
    let socks = ProxyAddress { scheme: ProxyScheme::Socks5, ..proxy() };
    logins.choose(ANNA, &socks, Some(login("anna", &"x".repeat(256))), true).await;
    let mut given = logins.given();
    logins.want(Want { proxy: socks.clone(), ..want() });
    let question = asked(&mut person).await;
    assert_eq!(question.params["rejected"], "anna");
    question.answer.send(typed("anna", "")).unwrap();
    asked(&mut person).await.answer.send(typed("anna", "right")).unwrap();
    given.recv().await.unwrap();
    assert_eq!(logins.known().known(ANNA, &socks).unwrap().login, login("anna", "right"));
}

#[tokio::test]
async fn a_ticket_that_was_missed_is_told_of_once_a_session_is_there_that_has_tickets() {
    let house = House::new();
    let (logins, questions) = house.open().await;
    let mut given = logins.given();
    let asked = TokenAsked { proxy: proxy(), context: 1, token: None, binding: None };
    assert_eq!(logins.tickets(ANNA).token(asked).await, None);
    let of_other = ProxyAddress { port: 8_080, ..proxy() };
    let asked = TokenAsked { proxy: of_other, context: 1, token: None, binding: None };
    assert_eq!(logins.tickets_for_check(ANNA).token(asked).await, None);
    let answers = |name: &str| [name.to_owned()];
    let _typist = questions.register(ANNA, &answers(ProxyPassword::NAME));
    logins.handle_willing(ANNA);
    let _other = questions.register("uid:1001", &answers(ProxyToken::NAME));
    logins.handle_willing("uid:1001");
    assert!(given.try_recv().is_err(), "neither has a ticket of hers");
    let _session = questions.register(ANNA, &answers(ProxyToken::NAME));
    logins.handle_willing(ANNA);
    logins.handle_willing(ANNA);
    assert_eq!(given.try_recv(), Ok(Given { user: ANNA.to_owned(), proxy: proxy() }));
    assert!(given.try_recv().is_err(), "told twice");
}
