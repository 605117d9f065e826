//! Requests over real connections, and a daemon that says what a test wants.

#![cfg(unix)]

use std::pin::pin;

use convene_local_client::{FakeDaemon, Introduction};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::*;

/// A bridge without a door of its own, and the socket at which its daemon would be.
struct Scene {
    listener: TcpListener,
    shared: Arc<Shared>,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let introduction = Introduction::new(vec![folder.path().join("daemon.sock")], "test");
        let shared = Arc::new(Shared::new(listener.local_addr().unwrap(), introduction));
        Self { listener, shared, folder }
    }

    fn daemon(&self) -> FakeDaemon {
        FakeDaemon::bind(&self.folder.path().join("daemon.sock")).unwrap()
    }

    /// Serves everyone who comes while this goes on.
    async fn serves<T>(&self, is_own: bool, talk: impl Future<Output = T>) -> T {
        let mut connections = JoinSet::new();
        let mut talk = pin!(talk);
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    connections.spawn(serve(accepted.unwrap().0, is_own, Arc::clone(&self.shared)));
                }
                said = talk.as_mut() => return said,
            }
        }
    }

    fn host(&self) -> String {
        self.shared.address.socket().to_string()
    }

    /// Asks with these headers alone.
    async fn asked(&self, line: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut request = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let mut stream = TcpStream::connect(self.host()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// The token of a page that was opened by a link.
    async fn token(&self) -> String {
        let link = self.shared.link(Some("https://a.test/j/b".to_owned()));
        let code = link.split_once("/#").unwrap().1.to_owned();
        let (host, origin) = (self.host(), self.shared.address.origin().to_owned());
        let answer = self.asked("POST /token", &[("Host", &host), ("Origin", &origin)], &code).await;
        let admitted: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!(admitted["join"], "https://a.test/j/b");
        admitted["token"].as_str().unwrap().to_owned()
    }

    async fn socket(&self, origin: &str, protocols: &str) -> Result<WebSocketStream<TcpStream>, Error> {
        let mut request = format!("ws://{}/socket", self.host()).into_client_request().unwrap();
        for (name, value) in [("Origin", origin), ("Sec-WebSocket-Protocol", protocols)] {
            if !value.is_empty() {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
        }
        let stream = TcpStream::connect(self.host()).await.unwrap();
        client_async(request, stream).await.map(|(socket, _)| socket)
    }
}

fn is_forbidden(answer: &str) -> bool {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    answer.starts_with("HTTP/1.1 403 ") && body.is_empty() && !head.to_ascii_lowercase().contains("convene")
}

#[tokio::test]
async fn the_page_is_served_with_every_lock() {
    let scene = Scene::begin().await;
    let host = scene.host();
    let page = scene.serves(true, scene.asked("GET /", &[("Host", &host)], "")).await;
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    let page = page.to_ascii_lowercase();
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        &format!("connect-src 'self' ws://{host};"),
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'; trusted-types svelte-trusted-html\r\n",
        "\r\ncache-control: no-store\r\n",
        "\r\nreferrer-policy: no-referrer\r\n",
        "\r\nx-content-type-options: nosniff\r\n",
        "\r\ncross-origin-opener-policy: same-origin\r\n",
        "\r\ncross-origin-resource-policy: same-origin\r\n",
    ] {
        assert!(page.contains(part), "{part:?} is missing in {page}");
    }
    assert!(!page.contains("unsafe"), "{page}");
    let missing = scene.serves(true, scene.asked("GET /nothing", &[("Host", &host)], "")).await;
    assert!(missing.starts_with("HTTP/1.1 404 "), "{missing}");
}

#[tokio::test]
async fn cookies_of_other_programs_on_this_address_keep_nobody_out() {
    let scene = Scene::begin().await;
    let (host, cookies) = (scene.host(), "a=b; ".repeat(8_000));
    let own = [("Host", host.as_str()), ("Cookie", &cookies)];
    let page = scene.serves(true, scene.asked("GET /", &own, "")).await;
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
}

#[tokio::test]
async fn requests_of_others_are_forbidden_and_told_nothing() {
    let scene = Scene::begin().await;
    let (host, origin) = (scene.host(), scene.shared.address.origin().to_owned());
    let code = || scene.shared.link(None).split_once("/#").unwrap().1.to_owned();
    let own = [("Host", host.as_str()), ("Origin", &origin)];
    let foreign = [("Host", host.as_str()), ("Origin", "http://127.0.0.1:1")];
    let rebound = [("Host", "evil.test"), ("Origin", "http://evil.test")];
    let silent = [("Host", host.as_str())];
    let upgrade = [("Host", host.as_str()), ("Origin", &origin), ("Upgrade", "websocket")];
    for (line, headers, body) in [
        ("GET /", &foreign[..], String::new()),
        ("GET /", &rebound, String::new()),
        ("GET /", &[], String::new()),
        ("POST /token", &foreign, code()),
        ("POST /token", &rebound, code()),
        ("POST /token", &silent, code()),
        ("POST /token", &own, "guessed".to_owned()),
        ("POST /token", &own, "x".repeat(1_000)),
        ("POST /", &own, String::new()),
        ("PUT /token", &own, code()),
        ("GET /token", &own, String::new()),
        ("GET /socket", &own, String::new()),
        ("GET /socket", &upgrade, String::new()),
    ] {
        let answer = scene.serves(true, scene.asked(line, headers, &body)).await;
        assert!(is_forbidden(&answer), "{line} {headers:?}: {answer}");
    }
}

#[tokio::test]
async fn another_user_gets_nothing_whatever_is_known() {
    let scene = Scene::begin().await;
    let (host, origin) = (scene.host(), scene.shared.address.origin().to_owned());
    let token = scene.serves(true, scene.token()).await;
    let code = scene.shared.link(None).split_once("/#").unwrap().1.to_owned();
    let own = [("Host", host.as_str()), ("Origin", &origin)];
    for (line, body) in [("GET /", ""), ("POST /token", &code)] {
        let answer = scene.serves(false, scene.asked(line, &own, body)).await;
        assert!(is_forbidden(&answer), "{line}: {answer}");
    }
    let refused = scene.serves(false, scene.socket(&origin, &format!("convene, {token}"))).await;
    assert!(matches!(&refused, Err(Error::Http(response)) if response.status() == 403), "{refused:?}");
}

#[tokio::test]
async fn a_code_is_good_once_and_a_socket_needs_its_token_and_the_pages_origin() {
    let scene = Scene::begin().await;
    let (host, origin) = (scene.host(), scene.shared.address.origin().to_owned());
    let code = scene.shared.link(None).split_once("/#").unwrap().1.to_owned();
    let own = [("Host", host.as_str()), ("Origin", &origin)];
    let first = scene.serves(true, scene.asked("POST /token", &own, &code)).await;
    assert!(first.starts_with("HTTP/1.1 200 "), "{first}");
    assert!(is_forbidden(&scene.serves(true, scene.asked("POST /token", &own, &code)).await));
    let token = scene.serves(true, scene.token()).await;
    let with_token = format!("convene, {token}");
    for (origin, protocols) in [
        (origin.as_str(), ""),
        (&origin, "convene"),
        (&origin, "convene, AAAA"),
        (&origin, &token),
        ("", &with_token),
        ("http://127.0.0.1:1", &with_token),
    ] {
        let refused = scene.serves(true, scene.socket(origin, protocols)).await;
        let status = matches!(&refused, Err(Error::Http(response)) if response.status() == 403);
        assert!(status, "{origin} {protocols}: {refused:?}");
    }
}

#[tokio::test]
async fn a_page_speaks_with_the_daemon_and_is_told_when_there_is_none() {
    let scene = Scene::begin().await;
    let origin = scene.shared.address.origin().to_owned();
    let talk = async {
        let token = scene.token().await;
        let protocols = format!("convene, {token}");
        let mut page = scene.socket(&origin, &protocols).await.unwrap();
        let Some(Ok(Message::Close(Some(frame)))) = page.next().await else { panic!("not closed") };
        assert_eq!((u16::from(frame.code), frame.reason.as_str()), (4000, "daemon_not_running"));

        let mut serving = JoinSet::new();
        serving.spawn(scene.daemon().serve());
        let mut page = scene.socket(&origin, &protocols).await.unwrap();
        let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "hello", "params": { "client": "page" } });
        page.send(Message::text(hello.to_string())).await.unwrap();
        let answer = page.next().await.unwrap().unwrap();
        let answer: Value = serde_json::from_str(answer.to_text().unwrap()).unwrap();
        assert_eq!((&answer["id"], &answer["result"]["daemon"]), (&json!(1), &json!("fake")));
        serving.shutdown().await;
        let Some(Ok(Message::Close(Some(frame)))) = page.next().await else { panic!("not closed") };
        assert_eq!(frame.reason.as_str(), "daemon_ended");
    };
    scene.serves(true, talk).await;
}
