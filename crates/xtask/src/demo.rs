//! `cargo xtask demo`: a server, two daemons and a conference on this machine, with the real
//! programs.
//!
//! Everything that runs is driven through its command line, as a user's script would. The files
//! that it makes lie in one directory of its own and go with it; every program is killed on the way
//! out, which each of them must survive anyway.

mod frontend;
mod interrupt;
mod live;
mod once;
mod place;
mod program;
mod stage;
mod tally;

use std::path::PathBuf;

use anyhow::Result;

use crate::install::{self, BUILD};
use crate::test;

/// The options of the command line.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    /// Without a terminal: talk, kills, a line of JSON.
    pub(crate) once: bool,
    /// The number of messages that the two participants send between them.
    pub(crate) messages: usize,
    /// Where the raw outputs stay.
    pub(crate) keep: Option<PathBuf>,
    /// Install with sudo without asking.
    pub(crate) yes: bool,
}

/// Installs, builds, and plays.
pub(crate) fn demo(wishes: &Wishes) -> Result<()> {
    install::packages(BUILD, wishes.yes)?;
    test::build_programs()?;
    interrupt::arm();
    let stage = stage::Stage::open(wishes.keep.as_deref())?;
    if wishes.once { once::play(stage, wishes.messages) } else { live::play(&stage) }
}
