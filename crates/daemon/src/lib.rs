//! `convened`: holds one connection per conference server and lets frontends take part through a local socket.
//!
//! What decides is pure and lives in other rooms; [`conversation`] joins the link with the seats, [`connection`] the ladder with
//! the conversation. Everything else here are hands: a task per server, a task per frontend, the store, and the rooms of
//! the operating systems.

mod commands;
mod config;
pub mod connection;
pub mod conversation;
mod frontends;
mod instance;
mod logins;
mod network;
mod os;
mod proxies;
mod registry;
mod reload;
mod servers;
mod store;

pub use commands::main;
