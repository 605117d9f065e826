//! The daemon's configuration: one file, drop-ins beside it, what an installer left, what was set
//! through the API, what the administrators' policies say, and what the environment says about
//! proxies.

mod api;
mod checks;
mod layers;
mod login;
mod merge;
mod provenance;
mod proxies;
mod registry;
mod source;
mod system_environment;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use convene_model::PortRange;
use convene_toml_file::TomlFileError;
use convene_uplink::Inspection;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::os::RightsError;
use crate::proxies::MachineProxies;

pub(crate) use self::api::{ApiSettings, check_setting, merge_patch};
pub(crate) use self::checks::read_certificates;
pub(crate) use self::login::{split_login, without_password};
pub(crate) use self::provenance::{HTTPS_PORT, MachineSettings, named_server};
pub(crate) use self::source::{ConfigSource, ConfigWatch};

/// A configuration that was read, and can be used.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) config: Config,
    pub(crate) proxies: MachineProxies,
    /// Where each value comes from.
    pub(crate) settings: MachineSettings,
    /// The files that were read, in the order in which they count.
    pub(crate) files: Vec<PathBuf>,
    /// The settings that are dangerous, or without effect.
    pub(crate) warnings: Vec<Problem>,
}

/// The configuration cannot be used: why, one line for each error, at least one.
#[derive(Debug)]
pub(crate) struct Unusable {
    pub(crate) errors: Vec<ConfigError>,
    pub(crate) warnings: Vec<Problem>,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.errors.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Unusable {}

/// Why the daemon cannot be configured so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file is malformed, or cannot be read.
    #[error(transparent)]
    File(#[from] TomlFileError),
    /// Others can change a file that is read.
    #[error(transparent)]
    Rights(#[from] RightsError),
    /// The registry cannot be read.
    #[error("{place}: {source}")]
    Registry {
        /// The key.
        place: String,
        /// Why.
        source: std::io::Error,
    },
    /// A key has a value that makes no sense.
    #[error(transparent)]
    Value(Problem),
}

/// Something about one key. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {key}: {what}")]
pub(crate) struct Problem {
    /// File, line and column, or the value in the registry.
    pub(crate) place: String,
    /// The key, as people write about it.
    pub(crate) key: String,
    /// The key by its section, its host where it is a server's, and its name; empty where it is
    /// none of the settings.
    pub(crate) setting: Vec<String>,
    /// The mistake, and what would be right.
    pub(crate) what: String,
}

/// A server as the configuration knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) host: String,
    #[serde(default, deserialize_with = "ports")]
    pub(crate) direct_ports: Option<PortRange>,
    pub(crate) https_port: Option<u16>,
    /// Tried when the name's lookup fails.
    #[serde(default)]
    pub(crate) addresses: Vec<IpAddr>,
    /// Certificates that are trusted beside the system's.
    pub(crate) ca_file: Option<PathBuf>,
    /// Whom to ask when nothing works.
    pub(crate) contact: Option<String>,
}

/// `[proxy]`. Its password is in a file of its own or in the URL, and in no log.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proxy {
    mode: Option<Mode>,
    url: Option<String>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    pac_url: Option<String>,
    wpad: Option<bool>,
}

impl fmt::Debug for Proxy {
    /// The URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// The setting that decides about proxies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// The configured proxy comes first, then what the environment, the system and users name.
    #[default]
    Auto,
    /// There is none.
    Off,
    /// The configured proxy alone counts.
    Manual,
}

/// `[policy]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    pub(crate) tls_inspection: Option<Inspection>,
}

/// The whole configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(default)]
    pub(crate) server: Vec<Server>,
    #[serde(default)]
    proxy: Proxy,
    #[serde(default)]
    pub(crate) policy: Policy,
}

impl Config {
    /// The settings by which a server is to be reached, if the configuration names it.
    pub(crate) fn server(&self, host: &str) -> Option<&Server> {
        self.server.iter().find(|server| server.host == host)
    }
}

fn ports<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PortRange>, D::Error> {
    let parsed = String::deserialize(deserializer)?.parse::<PortRange>();
    let most = PortRange::PORTS_MAX;
    let wrong =
        |_| D::Error::custom(format!("must be a port or a range of at most {most}, such as 4500-4506"));
    parsed.map(Some).map_err(wrong)
}
