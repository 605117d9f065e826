//! The secret half of a seat's key.

use std::fmt;

use convene_model::SeatKey;
use ed25519_dalek::{Signer as _, SigningKey};

/// An Ed25519 key (RFC 8032). Anyone who has it has the seat; `Debug` does not show it and its
/// memory is wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct SeatSecret(SigningKey);

impl SeatSecret {
    /// Makes the key of 32 random bytes, and reads back what [`SeatSecret::to_bytes`] stored.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// The secret itself, for the daemon's store.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public half, by which the server knows the seat.
    pub fn key(&self) -> SeatKey {
        SeatKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SeatSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeatSecret(of {})", self.key())
    }
}
