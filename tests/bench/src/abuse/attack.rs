//! What the attacker does, without end.

mod frontends;
mod local;
mod network;
mod seats;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use convene_model::JoinLink;
use rustix::process::Uid;

use super::sources;
use crate::process::raise_descriptors;

/// The user who is nobody: whom an abused daemon sees.
const NOBODY: u32 = 65_534;

/// Attacks until it is killed, from the addresses that the name says. The target is a join link,
/// and the address of the server's check page or the daemon's socket.
///
/// # Errors
/// When there is no such attack, or it cannot go on.
pub(crate) fn run(name: &str, target: &[&str]) -> Result<()> {
    let [link, place] = target else { bail!("a link, and an address or a socket") };
    let link: JoinLink = link.parse()?;
    raise_descriptors()?;
    let kind = sources::kind(name);
    let from = sources::of(name);
    // Whom one calls decides where one calls from.
    let links: Vec<JoinLink> =
        from.iter().map(|address| JoinLink { host: address.to_string(), ..link.clone() }).collect();
    if kind.starts_with('n') {
        return network::run(kind, &links, place.parse::<SocketAddr>()?.port());
    }
    if kind.starts_with('p') {
        return seats::run(kind, &links);
    }
    // Threads that are started later are this user's too.
    rustix::thread::set_thread_uid(Uid::from_raw(NOBODY)).context("only root becomes somebody else")?;
    let socket = Path::new(place);
    if kind.starts_with('l') { local::run(kind, &link, socket) } else { frontends::run(kind, socket) }
}
