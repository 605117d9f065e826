//! `convened`: holds one connection per conference server and lets frontends take part through a
//! local socket.
//!
//! The rules are pure and live in other crates; `convene-uplink` joins the ladder, the link and the
//! seats of one server. Everything here are hands: a task per server, a task per frontend, the
//! store, and the rooms of the operating systems.

mod access;
mod commands;
mod config;
mod frontends;
mod instance;
mod logins;
mod memory;
mod network;
mod os;
mod proxies;
mod questions;
mod registry;
mod reload;
mod rules;
mod servers;
mod settings;
mod shares;
mod store;
mod turns;

pub use commands::main;
