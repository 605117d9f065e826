//! `convene-server`: hosts conferences, keeps their events, and lets daemons in.
//!
//! What decides is pure: [`hosting`] runs one conference without a socket, a clock or a file. Everything else here are hands.

mod certificate;
mod check_page;
mod commands;
mod conferences;
mod config;
mod control;
pub mod hosting;
mod links;
mod listen;
mod live;
mod os;
mod run;
mod setup;
mod state_dir;
mod web;

pub use commands::main;
