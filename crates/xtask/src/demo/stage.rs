//! The server, the two daemons and the conference.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::frontend::Frontend;
use super::interrupt::wait_for;
use super::place::{Place, Ports};
use super::program::{Program, ours, stdout_json};

/// The people of the demo, one for each daemon.
pub(super) const NAMES: [&str; 2] = ["Blue", "Green"];

/// A start that takes longer has failed. Generous: the machine may be busy building something else.
const START_LIMIT: Duration = Duration::from_secs(30);

/// All that runs. The programs are stopped before their directory goes.
#[derive(Debug)]
pub(super) struct Stage {
    server: Program,
    daemons: [Program; 2],
    pub(super) conference: String,
    pub(super) join_link: String,
    ports: Ports,
    pub(super) place: Place,
}

impl Stage {
    /// Starts everything and creates the conference.
    pub(super) fn open(keep: Option<&Path>) -> Result<Self> {
        let place = Place::make(keep)?;
        let ports = Ports::find()?;
        let Ports { first, last, https } = ports;
        place.write("convene-server.toml", "name = \"localhost\"\n")?;
        place.write("conference.toml", "title = \"A conference on this machine\"\n")?;
        let config = format!(
            "[[server]]\nhost = \"localhost\"\ndirect_ports = \"{first}-{last}\"\nhttps_port = {https}\n\
             addresses = [\"127.0.0.1\"]\n\n[proxy]\nmode = \"off\"\n"
        );
        place.write("convened.toml", &config)?;
        for log in ["server.log", "blue.log", "green.log"] {
            place.output(log)?;
        }
        let server = start_server(&place, ports)?;
        let create = ours("convene-server")
            .args(["conference", "create"])
            .arg(place.path("conference.toml"))
            .arg("--state-dir")
            .arg(place.path("server"))
            .arg("--json")
            .output();
        let created = stdout_json(create).context("convene-server conference create")?;
        let text = |key: &str| created.get(key).and_then(Value::as_str).map(str::to_owned);
        let conference = text("conference").context("create named no conference")?;
        let join_link = text("participant_link").context("create printed no participants' link")?;
        let daemons = [start_daemon(&place, 0)?, start_daemon(&place, 1)?];
        Ok(Self { server, daemons, conference, join_link, ports, place })
    }

    /// SIGKILLs the server and starts it again.
    pub(super) fn restart_server(&mut self) -> Result<()> {
        self.server.kill()?;
        self.server = start_server(&self.place, self.ports)?;
        Ok(())
    }

    /// SIGKILLs a participant's daemon and starts it again.
    pub(super) fn restart_daemon(&mut self, who: usize) -> Result<()> {
        let daemon = self.daemons.get_mut(who).context("no such daemon")?;
        daemon.kill()?;
        *daemon = start_daemon(&self.place, who)?;
        Ok(())
    }

    /// The command line of a participant.
    pub(super) fn frontend(&self, who: usize) -> Frontend {
        Frontend::new(socket(&self.place, who), self.conference.clone())
    }
}

fn start_server(place: &Place, Ports { first, last, https }: Ports) -> Result<Program> {
    let mut command = ours("convene-server");
    command.args(["run", "--config"]).arg(place.path("convene-server.toml"));
    command.arg("--state-dir").arg(place.path("server"));
    command.args([
        "--listen",
        &format!("127.0.0.1:{first}-{last}"),
        "--listen",
        &format!("127.0.0.1:{https}"),
    ]);
    let mut server = Program::start(command, &place.log("server"))?;
    wait_for("the server to listen", START_LIMIT, || {
        Ok(server.logged()?.contains("listening").then_some(()))
    })
    .context("convene-server")?;
    Ok(server)
}

fn start_daemon(place: &Place, who: usize) -> Result<Program> {
    let name = NAMES.get(who).context("no such participant")?.to_lowercase();
    let state = place.path(&name);
    fs::create_dir_all(&state)?;
    let socket = socket(place, who);
    let mut command = ours("convened");
    command.arg("--config").arg(place.path("convened.toml"));
    command.arg("--state-dir").arg(state).arg("--socket").arg(&socket);
    let mut daemon = Program::start(command, &place.log(&name))?;
    wait_for("the daemon's socket", START_LIMIT, || {
        daemon.logged()?;
        Ok(UnixStream::connect(&socket).is_ok().then_some(()))
    })
    .context("convened")?;
    Ok(daemon)
}

fn socket(place: &Place, who: usize) -> PathBuf {
    place.path(&format!("{who}.sock"))
}
