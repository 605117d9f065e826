//! The problems that a configuration can have, each with its place, what is allowed and what would
//! be right.

use std::path::PathBuf;

use convene_service_log::number;

use crate::certificate::CertificateError;
use crate::config::ConfigError;

/// A mistake or a danger in a configuration. `place` is the file with line and column.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// The file cannot be read or understood.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The log cannot be kept so.
    #[error(
        "{place}: engine: jetstream is not part of this version; write engine = \"sqlite\", or leave [log] out"
    )]
    Engine {
        /// Where.
        place: String,
    },
    /// The administrator's certificate or key is of no use.
    #[error("{place}: {source}")]
    Certificate {
        /// Where.
        place: String,
        /// Why.
        source: CertificateError,
    },
    /// The server's own is.
    #[error(transparent)]
    Own(CertificateError),
    /// Nobody but this machine finds the server.
    #[error(
        "{place}: name is `{name}`, so join links lead nowhere but to this machine; write the name by which clients reach the \
         server, such as name = \"conference.example.org\""
    )]
    NameIsLocal {
        /// Where.
        place: String,
        /// The name.
        name: String,
    },
    /// Clients refuse the certificate.
    #[error(
        "{place}: {} is for {}, and not for `{name}`: clients refuse it; `name` must be one of its names, or have one made for \
         `{name}` (`*` stands for one whole label)",
        .certificate.display(),
        if .names.is_empty() { "no name at all".to_owned() } else { .names.join(", ") }
    )]
    OtherName {
        /// Where.
        place: String,
        /// Its file.
        certificate: PathBuf,
        /// Its names.
        names: Vec<String>,
        /// The server's.
        name: String,
    },
    /// Clients refuse the certificate.
    #[error("{place}: {} ended on {end}: clients refuse it; renew it, then reload", .certificate.display())]
    Ended {
        /// Where.
        place: String,
        /// Its file.
        certificate: PathBuf,
        /// When.
        end: String,
    },
    /// Clients will soon refuse the certificate.
    #[error("{place}: {} ends on {end}, within 14 days; renew it, then reload", .certificate.display())]
    EndsSoon {
        /// Where.
        place: String,
        /// Its file.
        certificate: PathBuf,
        /// When.
        end: String,
    },
    /// Everyone on this machine can read the key. Anyone who has it can pose as the server.
    #[error(
        "{place}: {} can be read by everyone on this machine (mode {mode:o}); `chmod o-rwx` it, and let the server's group read it",
        .key.display()
    )]
    KeyOpen {
        /// Where.
        place: String,
        /// Its file.
        key: PathBuf,
        /// Its rights.
        mode: u32,
    },
    /// Links lead browsers, and those whom only the usual port lets through, to a conference port.
    #[error(
        "{place}: `listen` names ranges of ports alone, so join links lead to port {port}: networks that allow no conference \
         ports keep clients out; add \"0.0.0.0:443\" and \"[::]:443\" to `listen`"
    )]
    RangesAlone {
        /// Where.
        place: String,
        /// The port.
        port: u16,
    },
}

impl Problem {
    /// Tells the log, as something dangerous.
    pub(crate) fn warn(&self) {
        tracing::warn!(number = number::DANGEROUS, "{self}");
    }

    /// Whether the server cannot run so; otherwise it is dangerous.
    pub(crate) fn prevents_a_start(&self) -> bool {
        match self {
            Self::Config(_) | Self::Engine { .. } | Self::Certificate { .. } | Self::Own(_) => true,
            Self::NameIsLocal { .. }
            | Self::OtherName { .. }
            | Self::Ended { .. }
            | Self::EndsSoon { .. }
            | Self::KeyOpen { .. }
            | Self::RangesAlone { .. } => false,
        }
    }
}
