//! Logging in at proxies that keep, close and drop connections in every way that proxies have.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use convene_model::{Code, Secret};
use convene_reach::{ProxyAddress, ProxyScheme};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::stage::{Identity, LOOPBACK, Stage, read_head, through};
use super::{WHOSE, known};
use crate::{
    Authorities, DialError, DialSettings, Dialer, Login, Pipe, TicketSource, TokenAnswer, TokenAsked,
};

/// A second message of NTLM, with the server's time.
const SECOND: &str =
    "NTLM TlRMTVNTUAACAAAAAAAAADAAAAAFgoigAQIDBAUGBwgAAAAAAAAAABAAEAAwAAAABwAIAAkJCQkJCQkJAAAAAA==";
const NTLM_PROOF: &str = "Proxy-Authorization: NTLM TlRMTVNTUAADAAAA";
const NTLM_BEGIN: &str = "Proxy-Authorization: NTLM TlRMTVNTUAABAAAA";
/// The answer of tinyproxy 1.11 to a wrong login; it is no challenge of a proxy's.
const TINYPROXYS_401: &[u8] =
    b"HTTP/1.0 401 Unauthorized\r\nServer: tinyproxy/1.11.1\r\nContent-Type: text/html\r\n\
    WWW-Authenticate: Basic realm=\"Tinyproxy\"\r\nConnection: close\r\n\r\n<html>";
/// The way is open; the next request may use a nonce that is given beforehand.
const OPEN: &[u8] = b"HTTP/1.1 200 OK\r\nProxy-Authentication-Info: nextnonce=\"later\"\r\n\r\n";
/// With a page, and the connection is kept.
const KEEPS: &str = "Content-Length: 6\r\n\r\n<html>";

/// A proxy's answer to a request: the head without the status line, and whether it then closes.
type Script = fn(request: &str, connection: u32) -> Answer;

enum Answer {
    Opens,
    /// As tinyproxy answers a wrong login.
    Denies,
    Refuses {
        headers: String,
        closes: bool,
    },
}

fn keeps(challenge: &str) -> Answer {
    Answer::Refuses { headers: format!("Proxy-Authenticate: {challenge}\r\n{KEEPS}"), closes: false }
}

fn closes(challenge: &str) -> Answer {
    let headers = format!("Proxy-Authenticate: {challenge}\r\nConnection: close\r\n\r\n<html>");
    Answer::Refuses { headers, closes: true }
}

/// As [`keeps`], and then it does not.
fn drops(challenge: &str) -> Answer {
    Answer::Refuses { headers: format!("Proxy-Authenticate: {challenge}\r\n{KEEPS}"), closes: true }
}

struct Scene {
    identity: Identity,
    _server: Stage,
    proxy: Stage,
    connections: Arc<AtomicU32>,
    shown: Arc<AtomicU32>,
}

/// A server behind a proxy that plays the script. Requests that show a login are counted.
async fn scene(script: Script) -> Scene {
    let identity = Identity::new("conference.test", (2020, 2099));
    let server = Stage::echo(&identity).await;
    let (connections, shown) = (Arc::<AtomicU32>::default(), Arc::<AtomicU32>::default());
    let (count, seen, server_port) = (Arc::clone(&connections), Arc::clone(&shown), server.port);
    let proxy = Stage::play(move |mut stream| {
        let connection = count.fetch_add(1, Ordering::SeqCst);
        let seen = Arc::clone(&seen);
        async move {
            loop {
                let head = read_head(&mut stream).await;
                if head.is_empty() {
                    return;
                }
                let proves = head.contains("Proxy-Authorization:") && !head.contains(NTLM_BEGIN);
                seen.fetch_add(proves.into(), Ordering::SeqCst);
                match script(&head, connection) {
                    Answer::Opens => break,
                    Answer::Denies => {
                        stream.write_all(TINYPROXYS_401).await.unwrap();
                        return;
                    }
                    Answer::Refuses { headers, closes } => {
                        let answer = format!("HTTP/1.1 407 Login\r\n{headers}");
                        stream.write_all(answer.as_bytes()).await.unwrap();
                        if closes {
                            return;
                        }
                    }
                }
            }
            stream.write_all(OPEN).await.unwrap();
            let mut onward = TcpStream::connect((LOOPBACK, server_port)).await.unwrap();
            drop(tokio::io::copy_bidirectional(&mut stream, &mut onward).await);
        }
    });
    let proxy = proxy.await;
    Scene { identity, _server: server, proxy, connections, shown }
}

impl Scene {
    fn dialer(&self, rejected: bool) -> Dialer {
        self.dialer_with(rejected, None)
    }

    fn dialer_with(&self, rejected: bool, tickets: Option<Arc<dyn TicketSource>>) -> Dialer {
        let port = self.proxy.port;
        let address = ProxyAddress { scheme: ProxyScheme::Http, host: "127.0.0.1".to_owned(), port };
        let login = Login { user: "LAB\\anna".to_owned(), password: Secret::new("secret") };
        let logins = known([(address.clone(), login.clone())]);
        if rejected {
            logins.note_rejected(&address, &login);
        }
        Dialer::new(DialSettings {
            trust: self.identity.trusted(),
            proxy_authorities: Authorities::default(),
            addresses: Vec::new(),
            logins,
            whose: WHOSE.to_owned(),
            tickets,
            allow_local: false,
        })
        .unwrap()
    }

    async fn open(&self, dialer: &Dialer) -> Result<Pipe, DialError> {
        dialer.open(&through(self.proxy.port, "conference.test", 443)).await
    }

    async fn assert_opens(&self, connections: u32) {
        self.assert_opens_with(&self.dialer(false), connections).await;
    }

    async fn assert_opens_with(&self, dialer: &Dialer, connections: u32) {
        let mut pipe = self.open(dialer).await.unwrap();
        pipe.sender.send(["a"]).await.unwrap();
        assert_eq!(pipe.receiver.next().await, Some(Ok("a".into())));
        assert_eq!(self.connections.load(Ordering::SeqCst), connections, "connections");
    }
}

#[tokio::test]
async fn digest_answers_on_the_connection_that_is_kept_or_on_a_new_one() {
    for (script, connections) in [
        ((|request, _| wants_digest(request, keeps)) as Script, 1),
        (|request, _| wants_digest(request, closes), 2),
        (|request, _| wants_digest(request, drops), 2),
    ] {
        scene(script).await.assert_opens(connections).await;
    }
}

fn wants_digest(request: &str, refuses: fn(&str) -> Answer) -> Answer {
    let right = "Digest username=\"LAB\\\\anna\", realm=\"lab\"";
    if request.contains(right) && request.contains("nc=00000001") {
        Answer::Opens
    } else {
        refuses("Digest realm=\"lab\", nonce=\"n\", qop=\"auth\", Basic realm=\"lab\"")
    }
}

#[tokio::test]
async fn the_ways_to_log_in_that_a_proxy_offers_are_known_where_one_of_them_opened_it() {
    let scene = scene(|request, _| wants_digest(request, keeps)).await;
    let dialer = scene.dialer(false);
    let (scheme, host) = (ProxyScheme::Http, "127.0.0.1".to_owned());
    let address = ProxyAddress { scheme, host, port: scene.proxy.port };
    assert_eq!(dialer.wanted_logins(&address), [""; 0]);
    drop(scene.open(&dialer).await.unwrap());
    assert_eq!(dialer.wanted_logins(&address), ["Digest", "Basic"]);
}

/// The nonce that comes with the way may have run out before the next one is asked for.
#[tokio::test]
async fn each_way_is_asked_for_with_the_nonce_of_its_own_challenge() {
    let scene = scene(|request, connection| {
        let nonce = format!("nonce=\"{connection}\"");
        if request.contains(&nonce) {
            Answer::Opens
        } else {
            keeps(&format!("Digest realm=lab, {nonce}, qop=auth"))
        }
    });
    let scene = scene.await;
    let dialer = scene.dialer(false);
    for connections in 1..=3 {
        drop(scene.open(&dialer).await.unwrap());
        assert_eq!(scene.connections.load(Ordering::SeqCst), connections);
    }
}

#[tokio::test]
async fn ntlm_goes_its_three_legs_on_one_connection() {
    let scene = scene(|request, _| match request {
        proof if proof.contains(NTLM_PROOF) => Answer::Opens,
        begin if begin.contains(NTLM_BEGIN) => keeps(SECOND),
        _ => keeps("Negotiate\r\nProxy-Authenticate: NTLM"),
    });
    scene.await.assert_opens(1).await;
}

#[tokio::test]
async fn ntlm_begins_on_a_new_connection_where_the_proxy_closes_behind_its_first_refusal() {
    for script in [
        (|request, _| match request {
            proof if proof.contains(NTLM_PROOF) => Answer::Opens,
            begin if begin.contains(NTLM_BEGIN) => keeps(SECOND),
            _ => closes("NTLM"),
        }) as Script,
        |request, _| match request {
            proof if proof.contains(NTLM_PROOF) => Answer::Opens,
            begin if begin.contains(NTLM_BEGIN) => keeps(SECOND),
            _ => drops("NTLM"),
        },
    ] {
        scene(script).await.assert_opens(2).await;
    }
}

/// A session whose tokens are numbered.
#[derive(Debug, Default)]
struct Session(AtomicU32);

impl TicketSource for Session {
    fn token(&self, asked: TokenAsked) -> TokenAnswer<'_> {
        assert_eq!(asked.token, None, "the proxy says nothing that wants an answer");
        let token = self.0.fetch_add(1, Ordering::SeqCst).to_string();
        Box::pin(async move { Some(token.into_bytes()) })
    }
}

#[tokio::test]
async fn a_ticket_opens_on_the_connection_that_is_kept_or_on_a_new_one() {
    for (script, connections, tokens) in [
        ((|request, _| wants_ticket(request, keeps)) as Script, 1, 1),
        (|request, _| wants_ticket(request, closes), 2, 1),
        // The second token: the first may have been read.
        (|request, _| wants_ticket(request, drops), 2, 2),
    ] {
        let scene = scene(script).await;
        let session = Arc::<Session>::default();
        let tickets: Arc<dyn TicketSource> = Arc::<Session>::clone(&session);
        scene.assert_opens_with(&scene.dialer_with(false, Some(tickets)), connections).await;
        assert_eq!(session.0.load(Ordering::SeqCst), tokens, "tokens");
    }
}

fn wants_ticket(request: &str, refuses: fn(&str) -> Answer) -> Answer {
    if request.contains("Proxy-Authorization: Negotiate ") { Answer::Opens } else { refuses("Negotiate") }
}

#[tokio::test]
async fn a_way_that_cannot_work_here_is_followed_by_the_next() {
    // The proxy closes before the proof can come; Basic it is.
    let scene = scene(|request, _| match request {
        basic if basic.contains("Basic ") => Answer::Opens,
        begin if begin.contains(NTLM_BEGIN) => closes(SECOND),
        _ => keeps("NTLM, Basic realm=lab"),
    });
    scene.await.assert_opens(2).await;
}

#[tokio::test]
async fn chunked_pages_thirty_headers_and_old_versions_are_no_obstacle() {
    let scene = scene(|request, _| {
        if request.contains("Basic ") {
            return Answer::Opens;
        }
        let headers = format!(
            "{}Proxy-Authenticate: Basic realm=\"caf\u{e9}\"\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "X-Policy: yes\r\n".repeat(30)
        );
        Answer::Refuses { headers, closes: false }
    });
    scene.await.assert_opens(1).await;
}

#[tokio::test]
async fn a_rejected_password_is_shown_once_whoever_asks_and_however_often() {
    let scene = scene(|_, _| keeps("Digest realm=lab, nonce=n, Basic realm=lab")).await;
    let dialer = scene.dialer(false);
    let (first, second, third) = tokio::join!(scene.open(&dialer), scene.open(&dialer), scene.open(&dialer));
    for outcome in [first, second, third, scene.open(&dialer).await] {
        assert_eq!(outcome.unwrap_err().failure.code, Code::ProxyLoginRejected);
    }
    assert_eq!(scene.shown.load(Ordering::SeqCst), 1);
    // Nor is one that was rejected in an earlier life.
    assert_eq!(scene.open(&scene.dialer(true)).await.unwrap_err().failure.code, Code::ProxyLoginRejected);
    assert_eq!(scene.shown.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn tinyproxys_answer_to_a_wrong_password_is_a_rejection_like_any_other() {
    let scene = scene(|request, _| match request {
        login if login.contains("Basic ") => Answer::Denies,
        _ => closes("Basic realm=\"Tinyproxy\""),
    });
    let scene = scene.await;
    let dialer = scene.dialer(false);
    for _ in 0..2 {
        let error = scene.open(&dialer).await.unwrap_err();
        assert_eq!(error.failure.code, Code::ProxyLoginRejected);
    }
    assert_eq!(scene.shown.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn proxies_that_refuse_for_ever_or_offer_nothing_known_are_given_up() {
    let scene = scene(|_, _| closes("Digest realm=lab, nonce=n, stale=true")).await;
    let error = scene.open(&scene.dialer(false)).await.unwrap_err();
    assert_eq!(error.failure.code, Code::ProxySchemeUnsupported, "nothing was said of the password");
    assert!(scene.connections.load(Ordering::SeqCst) < 12);
    let scene = self::scene(|_, _| keeps("Kerberos, Bearer realm=x")).await;
    let error = scene.open(&scene.dialer(false)).await.unwrap_err();
    assert_eq!(error.failure.code, Code::ProxySchemeUnsupported);
    assert_eq!(error.evidence().unwrap().schemes, ["Kerberos", "Bearer"]);
}
