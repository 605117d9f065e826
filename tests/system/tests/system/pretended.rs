//! A server that a test plays.

use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use convene_model::{Fingerprint, JoinCode, JoinLink, PortRange};
use native_tls::{Identity, TlsAcceptor};
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio_tungstenite::tungstenite;

/// A server on this port that gives these answers to each frame, on WebSockets alone and on one
/// pipe at a time; the link that leads to it.
pub(crate) fn pretended_server(
    port: u16,
    mut answers: impl FnMut(&Value) -> Vec<Value> + Send + 'static,
) -> String {
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(["localhost".to_owned()]).expect("a name").self_signed(&key);
    let certificate = certificate.expect("a certificate").pem();
    let identity = Identity::from_pkcs8(certificate.as_bytes(), key.serialize_pem().as_bytes());
    let acceptor = TlsAcceptor::new(identity.expect("they belong together")).expect("TLS");
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // One that looks for another carrier, or goes away, is of no interest here.
            let Ok(stream) = acceptor.accept(stream) else { continue };
            let Ok(mut pipe) = tungstenite::accept(stream) else { continue };
            while let Ok(message) = pipe.read() {
                let frame = message.to_text().ok().and_then(|text| serde_json::from_str(text).ok());
                for answer in frame.iter().flat_map(&mut answers) {
                    drop(pipe.send(answer.to_string().into()));
                }
            }
        }
    });
    let fingerprint = Some(Fingerprint(Sha256::digest(key.subject_public_key_info()).into()));
    let (host, code) = ("localhost".to_owned(), JoinCode([7; 16]));
    let ports = PortRange::new(port, port).expect("one port");
    JoinLink { host, https_port: port, code, fingerprint, ports }.to_string()
}

/// A server on this port that lets every seat into this conference, says `more` to each, and passes
/// on all that it hears; the link that leads to it.
pub(crate) fn claiming_server(
    port: u16,
    conference: &str,
    heard: mpsc::Sender<Value>,
    mut more: impl FnMut(&Value) -> Vec<Value> + Send + 'static,
) -> String {
    let conference = conference.to_owned();
    pretended_server(port, move |frame| {
        // The test may have heard enough.
        drop(heard.send(frame.clone()));
        if frame["hello"].is_object() {
            let (nonce, now) = ("AAAAAAAAAAAAAAAAAAAAAA", "2026-12-01T09:00:00.000Z");
            let hello = json!({ "version": 2, "server": "localhost", "nonce": nonce, "now": now });
            return vec![json!({ "hello": hello })];
        }
        let wishes = [&frame["attach"]["seats"], &frame["open"]["seats"]];
        let seats: Vec<&Value> = wishes.into_iter().filter_map(Value::as_array).flatten().collect();
        let opened = |seat: &&Value| {
            json!({
                "index": seat["index"], "count": seat["count"], "outcome": "open", "participant": "p1",
                "conference": conference, "log": "AAAAAAAAAAA", "role": "participant", "credit": 256,
                "resume": { "kind": "replay" },
            })
        };
        let mut answers = Vec::new();
        if frame["attach"].is_object() {
            answers.push(json!({ "attached": { "received": 0, "resumed": false } }));
        }
        if !seats.is_empty() {
            answers.push(json!({ "opened": seats.iter().map(opened).collect::<Vec<Value>>() }));
            answers.extend(seats.into_iter().flat_map(&mut more));
        }
        answers
    })
}
