//! A fresh Windows: wine with a disk of its own, that nothing else uses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, bail};

use super::debian::Debian;
use super::limit::{self, Output, Running};
use crate::steps::run;

/// How long wine itself may take for what it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// That Windows. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Wine {
    debian: Debian,
    prefix: PathBuf,
    /// Windows' services end with its last program, so one runs all the time: it waits for an input
    /// that never comes.
    _always: Running,
}

impl Wine {
    /// Makes its disk in this folder and starts it.
    pub(super) fn begin(debian: Debian, folder: &Path) -> Result<Self> {
        let prefix = folder.join("prefix");
        if prefix.exists() {
            fs::remove_dir_all(&prefix)?;
        }
        run(Command::new("cp").args(["--archive", "--reflink=auto"]).arg(debian.prefix()).arg(&prefix))?;
        let mut waits = program(&debian, &prefix, folder, &[], Path::new("cmd.exe"));
        waits.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let always = Running::start(&mut waits)?;
        let wine = Self { debian, prefix, _always: always };
        // Whatever starts the system's own programs hands them its output, and would wait for their
        // end.
        let mut first = wine.program(folder, Path::new("cmd.exe"));
        first.args(["/c", "exit"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        run(&mut first)?;
        Ok(wine)
    }

    /// A command that starts a program for Windows in this folder.
    pub(super) fn program(&self, folder: &Path, name: &Path) -> Command {
        program(&self.debian, &self.prefix, folder, &[], name)
    }

    /// The same with these variables (`NAME=VALUE`) in its environment.
    pub(super) fn program_with(&self, folder: &Path, variables: &[String], name: &Path) -> Command {
        program(&self.debian, &self.prefix, folder, variables, name)
    }

    /// Runs one of Windows' own programs.
    ///
    /// # Errors
    /// When it does not end.
    pub(super) fn own(&self, name: &str, arguments: &[&str]) -> Result<Output> {
        let mut command = self.program(&self.prefix, Path::new(name));
        limit::output(command.args(arguments), "", PATIENCE)
    }

    /// Where a path of Windows' own disk lies.
    pub(super) fn disk(&self, path: &str) -> PathBuf {
        self.prefix.join("drive_c").join(path)
    }

    /// Sets a value of the machine's registry.
    pub(super) fn set_registry(&self, key: &str, name: &str, value: &str) -> Result<()> {
        let set =
            self.own("reg.exe", &["add", key, "/v", name, "/t", "REG_SZ", "/d", value, "/f", "/reg:64"])?;
        if set.status.success() { Ok(()) } else { bail!("{}", set.text()) }
    }

    /// Forgets a key of the machine's registry with all that is in it.
    pub(super) fn forget_registry(&self, key: &str) -> Result<()> {
        self.own("reg.exe", &["delete", key, "/f", "/reg:64"]).map(drop)
    }

    /// A value of the machine's registry.
    pub(super) fn registry(&self, key: &str, name: &str) -> Result<Option<String>> {
        let found = self.own("reg.exe", &["query", key, "/v", name, "/reg:64"])?;
        let mut words = found.stdout.lines().filter_map(|line| line.trim().strip_prefix(name));
        Ok(words
            .next()
            .and_then(|rest| rest.trim().split_once(char::is_whitespace))
            .map(|(_, value)| value.trim().to_owned()))
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        let mut end = self.debian.inside(&self.prefix, "env");
        end.arg(format!("WINEPREFIX={}", self.prefix.display())).args(["wineserver", "-k"]);
        drop(limit::output(&mut end, "", PATIENCE));
    }
}

/// The name that Windows has for a path of this machine.
pub(super) fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

fn program(debian: &Debian, prefix: &Path, folder: &Path, variables: &[String], name: &Path) -> Command {
    let mut command = debian.inside(folder, "env");
    // Our two libraries stand before wine's, and its own remarks would stand among what the program
    // says.
    command.args([
        "WINEDLLOVERRIDES=secur32,crypt32=n",
        "WINEDEBUG=-all",
        "HOME=/root",
        "XDG_RUNTIME_DIR=/tmp",
    ]);
    command.arg(format!("WINEPREFIX={}", prefix.display())).args(variables).arg("wine").arg(name);
    command
}
