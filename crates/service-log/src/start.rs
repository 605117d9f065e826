//! Where the log of this process goes.

use std::ffi::OsString;

use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::filter;
use crate::line::{Line, Texts};
use crate::os::Sink;

/// Reads one variable of the environment, which is handed in so that a program reads it in one
/// place.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Starts the log of the service with this name: to the journal where systemd has connected
/// standard error with it, on Windows to a file and the event log where there is no standard error,
/// and to standard error everywhere else. `CONVENE_LOG` says what is logged; what cannot be read
/// there is the first error in the log, and then everything from `info` on is.
///
/// # Panics
/// When called twice in a process.
pub fn start(name: &'static str, environment: Environment<'_>) {
    let wanted = environment("CONVENE_LOG").map(|wanted| filter::read(&wanted)).transpose();
    let (filter, fault) = match wanted {
        Ok(wanted) => (wanted.unwrap_or_else(filter::usual), None),
        Err(fault) => (filter::usual(), Some(fault)),
    };
    if let Some(sink) = Sink::of_service(name, environment) {
        tracing_subscriber::registry().with(Lines(sink).with_filter(filter)).init();
    } else {
        // Where nobody reads standard error any more, there is nowhere to say so: the service goes
        // on.
        let printed = fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .fmt_fields(Texts)
            .log_internal_errors(false);
        tracing_subscriber::registry().with(printed.with_filter(filter)).init();
    }
    if let Some(error) = fault {
        tracing::error!(%error, "CONVENE_LOG cannot be read");
    }
}

/// Passes lines on.
pub(crate) struct Lines(pub(crate) Sink);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.0.put(event.metadata(), &Line::of(event));
    }
}
