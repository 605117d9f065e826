//! The cost of a daemon that holds one seat.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::process::{Running, program};
use crate::server::serve;

/// How long the idle daemon is watched.
const IDLE: Duration = Duration::from_secs(20);
/// How long it may take to start.
const START_MAX: Duration = Duration::from_secs(15);

/// The values that were measured.
pub(crate) struct Daemon {
    pub(crate) joined_ms: u128,
    pub(crate) resident_mib: f64,
    pub(crate) idle_percent: f64,
}

/// Starts a server and a daemon, joins, and watches it being idle.
pub(crate) async fn measure() -> Result<Daemon> {
    let (place, _server, link) = serve(15_700).await?;
    let config = place.path().join("convened.toml");
    std::fs::write(&config, "[[server]]\nhost = \"localhost\"\n")?;
    let socket = place.path().join("convened.sock");
    let command = [
        program("convened")?.into(),
        "--config".into(),
        config.into(),
        "--state-dir".into(),
        place.path().join("daemon").into(),
        "--socket".into(),
        socket.clone().into(),
    ];
    let start = Instant::now();
    let daemon = Running::start(0, &command)?;
    let joined_ms = loop {
        let join = Command::new(program("convene")?)
            .args(["join", &link.to_string(), "--name", "Seat", "--socket"])
            .arg(&socket)
            .output()
            .context("convene")?;
        if join.status.success() {
            break start.elapsed().as_millis();
        }
        ensure!(start.elapsed() < START_MAX, "not joined: {}", String::from_utf8_lossy(&join.stderr));
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    tokio::time::sleep(Duration::from_secs(2)).await;
    let cpu = daemon.cpu()?;
    tokio::time::sleep(IDLE).await;
    let idle_percent = (daemon.cpu()? - cpu).as_secs_f64() / IDLE.as_secs_f64() * 100.0;
    Ok(Daemon { joined_ms, resident_mib: daemon.resident_kib()? / 1_024.0, idle_percent })
}
