//! The places that the configuration comes from; of two values of one key that of the later place
//! counts.

use std::path::{Path, PathBuf};

use convene_toml_file::TomlFile;

use super::{Config, ConfigError, Problem, merge, registry};
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
    /// Whether it is the administrators' word, which users cannot change.
    pub(super) is_policy: bool,
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
    /// Something about one key of this layer. `keys` are its section, the number of a server, and
    /// the key itself.
    pub(super) fn problem(&self, keys: &[&str], what: impl Into<String>) -> Problem {
        Problem { place: self.origin.place(keys), key: shown(keys), what: what.into() }
    }
}

impl Layers {
    /// Reads the file, unless it does not exist and was not `named`, the drop-ins beside it, what
    /// an installer left in the registry, and the policies: `policy.toml` beside the file, and the
    /// registry's.
    pub(super) fn read(path: &Path, named: bool) -> Self {
        let mut layers = Self::default();
        layers.read_file(path, named, false);
        let folder = merge::folder(path);
        // Anyone who can write there adds what is obeyed, or takes it away.
        if folder.is_dir()
            && let Err(error) = paths::verify_configuration(&folder)
        {
            layers.errors.push(error.into());
        }
        match merge::drop_ins(path) {
            Ok(files) => files.iter().for_each(|file| layers.read_file(file, true, false)),
            Err(error) => layers.errors.push(error.into()),
        }
        layers.read_registry(INSTALLED, path, false);
        layers.read_file(&policy_file(path), false, true);
        layers.read_registry(POLICIES, path, true);
        layers
    }

    /// Everything together.
    pub(super) fn merged(&self) -> Config {
        let mut merged = Config::default();
        self.layers.iter().for_each(|layer| merged.merge(layer.config.clone()));
        merged
    }

    fn read_file(&mut self, path: &Path, must_exist: bool, is_policy: bool) {
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
                self.add(Layer { origin: Origin::File(file), is_policy, config }, path);
            }
            Err(error) => self.errors.push(error),
        }
    }

    fn read_registry(&mut self, key: &'static str, path: &Path, is_policy: bool) {
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
        if is_policy {
            self.warnings.extend(registry::unknown(key, &values));
        }
        self.add(Layer { origin: Origin::Registry(key), is_policy, config }, path);
    }

    /// Takes a layer whose values make sense by themselves. Files are named relative to the
    /// configuration.
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
