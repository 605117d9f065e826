//! The daemon's configuration: one file, drop-ins beside it, and what the environment says about proxies.

mod merge;
mod source;
mod system_environment;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use convene_dial::{ProxyConfig, ProxyMode, ProxySettings, ProxyUrlError};
use convene_local_api::ProxySource as Offered;
use convene_model::{PortRange, Secret};
use convene_toml_file::TomlFileError;
use serde::Deserialize;

use crate::connection::Inspection;
use crate::proxies::{OfMachine, Script};

pub(crate) use self::source::{ConfigSource, ConfigWatch};

/// Bytes of a password file: a password and a line's end.
const PASSWORD_BYTES_MAX: u64 = 4 * 1024;

/// Why the daemon cannot be configured so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file is malformed.
    #[error(transparent)]
    File(#[from] TomlFileError),
    /// A key has a value that makes no sense.
    #[error("{}: {key}: {what}", .path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// A file that the configuration names cannot be read.
    #[error("{key} = {}: {source}", .path.display())]
    Named {
        /// The key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The proxy's URL cannot be used.
    #[error("[proxy] url: {0}")]
    Proxy(#[from] ProxyUrlError),
}

/// A server as the configuration knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) host: String,
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

impl std::fmt::Debug for Proxy {
    /// The URL may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy").field("mode", &self.mode).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Auto,
    Off,
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
    /// Reads a file and the drop-ins in `convened.d` beside it; of two values of one key the later one wins. A file that does
    /// not exist is no error unless it was `named`.
    fn load(path: &Path, named: bool) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        // A file of which it cannot be said whether it exists is read, so that the reason is told.
        if named || path.try_exists().unwrap_or(true) {
            config.merge(Self::read(path)?);
        }
        for path in merge::drop_ins(path)? {
            config.merge(Self::read(&path)?);
        }
        Ok(config)
    }

    /// What a server is to be reached by, if the configuration names it.
    pub(crate) fn server(&self, host: &str) -> Option<&Server> {
        self.server.iter().find(|server| server.host == host)
    }

    /// Which proxies lead where, with those that the system names. Reads the password's file.
    fn proxies(
        &self,
        environment: &BTreeMap<String, String>,
        of_system: Vec<Offered>,
    ) -> Result<OfMachine, ConfigError> {
        let password = self.proxy.password_file.as_deref().map(read_password).transpose()?;
        let config = ProxyConfig {
            mode: match self.proxy.mode {
                None | Some(Mode::Auto) => ProxyMode::Auto,
                Some(Mode::Off) => ProxyMode::Off,
                Some(Mode::Manual) => ProxyMode::Manual,
            },
            url: self.proxy.url.clone(),
            user: self.proxy.user.clone(),
            password,
        };
        let settings = ProxySettings::new(&config, environment)?;
        Ok(OfMachine { settings, scripts: self.scripts(), of_system })
    }

    /// The scripts that name proxies.
    fn scripts(&self) -> BTreeSet<Script> {
        let is_auto = matches!(self.proxy.mode, None | Some(Mode::Auto));
        let named = self.proxy.pac_url.clone().map(Script::At);
        let wpad = (self.proxy.wpad == Some(true)).then_some(Script::Wpad);
        // A script that is named is the one that is meant.
        named.or(wpad).filter(|_| is_auto).into_iter().collect()
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = convene_toml_file::load(path)?;
        let base = path.parent().unwrap_or_else(|| Path::new(""));
        for server in &mut config.server {
            let Some(host) = convene_model::normal_host(&server.host) else {
                let what =
                    format!("{:?} is no host name or address, such as conference.example.org", server.host);
                return Err(ConfigError::Value { path: path.to_owned(), key: "[[server]] host", what });
            };
            server.host = host;
            if server.https_port == Some(0) {
                let what = "must be a port from 1 to 65535".to_owned();
                return Err(ConfigError::Value { path: path.to_owned(), key: "[[server]] https_port", what });
            }
            server.ca_file = server.ca_file.take().map(|file| base.join(file));
        }
        config.proxy.password_file = config.proxy.password_file.take().map(|file| base.join(file));
        Ok(config)
    }
}

/// The first line of the file, which others should not be able to read.
fn read_password(path: &Path) -> Result<Secret, ConfigError> {
    let failed = |source| ConfigError::Named { key: "[proxy] password_file", path: path.to_owned(), source };
    let metadata = path.metadata().map_err(failed)?;
    if is_open_to_all(&metadata) {
        tracing::warn!("[proxy] password_file = {}: everyone on this machine can read it", path.display());
    }
    if metadata.len() > PASSWORD_BYTES_MAX {
        return Err(failed(std::io::Error::other("it is too long for a password")));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    Ok(Secret::new(text.lines().next().unwrap_or_default().to_owned()))
}

#[cfg(unix)]
fn is_open_to_all(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o004 != 0
}

/// Elsewhere a mode says nothing about who may read.
#[cfg(not(unix))]
fn is_open_to_all(_: &std::fs::Metadata) -> bool {
    false
}
