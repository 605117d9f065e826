//! Proxies, good and bad.

use convene_model::{Code, Secret, Stage as Step};
use convene_reach::{ProxyAddress, ProxyScheme, Target};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::stage::{Identity, LOOPBACK, Stage, dialer, drain, read_head, through};
use super::{WHOSE, known};
use crate::logon::{self, ProxyUser, Redial};
use crate::tls::Wire;
use crate::{Authorities, Detail, DialError, DialSettings, Dialer, HttpAnswer, Login, Trust};

fn login() -> Login {
    Login { user: "anna".to_owned(), password: Secret::new("sécret") }
}

fn target(host: &str) -> Target {
    Target { host: host.to_owned(), port: 443 }
}

fn address(port: u16) -> ProxyAddress {
    ProxyAddress { scheme: ProxyScheme::Http, host: "127.0.0.1".to_owned(), port }
}

/// Connects to the proxy on this port, as often as it wants.
struct To(u16);

impl Redial for To {
    async fn redial(&self) -> Result<(Wire, Option<Vec<u8>>), DialError> {
        Ok((Wire::Tcp(TcpStream::connect((LOOPBACK, self.0)).await.unwrap()), None))
    }
}

async fn connect(port: u16, host: &str, login: Option<Login>) -> Result<Wire, DialError> {
    let logins = known(login.map(|login| (address(port), login)));
    logon::connect(
        ProxyUser { logins: &logins, whose: WHOSE, tickets: None },
        &address(port),
        &target(host),
        &To(port),
    )
    .await
}

/// The outcome of CONNECT where the proxy answers with these words, every time.
async fn asked(words: &[u8], login: Option<&Login>) -> Result<(), (Code, Option<HttpAnswer>)> {
    let proxy = Stage::answer(words.to_vec()).await;
    connect(proxy.port, "conference.test", login.cloned()).await.map(drop).map_err(|error| {
        assert_eq!(error.failure.stage, Step::Proxy);
        let answer = match error.detail {
            Some(Detail::Answer(answer)) => Some(answer),
            Some(Detail::Certificate(_)) | None => None,
        };
        (error.failure.code, answer)
    })
}

#[tokio::test]
async fn every_way_to_say_yes_is_understood() {
    let many_headers = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Policy: yes\r\n".repeat(1_500));
    let long_head = format!("HTTP/1.1 200 OK\r\nX-Policy: {}\r\n\r\n", "y".repeat(200_000));
    for words in [
        "HTTP/1.1 200 Connection established\r\n\r\n",
        "HTTP/1.0 200 OK\r\nProxy-agent: tinyproxy\r\n\r\n",
        "HTTP/1.1 200\r\n\r\n",
        "HTTP/1.1  200\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
        "\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\n z\r\nno colon\r\n\r\n",
        &many_headers,
        &long_head,
    ] {
        assert_eq!(asked(words.as_bytes(), None).await, Ok(()), "{words}");
    }
    assert_eq!(asked(b"HTTP/1.1 200 D\xe9j\xe0\r\nVia: \xe9\r\n\r\n", None).await, Ok(()));
}

#[tokio::test]
async fn every_way_to_say_no_has_its_code() {
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(300_000));
    let endless_interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(2_000);
    let basic = "HTTP/1.1 407 Login\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=\"a, b\"\r\n\r\n";
    let foreign = "HTTP/1.1 407 Login\r\nProxy-Authenticate: Kerberos, Bearer\r\n\r\n";
    for (words, with_login, code) in [
        (basic, false, Code::ProxyLoginNeeded),
        (basic, true, Code::ProxyLoginRejected),
        (foreign, false, Code::ProxySchemeUnsupported),
        (foreign, true, Code::ProxySchemeUnsupported),
        ("HTTP/1.0 401 Unauthorized\r\nProxy-Authenticate: Basic\r\n\r\n", true, Code::ProxyLoginRejected),
        ("HTTP/1.1 407 Login\r\n\r\n", false, Code::ProxyLoginNeeded),
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\n<html>", false, Code::ProxyForbidden),
        ("HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\n\r\n", false, Code::ProxyForbidden),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", false, Code::ProxyTargetUnreachable),
        ("HTTP/1.1 503 Unavailable\r\n\r\n", false, Code::ProxyTargetUnreachable),
        ("HTTP/1.1 504 Timeout\r\n\r\n", false, Code::ProxyTargetUnreachable),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", false, Code::ProxyBroken),
        ("SSH-2.0-OpenSSH_9.2\r\n", false, Code::ProxyBroken),
        ("\0\u{1}garbage", false, Code::ProxyBroken),
        ("HTTP/1.1 200 OK\r\nVia: cut", false, Code::ProxyBroken),
        (&endless, false, Code::ProxyBroken),
        (&endless_interim, false, Code::ProxyBroken),
        ("", false, Code::Closed),
    ] {
        let asked = asked(words.as_bytes(), with_login.then(login).as_ref()).await;
        let shown = words.get(..words.len().min(60));
        assert_eq!(asked.map_err(|(code, _)| code), Err(code), "{shown:?} {with_login}");
    }
}

#[tokio::test]
async fn the_proxy_speaks_for_itself() {
    let words = b"HTTP/1.1 407 Login\r\nServer: squid/5.7\r\nVia: 1.1 p\x1b[1m\r\nProxy-agent: box\r\n\
        Proxy-Authenticate: NTLM\r\nProxy-Authenticate: Digest realm=\"x\"\r\n\r\n";
    let (_, answer) = asked(words, None).await.unwrap_err();
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.server.as_deref()), (407, Some("squid/5.7")));
    // An escape character is no part of any header: the line is passed over.
    assert_eq!((answer.via, answer.agent.as_deref()), (None, Some("box")));
    assert_eq!(answer.schemes, ["NTLM", "Digest"]);
}

#[tokio::test]
async fn bytes_behind_the_answer_stay_in_the_stream() {
    for words in [&b"HTTP/1.1 200 OK\r\n\r\nearly"[..], b"HTTP/1.1 200 OK\n\nearly"] {
        let proxy = Stage::answer(words.to_vec()).await;
        let mut stream = connect(proxy.port, "conference.test", None).await.unwrap();
        let mut early = [0; 5];
        stream.read_exact(&mut early).await.unwrap();
        assert_eq!(&early, b"early");
    }
}

#[tokio::test]
async fn the_request_names_the_target_and_who_asks_and_nothing_else() {
    for (host, wanted) in [
        ("conference.test", "CONNECT conference.test:443 HTTP/1.1\r\n"),
        ("2001:db8::1", "CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"),
    ] {
        let (sender, mut heads) = mpsc::channel(1);
        let proxy = Stage::play(move |mut stream| {
            let sender = sender.clone();
            async move { drop(sender.send(read_head(&mut stream).await).await) }
        });
        let proxy = proxy.await;
        drop(connect(proxy.port, host, Some(login())).await);
        let head = heads.recv().await.unwrap();
        assert!(head.contains(wanted), "{head}");
        assert!(head.contains("\r\nUser-Agent: Convene/"), "{head}");
        assert!(!head.contains("Authorization"), "nothing is shown to who did not ask: {head}");
    }
    for host in ["a\r\nX: y", "a b", ""] {
        let proxy = Stage::say(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let error = connect(proxy.port, host, None).await.unwrap_err();
        assert_eq!(error.failure.code, Code::NameNotFound);
    }
}

#[tokio::test]
async fn a_pipe_goes_through_a_proxy_that_answers_byte_by_byte() {
    let identity = Identity::new("conference.test", (2020, 2099));
    let server = Stage::echo(&identity).await;
    let server_port = server.port;
    let proxy = Stage::play(move |mut stream| async move {
        let head = read_head(&mut stream).await;
        // The name reaches the proxy unresolved.
        assert!(head.starts_with("CONNECT conference.test:443 "), "{head}");
        let refusal =
            "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 6\r\n\r\n<html>";
        stream.write_all(refusal.as_bytes()).await.unwrap();
        let head = read_head(&mut stream).await;
        assert!(head.contains("Proxy-Authorization: Basic YW5uYTpzw6ljcmV0\r\n"), "{head}");
        stream.set_nodelay(true).unwrap();
        for byte in b"HTTP/1.0 200 OK\r\nProxy-agent: slow\r\n\r\n" {
            stream.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        let mut onward = TcpStream::connect((LOOPBACK, server_port)).await.unwrap();
        drop(tokio::io::copy_bidirectional(&mut stream, &mut onward).await);
    });
    let proxy = proxy.await;
    let dialer = Dialer::new(DialSettings {
        trust: identity.trusted(),
        proxy_authorities: Authorities::default(),
        addresses: Vec::new(),
        logins: known([(address(proxy.port), login())]),
        whose: WHOSE.to_owned(),
        tickets: None,
        allow_local: false,
    });
    let mut stages = Vec::new();
    let mut note = |stage| stages.push(stage);
    let route = through(proxy.port, "conference.test", 443);
    let mut pipe = dialer.unwrap().open_watched(&route, &mut note).await.unwrap();
    pipe.sender.send(["a", "b"]).await.unwrap();
    assert_eq!(pipe.receiver.next().await, Some(Ok("a".into())));
    assert_eq!(pipe.receiver.next().await, Some(Ok("b".into())));
    assert_eq!(stages, [Step::Proxy, Step::Tls, Step::Http]);
}

#[tokio::test]
async fn a_silent_proxy_is_given_up_in_time() {
    let (sender, mut came) = mpsc::channel(1);
    let proxy = Stage::play(move |mut stream| {
        let sender = sender.clone();
        async move {
            read_head(&mut stream).await;
            sender.send(()).await.ok();
            drain(&mut stream).await;
        }
    });
    let proxy = proxy.await;
    let dialer = dialer(Trust::System { beside: Authorities::default() });
    let route = through(proxy.port, "conference.test", 443);
    let pause = async {
        came.recv().await;
        tokio::time::pause();
        tokio::time::Instant::now()
    };
    let (opened, began) = tokio::join!(dialer.open(&route), pause);
    let failure = opened.unwrap_err().failure;
    assert_eq!((failure.stage, failure.code), (Step::Proxy, Code::TimedOut));
    assert!(began.elapsed().as_secs() <= 13);
}
