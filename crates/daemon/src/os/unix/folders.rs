//! A watch on folders for things that are changed, put or replaced there.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;
use inotify::{Inotify, WatchMask, Watches};
use tokio::task::JoinSet;

/// Room for a dozen events with long names (inotify(7)).
const EVENTS_BYTES: usize = 4_096;

/// Watches folders, without what lies in theirs. Nothing wakes up for files that are only read: in
/// `/etc` that is several times a second.
#[derive(Debug)]
pub(crate) struct FolderWatch {
    watches: Watches,
    /// By the numbers of their watches.
    folders: Arc<Mutex<BTreeMap<i32, PathBuf>>>,
    _reading: JoinSet<()>,
}

impl FolderWatch {
    /// Tells every path of a file that was changed. Must be called inside a runtime.
    pub(crate) fn new(tell: impl Fn(&Path) + Send + 'static) -> io::Result<Self> {
        let inotify = Inotify::init()?;
        let watches = inotify.watches();
        let mut events = inotify.into_event_stream([0; EVENTS_BYTES])?;
        let folders = Arc::<Mutex<BTreeMap<i32, PathBuf>>>::default();
        let known = Arc::clone(&folders);
        let mut reading = JoinSet::new();
        reading.spawn(async move {
            while let Some(event) = events.next().await {
                let Ok(event) = event else { return };
                let folder = known
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get(&event.wd.get_watch_descriptor_id())
                    .cloned();
                if let Some(folder) = folder {
                    tell(&event.name.map_or_else(|| folder.clone(), |name| folder.join(name)));
                }
            }
        });
        Ok(Self { watches, folders, _reading: reading })
    }

    /// Watches this folder as well. One that is watched already stays so.
    pub(crate) fn watch(&mut self, folder: &Path) -> io::Result<()> {
        let changes = WatchMask::CREATE | WatchMask::CLOSE_WRITE | WatchMask::ATTRIB | WatchMask::DELETE;
        let moves = WatchMask::MOVED_FROM | WatchMask::MOVED_TO;
        // Held until the watch is known, so that its first event finds it.
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = self.watches.add(folder, changes | moves | WatchMask::ONLYDIR)?;
        folders.insert(watch.get_watch_descriptor_id(), folder.to_owned());
        Ok(())
    }
}
