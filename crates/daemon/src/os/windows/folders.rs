//! A watch on folders for things that are changed, put or replaced there.

use std::path::Path;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

/// Watches folders, without what lies in theirs.
#[derive(Debug)]
pub(crate) struct FolderWatch(RecommendedWatcher);

impl FolderWatch {
    /// Tells every path of a file that was changed.
    pub(crate) fn new(tell: impl Fn(&Path) + Send + 'static) -> notify::Result<Self> {
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            for path in event.iter().filter(|event| !event.kind.is_access()).flat_map(|event| &event.paths) {
                tell(path);
            }
        });
        watcher.map(Self)
    }

    /// Watches this folder as well.
    pub(crate) fn watch(&mut self, folder: &Path) -> notify::Result<()> {
        self.0.watch(folder, RecursiveMode::NonRecursive)
    }
}
