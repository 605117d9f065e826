//! Logging in at an HTTP proxy: what it asks, and what is answered, as bytes of headers.
//!
//! A proxy that wants a login answers 407 with challenges (RFC 9110, section 11.7.1), of which
//! `challenge` makes sense whatever the proxy writes. [`Negotiation`] takes the strongest that can
//! be used, leg by leg, and says when to give up: a password that was rejected is never offered
//! again, and not in a weaker way either, because that is how accounts get locked. The tokens of
//! Negotiate (RFC 4559) are the operating system's; here is their place in the order. `basic` (RFC
//! 7617), `digest` (RFC 7616) and `ntlm` (MS-NLMP, NTLMv2) compute the answers.
//!
//! This crate is pure: it opens nothing; the time and the random bytes come in as arguments.
//! Everything that it reads was written by a stranger: it is bounded, and no bytes make it panic.

mod basic;
mod challenge;
mod digest;
mod login;
mod negotiation;
mod ntlm;

pub use challenge::{Challenge, challenges};
pub use login::{Entropy, Login};
pub use negotiation::{Negotiation, Next, Site};
