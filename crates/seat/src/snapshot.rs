//! A snapshot on its way.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convene_model::TermStart;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// Characters of one compressed snapshot: far above what a conference of 4,000 people needs.
const DATA_CHARS_MAX: usize = 4 * 1024 * 1024;
/// Bytes of the state's JSON. A server that sends more is wrong, or means harm.
const STATE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The parts of a snapshot that everyone sees, as far as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotParts {
    number: u64,
    level: u32,
    terms: Vec<TermStart>,
    parts: u32,
    came: u32,
    data: String,
}

/// A snapshot without the part that one participant alone sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotText {
    /// The number of the last entry in the state.
    pub number: u64,
    /// The lowest level that can fold it.
    pub level: u32,
    /// The terms up to `number`.
    pub terms: Vec<TermStart>,
    /// The JSON of the state that everyone sees.
    pub public: String,
}

/// Parts that make no snapshot: out of turn, too many, or not to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parts make no snapshot")]
pub struct NoSnapshot;

impl SnapshotParts {
    /// Before the first part.
    pub fn new(number: u64, level: u32, terms: Vec<TermStart>, parts: u32) -> Self {
        Self { number, level, terms, parts, came: 0, data: String::new() }
    }

    /// The number of the last entry in the state.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Takes the next part; they count from 0. Together they are base64url.
    ///
    /// # Errors
    /// When it is not the next, or there is too much of it.
    pub fn push(&mut self, part: u32, data: &str) -> Result<(), NoSnapshot> {
        let is_next = part == self.came && part < self.parts;
        if !is_next || self.data.len() + data.len() > DATA_CHARS_MAX {
            return Err(NoSnapshot);
        }
        self.data.push_str(data);
        self.came += 1;
        Ok(())
    }

    /// Whether all parts came.
    pub fn is_whole(&self) -> bool {
        self.came == self.parts
    }

    /// The state's text.
    ///
    /// # Errors
    /// When a part is missing, or the parts are not what DEFLATE (RFC 1951) made of a text.
    pub fn text(self) -> Result<SnapshotText, NoSnapshot> {
        if !self.is_whole() {
            return Err(NoSnapshot);
        }
        let Self { number, level, terms, data, .. } = self;
        let bytes = URL_SAFE_NO_PAD.decode(data).map_err(|_| NoSnapshot)?;
        let inflated = decompress_to_vec_with_limit(&bytes, STATE_BYTES_MAX).map_err(|_| NoSnapshot)?;
        let public = String::from_utf8(inflated).map_err(|_| NoSnapshot)?;
        Ok(SnapshotText { number, level, terms, public })
    }
}
