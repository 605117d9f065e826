//! The settings of GNOME and KDE, and the notices of any desktop.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use convene_local_api::{ProxySource, spellings};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long the desktop's program may take: it reads one file.
const GSETTINGS_MAX: Duration = Duration::from_secs(2);
/// How long a desktop may take to show a notice.
const NOTIFY_MAX: Duration = Duration::from_secs(5);
/// Bytes of settings: such files have some lines.
const BYTES_MAX: usize = 256 * 1024;

/// The file of KDE's settings in a folder of settings.
const KDE_FILE: &str = "kioslaverc";
/// Folders of settings that a session may name: distributions name two or three.
const FOLDERS_MAX: usize = 16;
/// How long settings must be left alone before they are read again.
const SETTLED_AFTER: Duration = Duration::from_millis(200);

/// Where this user's settings are kept.
fn folder_of_settings(environment: &impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |variable: &str| environment(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")))
}

/// KDE's files of settings, an administrator's first (XDG Base Directory Specification): the first
/// folder that is named counts most, and the user's own most of all.
fn files_of_kde(environment: &impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let named = environment("XDG_CONFIG_DIRS").filter(|folders| !folders.is_empty());
    let folders = named.unwrap_or_else(|| OsString::from("/etc/xdg"));
    let folders = std::env::split_paths(&folders).filter(|folder| folder.is_absolute()).take(FOLDERS_MAX);
    let mut files: Vec<PathBuf> = folders.map(|folder| folder.join(KDE_FILE)).collect();
    files.reverse();
    files.extend(folder_of_settings(environment).map(|folder| folder.join(KDE_FILE)));
    files
}

/// The proxy settings of the desktops of this machine, as far as they are installed.
pub(crate) async fn desktop_proxies(environment: &impl Fn(&str) -> Option<OsString>) -> Vec<ProxySource> {
    let mut files = Vec::new();
    for file in files_of_kde(environment) {
        files.extend(read(&file).await);
    }
    let text = |name: &str| environment(name)?.into_string().ok();
    let kde = (!files.is_empty()).then(|| spellings::kde(&files, text));
    gnome().await.into_iter().chain(kde).collect()
}

/// By GLib's own program, which knows where settings are kept and which of them an administrator
/// has locked.
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

/// By the program that the desktops' own library brings along.
pub(crate) async fn notify(title: &str, text: &str) -> bool {
    let mut command = Command::new("notify-send");
    command.args(["--app-name=Convene", "--icon=dialog-warning", title, text]);
    let shown = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    timeout(NOTIFY_MAX, shown.status()).await.is_ok_and(|ended| ended.is_ok_and(|status| status.success()))
}

/// A program that a session starts has no terminal here that it could leave.
pub(crate) fn leave_console() -> bool {
    false
}

/// Notices changes of the files in which GNOME and KDE keep settings.
#[derive(Debug)]
pub(crate) struct DesktopWatch {
    /// None where the system cannot watch files. Dropping it ends the watch.
    _watcher: Option<RecommendedWatcher>,
    noticed: mpsc::Receiver<()>,
}

impl DesktopWatch {
    pub(crate) fn new(environment: &impl Fn(&str) -> Option<OsString>) -> Self {
        let (notice, noticed) = mpsc::channel(1);
        let mut files = files_of_kde(environment);
        files.extend(folder_of_settings(environment).map(|folder| folder.join("dconf/user")));
        // A file that is replaced is another file: so it is its folder that is watched.
        let watched = files.clone();
        let concerns = move |event: &Event| {
            !event.kind.is_access() && event.paths.iter().any(|path| watched.contains(path))
        };
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| concerns(&event)) && notice.try_send(()).is_err() {
                tracing::trace!("a change is noticed already");
            }
        })
        .ok();
        for folder in files.iter().filter_map(|file| file.parent()) {
            if let Some(watcher) = &mut watcher
                && let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive)
            {
                tracing::debug!(folder = %folder.display(), %error, "there are no settings");
            }
        }
        Self { _watcher: watcher, noticed }
    }

    /// Cancel safe, but then a change may be told twice.
    pub(crate) async fn changed(&mut self) {
        if self.noticed.recv().await.is_none() {
            return std::future::pending().await;
        }
        while let Ok(Some(())) = timeout(SETTLED_AFTER, self.noticed.recv()).await {}
    }
}
