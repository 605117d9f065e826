//! Files as their process sees them, and what of that has not been synced.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// One file.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// As the process sees it.
    pub(crate) bytes: Vec<u8>,
    /// What was written and not synced: starts and lengths.
    dirty: Vec<(usize, usize)>,
    /// The shortest that the file has been since the last sync.
    cut: Option<usize>,
    /// Whether `bytes` has been read from the real file.
    pub(crate) loaded: bool,
}

impl Content {
    pub(crate) fn write(&mut self, at: usize, data: &[u8]) {
        let end = at + data.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[at..end].copy_from_slice(data);
        self.dirty.push((at, data.len()));
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.bytes.resize(length, 0);
        self.cut = Some(self.cut.map_or(length, |cut| cut.min(length)));
    }

    /// What a sync has to carry to the real file: first a cut, then these pieces.
    pub(crate) fn take_unsynced(&mut self) -> (Option<usize>, Vec<(usize, Vec<u8>)>) {
        let length = self.bytes.len();
        let pieces = std::mem::take(&mut self.dirty).into_iter().filter(|(at, _)| *at < length);
        let pieces =
            pieces.map(|(at, count)| (at, self.bytes[at..(at + count).min(length)].to_vec())).collect();
        (self.cut.take(), pieces)
    }
}

type Files = BTreeMap<CString, Weak<Mutex<Content>>>;

static FILES: Mutex<Files> = Mutex::new(BTreeMap::new());

/// The content that all handles of a file share. It is gone, with what was not synced, when the last one is.
pub(crate) fn shared(path: CString) -> Arc<Mutex<Content>> {
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    files.retain(|_, content| content.strong_count() > 0);
    if let Some(content) = files.get(&path).and_then(Weak::upgrade) {
        return content;
    }
    let content = Arc::<Mutex<Content>>::default();
    files.insert(path, Arc::downgrade(&content));
    content
}
