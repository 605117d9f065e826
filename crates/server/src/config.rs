//! The server's configuration, and the description of a conference.

mod conference_file;

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use convene_model::{Listen, PortRange};
use convene_toml_file::{TomlFile, TomlFileError};
use serde::Deserialize;

pub(crate) use conference_file::ConferenceFile;

use crate::budget::Limits;

/// The port that a join link leaves out, and on which load balancers listen.
const HTTPS_PORT: u16 = 443;
/// Bytes of an address in `[install]`: more than browsers are sure to follow is a mistake.
const ADDRESS_BYTES_MAX: usize = 2_000;

/// Why the server cannot be configured so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file is missing or malformed.
    #[error(transparent)]
    File(#[from] TomlFileError),
    /// A key has a value that makes no sense.
    #[error("{place}: {key}: {what}")]
    Value {
        /// The file, and where in it.
        place: String,
        /// The key.
        key: &'static str,
        /// The mistake, and what would be right.
        what: &'static str,
    },
}

/// `convene-server.toml`. Relative paths in it are relative to its directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// By which name clients reach the server; it stands in the join links.
    #[serde(default = "default_name")]
    pub(crate) name: String,
    #[serde(default = "default_listen")]
    pub(crate) listen: Vec<Listen>,
    /// The ports on which a plain page answers, by which clients recognise captive portals.
    pub(crate) check_listen: Option<Listen>,
    /// Load balancers that pass connections on as they are, and put the PROXY protocol before them.
    #[serde(default)]
    pub(crate) trusted_proxies: Vec<IpAddr>,
    pub(crate) tls: Option<Tls>,
    /// The ways to the programs, for those who open a join link in a browser.
    #[serde(default)]
    pub(crate) install: Install,
    #[serde(default)]
    pub(crate) log: Log,
    /// How much strangers and participants may make this server hold. Read at the start.
    #[serde(default)]
    pub(crate) limits: Limits,
    #[serde(skip)]
    file: Option<TomlFile>,
}

/// Which file is the configuration.
#[derive(Debug, Clone)]
pub(crate) enum ConfigPath {
    /// It was named, and must be there.
    Named(PathBuf),
    /// It is where packages put it; without it, defaults hold.
    Usual(PathBuf),
}

impl ConfigPath {
    pub(crate) fn as_path(&self) -> &Path {
        match self {
            Self::Named(path) | Self::Usual(path) => path,
        }
    }
}

/// The certificate that the administrator gives.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    #[serde(default)]
    pub(crate) public_certificates: Vec<PathBuf>,
}

/// The pages or files from which people have Convene, by operating system.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Install {
    pub(crate) linux: Option<String>,
    pub(crate) windows: Option<String>,
}

/// The engine that keeps the events.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "WrittenLog")]
pub(crate) enum Log {
    #[default]
    Sqlite,
    Jetstream {
        #[expect(dead_code, reason = "accepted; the engine comes later")]
        url: String,
    },
}

/// `[log]` as it stands in the file. An enum tagged by `engine` would let unknown keys pass beside
/// an engine that has none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLog {
    #[serde(default)]
    engine: Engine,
    url: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Engine {
    #[default]
    Sqlite,
    Jetstream,
}

impl TryFrom<WrittenLog> for Log {
    type Error = &'static str;

    fn try_from(written: WrittenLog) -> Result<Self, Self::Error> {
        match (written.engine, written.url) {
            (Engine::Sqlite, None) => Ok(Self::Sqlite),
            (Engine::Sqlite, Some(_)) => Err("`url` belongs to engine = \"jetstream\""),
            (Engine::Jetstream, Some(url)) => Ok(Self::Jetstream { url }),
            (Engine::Jetstream, None) => Err("engine = \"jetstream\" needs `url`"),
        }
    }
}

/// Whether a browser may be led there: no other scheme is, and nothing is read over a path on which
/// others could change it.
fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    !rest.is_empty() && text.len() <= ADDRESS_BYTES_MAX && rest.bytes().all(|byte| byte.is_ascii_graphic())
}

fn default_name() -> String {
    "localhost".to_owned()
}

fn default_listen() -> Vec<Listen> {
    Listen::defaults()
}

impl Config {
    /// Reads the file.
    pub(crate) fn load(path: &ConfigPath) -> Result<Self, ConfigError> {
        let file = match path {
            ConfigPath::Named(path) => TomlFile::read(path)?,
            ConfigPath::Usual(path) => match TomlFile::read(path) {
                Err(TomlFileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                    TomlFile::new(path, "")
                }
                read => read?,
            },
        };
        let mut config: Self = file.parse()?;
        let refuse = |key, what| Err(ConfigError::Value { place: file.place(&[key]), key, what });
        match convene_model::normal_host(&config.name) {
            Some(host) => config.name = host,
            None => {
                return refuse("name", "must be a host name or an address, such as conference.example.org");
            }
        }
        if config.listen.is_empty() {
            return refuse("listen", "must name at least one address, such as \"0.0.0.0:4500-4506\"");
        }
        for (key, address) in [("linux", &config.install.linux), ("windows", &config.install.windows)] {
            if address.as_deref().is_some_and(|address| !is_web_address(address)) {
                let (place, what) =
                    (file.place(&["install", key]), "must be an address that begins with https://");
                return Err(ConfigError::Value { place, key, what });
            }
        }
        if let Some(tls) = &mut config.tls {
            let base = file.path().parent().unwrap_or_else(|| Path::new(""));
            for file in [&mut tls.certificate, &mut tls.key].into_iter().chain(&mut tls.public_certificates) {
                *file = base.join(&*file);
            }
        }
        config.file = Some(file);
        Ok(config)
    }

    /// The place of a key in the file, as messages write it.
    pub(crate) fn place(&self, keys: &[&str]) -> String {
        self.file.as_ref().map(|file| file.place(keys)).unwrap_or_default()
    }

    /// The port that stands in join links for the rung `https`: the first single one. Where there
    /// is none, it is that of the load balancers in front, or else the lowest conference port: a
    /// link leads to where somebody listens, and opens in a browser.
    pub(crate) fn https_port(&self) -> u16 {
        let other = || if self.is_behind_balancers() { HTTPS_PORT } else { self.conference_ports().first() };
        self.single_port().unwrap_or_else(other)
    }

    /// Whether load balancers in front end TLS.
    pub(crate) fn is_behind_balancers(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| !tls.public_certificates.is_empty())
    }

    /// The first port that is listened on by itself.
    pub(crate) fn single_port(&self) -> Option<u16> {
        let single = self.listen.iter().find(|one| one.ports.first() == one.ports.last());
        single.map(|one| one.ports.first())
    }

    /// The ports that stand in join links for the rung `direct`: the first range.
    pub(crate) fn conference_ports(&self) -> PortRange {
        let range = self.listen.iter().find(|one| one.ports.first() != one.ports.last());
        range.or_else(|| self.listen.first()).map_or(PortRange::DEFAULT, |one| one.ports)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        let written =
            tempfile::NamedTempFile::new().and_then(|file| std::fs::write(file.path(), text).map(|()| file));
        let file = written.map_err(|error| error.to_string())?;
        Config::load(&ConfigPath::Named(file.path().to_owned()))
            .map_err(|error| error.to_string().replace(&*file.path().to_string_lossy(), "FILE"))
    }

    #[test]
    fn every_documented_key_is_taken() {
        let config = load(
            r#"
            name = "Conference.example.org"
            listen = ["0.0.0.0:4500-4506", "0.0.0.0:443", "[::]:443"]
            check_listen = "0.0.0.0:80"
            trusted_proxies = ["192.0.2.9", "2001:db8::9"]
            [limits]
            connections = 100
            commands_per_second = 30
            conference_bytes = 1000000000
            [tls]
            certificate = "fullchain.pem"
            key = "/etc/key.pem"
            public_certificates = ["front.pem"]
            [install]
            linux = "https://example.org/convene"
            windows = "https://example.org/convene.msi"
            [log]
            engine = "sqlite"
            "#,
        )
        .unwrap();
        assert_eq!(config.name, "conference.example.org");
        assert_eq!(
            (config.https_port(), config.conference_ports()),
            (443, PortRange::new(4500, 4506).unwrap())
        );
        assert_eq!(config.trusted_proxies.len(), 2);
        assert_eq!((config.limits.connections, config.limits.commands_per_second), (100, 30));
        assert_eq!(config.limits.checks, Limits::default().checks);
        assert_eq!(config.limits.conference_bytes, 1_000_000_000);
        assert_eq!(config.limits.participant_bytes, Limits::default().participant_bytes);
        assert_eq!(config.install.windows.as_deref(), Some("https://example.org/convene.msi"));
        let tls = config.tls.unwrap();
        assert!(tls.certificate.is_absolute(), "relative to the file: {:?}", tls.certificate);
        assert_eq!(tls.key, Path::new("/etc/key.pem"));
        assert!(matches!(
            load("[log]\nengine = \"jetstream\"\nurl = \"nats://a\"").unwrap().log,
            Log::Jetstream { .. }
        ));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        assert_eq!(load("nmae = \"a\"").unwrap_err(), "FILE:1:1: unknown key `nmae`; did you mean `name`?");
        assert!(load("name = \"a b\"").unwrap_err().starts_with("FILE:1:1: name: must be a host name"));
        assert!(load("\nlisten = [\"nowhere\"]").unwrap_err().starts_with("FILE:2:"));
        assert!(load("\nlisten = []").unwrap_err().starts_with("FILE:2:1: listen: must name"));
        assert_eq!(
            load("listen = \"0.0.0.0:443\"").unwrap_err(),
            "FILE:1:10: a list is wanted here, in brackets, such as [\"…\"]"
        );
        let many = load("listen = [\"0.0.0.0:443\",\n  \"0.0.0.0:4500-4516\"]").unwrap_err();
        assert!(many.starts_with("FILE:1:10: 4500-4516 are 17 ports"), "{many}");
        assert!(load("[[tls]]\ncertificate = \"a\"").unwrap_err().contains("write `[tls]`"));
        assert_eq!(
            load("[log]\nengine = \"sqlite\"\nulr = \"a\"").unwrap_err(),
            "FILE:3:1: unknown key `ulr`; did you mean `url`?"
        );
        assert!(load("[log]\nengin = \"sqlite\"").unwrap_err().ends_with("did you mean `engine`?"));
        let address =
            load("[install]\nlinux = \"https://a\"\nwindows = \"javascript:alert(1)\"").unwrap_err();
        assert!(address.starts_with("FILE:3:1: windows: must be an address"), "{address}");
        for wrong in
            ["https://", "http://a", "https://a b", "https://ä", &format!("https://{}", "a".repeat(2_000))]
        {
            assert!(load(&format!("[install]\nlinux = \"{wrong}\"")).is_err(), "{wrong}");
        }
        assert!(load("[log]\nurl = \"nats://a\"").unwrap_err().contains("belongs to engine"));
        assert!(load("[log]\nengine = \"jetstream\"").unwrap_err().contains("needs `url`"));
        assert!(matches!(load("[log]").unwrap().log, Log::Sqlite));
    }

    #[test]
    fn only_a_file_that_was_named_must_be_there() {
        let missing = PathBuf::from("/nonexistent/convene-server.toml");
        let defaults = Config::load(&ConfigPath::Usual(missing.clone())).unwrap();
        assert_eq!(defaults.name, "localhost");
        let error = Config::load(&ConfigPath::Named(missing)).unwrap_err().to_string();
        assert!(error.starts_with("/nonexistent/convene-server.toml: "), "{error}");
    }

    #[test]
    fn ports_in_links_come_from_what_is_listened_on() {
        let config = load("listen = [\"127.0.0.1:5000-5003\", \"127.0.0.1:5443\"]").unwrap();
        assert_eq!(
            (config.https_port(), config.conference_ports()),
            (5443, PortRange::new(5000, 5003).unwrap())
        );
        for (listen, https_port, ports) in [
            ("\"127.0.0.1:5443\"", 5443, (5443, 5443)),
            ("\"0.0.0.0:443\"", 443, (443, 443)),
            ("\"[::]:443\", \"0.0.0.0:4500-4506\"", 443, (4500, 4506)),
            ("\"0.0.0.0:4500-4506\"", 4500, (4500, 4506)),
            ("\"0.0.0.0:5000-5003\", \"0.0.0.0:6000-6003\"", 5000, (5000, 5003)),
        ] {
            let config = load(&format!("listen = [{listen}]")).unwrap();
            assert_eq!(config.https_port(), https_port, "{listen}");
            assert_eq!(Some(config.conference_ports()), PortRange::new(ports.0, ports.1), "{listen}");
            let mut named = config.conference_ports().iter().chain([https_port]);
            let listens = |port: u16| config.listen.iter().any(|one| one.ports.iter().any(|own| own == port));
            assert!(named.all(listens), "{listen}");
        }
    }

    #[test]
    fn links_of_a_server_behind_load_balancers_name_what_those_listen_on() {
        let tls = "\n[tls]\ncertificate = \"a\"\nkey = \"b\"\npublic_certificates = [\"c\"]";
        let config = load(&format!("listen = [\"10.0.0.7:4500-4506\"]{tls}")).unwrap();
        assert_eq!((config.https_port(), config.conference_ports()), (443, PortRange::DEFAULT));
        let config = load(&format!("listen = [\"10.0.0.7:8443\"]{tls}")).unwrap();
        assert_eq!(config.https_port(), 8443, "they listen on the ports of `listen`");
    }
}
