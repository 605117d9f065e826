//! The sources of the configuration, and the moments at which it changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use convene_local_api::spellings;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::layers::{Layers, policy_file};
use super::provenance::{MachineSettings, Outside};
use super::{Config, ConfigError, Problem, Reading, Unusable, api, merge, system_environment};
use crate::os::{self, FolderWatch, paths};

/// How long files must be left alone before they are read again: editors and package managers write
/// in several steps.
const SETTLED_AFTER: Duration = Duration::from_millis(200);

/// The credential that holds the password at the proxy.
const PASSWORD: &str = "proxy-password";

/// The files and the environment that the configuration is made of.
#[derive(Debug)]
pub(crate) struct ConfigSource {
    /// The configuration file; its drop-ins lie beside it.
    pub(crate) path: PathBuf,
    /// Whether it was named, and so has to be there.
    pub(crate) named: bool,
    /// The state directory, in which lies what was set through the API.
    pub(crate) state: PathBuf,
    /// The environment with which the process was started.
    pub(crate) environment: BTreeMap<String, String>,
}

impl ConfigSource {
    /// Reads and checks everything.
    pub(crate) fn read(&self) -> Result<Reading, Unusable> {
        self.read_with(None)
    }

    /// As [`ConfigSource::read`], with this text in place of the file of what was set through the
    /// API.
    pub(crate) fn read_trying(&self, api: &str) -> Result<Reading, Unusable> {
        self.read_with(Some(api))
    }

    fn read_with(&self, tried: Option<&str>) -> Result<Reading, Unusable> {
        let mut layers = Layers::read(&self.path, self.named, &self.state, tried);
        // While a part of the configuration is not known, a check of all parts together is
        // guesswork.
        let credential = self.credential(PASSWORD);
        let password = if layers.errors.is_empty() { layers.check(credential.as_deref()) } else { None };
        // A service that starts at boot does not get the variables that every login gets, so they
        // are read here. The service's own variables win.
        let mut variables =
            paths::SYSTEM_ENVIRONMENT.map(Path::new).map(system_environment::read).unwrap_or_default();
        variables.extend(self.environment.clone());
        let (config, fixed, of_system) = (layers.merged(), layers.fixed(), os::machine_proxies());
        let of_environment = spellings::environment(|name| variables.get(name).cloned());
        let settings = MachineSettings::of(
            &layers.layers,
            &config,
            &Outside {
                proxies: of_environment.iter().chain(&of_system).collect(),
                credential: credential.as_deref(),
            },
        );
        let proxies = config.proxies(password.as_ref(), fixed, &variables, of_system);
        let Layers { files, errors, mut warnings, .. } = layers;
        warnings.extend(config.unused_variable(&variables));
        match proxies {
            Ok(proxies) if errors.is_empty() => Ok(Reading { config, proxies, settings, files, warnings }),
            Err(error) if errors.is_empty() => {
                let (place, key) = (self.path.display().to_string(), "[proxy]".to_owned());
                let (setting, what) = (Vec::new(), error.to_string());
                let error = ConfigError::Value(Problem { place, key, setting, what });
                Err(Unusable { errors: vec![error], warnings })
            }
            Ok(_) | Err(_) => Err(Unusable { errors, warnings }),
        }
    }

    /// A secret that the service manager hands over by this name (systemd.exec(5),
    /// `LoadCredential=`), where it does.
    fn credential(&self, name: &str) -> Option<PathBuf> {
        let path = Path::new(self.environment.get("CREDENTIALS_DIRECTORY")?).join(name);
        path.exists().then_some(path)
    }

    /// Watches what is read.
    pub(crate) fn watch(&self, config: &Config) -> ConfigWatch {
        let environment = paths::SYSTEM_ENVIRONMENT.map(PathBuf::from);
        let password = config.proxy.password_file.clone();
        let policy = policy_file(&self.path);
        let (named, set) = (self.path.clone(), api::file(&self.state));
        let files = [Some(named), Some(set), Some(policy), environment, password].into_iter().flatten();
        let files = files.chain(config.server.iter().filter_map(|server| server.ca_file.clone()));
        ConfigWatch::new(files.collect(), merge::folder(&self.path))
    }
}

/// Notices changes of files.
#[derive(Debug)]
pub(crate) struct ConfigWatch {
    /// None where the system cannot watch files.
    watcher: Option<FolderWatch>,
    /// The folders in which the files and the drop-ins lie.
    folders: Vec<PathBuf>,
    noticed: mpsc::Receiver<()>,
}

impl ConfigWatch {
    /// A file that is replaced is another file: so it is its folder that is watched.
    fn new(files: Vec<PathBuf>, drop_ins: PathBuf) -> Self {
        let folder = |path: &PathBuf| path.parent().map(Path::to_owned);
        let mut folders: Vec<PathBuf> = files.iter().filter_map(folder).collect();
        folders.push(drop_ins.clone());
        folders.sort_unstable();
        folders.dedup();
        let (notice, noticed) = mpsc::channel(1);
        let concerns =
            move |path: &Path| files.iter().any(|file| file == path) || path.starts_with(&drop_ins);
        // Elsewhere the system keeps such settings in files.
        #[cfg(windows)]
        os::watch_registry(&notice);
        let watcher = FolderWatch::new(move |path| {
            // One notice that waits stands for all that come meanwhile.
            if concerns(path) && notice.try_send(()).is_err() {
                tracing::trace!("a change is noticed already");
            }
        });
        if let Err(error) = &watcher {
            tracing::warn!(%error, "files cannot be watched: what is changed counts from the next start on");
        }
        let mut watch = Self { watcher: watcher.ok(), folders, noticed };
        watch.look();
        watch
    }

    /// Returns when something has changed and was left alone for a moment. Cancel safe, but a
    /// change in the middle may be told twice.
    pub(crate) async fn changed(&mut self) {
        if self.noticed.recv().await.is_none() {
            return std::future::pending().await;
        }
        while let Ok(Some(())) = timeout(SETTLED_AFTER, self.noticed.recv()).await {}
        self.look();
    }

    /// Watches the folders, those that have come into being included.
    pub(crate) fn look(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        for folder in self.folders.iter().filter(|folder| folder.is_dir()) {
            if let Err(error) = watcher.watch(folder) {
                tracing::warn!(folder = %folder.display(), %error, "changes of the configuration are not noticed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than any machine takes; no test waits so long that does not fail.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn files_that_are_changed_replaced_or_dropped_in_are_noticed_and_others_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("convened.toml");
        std::fs::write(&path, "").unwrap();
        let state = dir.path().join("state");
        let source = ConfigSource { path: path.clone(), named: true, state, environment: BTreeMap::new() };
        let Reading { config, .. } = source.read().unwrap();
        let mut watch = source.watch(&config);
        std::fs::write(dir.path().join("other.toml"), "x").unwrap();
        std::fs::write(&path, "[proxy]\nurl = \"http://a.test:1\"\n").unwrap();
        timeout(PATIENCE, watch.changed()).await.unwrap();
        std::fs::write(dir.path().join("new"), "[proxy]\nurl = \"http://b.test:1\"\n").unwrap();
        std::fs::rename(dir.path().join("new"), &path).unwrap();
        timeout(PATIENCE, watch.changed()).await.unwrap();
        std::fs::create_dir(dir.path().join("convened.d")).unwrap();
        timeout(PATIENCE, watch.changed()).await.unwrap();
        std::fs::write(dir.path().join("convened.d/10.toml"), "[proxy]\nmode = \"off\"\n").unwrap();
        timeout(PATIENCE, watch.changed()).await.unwrap();
        assert!(!source.read().unwrap().proxies.takes_others);
        std::fs::write(dir.path().join("policy.toml"), "[proxy]\nmode = \"auto\"\n").unwrap();
        timeout(PATIENCE, watch.changed()).await.unwrap();
        assert!(source.read().unwrap().proxies.takes_others, "the policy wins");
        // Beside files the registry is watched, which other tests change: a notice may be theirs.
        let mut was_quiet = false;
        for text in ["y", "yy", "yyy", "yyyy", "yyyyy"] {
            std::fs::write(dir.path().join("other.toml"), text).unwrap();
            was_quiet |= timeout(2 * SETTLED_AFTER, watch.changed()).await.is_err();
        }
        assert!(was_quiet, "another file is none of ours");
    }
}
