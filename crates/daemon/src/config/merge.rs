//! Drop-ins, and how they change what was read before.

use std::io;
use std::path::{Path, PathBuf};

use convene_toml_file::TomlFileError;

use super::{Config, Policy, Proxy, Server};

/// The folder of the drop-ins beside a configuration file.
pub(super) fn folder(path: &Path) -> PathBuf {
    path.with_file_name("convened.d")
}

/// The drop-ins beside a configuration file, in the order of their names. A folder that does not
/// exist has none; one that cannot be read is an error, or a policy in it would be passed over in
/// silence.
pub(super) fn drop_ins(path: &Path) -> Result<Vec<PathBuf>, TomlFileError> {
    let folder = folder(path);
    let list = || -> io::Result<Vec<PathBuf>> {
        std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut files = match list() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        listed => listed.map_err(|source| TomlFileError::Read { path: folder.clone(), source })?,
    };
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort_unstable();
    Ok(files)
}

impl Config {
    /// Takes every value of a later file. Sections of one host are one server.
    pub(super) fn merge(&mut self, later: Self) {
        let Self { server, proxy, policy } = later;
        for server in server {
            match self.server.iter_mut().find(|known| known.host == server.host) {
                Some(known) => known.merge(server),
                None => self.server.push(server),
            }
        }
        self.proxy.merge(proxy);
        let Policy { tls_inspection } = policy;
        replace(&mut self.policy.tls_inspection, tls_inspection);
    }
}

impl Server {
    fn merge(&mut self, later: Self) {
        let Self { host: _, direct_ports, https_port, addresses, ca_file, contact } = later;
        replace(&mut self.direct_ports, direct_ports);
        replace(&mut self.https_port, https_port);
        if !addresses.is_empty() {
            self.addresses = addresses;
        }
        replace(&mut self.ca_file, ca_file);
        replace(&mut self.contact, contact);
    }
}

impl Proxy {
    fn merge(&mut self, later: Self) {
        let Self { mode, url, user, password_file, pac_url, wpad } = later;
        replace(&mut self.mode, mode);
        replace(&mut self.url, url);
        replace(&mut self.user, user);
        replace(&mut self.password_file, password_file);
        replace(&mut self.pac_url, pac_url);
        replace(&mut self.wpad, wpad);
    }
}

fn replace<T>(value: &mut Option<T>, later: Option<T>) {
    if later.is_some() {
        *value = later;
    }
}
