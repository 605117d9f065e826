//! Finding the bridge of this user, or starting it, and having a browser open its page.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use convene_local_client::ask_own;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::language::{Opened, Wanted};
use crate::os;

/// What the bridge prints when it can be asked.
pub(crate) const READY: &str = "ready";
/// How long it may take to start.
const START_MAX: Duration = Duration::from_secs(20);
/// How often it is started: one that is found may be about to end.
const TRIES: usize = 3;
/// How long a browser's opener is waited for. One that fails does so at once; one that becomes the
/// browser stays.
const OPENER_MAX: Duration = Duration::from_secs(3);

/// Asks the bridge that runs, or starts one and asks that.
///
/// # Errors
/// Where none answers that is this user's.
pub(crate) async fn link(place: &Path, wanted: &Wanted) -> io::Result<Opened> {
    let question = serde_json::to_string(wanted)?;
    let mut last = io::Error::from(io::ErrorKind::NotConnected);
    for _ in 0..TRIES {
        match ask_own(place, &question).await {
            Ok(answer) => return Ok(serde_json::from_str(&answer)?),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(error),
            Err(error) => last = error,
        }
        start().await?;
    }
    match ask_own(place, &question).await {
        Ok(answer) => Ok(serde_json::from_str(&answer)?),
        Err(_) => Err(last),
    }
}

/// Starts the bridge, which outlives this program, and waits until it can be asked. It ends at once
/// where another one was quicker.
async fn start() -> io::Result<()> {
    let mut command = std::process::Command::new(std::env::current_exe()?);
    command.arg("--serve").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    os::detach(&mut command);
    let mut bridge = Command::from(command).spawn()?;
    let output = bridge.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let started = async move {
        let mut said = String::new();
        BufReader::new(output).read_line(&mut said).await?;
        if said.trim_end() == READY {
            return Ok(());
        }
        let ended = bridge.wait_with_output().await?;
        if ended.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&ended.stderr).trim().to_owned()))
    };
    timeout(START_MAX, started).await?
}

/// Has the browser of this user's choice open an address; says whether it does.
pub(crate) async fn browser(url: &str) -> bool {
    let mut command = os::opener(url);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut opener) = Command::from(command).spawn() else { return false };
    match timeout(OPENER_MAX, opener.wait()).await {
        Ok(ended) => ended.is_ok_and(|status| status.success()),
        Err(_) => true,
    }
}
