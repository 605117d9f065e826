//! A running server with a conference.

use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::answer::Event;
use crate::authority::Issued;
use crate::daemon::{Daemon, Settings};
use crate::ground::environment;
use crate::network::{Families, Network, Place, SERVER_NAME};
use crate::process::{Process, must};

/// The server's conference ports.
pub const CONFERENCE_PORTS: std::ops::RangeInclusive<u16> = 4_500..=4_506;
/// The server's HTTPS port.
pub const HTTPS_PORT: u16 = 443;
/// The title of the conference.
pub(crate) const TITLE: &str = "Hostile";
/// Names the directory of the programs under test.
const PROGRAMS: &str = "CONVENE_BIN_DIR";

/// The setup of a server; by default with a certificate of its own, which its join links name by
/// fingerprint.
#[derive(Debug, Clone, Copy, Default)]
pub struct House<'a> {
    /// A certificate of an authority's instead. Join links then leave trust to the client.
    pub certificate: Option<Issued<'a>>,
    /// Whether the server shows its plain page, over IPv4.
    pub check_page: bool,
}

/// A network whose server runs and holds one conference.
#[derive(Debug)]
pub struct World {
    // Dropped in this order.
    _server: Process,
    conference: String,
    link: String,
    identity: [PathBuf; 2],
    network: Network,
}

#[derive(Debug, Deserialize)]
struct Created {
    conference: String,
    participant_link: String,
}

impl World {
    /// Starts the server on all its ports, with a certificate of its own, and creates the
    /// conference.
    pub fn open(network: Network) -> Self {
        Self::open_in(network, &House::default())
    }

    /// Starts the server on all its ports, set up so, and creates the conference.
    pub fn open_in(network: Network, house: &House<'_>) -> Self {
        let directory = network.scratch();
        let issued = house.certificate.map(|certificate| certificate.write(SERVER_NAME, directory));
        let configuration = configuration(network.families(), house.check_page, issued.as_ref());
        fs::write(directory.join("server.toml"), configuration).expect("the lab writes to its directory");
        fs::write(directory.join("conference.toml"), format!("title = \"{TITLE}\"\n"))
            .expect("the lab writes to its directory");
        let mut run = server(&network);
        run.args(["run", "--config"]).arg(directory.join("server.toml"));
        run.arg("--state-dir").arg(directory.join("server"));
        let server_process = Process::start(&mut run, directory.join("server.log"));
        for address in network.servers() {
            for port in CONFERENCE_PORTS.chain([HTTPS_PORT]) {
                network.await_listener(Place::Server, SocketAddr::new(address, port));
            }
        }
        let mut create = server(&network);
        create.args(["conference", "create"]).arg(directory.join("conference.toml"));
        create.arg("--json").arg("--state-dir").arg(directory.join("server"));
        let created = must(&mut create, "");
        let created: Created =
            serde_json::from_str(&created).expect("`conference create --json` prints its object");
        let Created { conference, participant_link: link } = created;
        let own = || ["certificate.pem", "key.pem"].map(|file| directory.join("server").join(file));
        let identity = issued.unwrap_or_else(own);
        Self { _server: server_process, conference, link, identity, network }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The server's HTTPS port.
    pub(crate) fn https(&self) -> SocketAddr {
        let server = self.network.servers().first().copied().expect("the server has an address");
        SocketAddr::new(server, HTTPS_PORT)
    }

    /// The files of the server's certificate and its key.
    pub(crate) fn identity(&self) -> &[PathBuf; 2] {
        &self.identity
    }

    /// The conference's id.
    pub fn conference(&self) -> &str {
        &self.conference
    }

    /// The join link of its participants.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// Starts a daemon with a state of its own in the client's place.
    pub fn daemon(&self, name: &str, settings: &Settings) -> Daemon<'_> {
        Daemon::start(self, name, settings)
    }

    /// The operator ends the conference.
    pub fn end(&self) {
        let mut end = server(&self.network);
        end.args(["conference", "end", &self.conference, "--state-dir"]);
        must(end.arg(self.network.scratch().join("server")), "");
    }

    /// Every event of the conference, as the server keeps it.
    pub fn events(&self) -> Vec<Event> {
        let mut show = server(&self.network);
        show.args(["conference", "show", &self.conference, "--events", "--json", "--state-dir"]);
        events(&must(show.arg(self.network.scratch().join("server")), ""))
    }
}

/// Lines of events.
pub(crate) fn events(lines: &str) -> Vec<Event> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| unreadable(line, &error));
    lines.lines().map(parse).collect()
}

#[expect(clippy::panic, reason = "a line that is not what is documented fails the test")]
pub(crate) fn unreadable(line: &str, error: &serde_json::Error) -> ! {
    panic!("not what is documented: {error}\n{line}")
}

/// One of the programs under test.
pub(crate) fn program(name: &str) -> PathBuf {
    let beside = || {
        let test = std::env::current_exe().ok()?;
        Some(test.parent()?.parent()?.as_os_str().to_owned())
    };
    let directory: OsString = environment(PROGRAMS).or_else(beside).expect("a test stands in a directory");
    let program = Path::new(&directory).join(name);
    assert!(program.exists(), "{} is not built: `cargo build` first, or set {PROGRAMS}", program.display());
    program
}

fn server(network: &Network) -> Command {
    network.command(Place::Server, program("convene-server"))
}

fn configuration(families: Families, check_page: bool, issued: Option<&[PathBuf; 2]>) -> String {
    let any = [families.has_v4().then_some("0.0.0.0"), families.has_v6().then_some("[::]")];
    let (first, last) = (CONFERENCE_PORTS.start(), CONFERENCE_PORTS.end());
    let listen: Vec<_> = any
        .into_iter()
        .flatten()
        .flat_map(|any| [format!("\"{any}:{first}-{last}\""), format!("\"{any}:{HTTPS_PORT}\"")])
        .collect();
    let mut configuration = format!("name = \"{SERVER_NAME}\"\nlisten = [{}]\n", listen.join(", "));
    if check_page {
        configuration += "check_listen = \"0.0.0.0:80\"\n";
    }
    if let Some([certificate, key]) = issued {
        configuration +=
            &format!("[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n", certificate.display(), key.display());
    }
    configuration
}
