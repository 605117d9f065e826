//! The settings of GNOME and KDE.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use crate::language::ProxySource;
use crate::spellings;

/// How long the desktop's program may take: it reads one file.
const GSETTINGS_MAX: Duration = Duration::from_secs(2);
/// Bytes of settings: such files have some lines.
const BYTES_MAX: usize = 256 * 1024;

/// What the desktops of this machine say, as far as they are installed.
pub(crate) async fn desktop_proxies(environment: &impl Fn(&str) -> Option<OsString>) -> Vec<ProxySource> {
    let folder = |variable: &str| environment(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")));
    let kde = match config {
        Some(config) => read(&config.join("kioslaverc")).await.map(|file| spellings::kde(&file)),
        None => None,
    };
    gnome().await.into_iter().chain(kde).collect()
}

/// By GLib's own program, which knows where settings are kept and which of them an administrator has locked.
async fn gnome() -> Option<ProxySource> {
    let mut command = Command::new("gsettings");
    command.args(["list-recursively", "org.gnome.system.proxy"]);
    let printed = command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(GSETTINGS_MAX, printed).await.ok()?.ok()?;
    let printed = output.stdout.get(..BYTES_MAX.min(output.stdout.len()))?;
    output.status.success().then(|| spellings::gnome(&String::from_utf8_lossy(printed)))
}

async fn read(path: &Path) -> Option<String> {
    let mut text = Vec::new();
    File::open(path).await.ok()?.take(BYTES_MAX as u64).read_to_end(&mut text).await.ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}
