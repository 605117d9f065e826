//! A daemon, and the command line that asks it.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use crate::answer::{Checked, Event, Joined, Said, Status};
use crate::network::Place;
use crate::patience::{PATIENCE, patiently};
use crate::process::{Process, must, run};
use crate::world::{World, events, program, unreadable};

/// The settings with which a daemon is started; by default none at all.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The configuration file.
    pub configuration: String,
    /// The environment.
    pub environment: Vec<(&'static str, String)>,
    /// The contents of `/etc/environment` of the client's place.
    pub system_environment: String,
    /// The environment of the frontends, which are started in a user's session.
    pub session: Vec<(&'static str, String)>,
    /// Whether systemd-networkd seems to run there: what it knows is then
    /// [`Network::note_portal`]'s.
    ///
    /// [`Network::note_portal`]: crate::Network::note_portal
    pub networkd: bool,
    /// Whether another file takes the program's place once it runs, as at an upgrade.
    pub replaced: bool,
    /// Whether it may not become another user (`CAP_SETUID` and `CAP_SETGID`).
    pub keeps_its_user: bool,
}

/// Runs a program with a `/run` of its own, in which nothing is but the directory that stands in
/// for systemd-networkd's.
const BESIDE_NETWORKD: &str = "mount -t tmpfs lab /run && mkdir -p /run/systemd/netif && \
    mount --bind \"$0\" /run/systemd/netif && exec \"$@\"";

/// A user who is not the one that runs the lab (nobody, on Debian).
const STRANGER: &str = "65534";

/// A running daemon in the client's place, until it is dropped.
#[derive(Debug)]
pub struct Daemon<'a> {
    process: Process,
    name: String,
    directory: PathBuf,
    session: Vec<(&'static str, String)>,
    world: &'a World,
}

/// A command that came to its end.
#[derive(Debug)]
pub struct Finished<Answer> {
    /// The line that it printed; absent if it printed none.
    pub answer: Option<Answer>,
    /// Its exit code.
    pub exit: Option<i32>,
    /// Its output on standard error.
    pub complaint: String,
    /// From its start to its end.
    pub took: Duration,
}

impl<'a> Daemon<'a> {
    pub(crate) fn start(world: &'a World, name: &str, settings: &Settings) -> Self {
        let directory = world.network().scratch().join(name);
        fs::create_dir_all(&directory).expect("the lab writes to its directory");
        fs::write(directory.join("convened.toml"), &settings.configuration)
            .expect("the lab writes to its directory");
        world.network().write_etc(Place::Client, "environment", &settings.system_environment);
        let copy = directory.join("convened");
        let convened = if settings.replaced { copy.clone() } else { program("convened") };
        if settings.replaced {
            fs::copy(program("convened"), &copy).expect("the lab writes to its directory");
        }
        let mut command = if settings.networkd {
            let mut shell = world.network().command(Place::Client, "/bin/sh");
            shell.args(["-c", BESIDE_NETWORKD]).arg(world.network().networkd()).arg(convened);
            shell
        } else if settings.keeps_its_user {
            let mut bounded = world.network().command(Place::Client, "/usr/bin/setpriv");
            bounded.args(["--bounding-set", "-setuid,-setgid"]).arg(convened);
            bounded
        } else {
            world.network().command(Place::Client, convened)
        };
        command.arg("--config").arg(directory.join("convened.toml"));
        command.arg("--state-dir").arg(directory.join("state"));
        command.arg("--socket").arg(directory.join("socket"));
        command.envs(settings.environment.iter().map(|(name, value)| (name, value)));
        let mut process = Process::start(&mut command, directory.join("convened.log"));
        let socket = directory.join("socket");
        let ready = patiently(PATIENCE, || {
            (UnixStream::connect(&socket).is_ok() || !process.is_running()).then_some(())
        });
        assert!(ready.is_some() && process.is_running(), "convened does not serve:\n{}", process.printed());
        if settings.replaced {
            let other = directory.join("other");
            fs::write(&other, "another program").expect("the lab writes to its directory");
            fs::rename(&other, &copy).expect("the lab writes to its directory");
        }
        Self { process, name: name.to_owned(), directory, session: settings.session.clone(), world }
    }

    /// The name with which it was started, which is that of its state's directory too.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `convene join`, with the link on its standard input, waiting as long as `wait`.
    pub fn join(&self, name: &str, wait: Duration) -> Finished<Joined> {
        let mut join = self.convene(&["join", "-", "--name", name, "--json", "--wait"]);
        finish(join.arg(wait.as_secs().to_string()), self.world.link())
    }

    /// `convene` as another user of the same machine, with these arguments, the link on its
    /// standard input, and what it answers.
    pub fn ask_as_stranger(&self, arguments: &[&str]) -> Finished<serde_json::Value> {
        let mut command = self.world.network().command(Place::Client, "/usr/bin/setpriv");
        command.args(["--reuid", STRANGER, "--regid", STRANGER, "--clear-groups"]);
        command.arg(program("convene")).args(arguments).arg("--json").env("CONVENE_SOCKET", self.socket());
        finish(&mut command, self.world.link())
    }

    /// `convene list`: the seats of the user who runs the lab.
    pub fn list(&self) -> Vec<serde_json::Value> {
        let listed = must(&mut self.convene(&["list", "--json"]), "");
        listed.lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect()
    }

    /// `convene join` in that language, likewise: what a person reads.
    pub fn join_in_words(&self, name: &str, language: &str, wait: Duration) -> Finished<String> {
        let mut join = self.convene(&["join", "-", "--name", name, "--lang", language, "--wait"]);
        end(join.arg(wait.as_secs().to_string()), self.world.link(), |printed| Some(printed.to_owned()))
    }

    /// `convene status`: the one server's line.
    pub fn status(&self) -> Option<Status> {
        finish(&mut self.convene(&["status", "--json"]), "").answer
    }

    /// `convene check --letter` in that language, waiting as long as `wait`.
    pub fn check(&self, language: &str, wait: Duration) -> Finished<Checked> {
        let mut check = self.convene(&["check", "--letter", "--lang", language, "--json", "--wait"]);
        finish(check.arg(wait.as_secs().to_string()), "")
    }

    /// `convene say`, under the given command id, waiting for the receipt as long as `wait`.
    pub fn say(&self, text: &str, id: &str, wait: Duration) -> Finished<Said> {
        let mut say = self.convene(&["say", self.world.conference(), text, "--id", id, "--json", "--wait"]);
        finish(say.arg(wait.as_secs().to_string()), "")
    }

    /// `convene tail`: every event so far.
    pub fn tail(&self) -> Vec<Event> {
        events(&must(&mut self.convene(&["tail", self.world.conference(), "--json"]), ""))
    }

    /// Starts `convene tail --follow`, which prints a line per event until it is dropped: see
    /// [`Daemon::followed`].
    pub fn follow(&self) -> Process {
        let mut tail = self.convene(&["tail", self.world.conference(), "--follow", "--json"]);
        Process::start(&mut tail, self.directory.join("tail.log"))
    }

    /// The events that a [`Daemon::follow`] printed so far; a line that is still being written does
    /// not count.
    pub fn followed(&self, tail: &Process) -> Vec<Event> {
        let printed = tail.printed();
        printed.rfind('\n').and_then(|end| printed.get(..end)).map(events).unwrap_or_default()
    }

    /// `convene proxy` with these arguments: its exit code.
    pub fn proxy(&self, arguments: &[&str]) -> Finished<serde_json::Value> {
        let mut proxy = self.convene(&["proxy"]);
        finish(proxy.args(arguments).arg("--json"), "")
    }

    /// Writes the configuration file anew.
    pub fn configure(&self, configuration: &str) {
        fs::write(self.directory.join("convened.toml"), configuration)
            .expect("the lab writes to its directory");
    }

    /// The daemon's socket.
    pub fn socket(&self) -> PathBuf {
        self.directory.join("socket")
    }

    /// The program itself.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// The output of the daemon so far.
    pub fn log(&self) -> String {
        self.process.printed()
    }

    fn convene(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.network().command(Place::Client, program("convene"));
        command.args(arguments).env("CONVENE_SOCKET", self.directory.join("socket"));
        command.envs(self.session.iter().map(|(name, value)| (name, value)));
        command
    }
}

fn finish<Answer: DeserializeOwned>(command: &mut Command, input: &str) -> Finished<Answer> {
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| unreadable(line, &error));
    end(command, input, |printed| printed.lines().next().map(parse))
}

fn end<Answer>(
    command: &mut Command,
    input: &str,
    read: impl FnOnce(&str) -> Option<Answer>,
) -> Finished<Answer> {
    let began = Instant::now();
    let output = run(command, input);
    let took = began.elapsed();
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Finished { answer: read(&printed), exit: output.status.code(), complaint, took }
}
