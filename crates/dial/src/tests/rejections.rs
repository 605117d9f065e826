//! SOCKS proxies that reject a login, which is known to whoever dials next.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use convene_model::{Code, Secret};
use convene_reach::ProxyScheme;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, timeout};

use super::WHOSE;
use super::socks::{NAME, address, pass_on, read, route};
use super::stage::{Identity, PATIENCE, Stage, read_head};
use crate::{Authorities, DialSettings, Dialer, KnownLogin, Login, Logins};

/// Somebody else on this machine, with the same login.
const OTHER: &str = "uid:1001";

fn login(password: &str) -> KnownLogin {
    KnownLogin { login: Login { user: "anna".to_owned(), password: Secret::new(password) }, in_clear: true }
}

fn dialer(identity: &Identity, logins: &Arc<Logins>, whose: &str) -> Dialer {
    Dialer::new(DialSettings {
        trust: identity.trusted(),
        proxy_authorities: Authorities::default(),
        addresses: Vec::new(),
        logins: Arc::clone(logins),
        whose: whose.to_owned(),
        tickets: None,
        allow_local: false,
    })
    .unwrap()
}

async fn read_text(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let [length] = read(stream).await?;
    let mut text = vec![0; length.into()];
    stream.read_exact(&mut text).await.ok()?;
    Some(text)
}

/// Takes `anna` with the password `right` alone (RFC 1929), and counts the logins that it is shown.
async fn admit(stream: &mut TcpStream, shown: &AtomicU32) -> Option<()> {
    let [5] = read(stream).await? else { panic!("not SOCKS 5") };
    if !read_text(stream).await?.contains(&2) {
        stream.write_all(&[5, 0xff]).await.ok()?;
        return None;
    }
    stream.write_all(&[5, 2]).await.ok()?;
    let [1] = read(stream).await? else { panic!("no login of RFC 1929") };
    let (user, password) = (read_text(stream).await?, read_text(stream).await?);
    shown.fetch_add(1, Ordering::SeqCst);
    let is_right = user == b"anna" && password == b"right";
    stream.write_all(&[1, u8::from(!is_right)]).await.ok()?;
    let [5, 1, 0, 3] = read(stream).await? else { panic!("not CONNECT to a name") };
    assert_eq!(read_text(stream).await?, NAME.as_bytes());
    let [1, 187] = read(stream).await? else { panic!("not port 443") };
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()
}

#[tokio::test]
async fn a_rejected_password_is_shown_once_whoever_asks_and_another_one_is_another_login() {
    let identity = Identity::new(NAME, (2020, 2099));
    let server = Stage::echo(&identity).await;
    let shown = Arc::<AtomicU32>::default();
    let (seen, server_port) = (Arc::clone(&shown), server.port);
    let proxy = Stage::play(move |mut stream| {
        let seen = Arc::clone(&seen);
        async move {
            if admit(&mut stream, &seen).await.is_some() {
                pass_on(&mut stream, server_port).await;
            }
        }
    });
    let proxy = proxy.await;
    let at = address(ProxyScheme::Socks5, proxy.port);
    let through = route(ProxyScheme::Socks5, proxy.port);
    let logins = Arc::<Logins>::default();
    for whose in [WHOSE, OTHER] {
        logins.set(whose, &at, Some(login("wrong")));
    }
    // Two servers of one user, and one of another.
    let (first, second, other) = (
        dialer(&identity, &logins, WHOSE),
        dialer(&identity, &logins, WHOSE),
        dialer(&identity, &logins, OTHER),
    );
    let (a, b, c) = tokio::join!(first.open(&through), second.open(&through), other.open(&through));
    for outcome in [a, b, c, first.open(&through).await] {
        assert_eq!(outcome.unwrap_err().failure.code, Code::ProxyLoginRejected);
    }
    assert_eq!(shown.load(Ordering::SeqCst), 1);
    assert_eq!(
        logins.take_rejections(),
        [(at.clone(), login("wrong").login)],
        "told once, to be kept for good"
    );
    logins.set(WHOSE, &at, Some(login("right")));
    drop(second.open(&through).await.unwrap());
    assert_eq!(other.open(&through).await.unwrap_err().failure.code, Code::ProxyLoginRejected);
    assert_eq!(shown.load(Ordering::SeqCst), 2);
}

/// The proxy begins with a refusal that ends by length, and says so again once it may.
const REFUSAL: &[u8] =
    b"HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=lab\r\nContent-Length: 0\r\n\r\n";

/// Tells when it was shown a password, and rejects it when it may.
async fn reject_slowly(stream: &mut TcpStream, scheme: ProxyScheme, shown: &Notify, may_answer: &Notify) {
    let rejection: &[u8] = if scheme == ProxyScheme::Socks5 {
        let [5] = read(stream).await.unwrap() else { panic!("not SOCKS 5") };
        assert!(read_text(stream).await.unwrap().contains(&2));
        stream.write_all(&[5, 2]).await.unwrap();
        let [1] = read(stream).await.unwrap() else { panic!("no login of RFC 1929") };
        assert_eq!(read_text(stream).await.unwrap(), b"anna");
        assert_eq!(read_text(stream).await.unwrap(), b"wrong");
        &[1, 1]
    } else {
        assert!(!read_head(stream).await.contains("Proxy-Authorization"));
        stream.write_all(REFUSAL).await.unwrap();
        assert!(read_head(stream).await.contains("Proxy-Authorization: Basic"));
        REFUSAL
    };
    shown.notify_one();
    may_answer.notified().await;
    stream.write_all(rejection).await.unwrap();
}

/// It counts at the domain: whoever won meanwhile, it must count here.
#[tokio::test]
async fn a_rejection_is_noted_though_its_attempt_was_given_up_while_the_proxy_thought() {
    let identity = Identity::new(NAME, (2020, 2099));
    for scheme in [ProxyScheme::Http, ProxyScheme::Socks5] {
        let (shown, may_answer) = (Arc::<Notify>::default(), Arc::<Notify>::default());
        let (to_tell, to_await) = (Arc::clone(&shown), Arc::clone(&may_answer));
        let proxy = Stage::play(move |mut stream| {
            let (shown, may_answer) = (Arc::clone(&to_tell), Arc::clone(&to_await));
            async move { reject_slowly(&mut stream, scheme, &shown, &may_answer).await }
        });
        let proxy = proxy.await;
        let (at, through) = (address(scheme, proxy.port), route(scheme, proxy.port));
        let logins = Arc::<Logins>::default();
        logins.set(WHOSE, &at, Some(login("wrong")));
        let dialer = dialer(&identity, &logins, WHOSE);
        tokio::select! {
            outcome = dialer.open(&through) => panic!("answered before it could be: {outcome:?}"),
            () = shown.notified() => {}
        }
        assert_eq!(logins.take_rejections(), []);
        may_answer.notify_one();
        timeout(PATIENCE, logins.rejection()).await.expect("the rejection was not noted");
        assert_eq!(logins.take_rejections(), [(at.clone(), login("wrong").login)]);
        assert!(logins.is_rejected(&at, &login("wrong").login));
    }
}

/// An answer that never comes, as on a connection whose network has gone, keeps nobody waiting for
/// long.
#[tokio::test(start_paused = true)]
async fn a_password_whose_attempt_was_given_up_keeps_the_next_waiting_for_two_seconds_at_most() {
    let logins = Arc::<Logins>::default();
    let at = address(ProxyScheme::Http, 1);
    logins.set(WHOSE, &at, Some(login("x")));
    let turn = logins.turn(WHOSE, &at).await.unwrap();
    let showing = logins.show(turn, std::future::pending::<()>());
    assert!(timeout(Duration::from_secs(30), showing).await.is_err(), "it has not been answered");
    let began = Instant::now();
    assert!(logins.turn(WHOSE, &at).await.is_some());
    assert_eq!(began.elapsed().as_secs(), 2);
    // And one that is waited for ends all the same.
    let turn = logins.turn(WHOSE, &at).await.unwrap();
    assert!(logins.show(turn, std::future::pending::<()>()).await.is_none());
}

/// SOCKS 4 shows a name and no password: what its proxy says of it may be otherwise in a minute.
#[tokio::test]
async fn what_socks_4_says_of_a_user_is_no_rejection_for_good() {
    let identity = Identity::new(NAME, (2020, 2099));
    for reply in [92, 93] {
        let (sender, mut named) = tokio::sync::mpsc::channel(4);
        let proxy = Stage::play(move |mut stream| {
            let sender = sender.clone();
            async move {
                let mut request = vec![0; 8 + "anna".len() + 1 + NAME.len() + 1];
                stream.read_exact(&mut request).await.unwrap();
                sender.send(request[8..12].to_vec()).await.unwrap();
                stream.write_all(&[0, reply, 0, 0, 0, 0, 0, 0]).await.unwrap();
            }
        });
        let proxy = proxy.await;
        let at = address(ProxyScheme::Socks4, proxy.port);
        let logins = Arc::<Logins>::default();
        logins.set(WHOSE, &at, Some(login("never shown")));
        let dialer = dialer(&identity, &logins, WHOSE);
        for _ in 0..2 {
            let error = dialer.open(&route(ProxyScheme::Socks4, proxy.port)).await.unwrap_err();
            assert_eq!(error.failure.code, Code::ProxyLoginRejected);
            assert_eq!(named.recv().await.as_deref(), Some(&b"anna"[..]));
        }
        assert_eq!(logins.take_rejections(), []);
    }
}

#[tokio::test]
async fn a_user_that_socks_4_cannot_name_is_told_and_not_sent() {
    let identity = Identity::new(NAME, (2020, 2099));
    let proxy = Stage::say(&[0, 90, 0, 0, 0, 0, 0, 0]).await;
    let at = address(ProxyScheme::Socks4, proxy.port);
    let mut through = route(ProxyScheme::Socks4, proxy.port);
    through.target.host = format!("{}.test", "a.".repeat(124));
    for user in ["u".repeat(251), "anna\0conference.test".to_owned()] {
        let logins = Arc::<Logins>::default();
        logins.set(
            WHOSE,
            &at,
            Some(KnownLogin { login: Login { user, ..login("x").login }, in_clear: true }),
        );
        let error = dialer(&identity, &logins, WHOSE).open(&through).await.unwrap_err();
        assert_eq!(error.failure.code, Code::ProxyLoginRejected);
        assert_eq!(logins.take_rejections(), []);
    }
}
