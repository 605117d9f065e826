//! Files as their process sees them, and what of that has not been synced.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::disk::Luck;

/// One file.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// As the process sees it.
    pub(crate) bytes: Vec<u8>,
    /// The ranges that were written and not synced.
    dirty: Vec<Range<usize>>,
    /// The shortest that the file has been since the last sync.
    cut: Option<usize>,
    /// The luck by which writes survive without a sync; where it is absent, nothing survives so.
    luck: Option<Luck>,
    /// Whether `bytes` has been read from the real file.
    pub(crate) loaded: bool,
}

impl Content {
    /// The file as it was read from the disk.
    pub(crate) fn load(&mut self, bytes: Vec<u8>, luck: Option<Luck>) {
        (self.bytes, self.luck, self.loaded) = (bytes, luck, true);
    }

    /// A new file under the name of one whose delete is not durable: until the first sync a power
    /// cut brings the old one back, and nothing of the new one.
    pub(crate) fn renew(&mut self) {
        (self.cut, self.loaded) = (Some(0), true);
    }

    /// Gives what survives without a sync.
    pub(crate) fn write(&mut self, at: usize, data: &[u8]) -> Vec<Range<usize>> {
        let end = at + data.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[at..end].copy_from_slice(data);
        self.dirty.push(at..end);
        self.luck.as_mut().map_or_else(Vec::new, |luck| luck.written(at, data.len()))
    }

    /// Says whether it survives without a sync.
    pub(crate) fn truncate(&mut self, length: usize) -> bool {
        self.bytes.resize(length, 0);
        self.cut = Some(self.cut.map_or(length, |cut| cut.min(length)));
        self.luck.as_mut().is_some_and(Luck::truncated)
    }

    /// Takes the changes that a sync has to carry to the real file: first a cut, then these pieces.
    pub(crate) fn take_unsynced(&mut self) -> (Option<usize>, Vec<Range<usize>>) {
        if let Some(luck) = &mut self.luck {
            luck.synced();
        }
        let length = self.bytes.len();
        let pieces = std::mem::take(&mut self.dirty).into_iter().filter(|piece| piece.start < length);
        (self.cut.take(), pieces.map(|piece| piece.start..piece.end.min(length)).collect())
    }
}

/// Files that this process has opened. They stay: what is not synced is only lost with the process.
static FILES: Mutex<BTreeMap<CString, Arc<Mutex<Content>>>> = Mutex::new(BTreeMap::new());

/// The content that all handles of a file share.
pub(crate) fn shared(path: CString) -> Arc<Mutex<Content>> {
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(files.entry(path).or_default())
}

/// The file is deleted: who opens its name again finds another.
pub(crate) fn forget(path: &CString) {
    FILES.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
}
