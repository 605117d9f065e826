//! `convened`: holds one connection per conference server and lets frontends take part through a local socket.
//!
//! What decides is pure and lives in other rooms; [`conversation`] joins it for one server. Everything else here are hands.

pub mod connection;
pub mod conversation;
#[expect(dead_code, unused_imports, reason = "the program that uses it is being wired")]
mod os;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the program that uses it is being wired"))]
mod store;
