//! A daemon that one user abuses, or one frontend of theirs, while another user asks it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use convene_tests_attackers::ENDLESS_SCRIPT;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::attacker::Attacker;
use super::caller::Caller;
use super::figures::Figure;
use super::memory::{self, Watch, resident_mib};
use crate::delays::p99_ms;
use crate::process::{Running, program};
use crate::server::serve;

/// The core that daemons have for themselves.
const CORE: usize = 0;
/// The first port of the server to which the attacker joins.
const PORT: u16 = 15_900;
/// How long memory settles before it is looked at.
const SETTLE: Duration = Duration::from_secs(3);
/// How long the abuse lasts before the other user is looked at, and how long each time that is.
const BEGINNING: Duration = Duration::from_secs(3);
const ASKED: Duration = Duration::from_secs(5);
/// How far the other user's calls are apart.
const ASK_PAUSE: Duration = Duration::from_millis(2);
/// MiB that the daemon may take.
const MOST_MIB: f64 = 64.0;
/// Milliseconds in which another user is answered; and by which one bad frontend may delay others.
const P99_MS: f64 = 10.0;
const DELAY_MS: f64 = 10.0;

/// A daemon in a directory that every user may enter.
pub(super) struct House {
    dir: TempDir,
    pub(super) daemon: Arc<Running>,
}

impl House {
    /// Starts one, whose administrator names a script that does not end where that is wanted.
    pub(super) fn start(with_script: bool) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755))?;
        let script = dir.path().join("proxy.pac");
        fs::write(&script, ENDLESS_SCRIPT)?;
        let proxy = format!("[proxy]\nmode = \"auto\"\npac_url = \"file://{}\"\n", script.display());
        let server = "[[server]]\nhost = \"localhost\"\n";
        let config = if with_script { format!("{proxy}{server}") } else { server.to_owned() };
        fs::write(dir.path().join("convened.toml"), config)?;
        let daemon = Arc::new(run(dir.path())?);
        Ok(Self { dir, daemon })
    }

    /// Kills the daemon, and starts it again.
    pub(super) fn restart(self) -> Result<Self> {
        let Self { dir, daemon } = self;
        drop(daemon);
        let daemon = Arc::new(run(dir.path())?);
        Ok(Self { dir, daemon })
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.dir.path().join("convened.sock")
    }
}

fn run(dir: &Path) -> Result<Running> {
    let command = [
        program("convened")?.into(),
        "--config".into(),
        dir.join("convened.toml").into(),
        "--state-dir".into(),
        dir.join("state").into(),
        "--socket".into(),
        dir.join("convened.sock").into(),
    ];
    Running::start(CORE, &command)
}

/// Measures the abuse of this kind: one of a user is limited by how soon another one is answered,
/// one of a frontend by how much it delays others.
pub(super) fn measure(runtime: &Runtime, kind: &str) -> Result<Vec<Figure>> {
    let (_place, _server, link) = runtime.block_on(serve(PORT))?;
    let house = House::start(kind == "l7")?;
    let socket = house.socket();
    let mut other = Caller::await_result(&socket, "conference.list", &json!({}))?;
    thread::park_timeout(SETTLE);
    let before = resident_mib(&house.daemon)?;
    let undisturbed = p99(&mut other)?;
    let watch = Watch::begin(&house.daemon);
    let attacker = Attacker::start(kind, &[link.to_string(), socket.display().to_string()])?;
    thread::park_timeout(BEGINNING);
    let disturbed = p99(&mut other)?;
    attacker.end()?;
    let most = watch.end()?;
    let mut figures = vec![Figure::told("p99_undisturbed_ms", undisturbed)];
    if kind.starts_with('l') {
        figures.push(Figure::limited("p99_ms", disturbed, P99_MS));
    } else {
        figures.push(Figure::told("p99_ms", disturbed));
        figures.push(Figure::limited("delay_ms", disturbed - undisturbed, DELAY_MS));
    }
    figures.extend(runtime.block_on(memory::figures(&house.daemon, before, most, MOST_MIB))?);
    Ok(figures)
}

/// The 99th percentile of how long a hello takes, in milliseconds.
fn p99(other: &mut Caller) -> Result<f64> {
    let (began, mut delays) = (Instant::now(), Vec::new());
    while began.elapsed() < ASKED {
        let asked = Instant::now();
        other.call("hello", &json!({}))?;
        delays.push(u64::try_from(asked.elapsed().as_micros())?);
        thread::park_timeout(ASK_PAUSE);
    }
    p99_ms(delays)
}
