//! What keeps everything from working: one sentence, one thing to do, and details to copy.

use convene_local_api::Storage;

use super::{Entry, Look};
use crate::os;
use crate::state::{Act, App, AwayKind};

/// The page that stands in place of everything else; none, where all works.
pub(crate) fn trouble(app: &App) -> Option<Vec<Entry>> {
    let (kind, told, details, next) = if let Some(away) = app.away() {
        let (kind, told) = match away.kind {
            AwayKind::NotRunning => ("no_daemon", ("page-trouble-no_daemon", os::NO_DAEMON)),
            AwayKind::Impostor => ("impostor", ("page-trouble-impostor", "page-trouble-impostor-remedy")),
            AwayKind::Version => ("version", ("page-trouble-version", "page-trouble-version-remedy")),
        };
        (kind, told, away.details.as_str(), Entry::hint(app.say("tui-trouble-again")))
    } else {
        let (kind, told) = match app.storage()? {
            Storage::Full => ("disk_full", ("page-trouble-disk_full", "page-trouble-disk_full-remedy")),
            Storage::Failed => {
                ("disk_broken", ("page-trouble-disk_broken", "page-trouble-disk_broken-remedy"))
            }
        };
        (kind, told, "", Entry::button(app.say("page-read-on"), Act::ReadOn))
    };
    let (what, remedy) = told;
    let program = concat!("convene-tui ", env!("CARGO_PKG_VERSION"));
    Some(vec![
        Entry::title(app.say(what)),
        Entry::new(Look::Strong, app.say(remedy)),
        Entry::hint(app.say("page-trouble-nothing-lost")),
        Entry::gap(),
        next,
        Entry::button(app.say("tui-quit"), Act::Quit),
        Entry::gap(),
        Entry::hint(app.say("page-details")),
        Entry::hint(format!("{program}\n{kind}\n{details}").trim_end()),
    ])
}
