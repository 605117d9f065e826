//! Hostile networks, and what must happen in each: a test per network, named by its number in the
//! project's list of them.
//!
//! "Fast" is joined within 3 s of `convene join`, with the daemon running and knowing nothing of
//! the network.
#![cfg(target_os = "linux")]

#[path = "hostile/auth.rs"]
mod auth;
#[path = "hostile/blocked.rs"]
mod blocked;
#[path = "hostile/carriers.rs"]
mod carriers;
#[path = "hostile/direct.rs"]
mod direct;
#[path = "hostile/expect.rs"]
mod expect;
#[path = "hostile/field.rs"]
mod field;
#[path = "hostile/finding.rs"]
mod finding;
#[path = "hostile/gates.rs"]
mod gates;
#[path = "hostile/inspecting.rs"]
mod inspecting;
#[path = "hostile/moving.rs"]
mod moving;
#[path = "hostile/paths.rs"]
mod paths;
#[path = "hostile/people.rs"]
mod people;
#[path = "hostile/portal.rs"]
mod portal;
#[path = "hostile/proxy.rs"]
mod proxy;
#[path = "hostile/scripted.rs"]
mod scripted;
#[path = "hostile/session.rs"]
mod session;
#[path = "hostile/socks.rs"]
mod socks;
#[path = "hostile/staying.rs"]
mod staying;
#[path = "hostile/tls.rs"]
mod tls;
#[path = "hostile/vpn.rs"]
mod vpn;
