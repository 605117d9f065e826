//! The owner of the certificate that a pipe showed, and the policy where that is not the server.
//!
//! Two statements of the server are compared with what was seen. The hello's comes before anything
//! of a seat is named, so that a pipe can be refused in time. The answer to `attach` is about what
//! the seats have signed: a box that rewrites the one must rewrite the other too. One that rewrites
//! both cannot be told from the server; against that only a fingerprint helps.

use std::collections::BTreeSet;

use convene_model::{Evidence, Fingerprint};
use serde::Deserialize;

/// The policy for routes on which TLS is inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Inspection {
    /// Do nothing.
    Allow,
    /// Use the route, and say who inspects.
    Notify,
    /// Do not use the route.
    Refuse,
}

/// The party that was seen at the other end of a pipe's TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarEnd {
    /// The `tls-server-end-point` of its certificate (RFC 5929, section 4).
    pub end_point: [u8; 32],
    /// Its key.
    pub fingerprint: Fingerprint,
    /// The issuer of its certificate. The text comes from a network; it is inert and short.
    pub issuer: String,
}

/// A pipe that stands.
#[derive(Debug)]
pub(super) struct OpenPipe {
    far_end: Option<FarEnd>,
    inspected: bool,
}

impl OpenPipe {
    pub(super) fn new(far_end: Option<FarEnd>) -> Self {
        Self { far_end, inspected: false }
    }

    pub(super) fn note_inspected(&mut self) {
        self.inspected = true;
    }

    pub(super) fn inspected_by(&self) -> Option<&str> {
        self.far_end.as_ref().filter(|_| self.inspected).map(|far_end| far_end.issuer.as_str())
    }

    /// The evidence in the record of a refused pipe.
    pub(super) fn evidence(&self) -> Evidence {
        let far_end = self.far_end.as_ref();
        Evidence {
            name: far_end.map(|far_end| far_end.issuer.clone()),
            fingerprint: far_end.map(|far_end| far_end.fingerprint),
            ..Evidence::default()
        }
    }
}

/// End points that are remembered as not the server's: one box has few certificates for one name.
const DISOWNED_MAX: usize = 16;

/// End points about which the server said, when a link was attached, that they are not its own: a
/// hello that says otherwise, or nothing, does not count against that.
#[derive(Debug, Default)]
pub(super) struct Disowned(BTreeSet<[u8; 32]>);

impl Disowned {
    pub(super) fn note(&mut self, pipe: Option<&OpenPipe>, known: Option<bool>) {
        let end_point = pipe.and_then(|pipe| pipe.far_end.as_ref()).map(|end| end.end_point);
        match (end_point, known) {
            (Some(end_point), Some(false)) if self.0.len() < DISOWNED_MAX => {
                self.0.insert(end_point);
            }
            // The server has another certificate now, and says so.
            (Some(end_point), Some(true)) => {
                self.0.remove(&end_point);
            }
            _ => {}
        }
    }

    pub(super) fn holds(&self, pipe: &OpenPipe) -> bool {
        pipe.far_end.as_ref().is_some_and(|far_end| self.0.contains(&far_end.end_point))
    }
}
