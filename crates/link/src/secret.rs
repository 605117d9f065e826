//! The key of a link.

use std::fmt;

use convene_protocol::proof::{LinkKey, Signature};
use ed25519_dalek::{Signer as _, SigningKey};

/// The secret half (Ed25519) of a link's key. It is made anew for each server whenever the daemon
/// starts, and never stored.
pub struct LinkSecret(SigningKey);

impl LinkSecret {
    /// From random bytes.
    pub fn from_random(random: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&random))
    }

    /// The public half.
    pub fn key(&self) -> LinkKey {
        LinkKey(self.0.verifying_key().to_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LinkSecret").finish_non_exhaustive()
    }
}
