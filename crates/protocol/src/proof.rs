//! How a seat proves itself.
//!
//! The seat signs what the server asked ([`Nonce`]), on which link and epoch it speaks, what it saw of the server's certificate,
//! and all that it asks for. So a box that reads the traffic learns nothing that it could use anywhere else.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_model::{IdError, LinkId, Nonce, SeatKey};
use ed25519_dalek::VerifyingKey;

use crate::client::Resume;
use crate::shared::text_id;

/// What no other signature of this key begins with.
const CONTEXT: &[u8] = b"convene seat 1\0";

/// An Ed25519 signature (RFC 8032), base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for Signature {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut bytes = [0; 64];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(64) => Ok(Self(bytes)),
            _ => Err(IdError { kind: "signature" }),
        }
    }
}
text_id!(Signature);

/// On what a seat's wish is signed, besides the wish itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// From the hello of the pipe on which the link began.
    pub nonce: Nonce,
    /// The link.
    pub link: LinkId,
    /// The epoch with which the link began.
    pub epoch: u64,
    /// The server's end point, as the daemon saw it.
    pub end_point: Option<[u8; 32]>,
}

/// The bytes that are signed: every field at its length, so that no two wishes give the same bytes.
pub fn message(context: &Context, resume: &Resume) -> Vec<u8> {
    let mut bytes = CONTEXT.to_vec();
    bytes.extend(context.nonce.0);
    bytes.extend(context.link.0);
    bytes.extend(context.epoch.to_be_bytes());
    push_option(&mut bytes, context.end_point);
    bytes.extend(resume.key.0);
    push_option(&mut bytes, resume.conference.map(|conference| conference.to_string()));
    push_option(
        &mut bytes,
        resume.cursor.map(|cursor| [&cursor.log.0[..], &cursor.number.to_be_bytes()[..]].concat()),
    );
    push_option(&mut bytes, resume.join.as_ref().map(|join| join.code.0));
    push_option(&mut bytes, resume.join.as_ref().map(|join| join.name.as_str()));
    push_option(&mut bytes, resume.join.as_ref().map(|join| *join.id.0.as_bytes()));
    bytes
}

/// Whether the seat's own key signed its wish.
pub fn holds(context: &Context, resume: &Resume) -> bool {
    let SeatKey(key) = resume.key;
    let signature = ed25519_dalek::Signature::from_bytes(&resume.signature.0);
    VerifyingKey::from_bytes(&key)
        .is_ok_and(|key| key.verify_strict(&message(context, resume), &signature).is_ok())
}

fn push_option(bytes: &mut Vec<u8>, field: Option<impl AsRef<[u8]>>) {
    match field {
        None => bytes.push(0),
        Some(field) => {
            bytes.push(1);
            let field = field.as_ref();
            bytes.extend((field.len() as u64).to_be_bytes());
            bytes.extend(field);
        }
    }
}
