//! A Debian of its own, in which wine and wixl are new enough: made once per machine, kept outside
//! of the clone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::limit;
use crate::cache;
use crate::install::{self, WINE, is_root};
use crate::workspace::root;

/// How long making it may take: it loads and unpacks 2 GB.
const MAKING: Duration = Duration::from_secs(30 * 60);
/// The files by which it is made. A change of any of these makes it anew.
const SCRIPTS: [&str; 3] = ["prepare.sh", "secur32.c", "crypt32.c"];
/// Starts a program in a folder of that Debian. Files that Windows programs make are their owner's
/// alone, because wine knows no inherited access lists.
const START: &str = r#"umask 077; cd "$0" && exec "$@""#;

/// That Debian.
#[derive(Debug, Clone)]
pub(crate) struct Debian {
    folder: PathBuf,
}

impl Debian {
    /// Finds or makes it.
    ///
    /// # Errors
    /// When this is not root, or its packages cannot be had.
    pub(crate) fn get(yes: bool) -> Result<Self> {
        if !is_root() {
            bail!("chroot and mount are root's alone");
        }
        if !install::packages(WINE, yes)?.is_empty() {
            bail!("what makes it is not installed");
        }
        let scripts = SCRIPTS.map(|name| tools().join(name));
        let make = |folder: &Path| {
            println!("making a Debian with wine and wixl, once on this machine: some minutes");
            let made = limit::output(Command::new(&scripts[0]).arg(folder), "", MAKING)?;
            if made.status.success() {
                return Ok(());
            }
            bail!("prepare.sh: {}\n{}", made.status, made.text())
        };
        let names = scripts.each_ref().map(PathBuf::as_path);
        cache::folder("wine", &names, make).map(|folder| Self { folder })
    }

    /// The one in this folder, from inside.
    pub(super) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// Where it lies.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder that wine takes for a fresh machine's disk, to be copied.
    pub(super) fn prefix(&self) -> PathBuf {
        self.folder.join("prefix")
    }

    /// A command to which a program of the host and its arguments are to be added. That program may
    /// use [`Self::inside`], which sees these folders under their own paths. It has loopback alone
    /// for a network.
    pub(crate) fn enter(&self, folders: &[&Path]) -> Command {
        let mut command = Command::new(tools().join("enter.sh"));
        command.arg(self.os()).args(folders).arg("--");
        command
    }

    /// A command that starts a program of this Debian in a folder, with no environment but what is
    /// given. It works for programs started by [`Self::enter`] alone.
    pub(crate) fn inside(&self, folder: &Path, program: &str) -> Command {
        let mut command = Command::new("chroot");
        command.arg(self.os()).args([
            "/usr/bin/env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
        ]);
        command.args(["sh", "-c", START]).arg(folder).arg(program);
        command
    }

    /// Enters for this program of this Debian alone.
    pub(crate) fn once(&self, folders: &[&Path], folder: &Path, program: &str) -> Command {
        let inside = self.inside(folder, program);
        let mut command = self.enter(folders);
        command.arg(inside.get_program()).args(inside.get_args());
        command
    }

    fn os(&self) -> PathBuf {
        self.folder.join("os")
    }
}

fn tools() -> PathBuf {
    root().join("packaging/windows/wine")
}
