//! A conference on a Linux server, and the links into it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::limit::{self, Running};
use crate::workspace::bin_dir;

/// How long the server may take for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server, and one conference there.
#[derive(Debug)]
pub(super) struct Conference {
    folder: PathBuf,
    server: Option<Running>,
    /// The conference's id.
    pub(super) id: String,
    /// A link that names the server's key.
    pub(super) link: String,
}

impl Conference {
    /// Starts a server on loopback with its usual ports, and a conference there. Everything lies in
    /// this folder.
    pub(super) fn begin(folder: &Path) -> Result<Self> {
        fs::write(folder.join("server.toml"), "name = \"localhost\"\n")?;
        fs::write(folder.join("conference.toml"), "title = \"Grüße 🍷\"\n")?;
        let mut begun =
            Self { folder: folder.to_path_buf(), server: None, id: String::new(), link: String::new() };
        begun.serve()?;
        let created = begun.ask(&["create", "conference.toml", "--json"])?;
        let created: Value = serde_json::from_str(&created).context(created)?;
        let text = |name: &str| {
            created.get(name).and_then(Value::as_str).map(str::to_owned).context("a field is missing")
        };
        begun.id = text("conference")?;
        begun.link = text("participant_link")?;
        Ok(begun)
    }

    /// The link without a word on the server's key.
    pub(super) fn plain_link(&self) -> &str {
        self.link.split_once("#fp=").map_or(&self.link, |(link, _)| link)
    }

    /// The link with another server's key.
    pub(super) fn wrong_link(&self) -> String {
        let (link, key) = self.link.split_once("#fp=").unwrap_or((&self.link, ""));
        let first = if key.starts_with('A') { 'B' } else { 'A' };
        format!("{link}#fp={first}{}", key.get(1..).unwrap_or_default())
    }

    /// The server's certificate, which it has signed itself.
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.join("server/certificate.pem")
    }

    /// Starts the server and waits until it answers.
    pub(super) fn serve(&mut self) -> Result<()> {
        let log = File::options().append(true).create(true).open(self.folder.join("server.log"))?;
        let mut command = server();
        command.current_dir(&self.folder).args(["run", "--config", "server.toml", "--state-dir", "server"]);
        command.args(["--listen", "127.0.0.1:4500-4506", "--listen", "127.0.0.1:443"]);
        self.server = Some(Running::start(command.stdout(log.try_clone()?).stderr(log))?);
        let start = Instant::now();
        while self.ask(&["list"]).is_err() {
            ensure!(start.elapsed() < PATIENCE, "the server does not answer");
        }
        Ok(())
    }

    /// SIGKILL to the server.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), Running::kill)
    }

    fn ask(&self, arguments: &[&str]) -> Result<String> {
        let mut command = server();
        command.current_dir(&self.folder).arg("conference").args(arguments).args(["--state-dir", "server"]);
        let output = limit::output(&mut command, "", PATIENCE)?;
        if output.status.success() { Ok(output.stdout) } else { bail!("{}", output.text()) }
    }
}

fn server() -> Command {
    Command::new(bin_dir().join("convene-server"))
}
