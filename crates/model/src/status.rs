//! Words for a way to the server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A class of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// Straight to a conference port.
    Direct,
    /// TLS on the HTTPS port.
    Https,
    /// Through a proxy.
    Proxy,
}

/// The form in which frames travel inside TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// RFC 6455.
    Websocket,
    /// A streamed response down, POSTs up.
    Stream,
    /// Responses that end, POSTs up.
    Poll,
}
