//! Getting to know each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::method;

/// The version of this language. It rises whenever a method, a notification, a question, a field or
/// an error code is added; none is ever changed, and `docs/LOCAL-API.md` says how one goes.
pub const API_VERSION: u32 = 4;

/// Nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Empty {}

/// Who the frontend is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HelloParams {
    /// The program and its version.
    #[serde(default)]
    pub client: String,
    /// The questions of the daemon's that it answers, such as `proxy.password`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
}

/// Who the daemon is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HelloResult {
    /// The program and its version.
    pub daemon: String,
    /// The version of this language.
    pub api: u32,
}

method!(
    /// Describes the language.
    DiscoverMethod, "rpc.discover", "Gives this document.", Empty => serde_json::Value,
    []
);
method!(
    /// Says hello.
    Hello, "hello", "Says who is there, in either direction.", HelloParams => HelloResult,
    []
);
