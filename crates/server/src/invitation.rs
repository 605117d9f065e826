//! The pages that a browser shows, foremost the one to which a join link leads: in the visitor's
//! language, from the code alone, for people who may not have Convene yet.
//!
//! No server is told what stands behind `#` in a link. A script puts the whole link together in the
//! browser; without it the page says what is missing.

mod guesses;
mod page;
#[cfg(test)]
mod tests;
mod visitor;

use convene_model::{JoinCode, JoinLink, PortRange, Timestamp};

pub(crate) use guesses::Guesses;
pub(crate) use page::{invitation, nothing, unknown};
pub(crate) use visitor::Visitor;

use crate::config::{Config, Install};

/// The script of all pages.
pub(crate) const SCRIPT: &str = include_str!("invitation/invitation.js");
/// Where a browser finds it.
pub(crate) const SCRIPT_PATH: &str = "/invitation.js";
/// The style of all pages.
pub(crate) const STYLE: &str = include_str!("invitation/invitation.css");
/// Where a browser finds it.
pub(crate) const STYLE_PATH: &str = "/invitation.css";

/// A conference as its invitation tells of it. The texts are its organizer's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Invited {
    /// Its title.
    pub(crate) title: String,
    /// Its theme, or nothing.
    pub(crate) theme: String,
    /// The people or the organization that invites, or nothing.
    pub(crate) hosts: String,
    /// When it was planned to open; one without opened at once.
    pub(crate) start: Option<Timestamp>,
    /// Whether it is over.
    pub(crate) is_over: bool,
}

/// The settings of the server that stand on its pages.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    host: String,
    https_port: u16,
    install: Install,
}

impl Site {
    /// As the configuration has it.
    pub(crate) fn of(config: &Config) -> Self {
        let (host, https_port) = (config.name.clone(), config.https_port());
        Self { host, https_port, install: config.install.clone() }
    }

    /// The part of a join link that a server is told.
    fn link(&self, code: JoinCode) -> String {
        let (host, https_port) = (self.host.clone(), self.https_port);
        JoinLink { host, https_port, code, fingerprint: None, ports: PortRange::DEFAULT }.to_string()
    }
}
