//! The command lines of the programs, as data.
//!
//! The programs match on what is parsed here. The man pages and the completions of the packages are
//! made of the same trees, without the programs being compiled for it; that is why they stand
//! apart. The help of `convene` has its sentences from wording: [`reworded`] puts them in.
//!
//! This crate is pure: what an option means where it is left out, the programs decide.

pub mod convene;
pub mod convene_server;
pub mod convene_tui;
pub mod convene_web;
pub mod convened;
mod os;
mod words;

#[cfg(test)]
mod tests;

pub use words::{Speak, reworded};
