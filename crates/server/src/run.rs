//! The server as a whole: put together at the start, taken down at the end.

use std::sync::Arc;
use std::time::Duration;

use convene_event_log::StorageError;
use convene_event_log_sqlite::{FirstForm, OpenError, Options, SqliteLog};
use convene_service_log::number;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::backup::Copies;
use crate::budget::{Budget, Waiting};
use crate::certificate::CertificateError;
use crate::check_page;
use crate::conferences::{Conferences, FirstFormEntries};
use crate::control::{self, ControlError, Served};
use crate::links::Links;
use crate::listen::{Entrance, ListenError, Ports};
use crate::live::Live;
use crate::os::{self, systemd};
use crate::setup::{Setup, Sources};
use crate::state_dir::{EVENT_LOG, StateDir, StateDirError};
use crate::web::{self, Pages, PollSessions};

/// How long links have to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// Memory is looked at so often, and no more often than that, while links come and go.
const LOOK_PAUSE: Duration = Duration::from_secs(2);
/// The number of looks after the last link came or went: what it brought may still wait for
/// acknowledgements at the first one.
const LOOKS: u32 = 3;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    StateDir(#[from] StateDirError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the event log cannot be read: {0}")]
    Log(#[from] StorageError),
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("the system does not pass signals on: {0}")]
    Signals(std::io::Error),
}

/// Runs until SIGTERM or SIGINT; at SIGHUP what may change is read again.
pub(crate) async fn run(sources: Sources, mut setup: Setup) -> Result<(), RunError> {
    let reload = signal(SignalKind::hangup()).map_err(RunError::Signals)?;
    let state = StateDir::open(&sources.state_dir)?;
    setup.warn();
    let events = state.path().join(EVENT_LOG);
    // A log of a later version is left with everything beside it. The key is there before the log
    // is, which would forbid to make one.
    SqliteLog::look(&events, &log_options())?;
    let identity = setup.identity(state.path())?;
    let log = Arc::new(SqliteLog::open(&events, &log_options())?);
    let conferences = Arc::new(Conferences::of(log, setup.config.limits.of_data()).await?);
    let control = control::bind(state.path())?;
    identity.log();
    let config = sources.config.as_path().to_owned();
    let listen: Vec<_> = setup.config.listen.iter().map(ToString::to_string).collect();
    let live = Live::new(sources, &setup.config, &identity);
    let limits = setup.config.limits;
    let (budget, proxies) = (Arc::new(Budget::new(limits)), setup.config.trusted_proxies.as_slice().into());
    let (stop, stopping) = watch::channel(false);
    let links =
        Links::new(live.naming.subscribe(), Arc::clone(&conferences), Arc::clone(&budget), stopping.clone());
    let links = Arc::new(links);
    let (entered, sessions) = (Arc::clone(&links), Arc::<PollSessions>::default());
    let begun = Arc::clone(&sessions);
    let invited = Arc::clone(&conferences);
    let pages = Arc::new(Pages::new(move |code| invited.invited(code), live.site.subscribe()));
    let entrance = Entrance::new(live.tls.subscribe(), budget, proxies, move |connection| {
        let (links, pages) = (Arc::clone(&entered), Arc::clone(&pages));
        web::serve(connection, Arc::clone(&begun), pages, move |pipe, peer| {
            Arc::clone(&links).serve(pipe, peer.address)
        })
    });
    let ports = Ports::open(live.ports.subscribe(), move |listener, closing| {
        entrance.clone().open(listener, closing)
    });
    let mut connections = std::pin::pin!(ports.need_one()?.keep(stopping.clone()));
    let places = Waiting::new(limits.checks, limits.checks_per_network);
    let check_ports = Ports::open(live.check_ports.subscribe(), move |listener, closing| {
        check_page::open(listener, closing, places.clone())
    });
    let copies = Copies::new(state.path(), log_options());
    let served = Served { conferences: Arc::clone(&conferences), facts: live.facts.subscribe(), copies };
    systemd::ready();
    tracing::info!(
        number = number::STARTED,
        version = env!("CARGO_PKG_VERSION"),
        config = %config.display(),
        state_dir = %state.path().display(),
        listen = listen.join(", "),
        "started"
    );
    tokio::select! {
        () = connections.as_mut() => {}
        () = return_memory(&links.turnover) => {}
        () = sessions.forget_over(&links.turnover) => {}
        () = check_ports.keep(stopping) => {}
        () = control::serve(control, served) => {}
        () = live.reload_at(reload) => {}
        () = systemd::keep_watch() => {}
        () = conferences.keep_time() => {}
        signal = stop_signal() => signal.map_err(RunError::Signals)?,
    }
    tracing::info!(number = number::STOPPING, "stopping");
    systemd::stopping();
    stop.send_replace(true);
    if tokio::time::timeout(FAREWELL, connections).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    conferences.stop().await;
    Ok(())
}

/// Gives memory back to the system while links come and go, and shortly afterwards.
async fn return_memory(turnover: &Notify) {
    let mut looks = 0;
    loop {
        if looks == 0 {
            turnover.notified().await;
            looks = LOOKS;
        }
        let until = Instant::now() + LOOK_PAUSE;
        looks = if timeout_at(until, turnover.notified()).await.is_ok() { LOOKS } else { looks - 1 };
        sleep_until(until).await;
        if let Err(error) = tokio::task::spawn_blocking(os::return_memory).await {
            tracing::error!(%error, "memory could not be returned");
        }
    }
}

/// On the system's files, but in builds for tests, where the environment wants to see what a lost
/// write does.
fn log_options() -> Options {
    let first_form: Option<fn() -> Box<dyn FirstForm>> = Some(|| Box::<FirstFormEntries>::default());
    #[cfg(feature = "lossy-vfs")]
    if let Some((_, disk)) = std::env::vars_os().find(|(name, _)| name == "CONVENE_LOSSY_VFS") {
        // Without a name no log opens, so that a mistake is seen.
        let vfs = convene_tests_lossy_vfs::register(&disk.to_string_lossy()).unwrap_or_default();
        return Options { vfs: Some(vfs.to_owned()), first_form };
    }
    Options { vfs: None, first_form }
}

async fn stop_signal() -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
