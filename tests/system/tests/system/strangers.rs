//! Servers and links that claim to be others.

use std::os::unix::net::UnixStream;
use std::sync::{Arc, mpsc};

use convene_dial::{Authorities, DialSettings, Dialer, Pipe, Trust};
use convene_model::{Carrier, JoinLink, Nonce, Rung};
use convene_protocol::proof::{Context, LinkKey, Signature, attach_message};
use convene_protocol::{Attach, ClientFrame};
use convene_reach::{Route, Target};
use convene_tests_system::{Place, until};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use crate::pretended::claiming_server;

/// Opens pipes to this link's server.
pub(crate) fn dialer(link: &JoinLink) -> Dialer {
    let settings = DialSettings {
        trust: Trust::Fingerprint(link.fingerprint.expect("the server made its key")),
        proxy_authorities: Authorities::default(),
        addresses: Vec::new(),
        logins: Arc::default(),
        whose: String::new(),
        tickets: None,
        allow_local: true,
    };
    Dialer::new(settings).expect("TLS")
}

/// A pipe to this link's server.
pub(crate) async fn pipe(link: &JoinLink, carrier: Carrier) -> Pipe {
    let target = Target { host: link.host.clone(), port: link.https_port };
    let route = Route { rung: Rung::Https, target, carrier, proxy: None };
    dialer(link).open_watched(&route, &mut |_| {}).await.expect("the server listens")
}

/// The next frame.
pub(crate) async fn heard(pipe: &mut Pipe) -> Value {
    let text = pipe.receiver.next().await.expect("a frame").expect("a frame");
    serde_json::from_str(&text).expect("JSON")
}

/// A pipe on which the server has said its hello, with the nonce in it.
pub(crate) async fn greeted(link: &JoinLink) -> (Pipe, Nonce) {
    let mut pipe = pipe(link, Carrier::Websocket).await;
    let hello = json!({ "hello": { "versions": [2], "program": "test" } });
    pipe.sender.send([hello.to_string()]).await.expect("sent");
    let nonce = heard(&mut pipe).await["hello"]["nonce"].take();
    (pipe, serde_json::from_value(nonce).expect("a nonce"))
}

/// An attach of the link with this key, signed by another one or by itself.
pub(crate) fn attach(of: &SigningKey, by: &SigningKey, epoch: u64, nonce: Nonce) -> String {
    let link = LinkKey(of.verifying_key().to_bytes());
    let signature = Signature([0; 64]);
    let mut attach = Attach { link, epoch, received: 0, end_point: None, seats: Vec::new(), signature };
    let message = attach_message(&Context::of(&attach, nonce), 0);
    attach.signature = Signature(by.sign(&message).to_bytes());
    ClientFrame::Attach(attach).to_string()
}

#[tokio::test]
async fn who_knows_a_link_and_has_not_its_key_gets_nothing_and_the_link_lives_on() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let link: JoinLink = place.create().1.parse().unwrap();
    let [own, others] = [[1; 32], [2; 32]].map(|secret| SigningKey::from_bytes(&secret));
    let (mut owner, nonce) = greeted(&link).await;
    let attached = attach(&own, &own, 1, nonce);
    owner.sender.send([attached.clone()]).await.unwrap();
    assert_eq!(heard(&mut owner).await["attached"]["resumed"], false);

    let (mut thief, nonce) = greeted(&link).await;
    thief.sender.send([attach(&own, &others, 2, nonce)]).await.unwrap();
    assert_eq!(heard(&mut thief).await, json!({ "refused": { "code": "proof_invalid" } }));
    // The thief repeats what the owner said on another pipe, word for word.
    let (mut thief, _) = greeted(&link).await;
    thief.sender.send([attached]).await.unwrap();
    assert_eq!(heard(&mut thief).await, json!({ "refused": { "code": "proof_invalid" } }));

    owner.sender.send([json!({ "_ping": { "id": 7 } }).to_string()]).await.unwrap();
    while heard(&mut owner).await["_pong"]["id"] != 7 {}
    drop(owner);
    let (mut owner, nonce) = greeted(&link).await;
    owner.sender.send([attach(&own, &own, 2, nonce)]).await.unwrap();
    assert!(heard(&mut owner).await["attached"].is_object(), "nobody took an epoch from it");
}

fn told(place: &Place, arguments: &[&str]) -> (Option<i32>, String) {
    let output = place.convene("one", arguments);
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[tokio::test]
async fn a_server_that_names_anothers_conference_gets_nothing_that_is_said_there() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, link) = place.create();
    let conference = conference.to_string();
    let _daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    assert_eq!(told(&place, &["join", &link, "--name", "Anna"]).0, Some(0));

    let (heard, frames) = mpsc::channel();
    let hostile = Place::new().port();
    let hostile_link = claiming_server(hostile, &conference, heard, |_| Vec::new());
    let joined = told(&place, &["join", &hostile_link, "--name", "Anna", "--json"]);
    assert!(joined.1.contains(&conference), "it claims the conference: {joined:?}");

    let ambiguous = told(&place, &["say", &conference, "for whom?"]);
    assert_eq!(ambiguous.0, Some(1));
    assert!(ambiguous.1.contains("CONFERENCE@SERVER"), "{ambiguous:?}");
    let right = format!("{conference}@localhost:{}", place.port() + 4);
    let said = told(&place, &["say", &right, "for the right one", "--json"]);
    assert!(said.1.contains("accepted"), "{said:?}");
    let kept = told(&place, &["tail", &right, "--json"]).1;
    assert!(kept.contains("for the right one") && !kept.contains("for whom?"), "{kept}");
    assert!(frames.try_iter().all(|frame| frame["commands"].is_null()), "nothing went to the other one");
}
