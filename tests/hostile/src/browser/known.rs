//! The knowledge that the machine in the client's place has of its network. Every program learns of
//! it as such programs do.

use std::fs;
use std::path::PathBuf;

use crate::daemon::Settings;
use crate::desktop::Desktop;
use crate::world::World;

/// By default nothing.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The environment of every program.
    pub environment: Vec<(&'static str, String)>,
    /// The contents of `/etc/environment`, from which a login makes the environment of a session.
    pub system_environment: Vec<(&'static str, String)>,
    /// What else is in the environment of a user's session.
    pub session_environment: Vec<(&'static str, String)>,
    /// The user's desktop, with its name as `XDG_CURRENT_DESKTOP` has it.
    pub desktop: Option<(&'static str, Desktop)>,
    /// The script that a program is configured with.
    pub pac_url: Option<String>,
    /// The certificates (PEM) of the authorities that are trusted.
    pub authorities: Vec<String>,
}

impl Known {
    /// As a daemon is told.
    pub fn settings(&self, world: &World) -> Settings {
        let store = world.network().scratch().join("trusted.pem");
        fs::write(&store, self.authorities.concat()).expect("the lab writes to its directory");
        let trust = ("SSL_CERT_FILE", store.display().to_string());
        let environment = self.environment.iter().cloned().chain([trust]).collect();
        let pac = self.pac_url.iter().map(|url| format!("[proxy]\npac_url = \"{url}\"\n"));
        let system = self.system_environment.iter().map(|(name, value)| format!("{name}=\"{value}\"\n"));
        let session = self.desktop.iter().flat_map(|(_, desktop)| desktop.environment());
        let session = session.chain(self.session_environment.iter().cloned()).collect();
        Settings {
            configuration: pac.collect(),
            environment,
            system_environment: system.collect(),
            session,
            ..Settings::default()
        }
    }

    /// The user's home, where a desktop has made one.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        let (_, desktop) = self.desktop.as_ref()?;
        desktop.environment().into_iter().find(|(name, _)| *name == "HOME").map(|(_, home)| home.into())
    }

    /// The environment of a program in the user's session.
    pub(crate) fn session(&self) -> Vec<(&'static str, String)> {
        // Of KDE's versions the one that keeps its settings where `Desktop` writes them.
        let desktop = self.desktop.iter().flat_map(|(name, _)| {
            [("XDG_CURRENT_DESKTOP", (*name).to_owned()), ("KDE_SESSION_VERSION", "5".to_owned())]
        });
        let environment = self.environment.iter().chain(&self.system_environment);
        environment.chain(&self.session_environment).cloned().chain(desktop).collect()
    }
}
