//! This crate's parsers of bytes that boxes on the way wrote, for the tests that feed them with
//! anything.

#[cfg(target_os = "linux")]
use std::net::IpAddr;
use std::time::UNIX_EPOCH;

use convene_model::Secret;
use convene_proxy_auth::Login;
use convene_reach::{ProxyScheme, Target};
use futures_util::FutureExt as _;
use tokio::io::{join, sink};

use crate::failure::HttpAnswer;
use crate::head;
use crate::http_connect::{self, Leg};
#[cfg(target_os = "linux")]
use crate::net_watch::{self, announcement};
use crate::poll::events::Lines;
#[cfg(target_os = "linux")]
use crate::tcp::{Family, name_servers};
use crate::{portal_api, socks, tls};

/// Reads a certificate (DER) and judges it for this host; gives every text of it that would be
/// shown.
pub fn certificate(der: &[u8], host: &str) -> Vec<String> {
    let (code, seen) = tls::look_into(der, host, UNIX_EPOCH);
    let texts = seen.map(|seen| [seen.issuer, seen.subject]);
    texts.into_iter().flatten().chain([code.to_string()]).collect()
}

/// Reads the head of a proxy's answer; gives every text of it that would be shown.
pub fn http_head(bytes: &[u8]) -> Vec<String> {
    let Some(HttpAnswer { server, via, agent, schemes, status: _ }) = head::read_whole(bytes) else {
        return Vec::new();
    };
    [server, via, agent].into_iter().flatten().chain(schemes).collect()
}

/// Reads what a network says about its login page; gives the page that would be shown.
pub fn portal_api(bytes: &[u8]) -> Option<String> {
    portal_api::read(bytes)?.into_page()
}

/// Reads a message of the kernel's about a router's announcement; gives the address that was
/// announced.
#[cfg(target_os = "linux")]
pub fn portal_announcement(bytes: &[u8]) -> Option<String> {
    Some(announcement::read_message(bytes)?.1)
}

/// Asks an HTTP proxy that answers with these bytes, with a login or without; gives what it left
/// unread of them, if the connection is of further use.
pub fn connect_answer(bytes: &[u8], with_login: bool) -> Option<&[u8]> {
    let authorization = with_login.then_some(&b"Basic YW5uYTpzZWNyZXQ="[..]);
    let stream = match at_once(http_connect::ask(join(bytes, sink()), &target(), authorization)).ok()? {
        Leg::Open(stream) => Some(stream),
        Leg::Login(wanted) => wanted.wire,
    };
    stream.map(|stream| stream.into_inner().0)
}

/// Asks a SOCKS proxy that answers with these bytes, with a login or without; gives what it left
/// unread of them, if the way is open.
pub fn socks_answer(bytes: &[u8], scheme: ProxyScheme, with_login: bool) -> Option<&[u8]> {
    let login = Login { user: "anna".to_owned(), password: Secret::new("secret") };
    let login = with_login.then_some(&login);
    let stream = at_once(socks::ask(join(bytes, sink()), scheme, &target(), login)).ok()?;
    Some(stream.into_inner().0)
}

/// Reads `resolv.conf`, which a network's DHCP server has its word in: the name servers and the
/// suffixes.
#[cfg(target_os = "linux")]
pub fn resolv_conf(text: &str) -> (Vec<IpAddr>, Vec<String>) {
    net_watch::resolv_conf(text)
}

/// Reads what came from a name server, as the answer to question 0 about `a.test`; gives its IPv4
/// addresses.
#[cfg(target_os = "linux")]
pub fn name_answer(bytes: &[u8]) -> Option<Vec<IpAddr>> {
    name_servers::read_answer(bytes, 0, "a.test", Family::V4)
}

fn at_once<Answer>(asked: impl Future<Output = Answer>) -> Answer {
    asked.now_or_never().expect("bytes that are there are not waited for")
}

fn target() -> Target {
    Target { host: "conference.test".to_owned(), port: 443 }
}

/// Reads what a streamed answer says, however it is cut; gives its frames, up to where it is no
/// such answer.
pub fn events(pieces: &[&[u8]]) -> Vec<String> {
    let mut lines = Lines::default();
    let mut frames = Vec::new();
    for piece in pieces {
        lines.push(piece);
        loop {
            match lines.next() {
                Ok(Some(frame)) => frames.push(frame.as_str().to_owned()),
                Ok(None) => break,
                Err(_) => return frames,
            }
        }
    }
    frames
}
