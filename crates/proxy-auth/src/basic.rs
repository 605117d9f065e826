//! Basic (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::login::Login;

/// The value that is sent; in UTF-8, as section 2.1 wants it where anything is said about it.
pub(crate) fn authorization(login: &Login) -> Vec<u8> {
    let plain = format!("{}:{}", login.user, login.password.reveal());
    format!("Basic {}", STANDARD.encode(plain)).into_bytes()
}
