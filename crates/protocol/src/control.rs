//! Frames that either side sends about the link itself.

use serde::{Deserialize, Serialize};

/// Acknowledges the data frames that have been taken, without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The number of the last.
    pub received: u64,
    /// Set when a frame behind it was seen: the next one was lost and is wanted again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

/// Is anyone there?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Comes back in the answer.
    pub id: u64,
}

/// The answer to a [`Ping`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    /// The question's.
    pub id: u64,
    /// The number of data frames that the answering side has taken.
    pub received: u64,
}

/// The answer to a frame of an unknown kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// The kind, cut to 64 bytes.
    pub kind: String,
}

impl Unknown {
    /// Whether a frame of this kind is counted by the link: its kind does not begin with `_`.
    pub fn is_counted(&self) -> bool {
        !self.kind.starts_with('_')
    }
}
