//! `convene-server`: hosts conferences, keeps their events, and lets daemons in.
//!
//! The rules are pure and live in `convene-hosting`, which runs one conference. Everything here are
//! hands.

mod backup;
mod budget;
mod certificate;
mod check_page;
mod clock;
mod commands;
mod conferences;
mod config;
mod control;
mod delivery;
mod invitation;
mod links;
mod listen;
mod live;
mod os;
mod run;
mod setup;
mod state_dir;
mod web;

pub use commands::main;
