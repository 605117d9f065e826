//! What `opening` asks the bridge, and what that answers: a line of JSON each.

use serde::{Deserialize, Serialize};

/// Wants a link that opens the page.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// The join link that the page is to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) join: Option<String>,
}

/// The link, which is also what scripts are shown.
#[derive(Serialize, Deserialize)]
pub(crate) struct Opened {
    pub(crate) url: String,
}
