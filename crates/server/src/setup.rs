//! Everything that a start reads, and what is wrong or dangerous in it. A reload and
//! `--check-config` read the same.

mod problem;

use std::net::IpAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use convene_model::Listen;

pub(crate) use problem::Problem;

use crate::certificate::{self, CertificateError, Identity, Leaf};
use crate::config::{Config, ConfigPath, Log, Tls};

/// How long before its end a certificate is told of: half of what is usual between a renewal and
/// the end, so that something has failed.
const ENDS_SOON: Duration = Duration::from_secs(14 * 24 * 3_600);
/// The right of everyone to read a file.
const WORLD_READS: u32 = 0o004;

/// The places of everything that a start reads. They are the same at the start and at each reload.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) config: ConfigPath,
    /// Instead of what the configuration says, where it is not empty.
    pub(crate) listen: Vec<Listen>,
    pub(crate) state_dir: PathBuf,
}

/// A configuration with which a server can run.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) config: Config,
    /// Problems that are dangerous, but do not prevent a start.
    pub(crate) warnings: Vec<Problem>,
    given: Option<Identity>,
}

impl Sources {
    /// Reads, and changes nothing. Blocks.
    ///
    /// # Errors
    /// Every problem, where one of them prevents a start.
    pub(crate) fn read(&self) -> Result<Setup, Vec<Problem>> {
        let mut config = Config::load(&self.config).map_err(|error| vec![error.into()])?;
        if !self.listen.is_empty() {
            config.listen.clone_from(&self.listen);
        }
        let mut problems = Vec::new();
        if matches!(config.log, Log::Jetstream { .. }) {
            problems.push(Problem::Engine { place: config.place(&["log", "engine"]) });
        }
        problems.extend(name(&config));
        problems.extend(self.ports(&config));
        let given = match &config.tls {
            None => {
                problems.extend(certificate::check_own(&self.state_dir).err().map(Problem::Own));
                None
            }
            Some(tls) => given(&config, tls, &mut problems),
        };
        if problems.iter().any(Problem::prevents_a_start) {
            return Err(problems);
        }
        Ok(Setup { config, warnings: problems, given })
    }

    fn ports(&self, config: &Config) -> Option<Problem> {
        if config.single_port().is_some() || config.is_behind_balancers() {
            return None;
        }
        let from_file = self.listen.is_empty();
        let place = if from_file { config.place(&["listen"]) } else { "--listen".to_owned() };
        Some(Problem::RangesAlone { place, port: config.https_port() })
    }
}

impl Setup {
    /// Tells the log what is dangerous.
    pub(crate) fn warn(&self) {
        self.warnings.iter().for_each(Problem::warn);
    }

    /// Returns the identity that the server shows. Makes the server's own certificate where none is
    /// configured. Blocks.
    pub(crate) fn identity(&mut self, state_dir: &Path) -> Result<Identity, CertificateError> {
        let own = || Identity::own(state_dir, &self.config.name);
        self.given.take().map_or_else(own, Ok)
    }
}

fn name(config: &Config) -> Option<Problem> {
    let is_local = match config.name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => config.name == "localhost",
    };
    is_local.then(|| Problem::NameIsLocal { place: config.place(&["name"]), name: config.name.clone() })
}

fn given(config: &Config, tls: &Tls, problems: &mut Vec<Problem>) -> Option<Identity> {
    problems.extend(open_key(config, &tls.key));
    match Identity::load(&tls.certificate, &tls.key, &tls.public_certificates) {
        Ok(identity) => {
            // If load balancers end TLS, clients see only the certificates of the load balancers.
            let behind = usize::from(!tls.public_certificates.is_empty());
            for (number, (file, leaf)) in identity.certificates.iter().enumerate().skip(behind) {
                let place = place_of(config, number);
                problems.extend(misfit(config, &place, file, leaf));
                problems.extend(short_lived(&place, file, leaf));
            }
            Some(identity)
        }
        Err(source) => {
            problems.push(Problem::Certificate { place: place_of_error(config, tls, &source), source });
            None
        }
    }
}

fn open_key(config: &Config, key: &Path) -> Option<Problem> {
    let mode = key.metadata().ok()?.mode() & 0o777;
    let place = config.place(&["tls", "key"]);
    (mode & WORLD_READS != 0).then(|| Problem::KeyOpen { place, key: key.to_owned(), mode })
}

fn misfit(config: &Config, place: &str, file: &Path, leaf: &Leaf) -> Option<Problem> {
    (!leaf.covers(&config.name)).then(|| Problem::OtherName {
        place: place.to_owned(),
        certificate: file.to_owned(),
        names: leaf.names(),
        name: config.name.clone(),
    })
}

fn short_lived(place: &str, file: &Path, leaf: &Leaf) -> Option<Problem> {
    let (end, now) = (leaf.end()?, SystemTime::now());
    let (place, certificate, end_text) = (place.to_owned(), file.to_owned(), leaf.end_text());
    if end <= now {
        Some(Problem::Ended { place, certificate, end: end_text })
    } else if end <= now + ENDS_SOON {
        Some(Problem::EndsSoon { place, certificate, end: end_text })
    } else {
        None
    }
}

/// Of a certificate by its number: the server's own, then those of load balancers.
fn place_of(config: &Config, number: usize) -> String {
    match number.checked_sub(1) {
        None => config.place(&["tls", "certificate"]),
        Some(number) => config.place(&["tls", "public_certificates", &number.to_string()]),
    }
}

fn place_of_error(config: &Config, tls: &Tls, error: &CertificateError) -> String {
    let file = match error {
        CertificateError::Read { path, .. } | CertificateError::Malformed { path, .. } => path,
        CertificateError::Unusable { key, .. }
        | CertificateError::Damaged { key }
        | CertificateError::KeyGone { key, .. } => key,
        CertificateError::Own { dir, .. } => dir,
    };
    if file == &tls.key {
        return config.place(&["tls", "key"]);
    }
    let number = tls.public_certificates.iter().position(|public| public == file);
    place_of(config, number.filter(|_| file != &tls.certificate).map_or(0, |number| number + 1))
}

#[cfg(test)]
mod tests;
