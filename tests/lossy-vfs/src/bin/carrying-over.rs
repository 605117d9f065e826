//! Opens an event log of form 1, says so in the midst of carrying it over or behind that, and waits
//! to be killed: `carrying-over FILE system|DISK ENTRIES`. ENTRIES is how many entries are read
//! before it stops; where the log has fewer, all of it is carried over.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use convene_event_log_sqlite::{CarriedEntry, FirstForm, Options, SqliteLog};

static LEFT: AtomicU32 = AtomicU32::new(0);

/// Carries every entry over as it is.
struct Stopping;

impl FirstForm for Stopping {
    fn handle_entry(&mut self, _: &str) -> Option<CarriedEntry> {
        if LEFT.fetch_sub(1, Ordering::Relaxed) == 0 {
            wait_for_the_kill("in the midst");
        }
        None
    }

    fn summary(&self) -> Arc<str> {
        Arc::from("carried over")
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, layer, entries] = arguments.as_slice() else { return };
    LEFT.store(entries.parse().expect("a number"), Ordering::Relaxed);
    let vfs = (layer != "system").then(|| {
        let name = convene_tests_lossy_vfs::register(layer);
        name.expect("the disk is understood, and SQLite takes it").to_owned()
    });
    let first_form: Option<fn() -> Box<dyn FirstForm>> = Some(|| Box::new(Stopping));
    let _log = SqliteLog::open(Path::new(file), &Options { vfs, first_form }).expect("it opens");
    wait_for_the_kill("carried over");
}

fn wait_for_the_kill(where_it_stands: &str) -> ! {
    let mut out = std::io::stdout();
    writeln!(out, "{where_it_stands}").and_then(|()| out.flush()).expect("the test reads");
    loop {
        std::thread::park();
    }
}
