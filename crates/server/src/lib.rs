//! `convene-server`: hosts conferences, keeps their events, and lets daemons in.
//!
//! What decides is pure: [`hosting`] runs one conference without a socket, a clock or a file. Everything else here are hands.

mod conferences;
pub mod hosting;
mod links;
