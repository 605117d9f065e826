//! A server and daemons on this machine.

use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use convene_model::ConferenceId;
use rustix::process::{Pid, Resource, Rlimit, kill_process, prlimit};

pub use rustix::process::Signal;
use tempfile::TempDir;

use crate::PATIENCE;
use crate::skip::skip;
use crate::terminal::Terminal;

/// Where our programs are, set by `cargo xtask test`.
const PROGRAMS: &str = "CONVENE_BIN_DIR";
/// Where the programs of the older version are, set by `cargo xtask test` and `cargo xtask older`.
const OLDER_PROGRAMS: &str = "CONVENE_OLDER_BIN_DIR";

/// The path of one of our programs.
///
/// # Panics
/// When it is not built.
pub fn program(name: &str) -> PathBuf {
    program_in(&own_programs(), name)
}

/// The folder of our programs.
fn own_programs() -> PathBuf {
    let beside = || {
        let test = std::env::current_exe().ok()?;
        Some(test.parent()?.parent()?.as_os_str().to_owned())
    };
    environment(PROGRAMS).or_else(beside).unwrap_or_default().into()
}

fn program_in(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    assert!(
        path.exists(),
        "{} is not built: `cargo build --workspace --bins` first, or set {PROGRAMS}",
        path.display()
    );
    path
}

/// The environment of the tests is read here only.
pub(crate) fn environment(name: &str) -> Option<OsString> {
    std::env::vars_os().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Runs a command to its end.
///
/// # Panics
/// When it cannot be started, and after [`PATIENCE`]; then it is killed.
pub fn run(command: &mut Command) -> Output {
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = started.unwrap_or_else(|error| unstartable(command, &error));
    let pid = Pid::from_child(&child);
    let (tell, told) = mpsc::sync_channel(1);
    let waiter = thread::spawn(move || tell.send(child.wait_with_output()).ok());
    let output = told.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        // Nobody else waits for it, so the id is still its own.
        assert!(kill_process(pid, Signal::KILL).is_ok(), "it ended as it was given up");
        Err(std::io::ErrorKind::TimedOut.into())
    });
    drop(waiter.join());
    output.unwrap_or_else(|error| unstartable(command, &error))
}

#[expect(clippy::panic, reason = "a program that does not start or end fails the test")]
fn unstartable(command: &Command, error: &std::io::Error) -> ! {
    panic!("{command:?}: {error}")
}

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub struct Program {
    command: Vec<OsString>,
    log: PathBuf,
    environment: Vec<(String, OsString)>,
    child: Child,
}

impl Program {
    fn start(command: Vec<OsString>, log: PathBuf, environment: Vec<(String, OsString)>) -> Self {
        let child = Self::spawn(&command, &log, &environment);
        Self { command, log, environment, child }
    }

    fn spawn(command: &[OsString], log: &Path, environment: &[(String, OsString)]) -> Child {
        let (name, arguments) = command.split_first().unwrap_or_else(|| unreachable!("a command has a name"));
        let mut starting = Command::new(name);
        let output = File::options().create(true).append(true).open(log);
        let output = output.map_or_else(|_| Stdio::null(), Stdio::from);
        starting.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(output);
        starting.envs(environment.iter().map(|(name, value)| (name, value)));
        starting.spawn().unwrap_or_else(|error| unstartable(&starting, &error))
    }

    /// SIGKILL, and a new start at once.
    ///
    /// # Panics
    /// When it had ended by itself.
    pub fn kill_and_restart(&mut self) {
        let ended = self.child.try_wait().ok().flatten();
        assert!(ended.is_none(), "it had ended by itself: {ended:?}\n{}", self.logged());
        self.end();
        self.child = Self::spawn(&self.command, &self.log, &self.environment);
    }

    /// Asks it to end, as the system does, and starts it again when it has.
    ///
    /// # Panics
    /// When it does not end well.
    pub fn restart(&mut self) {
        self.stop();
        self.child = Self::spawn(&self.command, &self.log, &self.environment);
    }

    /// Asks it to end, as the system does, and waits until it has.
    ///
    /// # Panics
    /// When it does not end well.
    pub fn stop(&mut self) {
        self.signal(Signal::TERM);
        let ended = self.child.wait();
        assert!(ended.is_ok_and(|ended| ended.success()), "{}", self.logged());
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it has ended.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let sent = pid.map(|pid| kill_process(pid, signal));
        assert_eq!(sent, Some(Ok(())), "{}", self.logged());
    }

    /// From now on none of its files grows over this size; without one, any may. Only for one of
    /// [`Place::limited_daemon`].
    ///
    /// # Panics
    /// When it has ended.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let limited = prlimit(pid, Resource::Fsize, Rlimit { current: bytes, maximum: None });
        assert!(limited.is_ok(), "{limited:?}\n{}", self.logged());
    }

    /// The log of the program so far.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn end(&mut self) {
        // Both fail only where it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}

/// A conference that was created, and the links that lead into it.
#[derive(Debug, Clone)]
pub struct Created {
    /// Its id.
    pub conference: ConferenceId,
    /// For who leads it.
    pub organizer_link: String,
    /// For everybody else.
    pub participant_link: String,
}

/// Directories, ports, and a conference.
#[derive(Debug)]
pub struct Place {
    dir: Arc<TempDir>,
    ports: u16,
    environment: Vec<(String, OsString)>,
    /// The folder of the programs that run here.
    programs: PathBuf,
}

impl Place {
    /// An empty place with ports of its own: 4 for conferences, the next for HTTPS.
    ///
    /// # Panics
    /// When the system has no directory or no ports.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap_or_else(|error| unreachable!("a temporary directory: {error}"));
        let (dir, programs) = (Arc::new(dir), own_programs());
        Self { dir, ports: free_ports(), environment: Vec::new(), programs }
    }

    /// The same place, in which the programs of the older version run (`tests/older/COMMIT`). Where
    /// they are not built there is none, and this says that the test of this name is skipped.
    ///
    /// # Panics
    /// When the file of skipped tests cannot be written.
    pub fn older(&self, test: &str) -> Option<Self> {
        let Some(programs) = environment(OLDER_PROGRAMS) else {
            skip(test, "the older programs are not built: `cargo xtask older` builds them and runs it");
            return None;
        };
        let (dir, environment) = (Arc::clone(&self.dir), self.environment.clone());
        Some(Self { dir, ports: self.ports, environment, programs: programs.into() })
    }

    /// One whose programs keep their stores on a disk that loses what was not synced: a seed, and
    /// words for what it keeps or brings back of it (`tests/lossy-vfs`).
    #[must_use]
    pub fn lossy(self, disk: &str) -> Self {
        self.with("CONVENE_LOSSY_VFS", disk)
    }

    /// One whose programs have this in their environment too.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file in it.
    ///
    /// # Panics
    /// When that fails.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        let written = std::fs::write(&path, text);
        assert!(written.is_ok(), "{}: {written:?}", path.display());
        path
    }

    /// Copies a state directory that was kept. Only the test's own user may read the copy, as the
    /// programs demand: what git keeps is readable to all.
    ///
    /// # Panics
    /// When that fails.
    pub fn lay(&self, kept: &Path, name: &str) {
        let laid = copy_private(kept, &self.path(name));
        assert!(laid.is_ok(), "{}: {laid:?}", kept.display());
    }

    /// The command that runs the server here.
    pub fn server_command(&self) -> Vec<OsString> {
        let ports = format!("127.0.0.1:{}-{}", self.ports, self.ports + 3);
        let https = format!("127.0.0.1:{}", self.ports + 4);
        let mut command = self.configured_server_command("name = \"localhost\"\n");
        command.extend(["--listen".into(), ports.into(), "--listen".into(), https.into()]);
        command
    }

    /// The first of its five ports.
    pub fn port(&self) -> u16 {
        self.ports
    }

    /// Starts the server with this configuration alone.
    pub fn configured_server(&self, config: &str) -> Program {
        Program::start(
            self.configured_server_command(config),
            self.path("server.log"),
            self.environment.clone(),
        )
    }

    /// The command that does.
    pub fn configured_server_command(&self, config: &str) -> Vec<OsString> {
        let config = self.write("convene-server.toml", config);
        let mut command: Vec<OsString> =
            vec![self.program("convene-server").into(), "run".into(), "--config".into()];
        command.extend([config.into(), "--state-dir".into(), self.path("server").into()]);
        command
    }

    /// Starts the server.
    pub fn server(&self) -> Program {
        Program::start(self.server_command(), self.path("server.log"), self.environment.clone())
    }

    /// The command that runs a daemon here, with the configuration `convened.toml` if there is one.
    pub fn daemon_command(&self, name: &str) -> Vec<OsString> {
        let config = self.path("convened.toml");
        if !config.exists() {
            self.write("convened.toml", "[[server]]\nhost = \"localhost\"\n");
        }
        let mut command: Vec<OsString> =
            vec![self.program("convened").into(), "--config".into(), config.into()];
        command.extend(["--state-dir".into(), self.path(name).into()]);
        command.extend(["--socket".into(), self.socket(name).into()]);
        command
    }

    /// Starts a daemon.
    pub fn daemon(&self, name: &str) -> Program {
        Program::start(self.daemon_command(name), self.path(&format!("{name}.log")), self.environment.clone())
    }

    /// Starts a daemon whose disk can be made full: it is told that a file may not grow, and not
    /// ended for it.
    pub fn limited_daemon(&self, name: &str) -> Program {
        let script = "trap '' XFSZ; exec \"$0\" \"$@\"";
        let mut command: Vec<OsString> = ["sh", "-c", script].map(OsString::from).into();
        command.extend(self.daemon_command(name));
        Program::start(command, self.path(&format!("{name}.log")), self.environment.clone())
    }

    /// The daemon's socket.
    pub fn socket(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.sock"))
    }

    /// A `convene-server conference …` command.
    pub fn operator(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.program("convene-server"));
        run(command.arg("conference").args(arguments).arg("--state-dir").arg(self.path("server")))
    }

    /// A `convene …` command, at this daemon.
    pub fn convene(&self, daemon: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.program("convene"));
        run(command.args(arguments).arg("--socket").arg(self.socket(daemon)).env("LANG", "C"))
    }

    /// The same at a terminal, where a person types.
    ///
    /// # Panics
    /// When it cannot be started there.
    pub fn at_terminal(&self, daemon: &str, arguments: &[&str]) -> Terminal {
        let mut command = Command::new(self.program("convene"));
        command.args(arguments).arg("--socket").arg(self.socket(daemon)).env("LANG", "C");
        Terminal::start(command)
    }

    fn program(&self, name: &str) -> PathBuf {
        program_in(&self.programs, name)
    }

    /// Creates a conference on the running server: its id and the participants' link.
    ///
    /// # Panics
    /// When that fails.
    pub fn create(&self) -> (ConferenceId, String) {
        let created = self.create_from("title = \"A test\"\n");
        (created.conference, created.participant_link)
    }

    /// Creates a conference of this description on the running server.
    ///
    /// # Panics
    /// When that fails.
    pub fn create_from(&self, description: &str) -> Created {
        let file = self.write("conference.toml", description);
        let output = self.operator(&["create", &file.to_string_lossy(), "--json"]);
        let created: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let field =
            |name: &str| created.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let conference = field("conference").parse();
        assert!(conference.is_ok(), "{}", String::from_utf8_lossy(&output.stderr));
        Created {
            conference: conference.unwrap_or_else(|_| ConferenceId::from_random(0)),
            organizer_link: field("organizer_link"),
            participant_link: field("participant_link"),
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

fn copy_private(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().mode(0o700).create(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        std::fs::copy(entry.path(), &copy)?;
        std::fs::set_permissions(&copy, Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// Five ports in a row that nobody has: below those that the system gives away by itself, apart
/// from other test programs by their process, and never the same twice. Looking takes them for a
/// moment, so nobody looks at those of a server that restarts.
fn free_ports() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let start = 11_000 + u16::try_from(std::process::id() % 200).unwrap_or_default() * 100;
    let is_free = |first: &u16| {
        let bound: Vec<_> =
            (*first..*first + 5).map(|port| std::net::TcpListener::bind(("127.0.0.1", port))).collect();
        bound.iter().all(Result::is_ok)
    };
    let mut candidates =
        std::iter::repeat_with(|| start + 5 * TAKEN.fetch_add(1, Ordering::Relaxed)).take(20);
    candidates.find(is_free).unwrap_or_else(|| unreachable!("20 places, and others that have their ports"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn places_that_are_made_at_once_have_ports_of_their_own() {
        let making: Vec<_> = (0..6).map(|_| thread::spawn(free_ports)).collect();
        let ports: BTreeSet<_> = making.into_iter().map(|making| making.join().unwrap()).collect();
        assert_eq!(ports.len(), 6);
    }
}
