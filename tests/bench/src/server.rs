//! A server of this machine, in a directory of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use convene_model::JoinLink;
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Running, program};

/// The core that servers have for themselves.
const CORE: usize = 0;
/// How long a server may take to start.
const START_MAX: Duration = Duration::from_secs(30);
/// How often a server that starts is asked.
const ASK_PAUSE: Duration = Duration::from_millis(50);
const CONFIG: &str = "convene-server.toml";
const CONFERENCE: &str = "conference.toml";

/// The directory of a server, the first of its two ports, and where it listens.
pub(crate) struct Place {
    dir: TempDir,
    port: u16,
    listen: Vec<String>,
}

/// A conference that was created.
#[derive(Debug)]
pub(crate) struct Created {
    /// Its id.
    pub(crate) id: String,
    pub(crate) organizers: JoinLink,
    pub(crate) participants: JoinLink,
}

/// A server with one conference: its directory, itself, and the participants' link.
pub(crate) async fn serve(port: u16) -> Result<(Place, Running, JoinLink)> {
    let place = Place::new(port)?;
    let server = place.start()?;
    let created = place.create().await?;
    Ok((place, server, created.participants))
}

impl Place {
    pub(crate) fn new(port: u16) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        std::fs::write(dir.path().join(CONFIG), "name = \"localhost\"\n")?;
        std::fs::write(dir.path().join(CONFERENCE), "title = \"A measurement\"\n")?;
        Ok(Self { dir, port, listen: vec![format!("127.0.0.1:{port}-{}", port + 1)] })
    }

    /// One in which a seat may send as fast as it can: a long history is soon said.
    pub(crate) fn unpaced(port: u16) -> Result<Self> {
        let place = Self::new(port)?;
        let bytes = ["command_bytes_per_second", "told_bytes_per_second"];
        let bytes = bytes.map(|key| format!("{key} = 1073741824\n")).concat();
        let limits = format!("[limits]\ncommands_per_second = 100000\n{bytes}");
        std::fs::write(place.dir.path().join(CONFIG), format!("name = \"localhost\"\n{limits}"))?;
        Ok(place)
    }

    /// One that is reached by every address of this machine, and has a check page at the port
    /// behind.
    pub(crate) fn everywhere(port: u16) -> Result<Self> {
        let mut place = Self::new(port)?;
        let config = format!("name = \"localhost\"\ncheck_listen = \"0.0.0.0:{}\"\n", port + 2);
        std::fs::write(place.dir.path().join(CONFIG), config)?;
        place.listen = ["0.0.0.0", "[::1]"].map(|host| format!("{host}:{port}-{}", port + 1)).into();
        Ok(place)
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The first of its ports.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The server's event log.
    pub(crate) fn events(&self) -> PathBuf {
        self.state().join("events.db")
    }

    /// Starts the server. Dropping it kills it, which loses nothing that it has answered.
    pub(crate) fn start(&self) -> Result<Running> {
        let mut command: Vec<OsString> = vec![
            program("convene-server")?.into(),
            "run".into(),
            "--config".into(),
            self.dir.path().join(CONFIG).into(),
            "--state-dir".into(),
            self.state().into(),
        ];
        for listen in &self.listen {
            command.extend(["--listen".into(), listen.into()]);
        }
        Running::start(CORE, &command)
    }

    /// Creates a conference, as soon as the server answers.
    pub(crate) async fn create(&self) -> Result<Created> {
        let deadline = Instant::now() + START_MAX;
        loop {
            match self.ask_to_create() {
                Ok(created) => return Ok(created),
                Err(error) => ensure!(Instant::now() < deadline, "the server does not start: {error:#}"),
            }
            tokio::time::sleep(ASK_PAUSE).await;
        }
    }

    fn ask_to_create(&self) -> Result<Created> {
        let create = Command::new(program("convene-server")?)
            .args(["conference", "create", "--json"])
            .arg(self.dir.path().join(CONFERENCE))
            .arg("--state-dir")
            .arg(self.state())
            .output()?;
        if !create.status.success() {
            bail!("{}", String::from_utf8_lossy(&create.stderr));
        }
        let created: Value = serde_json::from_slice(&create.stdout)?;
        let field = |name: &str| created.get(name).and_then(Value::as_str).context("a field of a conference");
        Ok(Created {
            id: field("conference")?.to_owned(),
            organizers: field("organizer_link")?.parse()?,
            participants: field("participant_link")?.parse()?,
        })
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }
}
