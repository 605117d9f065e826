//! Names, addresses, limits and the opening of the carrier.

use convene_model::{Code, Fingerprint, Stage as Step};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

use super::stage::{Identity, LOOPBACK, Stage, dialer, direct, drain, through};
use super::{WHOSE, known};
use crate::{Authorities, Detail, DialSettings, Dialer, Trust};

fn any_trust() -> Trust {
    Trust::Fingerprint(Fingerprint([0; 32]))
}

fn from_join_link() -> Dialer {
    let settings = DialSettings {
        trust: any_trust(),
        proxy_authorities: Authorities::default(),
        addresses: Vec::new(),
        logins: known([]),
        whose: WHOSE.to_owned(),
        tickets: None,
        allow_local: false,
    };
    Dialer::new(settings).unwrap()
}

#[tokio::test]
async fn a_refused_port_is_told_as_such() {
    // Nobody listens at a port that is only bound, and no other test can have it meanwhile.
    let bound = tokio::net::TcpSocket::new_v4().unwrap();
    bound.bind((LOOPBACK, 0).into()).unwrap();
    let free = bound.local_addr().unwrap().port();
    let failure = dialer(any_trust()).open(&direct("127.0.0.1", free)).await.unwrap_err().failure;
    assert_eq!((failure.stage, failure.code), (Step::Tcp, Code::Refused));
}

#[tokio::test]
async fn a_join_link_does_not_lead_to_this_machine() {
    let (sender, mut came) = mpsc::channel(1);
    let server = Stage::play(move |_| {
        let sender = sender.clone();
        async move {
            sender.send(()).await.ok();
        }
    });
    let server = server.await;
    let dialer = from_join_link();
    for host in ["127.0.0.1", "localhost", "a.localhost", "::1", "0.0.0.0", "::ffff:127.0.0.1", "169.254.1.1"]
    {
        for route in [direct(host, server.port), through(server.port, host, 443)] {
            let failure = dialer.open(&route).await.unwrap_err().failure;
            assert_eq!((failure.stage, failure.code), (Step::Tcp, Code::AddressNotAllowed), "{route}");
        }
    }
    assert!(came.try_recv().is_err(), "somebody was dialled");
}

#[tokio::test]
async fn a_host_that_is_none_is_refused_before_anything_is_sent() {
    let dialer = dialer(any_trust());
    for host in ["a\r\nX: y", "a b", "", "a/b", "a:1", "[::1]", "ä.test", &"x".repeat(300)] {
        for route in [direct(host, 443), through(9, host, 443)] {
            let failure = dialer.open(&route).await.unwrap_err().failure;
            assert_eq!((failure.stage, failure.code), (Step::Dns, Code::NameNotFound), "{host:?}");
        }
    }
}

#[tokio::test]
async fn configured_addresses_serve_where_the_name_does_not() {
    let identity = Identity::new("conference.invalid", (2020, 2099));
    let server = Stage::echo(&identity).await;
    let settings = DialSettings {
        trust: identity.trusted(),
        proxy_authorities: Authorities::default(),
        addresses: vec!["::1".parse().unwrap(), LOOPBACK],
        logins: known([]),
        whose: WHOSE.to_owned(),
        tickets: None,
        allow_local: false,
    };
    let mut stages = Vec::new();
    let mut note = |stage| stages.push(stage);
    let dialer = Dialer::new(settings).unwrap();
    dialer.open_watched(&direct("conference.invalid", server.port), &mut note).await.unwrap();
    assert!(stages.starts_with(&[Step::Dns, Step::Tcp]), "{stages:?}");
    assert!(stages.ends_with(&[Step::Tls, Step::Http]), "{stages:?}");
}

#[tokio::test]
async fn a_server_that_holds_its_answer_is_given_up_in_time() {
    let (sender, mut came) = mpsc::channel(8);
    let server = Stage::play(move |mut stream| {
        let sender = sender.clone();
        async move {
            sender.send(()).await.ok();
            drain(&mut stream).await;
        }
    });
    let server = server.await;
    let (dialer, route) = (dialer(any_trust()), direct("127.0.0.1", server.port));
    let pause = async {
        came.recv().await;
        tokio::time::pause();
        tokio::time::Instant::now()
    };
    let (opened, began) = tokio::join!(dialer.open(&route), pause);
    let failure = opened.unwrap_err().failure;
    assert_eq!((failure.stage, failure.code), (Step::Tls, Code::TimedOut));
    assert!(began.elapsed().as_secs() < 4);
}

#[tokio::test]
async fn dropping_an_attempt_closes_it() {
    let (sender, mut told) = mpsc::channel(8);
    let server = Stage::play(move |mut stream| {
        let sender = sender.clone();
        async move {
            drop(stream.read_u8().await);
            sender.send("opened").await.ok();
            drain(&mut stream).await;
            sender.send("closed").await.ok();
        }
    });
    let server = server.await;
    let (dialer, route) = (dialer(any_trust()), direct("127.0.0.1", server.port));
    tokio::select! {
        opened = dialer.open(&route) => panic!("{opened:?}"),
        told = told.recv() => assert_eq!(told, Some("opened")),
    }
    assert_eq!(told.recv().await, Some("closed"));
}

#[tokio::test]
async fn what_answers_instead_of_the_carrier_is_told_apart() {
    let page: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: b\xf6x/1\r\n\r\n<html>";
    let cases: [(&'static [u8], Code); 6] = [
        (page, Code::BlockPage),
        (b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", Code::HttpRefused),
        (b"HTTP/1.0 200 OK\r\n\r\n", Code::HttpRefused),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            Code::HttpRefused,
        ),
        (b"220 mail.test ESMTP\r\n\r\n", Code::NotHttp),
        (b"", Code::Closed),
    ];
    let identity = Identity::good();
    for (words, code) in cases {
        let server = Stage::play_inside(&identity, move |mut stream| async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            assert!(head.starts_with(b"GET /v1/link HTTP/1.1\r\n"));
            drop(stream.write_all(words).await);
            drop(stream.shutdown().await);
        });
        let server = server.await;
        let opened = dialer(identity.trusted()).open(&direct("127.0.0.1", server.port)).await;
        let error = opened.unwrap_err();
        assert_eq!((error.failure.stage, error.failure.code), (Step::Http, code), "{words:?}");
        if code == Code::BlockPage {
            let Some(Detail::Answer(answer)) = error.detail else { panic!("no answer") };
            assert_eq!((answer.status, answer.server.as_deref()), (200, Some("b?x/1")));
        }
    }
}
