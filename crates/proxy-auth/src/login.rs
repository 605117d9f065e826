//! A login, and the values that each answer needs afresh.

use convene_model::Secret;

/// A login at a proxy. The user may be written `DOMAIN\user`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// The values that an answer needs and that are used once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entropy {
    /// Random bytes.
    pub random: [u8; 16],
    /// Seconds since 1970 by this machine's clock.
    pub unix_seconds: u64,
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().map_or('0', char::from);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
