//! Strangers who speak the protocol, up to where they would have to prove something.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use convene_dial::{Authorities, DialSettings, Dialer, Pipe, Trust};
use convene_model::{Carrier, JoinLink, Nonce, Rung};
use convene_protocol::proof::{Context, LinkKey, Signature, attach_message};
use convene_protocol::{Attach, ClientFrame};
use convene_reach::{Route, Target};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

/// Opens pipes to this link's server, which may be on this machine.
///
/// # Errors
/// When the link names no key.
pub fn dialer(link: &JoinLink) -> Result<Dialer> {
    let settings = DialSettings {
        trust: Trust::Fingerprint(link.fingerprint.context("the link names no key")?),
        proxy_authorities: Authorities::default(),
        addresses: Vec::new(),
        logins: Arc::default(),
        whose: String::new(),
        tickets: None,
        allow_local: true,
    };
    Ok(Dialer::new(settings)?)
}

/// A pipe to the first port of this link's server.
///
/// # Errors
/// When it is not opened.
pub async fn pipe(link: &JoinLink, carrier: Carrier) -> Result<Pipe> {
    let target = Target { host: link.host.clone(), port: link.ports.first() };
    let route = Route { rung: Rung::Direct, target, carrier, proxy: None };
    dialer(link)?.open_watched(&route, &mut |_| {}).await.context("the pipe is not opened")
}

/// The next frame.
///
/// # Errors
/// When the pipe ends or breaks first.
pub async fn heard(pipe: &mut Pipe) -> Result<Value> {
    let text = pipe.receiver.next().await.context("the pipe has ended")??;
    Ok(serde_json::from_str(&text)?)
}

/// A pipe on which the server has said its hello, with the nonce in it.
///
/// # Errors
/// When it is not opened, or the server says something else.
pub async fn greeted(link: &JoinLink, carrier: Carrier) -> Result<(Pipe, Nonce)> {
    let mut pipe = pipe(link, carrier).await?;
    let hello = json!({ "hello": { "versions": [2], "program": "test" } });
    pipe.sender.send([hello.to_string()]).await?;
    let answer = heard(&mut pipe).await?;
    let nonce = serde_json::from_value(answer["hello"]["nonce"].clone())?;
    Ok((pipe, nonce))
}

/// An attach of the link with this key and without seats, signed by another one or by itself.
pub fn attach(of: &SigningKey, by: &SigningKey, epoch: u64, nonce: Nonce) -> String {
    let link = LinkKey(of.verifying_key().to_bytes());
    let signature = Signature([0; 64]);
    let mut attach = Attach { link, epoch, received: 0, end_point: None, seats: Vec::new(), signature };
    let message = attach_message(&Context::of(&attach, nonce), 0);
    attach.signature = Signature(by.sign(&message).to_bytes());
    ClientFrame::Attach(attach).to_string()
}

/// Attaches a link of this key without a seat, and goes.
///
/// # Errors
/// When there is no place for it.
pub async fn attach_and_go(link: &JoinLink, own: &SigningKey) -> Result<()> {
    let (mut pipe, nonce) = greeted(link, Carrier::Websocket).await?;
    pipe.sender.send([attach(own, own, 1, nonce)]).await?;
    let answer = heard(&mut pipe).await?;
    ensure!(answer["attached"].is_object(), "{answer}");
    Ok(())
}
