//! Why a route did not open, and what was seen of it.

use std::io;

use convene_model::{Code, Evidence, Fingerprint, Stage, Timestamp};
use convene_reach::Failure;

/// Why a route did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", .failure.stage, .failure.code)]
pub struct DialError {
    /// The stage that it reached, and what went wrong there.
    pub failure: Failure,
    /// The detail that was seen of whoever is in the way.
    pub detail: Option<Detail>,
}

/// A detail that was seen of whoever is in the way. Its texts come from a network: they are cut to
/// 200 characters and hold no control or format characters, but they may say anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// The certificate that was not trusted.
    Certificate(CertificateSeen),
    /// The answer of a proxy, or of whoever speaks in the server's place.
    Answer(HttpAnswer),
}

/// The statements of a certificate about itself. Nobody vouches for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSeen {
    /// The issuer (RFC 4514).
    pub issuer: String,
    /// Whether it is that of an authority (RFC 5280, section 4.2.1.9).
    pub is_authority: bool,
    /// The subject (RFC 4514).
    pub subject: String,
    /// From when it counts.
    pub not_before: Timestamp,
    /// Until when it counts.
    pub not_after: Timestamp,
    /// Its key.
    pub fingerprint: Fingerprint,
}

/// The statements of an HTTP answer about whoever gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// The header `Server`.
    pub server: Option<String>,
    /// The header `Via`.
    pub via: Option<String>,
    /// The header `Proxy-agent`.
    pub agent: Option<String>,
    /// The ways to log in that a proxy offers, by name, at most 8.
    pub schemes: Vec<String>,
}

impl DialError {
    pub(crate) fn new(stage: Stage, code: Code) -> Self {
        Self { failure: Failure { stage, code }, detail: None }
    }

    /// The detail, as an attempt's record keeps it.
    pub fn evidence(&self) -> Option<Evidence> {
        // Most often the issuer says who is in the way; here it is the certificate itself that is
        // at fault.
        let is_at_fault = matches!(self.failure.code, Code::CertificateWeak | Code::CertificateWrongPurpose);
        self.detail.clone().map(|detail| match detail {
            Detail::Certificate(CertificateSeen { issuer, subject, fingerprint, is_authority, .. }) => {
                let name =
                    if (is_at_fault || is_authority) && !subject.is_empty() { subject } else { issuer };
                Evidence { name: Some(name), fingerprint: Some(fingerprint), ..Evidence::default() }
            }
            Detail::Answer(HttpAnswer { status, server, via, agent, schemes }) => Evidence {
                name: agent.or(via).or(server),
                status: Some(status),
                schemes,
                ..Evidence::default()
            },
        })
    }

    pub(crate) fn with(self, detail: Option<Detail>) -> Self {
        Self { detail, ..self }
    }
}

/// The code of an error of a connection that stood.
pub(crate) fn code_of_broken(kind: io::ErrorKind) -> Code {
    if kind == io::ErrorKind::UnexpectedEof {
        Code::Closed
    } else if kind == io::ErrorKind::TimedOut {
        Code::TimedOut
    } else {
        Code::Reset
    }
}

/// Characters of a text from a network that are kept: a line on a screen.
const SHOWN_CHARS_MAX: usize = 200;

/// A text from a network as it may be shown: letters, digits, ASCII punctuation and spaces;
/// anything else becomes `?`.
pub(crate) fn shown(text: &str) -> String {
    let keep = |c: char| c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric();
    text.chars().take(SHOWN_CHARS_MAX).map(|c| if keep(c) { c } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_network_says_is_shown_inert_and_short() {
        assert_eq!(shown("Müller GmbH\u{1b}[2J\u{202e}"), "Müller GmbH?[2J?");
        assert_eq!(shown(&"x".repeat(1_000)).len(), SHOWN_CHARS_MAX);
    }
}
