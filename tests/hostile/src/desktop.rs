//! The settings of a user's desktop, where its programs look for them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::network::Network;
use crate::process::must;

/// The home of a user who has a desktop.
#[derive(Debug, Clone)]
pub struct Desktop {
    home: PathBuf,
}

impl Desktop {
    /// A home without settings.
    pub fn new(network: &Network, user: &str) -> Self {
        let home = network.scratch().join(user);
        fs::create_dir_all(home.join(".config/dconf")).expect("the lab writes to its directory");
        Self { home }
    }

    /// Sets GNOME's settings, given as dconf's own program reads them: sections and keys below `/`.
    pub fn set_gnome(&self, settings: &str) {
        let folder = self.home.join("settings");
        fs::create_dir_all(&folder).expect("the lab writes to its directory");
        fs::write(folder.join("proxy"), settings).expect("the lab writes to its directory");
        let mut compile = Command::new("/usr/bin/dconf");
        must(compile.arg("compile").arg(self.home.join(".config/dconf/user")).arg(&folder), "");
    }

    /// Sets KDE's settings.
    pub fn set_kde(&self, settings: &str) {
        fs::write(self.home.join(".config/kioslaverc"), settings).expect("the lab writes to its directory");
    }

    /// The environment that this desktop's programs have.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![("HOME", self.home.display().to_string())]
    }
}
