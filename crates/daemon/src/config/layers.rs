//! The places that the configuration comes from; of two values of one key that of the later place
//! counts.

use std::path::{Path, PathBuf};

use convene_local_api::SettingSourceKind;
use convene_toml_file::TomlFile;

use super::{Config, ConfigError, Problem, api, merge, registry};
use crate::os::{self, paths};

/// The registry key in which an installer keeps what it was told.
const INSTALLED: &str = r"Software\Convene";
/// The registry key of the policies.
const POLICIES: &str = r"Software\Policies\Convene";

/// The section that may stand several times in a file.
pub(super) const SERVER: &str = "server";

/// One place and what it says.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) origin: Origin,
    /// The kind of place, by which it has its rank.
    pub(super) kind: SettingSourceKind,
    pub(super) config: Config,
}

/// The place of a layer.
#[derive(Debug)]
pub(super) enum Origin {
    /// In a file.
    File(TomlFile),
    /// Below this key of the registry.
    Registry(&'static str),
}

/// All places, in the order in which they count, and what is wrong with some.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) layers: Vec<Layer>,
    /// The state directory, in which files are the daemon's alone.
    pub(super) state: PathBuf,
    pub(super) files: Vec<PathBuf>,
    pub(super) errors: Vec<ConfigError>,
    pub(super) warnings: Vec<Problem>,
}

impl Origin {
    /// As an error names it. A section that may stand several times has a number behind its name.
    pub(super) fn place(&self, keys: &[&str]) -> String {
        match self {
            Self::File(file) => file.place(keys),
            Self::Registry(key) => registry::place(key, keys),
        }
    }
}

impl Layer {
    /// Whether it is the administrators' word, which users cannot change.
    pub(super) fn is_policy(&self) -> bool {
        self.kind == SettingSourceKind::Policy
    }

    /// Something about one key of this layer. `keys` are its section, the number of a server, and
    /// the key itself.
    pub(super) fn problem(&self, keys: &[&str], what: impl Into<String>) -> Problem {
        let (place, key) = (self.origin.place(keys), shown(keys));
        Problem { place, key, setting: self.setting(keys), what: what.into() }
    }

    fn setting(&self, keys: &[&str]) -> Vec<String> {
        let host = |number: &&str| Some(self.config.server.get(number.parse::<usize>().ok()?)?.host.clone());
        match keys {
            [SERVER, number, key] => [Some(SERVER.to_owned()), host(number), Some((*key).to_owned())]
                .into_iter()
                .flatten()
                .collect(),
            others => others.iter().map(|key| (*key).to_owned()).collect(),
        }
    }
}

impl Layers {
    /// Reads the file, unless it does not exist and was not `named`, the drop-ins beside it, what
    /// an installer left in the registry, what was set through the API, and the policies:
    /// `policy.toml` beside the file, and the registry's. A text that is `tried` counts as if it
    /// was set through the API, in place of all that was.
    pub(super) fn read(path: &Path, named: bool, state: &Path, tried: Option<&str>) -> Self {
        let mut layers = Self { state: state.to_owned(), ..Self::default() };
        layers.read_file(path, named, SettingSourceKind::File);
        let folder = merge::folder(path);
        // Anyone who can write there adds what is obeyed, or takes it away.
        if folder.is_dir()
            && let Err(error) = paths::verify_configuration(&folder)
        {
            layers.errors.push(error.into());
        }
        match merge::drop_ins(path) {
            Ok(files) => {
                files.iter().for_each(|file| layers.read_file(file, true, SettingSourceKind::DropIn));
            }
            Err(error) => layers.errors.push(error.into()),
        }
        layers.read_registry(INSTALLED, path, SettingSourceKind::Installer);
        layers.read_api(tried);
        layers.read_file(&policy_file(path), false, SettingSourceKind::Policy);
        layers.read_registry(POLICIES, path, SettingSourceKind::Policy);
        layers
    }

    /// Everything together.
    pub(super) fn merged(&self) -> Config {
        let mut merged = Config::default();
        self.layers.iter().for_each(|layer| merged.merge(layer.config.clone()));
        merged
    }

    fn read_file(&mut self, path: &Path, must_exist: bool, kind: SettingSourceKind) {
        // A file of which it cannot be said whether it exists is read, so that the reason is told.
        if !must_exist && !path.try_exists().unwrap_or(true) {
            return;
        }
        let read = || -> Result<_, ConfigError> {
            let file = TomlFile::read(path)?;
            paths::verify_configuration(path)?;
            let config: Config = file.parse()?;
            Ok((file, config))
        };
        match read() {
            Ok((file, config)) => {
                self.files.push(path.to_owned());
                self.add(Layer { origin: Origin::File(file), kind, config }, path);
            }
            Err(error) => self.errors.push(error),
        }
    }

    fn read_api(&mut self, tried: Option<&str>) {
        let path = api::file(&self.state);
        let read = || -> Result<_, ConfigError> {
            let file = match tried {
                Some(text) => TomlFile::new(&path, text),
                // Only the daemon looks into its state directory. Anyone else who checks the
                // configuration may not, and does without.
                None if !path.try_exists().unwrap_or(false) => return Ok(None),
                None => {
                    paths::verify_kept(&path)?;
                    TomlFile::read(&path)?
                }
            };
            let config: Config = file.parse()?;
            Ok(Some((file, config)))
        };
        match read() {
            Ok(Some((file, config))) => {
                self.files.push(path.clone());
                self.add(Layer { origin: Origin::File(file), kind: SettingSourceKind::Api, config }, &path);
            }
            Ok(None) => {}
            Err(error) => self.errors.push(error),
        }
    }

    fn read_registry(&mut self, key: &'static str, path: &Path, kind: SettingSourceKind) {
        let values = match os::registry_values(key) {
            Ok(values) if values.is_empty() => return,
            Ok(values) => values,
            Err(source) => {
                return self.errors.push(ConfigError::Registry { place: registry::place(key, &[]), source });
            }
        };
        let (config, problems) = registry::config(key, &values);
        self.errors.extend(problems.into_iter().map(ConfigError::Value));
        // An installer keeps other things there too; what is no setting among the policies was
        // meant as one.
        if kind == SettingSourceKind::Policy {
            self.warnings.extend(registry::unknown(key, &values));
        }
        self.add(Layer { origin: Origin::Registry(key), kind, config }, path);
    }

    /// Takes a layer whose values make sense by themselves. Files are named relative to the folder
    /// of `path`: the configuration, or what was set through the API.
    fn add(&mut self, mut layer: Layer, path: &Path) {
        let problems = layer.normalize(path.parent().unwrap_or_else(|| Path::new("")));
        self.errors.extend(problems.into_iter().map(ConfigError::Value));
        self.layers.push(layer);
    }
}

/// A key as people write about it.
pub(super) fn shown(keys: &[&str]) -> String {
    match keys {
        [SERVER, .., key] => format!("[[{SERVER}]] {key}"),
        [section, key] => format!("[{section}] {key}"),
        other => other.join(" "),
    }
}

/// The policy beside a configuration file.
pub(super) fn policy_file(path: &Path) -> PathBuf {
    path.with_file_name("policy.toml")
}
