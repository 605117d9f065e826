//! The addresses that abuse a server: one, many of one block, or one of each of many blocks.
//!
//! The benchmark has a network of its own, whose loopback has all of them. A connection to an
//! address of this machine comes from that address too, so the one that somebody calls decides
//! where they call from.

use std::net::Ipv4Addr;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Addresses of one block, and blocks.
const MANY: u8 = 16;
/// An address of every attack. Others are behind it too.
pub(super) const FIRST: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 1);

/// The addresses of an attack with this name: `n1`, `n1-block` or `n1-blocks`.
pub(super) fn of(name: &str) -> Vec<Ipv4Addr> {
    match name.split_once('-') {
        Some((_, "block")) => block().collect(),
        Some(_) => blocks().collect(),
        None => vec![FIRST],
    }
}

/// What an attack with this name does, from whichever addresses.
pub(super) fn kind(name: &str) -> &str {
    name.split_once('-').map_or(name, |(kind, _)| kind)
}

/// Gives all of them to the loopback of this network, which has nothing else.
pub(super) fn add() -> Result<()> {
    ip(&["link", "set", "lo", "up"])?;
    for address in block().chain(blocks().skip(1)) {
        ip(&["address", "add", &format!("{address}/32"), "dev", "lo"])?;
    }
    Ok(())
}

fn block() -> impl Iterator<Item = Ipv4Addr> {
    (1..=MANY).map(|host| Ipv4Addr::new(10, 9, 0, host))
}

fn blocks() -> impl Iterator<Item = Ipv4Addr> {
    (0..MANY).map(|block| Ipv4Addr::new(10, 9, block, 1))
}

fn ip(arguments: &[&str]) -> Result<()> {
    let status = Command::new("ip").args(arguments).status().context("ip, of iproute2")?;
    ensure!(status.success(), "ip {}: {status}", arguments.join(" "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_how_many_addresses_attack() {
        assert_eq!((kind("n1"), of("n1")), ("n1", vec![FIRST]));
        let in_block = of("p3-block");
        assert_eq!((kind("p3-block"), in_block.len()), ("p3", 16));
        assert!(in_block.iter().all(|address| address.octets()[..3] == FIRST.octets()[..3]));
        let mut blocks: Vec<_> = of("n1-blocks").iter().map(|address| address.octets()[2]).collect();
        blocks.dedup();
        assert_eq!(blocks.len(), 16);
        assert!(of("n1-blocks").contains(&FIRST));
    }
}
