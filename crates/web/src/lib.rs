//! `convene-web`: the page by which people take part in their own browser, and the bridge that
//! joins it to the daemon.
//!
//! * `opening` is called by a person or a click: it finds the bridge of this user, or starts it,
//!   and has the browser open the link that the bridge makes.
//! * `serving` is the bridge: one for each user, on a random port of loopback, until no page has
//!   been open for a while (`usage`). `session` attaches it to the daemon as a frontend of its own,
//!   which offers what the user's session knows of proxies.
//! * `requests` serves the files of the page (`files`) and says who may come in: `address` checks
//!   whom a request is meant for and which page sent it, `admission` keeps one-time codes and
//!   tokens, `os` asks the system whose the other end of a connection is.
//! * `bridge` passes messages on between one WebSocket and one connection to the daemon, a message
//!   for a line. It adds nothing.

mod address;
mod admission;
mod bridge;
mod commands;
mod files;
mod language;
mod opening;
mod os;
mod requests;
mod serving;
mod session;
mod shared;
mod usage;

pub use commands::main;
