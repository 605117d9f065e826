//! Proxy settings and tickets of a user's session, which a service that starts at boot cannot see,
//! and notices in it.
//!
//! * [`session_proxies`] reads the proxy settings of the desktop (GNOME, KDE, Windows) and of the
//!   terminal; [`SessionWatch`]
//!   notices when they change.
//! * [`notify()`] shows a notice where nobody looks at a terminal.
//! * [`Tokens`] makes tokens of the user's tickets for logging in at those proxies.
//!
//! A frontend offers settings and tickets to the daemon through its client.

mod notice;
mod os;
mod session;
mod tokens;

pub use notice::{leave_console, notify};
pub use session::{SessionWatch, session_proxies};
pub use tokens::Tokens;
