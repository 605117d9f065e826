//! Reading a frame, and telling a frame of a later version from rubbish.

use std::collections::BTreeMap;

use convene_model::limits::FRAME_BYTES_MAX;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::control::Unknown;

/// Bytes of an unknown kind that are repeated in the answer.
const KIND_BYTES_MAX: usize = 64;

/// Why a text is no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// It has more than [`FRAME_BYTES_MAX`] bytes.
    #[error("a frame has at most {FRAME_BYTES_MAX} bytes")]
    TooLong,
    /// A well-formed frame of a kind that this version does not know. It is to be answered by this,
    /// and it counts where [`Unknown::is_counted`].
    #[error("a frame of the unknown kind {:?}", .0.kind)]
    Unknown(Unknown),
    /// Not a frame, or a known kind with fields that are missing or wrong.
    #[error("a malformed frame")]
    Malformed,
}

pub(crate) fn parse<T: DeserializeOwned>(text: &str, kinds: &[&str]) -> Result<T, FrameError> {
    if text.len() > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong);
    }
    serde_json::from_str(text).map_err(|_| reason(text, kinds))
}

fn reason(text: &str, kinds: &[&str]) -> FrameError {
    #[derive(Deserialize)]
    struct AnyFrame(BTreeMap<String, IgnoredAny>);
    let Ok(AnyFrame(frame)) = serde_json::from_str(text) else { return FrameError::Malformed };
    let mut keys = frame.into_keys();
    match (keys.next(), keys.next()) {
        (Some(kind), None) if !kinds.contains(&kind.as_str()) => {
            let kept =
                kind.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= KIND_BYTES_MAX);
            let end = kept.last().unwrap_or(0);
            FrameError::Unknown(Unknown { kind: kind.get(..end).unwrap_or_default().to_owned() })
        }
        _ => FrameError::Malformed,
    }
}

/// Declares the frames of one side: an enum that travels under the given words.
macro_rules! frames {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident($body:ty) = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant($body),)*
        }

        impl $name {
            /// The words under which its frames travel.
            pub const KINDS: &'static [&'static str] = &[$($word),*];

            /// Reads a frame.
            ///
            /// # Errors
            /// See [`FrameError`].
            pub fn parse(text: &str) -> Result<Self, $crate::FrameError> {
                $crate::frame::parse(text, Self::KINDS)
            }
        }

        impl std::fmt::Display for $name {
            /// The frame as it travels.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&serde_json::to_string(self).map_err(|_| std::fmt::Error)?)
            }
        }
    };
}
pub(crate) use frames;
