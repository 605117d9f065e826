//! Where everything of one run lies.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// The folder of one run, and what has a fixed name in it.
#[derive(Debug, Clone)]
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn new(folder: &Path) -> Self {
        Self(folder.to_path_buf())
    }

    /// Empties it of what an earlier run left.
    pub(super) fn clear(&self) -> Result<()> {
        if self.0.exists() {
            fs::remove_dir_all(&self.0)?;
        }
        for folder in [self.programs(), self.installers(), self.again(), self.story()] {
            fs::create_dir_all(folder)?;
        }
        Ok(())
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// The programs for Windows.
    pub(super) fn programs(&self) -> PathBuf {
        self.0.join("programs")
    }

    /// The installers.
    pub(super) fn installers(&self) -> PathBuf {
        self.0.join("installers")
    }

    /// Some of them, packed a second time.
    pub(super) fn again(&self) -> PathBuf {
        self.0.join("again")
    }

    /// The list of programs with unit tests.
    pub(super) fn tests(&self) -> PathBuf {
        self.0.join("tests.json")
    }

    /// Configurations, links and logs.
    pub(super) fn story(&self) -> PathBuf {
        self.0.join("story")
    }
}
