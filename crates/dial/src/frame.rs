//! Frames as carriers pass them on, and why they stop.

use std::io;

use convene_model::limits::FRAME_BYTES_MAX;

/// The text of one frame; cloning it is cheap, and it is made from a `String` without copying.
pub type FrameText = tokio_tungstenite::tungstenite::Utf8Bytes;

/// Why a pipe broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PipeError {
    /// A frame is over [`FRAME_BYTES_MAX`].
    #[error("a frame is longer than {FRAME_BYTES_MAX} bytes")]
    TooLong,
    /// A frame is not text.
    #[error("a frame is not text")]
    NotText,
    /// The other side does not keep to RFC 6455.
    #[error("the other side does not keep to the WebSocket protocol")]
    Protocol,
    /// The connection ended without a farewell.
    #[error("the connection was closed without a farewell")]
    Closed,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(io::ErrorKind),
}
