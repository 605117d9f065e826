//! What was set through the API. The daemon alone writes it, so it lies in the state directory.

use std::path::{Path, PathBuf};

/// The file's name.
const FILE: &str = "settings.toml";

/// The file, in this state directory.
pub(super) fn file(state: &Path) -> PathBuf {
    state.join(FILE)
}
