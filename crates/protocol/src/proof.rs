//! A link and a seat prove themselves by signatures.
//!
//! Each signs what the server asked ([`Nonce`]), the epoch in which it speaks, what the daemon saw
//! of the server's certificate, and all that it asks for. So a box that reads the traffic learns
//! nothing that it could use anywhere else, and a link's id alone does not suffice to go on with
//! the link.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_model::{IdError, LinkId, Nonce, SeatKey};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha256};

use crate::client::{Attach, Resume};
use crate::shared::text_id;

/// No other signature of a seat's key begins with this.
const SEAT: &[u8] = b"convene seat 2\0";
/// No other signature of a link's key begins with this.
const LINK: &[u8] = b"convene link 2\0";

/// The public half (Ed25519) of a link's key, base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkKey(pub [u8; 32]);

impl LinkKey {
    /// The link's id: the first 16 bytes of the key's SHA-256.
    pub fn id(&self) -> LinkId {
        let [id @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            <[u8; 32]>::from(Sha256::digest(self.0));
        LinkId(id)
    }
}

impl fmt::Display for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for LinkKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut bytes = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(32) => Ok(Self(bytes)),
            _ => Err(IdError { kind: "link key" }),
        }
    }
}
text_id!(LinkKey);

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

/// On what a link or a seat signs its wish, besides the wish itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// From the hello of the pipe on which the attach is said; for a seat, of the attach with which
    /// the link began.
    pub nonce: Nonce,
    /// The link.
    pub link: LinkId,
    /// The epoch of that attach.
    pub epoch: u64,
    /// The server's end point, as the daemon saw it.
    pub end_point: Option<[u8; 32]>,
}

impl Context {
    /// The context of this attach, said on a pipe whose hello had this nonce.
    pub fn of(attach: &Attach, nonce: Nonce) -> Self {
        Self { nonce, link: attach.link.id(), epoch: attach.epoch, end_point: attach.end_point }
    }
}

/// The bytes that a link signs with each attach.
pub fn attach_message(context: &Context, received: u64) -> Vec<u8> {
    let mut bytes = begin(LINK, context);
    bytes.extend(received.to_be_bytes());
    bytes
}

/// The bytes that a seat signs: every field at its length, so that no two wishes give the same
/// bytes.
pub fn resume_message(context: &Context, resume: &Resume) -> Vec<u8> {
    let mut bytes = begin(SEAT, context);
    bytes.extend(resume.index.to_be_bytes());
    bytes.extend(resume.count.to_be_bytes());
    bytes.extend(resume.key.0);
    push_option(&mut bytes, resume.conference.map(|conference| conference.to_string()));
    push_option(
        &mut bytes,
        resume.replica.as_ref().map(|replica| {
            let mut bytes = replica.log.0.to_vec();
            bytes.extend(replica.number.to_be_bytes());
            bytes.extend(replica.receipts.to_be_bytes());
            for start in &replica.terms {
                bytes.extend(start.term.0);
                bytes.extend(start.from.to_be_bytes());
            }
            bytes
        }),
    );
    bytes.push(u8::from(resume.snapshot));
    bytes.push(u8::from(resume.was_participant));
    bytes.extend(resume.join.code.0);
    push_option(&mut bytes, Some(resume.join.name.as_str()));
    bytes.extend(resume.join.id.0.as_bytes());
    bytes
}

/// Whether the link's own key signed its attach.
pub fn attach_holds(context: &Context, attach: &Attach) -> bool {
    verify(attach.link.0, &attach_message(context, attach.received), attach.signature)
}

/// Whether the seat's own key signed its wish.
pub fn resume_holds(context: &Context, resume: &Resume) -> bool {
    let SeatKey(key) = resume.key;
    verify(key, &resume_message(context, resume), resume.signature)
}

fn verify(key: [u8; 32], message: &[u8], signature: Signature) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    VerifyingKey::from_bytes(&key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

fn begin(kind: &[u8], context: &Context) -> Vec<u8> {
    let mut bytes = kind.to_vec();
    bytes.extend(context.nonce.0);
    bytes.extend(context.link.0);
    bytes.extend(context.epoch.to_be_bytes());
    push_option(&mut bytes, context.end_point);
    bytes
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
