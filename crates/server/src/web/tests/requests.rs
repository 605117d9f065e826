//! The answers to clients that ask for something else than a pipe.

use tokio::io::AsyncReadExt as _;

use super::*;

const UPGRADE: &str = "GET /v1/link HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
                       Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// The whole answer, in lower case.
async fn answer(stage: &Stage, request: &str) -> String {
    let mut stream = secured(stage.address).await;
    let request = format!("{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8(answer).unwrap().to_lowercase()
}

#[tokio::test]
async fn a_join_link_opens_a_page_over_tls() {
    let stage = stage().await;
    for (path, status, words) in [
        (format!("/j/{KNOWN}"), "200 ok", "our next year"),
        ("/j/aaaaaaaaaaaaaaaaaaaaaa".to_owned(), "404 not found", "leads to no conference"),
        ("/".to_owned(), "200 ok", "this is a conference server"),
        ("/invitation.js".to_owned(), "200 ok", "use strict"),
    ] {
        let page = answer(&stage, &format!("GET {path}")).await;
        assert!(page.starts_with(&format!("http/1.1 {status}\r\n")) && page.contains(words), "{page}");
        let head = answer(&stage, &format!("HEAD {path}")).await;
        assert!(head.starts_with(&format!("http/1.1 {status}\r\n")) && head.ends_with("\r\n\r\n"), "{head}");
    }
}

#[tokio::test]
async fn other_requests_are_refused() {
    let stage = stage().await;
    for (request, status) in [
        ("GET /j/A/B", "404"),
        ("GET /v1/other", "404"),
        ("POST /j/A", "405"),
        ("DELETE /invitation.css", "405"),
        ("POST /v1/link", "405"),
        ("GET /v1/link", "426"),
    ] {
        let answer = answer(&stage, request).await;
        assert!(answer.starts_with(&format!("http/1.1 {status} ")), "{request}: {answer}");
    }
}

#[tokio::test]
async fn a_frame_right_behind_the_request_is_heard() {
    let mut stage = stage().await;
    let mut stream = secured(stage.address).await;
    let mut bytes = UPGRADE.as_bytes().to_vec();
    bytes.extend([0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
    stream.write_all(&bytes).await.unwrap();
    let mut pipe = stage.pipes.recv().await.unwrap();
    assert_eq!(timeout(PATIENCE, pipe.next()).await.unwrap().unwrap().unwrap().as_str(), "hi");
}

#[tokio::test]
async fn a_stream_says_at_once_that_it_begins_and_what_it_is() {
    let mut stage = stage().await;
    let session = answer(&stage, "POST /v1/poll").await;
    assert!(session.starts_with("http/1.1 200 "), "{session}");
    let (head, _) = session.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: 22"), "{head}");
    let mut pipe = stage.pipes.recv().await.unwrap();
    let gone = answer(&stage, &format!("POST /v1/poll/{}/stream", "A".repeat(22))).await;
    assert!(gone.starts_with("http/1.1 410 "), "{gone}");
    // The id was put into lower case with the answer, so this one is asked for by hand.
    let mut stream = secured(stage.address).await;
    stream
        .write_all(b"POST /v1/poll HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        .await
        .unwrap();
    let session = read_until(&mut stream, "\r\n\r\n", 22).await;
    let id = session.rsplit("\r\n").next().unwrap().to_owned();
    let mut pipe_of_stream = stage.pipes.recv().await.unwrap();
    let request =
        format!("POST /v1/poll/{id}/stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = read_until(&mut stream, "\r\n\r\n", 0).await.to_lowercase();
    for part in
        ["200 ok", "content-type: text/event-stream", "no-store, no-transform", "x-accel-buffering: no"]
    {
        assert!(head.contains(part), "{part} in {head}");
    }
    pipe_of_stream.send_all(["{\"a\":1}".into()]).await.unwrap();
    let event = read_until(&mut stream, "data: {\"a\":1}\n\n", 0).await;
    assert!(event.contains("data: "), "{event}");
    drop(stream);
    assert!(timeout(PATIENCE, pipe_of_stream.next()).await.unwrap().is_err(), "who reads has gone");
    pipe.send_all(["x".into()]).await.unwrap();
}

#[tokio::test]
async fn n3_a_body_for_a_session_that_nobody_knows_is_not_waited_for() {
    let stage = stage().await;
    let mut stream = secured(stage.address).await;
    let path = format!("/v1/poll/{}/up/1", "A".repeat(22));
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n", 0).await;
    assert!(answer.starts_with("HTTP/1.1 410 "), "{answer}");
}

#[tokio::test]
async fn n4_few_sessions_begin_on_one_connection() {
    let stage = stage().await;
    let mut stream = secured(stage.address).await;
    let mut begun = 0;
    for _ in 0..12 {
        let request = b"POST /v1/poll HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let head = read_until(&mut stream, "\r\n\r\n", 0).await;
        if head.starts_with("HTTP/1.1 200 ") {
            stream.read_exact(&mut [0; 22]).await.unwrap();
            begun += 1;
        }
    }
    assert_eq!(begun, 8);
}

/// Reads up to an end and so many bytes behind it.
async fn read_until(stream: &mut Secured, end: &str, behind: usize) -> String {
    let mut read = String::new();
    let reading = async {
        while !read.ends_with(end) {
            read.push(char::from(stream.read_u8().await.unwrap()));
        }
        for _ in 0..behind {
            read.push(char::from(stream.read_u8().await.unwrap()));
        }
    };
    timeout(PATIENCE, reading).await.unwrap();
    read
}
