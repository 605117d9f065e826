//! Proxy settings and tickets of a user's session, which a service that starts at boot cannot see.
//!
//! * [`session_proxies`] reads the proxy settings of the desktop (GNOME, KDE, Windows) and of the
//!   terminal; [`SessionWatch`]
//!   notices when they change.
//! * [`Tokens`] makes tokens of the user's tickets for logging in at those proxies.
//!
//! A frontend offers both to the daemon through its client.

mod os;
mod session;
mod tokens;

pub use session::{SessionWatch, session_proxies};
pub use tokens::Tokens;
