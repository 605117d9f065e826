//! The daemon's connections.

use convene_model::{Attempt, Carrier, PortRange, Rung};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Empty, Notification, method};

/// How one server is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Connection {
    /// Its host name.
    pub server: String,
    /// Its conference ports, as `4500-4506`.
    pub ports: PortRange,
    /// Its HTTPS port.
    pub https_port: u16,
    /// How it stands.
    pub state: ConnectionState,
    /// The way in use.
    pub route: Option<ConnectionRoute>,
    /// Since when it is in this state (RFC 3339).
    pub since: String,
    /// The failures of the last round. They outlive the win of another way.
    pub attempts: Vec<Attempt>,
    /// Who inspects TLS on the way in use, as the certificate there names its issuer; nobody
    /// vouches for it. Left out where nobody does, or the policy allows it silently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspected_by: Option<String>,
    /// Whom to ask, where the configuration says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Why the daemon can store nothing, and so neither takes nor receives anything. Left out while
    /// all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// Milliseconds by which the server's clock was ahead of this machine's when it last said
    /// hello.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<i64>,
}

/// Why nothing can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// The disk is full.
    Full,
    /// The disk does not do what it is asked.
    Failed,
}

impl Storage {
    /// The word that says so to people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "storage_full",
            Self::Failed => "storage_broken",
        }
    }
}

/// How a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionState {
    /// It carries conferences.
    Connected,
    /// On the way.
    Connecting,
    /// No way leads to the server; the remedies of `attempts` say whose turn it is. Tries go on.
    Blocked,
    /// This machine has no network. Tries go on.
    Offline,
}

/// The way in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConnectionRoute {
    /// `direct`, `https` or `proxy`.
    pub rung: Rung,
    /// `host:port` of the server.
    pub target: String,
    /// `host:port` of the proxy.
    pub proxy: Option<String>,
    /// `websocket`, `stream` or `poll`.
    pub carrier: Carrier,
}

/// All connections of this user, numbered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Connections {
    /// Counts the changes.
    pub number: u64,
    /// As they stand.
    pub connections: Vec<Connection>,
}

/// Something about the connections changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ConnectionChanged(pub Connections);

impl Notification for ConnectionChanged {
    const NAME: &'static str = "connection.changed";
}

/// Which connection to try at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RetryParams {
    /// The server; left out, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

method!(
    /// Watches the connections.
    ConnectionWatch, "connection.watch", "Gives the connections, then every change as `connection.changed`.", Empty => Connections,
    []
);
method!(
    /// Tries at once.
    ConnectionRetry, "connection.retry", "Tries to connect at once instead of at the next scheduled time.", RetryParams => Empty,
    []
);
