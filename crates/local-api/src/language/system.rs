//! The condition of the daemon as a whole, for administrators.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConnectionRoute, ConnectionState, Empty, Storage, method};

/// The daemon, and the connections of all users. Nothing of what is said in conferences, and no
/// names, is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SystemStatusResult {
    /// Of the daemon.
    pub version: String,
    /// Since when it runs (RFC 3339).
    pub started: String,
    /// Where seats, messages and keys are kept.
    pub state_directory: String,
    /// Where frontends connect.
    pub socket: String,
    /// The configuration files that were read, in the order in which they count.
    pub configuration: Vec<String>,
    /// The forms of what is kept and spoken.
    pub formats: Formats,
    /// Frontends that are attached, this one included.
    pub frontends: u64,
    /// Users who have a seat.
    pub users: u64,
    /// Their connections.
    pub connections: Vec<SystemConnection>,
    /// Why nothing can be stored. Left out while all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
}

/// The forms of what is kept and spoken; a higher number is a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Formats {
    /// Of the store in the state directory.
    pub store: u32,
    /// Of the protocol with servers, the latest that is spoken.
    pub protocol: u32,
    /// Of this language.
    pub api: u32,
}

/// One user's connection with one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SystemConnection {
    /// Whose, as the operating system names the user: `uid:1000`, `sid:S-1-5-…`.
    pub user: String,
    /// The server's host name.
    pub server: String,
    /// How it stands.
    pub state: ConnectionState,
    /// The way in use.
    pub route: Option<ConnectionRoute>,
    /// Since when it is in this state (RFC 3339).
    pub since: String,
    /// What went wrong last, where it does not stand.
    pub code: Option<String>,
    /// Seats on it.
    pub seats: u64,
    /// Their commands that have no receipt yet.
    pub waiting: u64,
}

method!(
    /// Says how the daemon stands.
    SystemStatus, "system.status",
    "Says how the daemon and the connections of all users stand. For administrators; others get not_privileged.",
    Empty => SystemStatusResult,
    [NotPrivileged]
);
