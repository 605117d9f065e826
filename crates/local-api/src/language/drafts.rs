//! Drafts, and what frontends remember: kept by the daemon for each seat.

use convene_model::SeatName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Notification, method};

/// Bytes of one draft.
pub const DRAFT_MAX: usize = 16 * 1024;
/// Drafts of one seat that are not empty.
pub const DRAFTS_MAX: usize = 64;
/// Bytes of a draft's key.
pub const DRAFT_KEY_MAX: usize = 64;

/// Which drafts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DraftGetParams {
    /// In which conference.
    pub conference: SeatName,
    /// The key of one; left out, all of the seat. From then on the changes of all of them follow as
    /// `draft.changed`, until the frontend detaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Drafts of one seat.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DraftGetResult {
    /// Those that are not empty, in the order of their keys.
    pub drafts: Vec<Draft>,
}

/// A draft.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Draft {
    /// `room:` and the id of the room for which it is written; what a frontend remembers otherwise
    /// has the frontend's name in front, such as `page:view`.
    pub key: String,
    /// Counts the changes of this one; 0 is a draft that was never set. Of two that a frontend is
    /// told, the higher one is the later.
    pub revision: u64,
    /// The text; empty where the draft was removed.
    pub text: String,
    /// The text that another frontend set meanwhile, where both are kept; two such texts stand one
    /// below the other, where both fit. Setting the draft once more, with this revision, decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
}

/// What to keep.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DraftSetParams {
    /// In which conference.
    pub conference: SeatName,
    /// Its key: at most 64 bytes of printable ASCII.
    pub key: String,
    /// The revision that the author saw; 0 where they saw none.
    pub revision: u64,
    /// The text, at most 16 KiB. Empty, it removes the draft; one that the author had not seen
    /// stays.
    pub text: String,
}

/// The draft as it is now. Where its `other` is set, the author had not seen what another frontend
/// set, and both texts are kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DraftSetResult {
    /// As it is.
    pub draft: Draft,
}

/// Another frontend of this user set a draft.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DraftChanged {
    /// In which conference.
    pub conference: SeatName,
    /// As it is.
    pub draft: Draft,
}

impl Notification for DraftChanged {
    const NAME: &'static str = "draft.changed";
}

/// Prints no text of a draft: it is nobody else's business.
macro_rules! hide {
    ($($type:ident),*) => {
        $(impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($type), "(…)"))
            }
        })*
    };
}
hide!(Draft, DraftGetResult, DraftSetParams, DraftSetResult, DraftChanged);

method!(
    /// Reads drafts.
    DraftGet, "draft.get", "Gives the drafts of a seat, and tells every change of them as `draft.changed` from then on.", DraftGetParams => DraftGetResult,
    [ConferenceUnknown, ConferenceAmbiguous, StorageFailed]
);
method!(
    /// Keeps a draft.
    DraftSet, "draft.set", "Keeps a draft. It is safe when this answers, and goes with the seat.", DraftSetParams => DraftSetResult,
    [ConferenceUnknown, ConferenceAmbiguous, DraftTooLarge, StorageFailed, Unsure]
);
