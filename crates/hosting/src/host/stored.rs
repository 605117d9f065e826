//! The snapshot that the log keeps, so that a start reads it and what lies behind.

use std::sync::Arc;

use convene_conference::LEVEL;
use convene_model::LogId;
use convene_protocol::Point;
use serde::{Deserialize, Serialize};

use crate::entry::EntryError;
use crate::filter::Filter;
use crate::publisher::StoredPart;

/// All that a host must know of a conference up to one entry. It holds what nobody may see: it is
/// for the log alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSnapshot {
    /// The lowest level that can fold it.
    level: u32,
    /// In which log.
    log: LogId,
    part: StoredPart,
    /// It may hold ids of later entries, and misses none up to this one.
    filter: Filter,
}

impl StoredSnapshot {
    pub(super) fn new(part: StoredPart, log: LogId, mut filter: Filter) -> Self {
        filter.pack();
        Self { level: part.level, log, part, filter }
    }

    /// Reads one; none where it is of a later level: the log is then followed from its beginning
    /// on, up to the first entry of that level.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(text: &str) -> Result<Option<Self>, EntryError> {
        #[derive(Deserialize)]
        struct Level {
            level: u32,
        }
        let Level { level } = serde_json::from_str(text).map_err(|_| EntryError)?;
        if level > LEVEL {
            return Ok(None);
        }
        serde_json::from_str(text).map(Some).map_err(|_| EntryError)
    }

    /// As it is kept by the log.
    pub fn text(&self) -> Arc<str> {
        // Maps have text for keys, and nothing in it fails by itself.
        serde_json::to_string(self).unwrap_or_default().into()
    }

    /// The entry up to which it goes.
    pub fn point(&self) -> Point {
        self.part.point(self.log)
    }

    pub(super) fn into_parts(self) -> (StoredPart, Filter) {
        (self.part, self.filter)
    }
}
