//! What this crate makes of bytes that boxes on the way wrote, for the tests that feed it with anything.

use std::time::UNIX_EPOCH;

use crate::failure::HttpAnswer;
#[cfg(target_os = "linux")]
use crate::net_watch::announcement;
use crate::{http_connect, portal_api, tls};

/// Reads a certificate (DER) and judges it for this host; gives every text of it that would be shown.
pub fn certificate(der: &[u8], host: &str) -> Vec<String> {
    let (code, seen) = tls::look_into(der, host, UNIX_EPOCH);
    let texts = seen.map(|seen| [seen.issuer, seen.subject]);
    texts.into_iter().flatten().chain([code.to_string()]).collect()
}

/// Reads the head of a proxy's answer; gives every text of it that would be shown.
pub fn http_head(bytes: &[u8]) -> Vec<String> {
    let Some(HttpAnswer { server, via, agent, schemes, status: _ }) = http_connect::read_whole_head(bytes)
    else {
        return Vec::new();
    };
    [server, via, agent].into_iter().flatten().chain(schemes).collect()
}

/// Reads what a network says about its login page; gives the page that would be shown.
pub fn portal_api(bytes: &[u8]) -> Option<String> {
    portal_api::read(bytes)?.into_page()
}

/// Reads a message of the kernel's about a router's announcement; gives the address that was announced.
#[cfg(target_os = "linux")]
pub fn portal_announcement(bytes: &[u8]) -> Option<String> {
    Some(announcement::read_message(bytes)?.1)
}
