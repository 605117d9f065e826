//! The server as a whole: put together at the start, taken down at the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use convene_event_log_sqlite::{Options, SqliteLog};
use tokio::sync::{Notify, watch};

use crate::certificate::{CertificateError, Identity};
use crate::check_page;
use crate::conferences::{Conferences, LoadError};
use crate::config::{Config, Log};
use crate::control::{self, ControlError, LinkFacts};
use crate::links::Links;
use crate::listen::{self, ListenError};
use crate::os;
use crate::state_dir::{StateDir, StateDirError};
use crate::web::{self, Sessions};

/// How long links have to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long joins and what they bring settle before memory is looked at: it is looked at no more often than that.
const SETTLING: Duration = Duration::from_secs(2);

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    StateDir(#[from] StateDirError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Open(#[from] convene_event_log_sqlite::OpenError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("the log engine {0:?} is not part of this build; use engine = \"sqlite\"")]
    Engine(&'static str),
    #[error("the system does not pass signals on: {0}")]
    Signals(std::io::Error),
}

/// Runs until SIGTERM or SIGINT.
pub(crate) async fn run(config: &Config, state_dir: &Path) -> Result<(), RunError> {
    let state = StateDir::open(state_dir)?;
    let log = Arc::new(open_log(config, state.path())?);
    let conferences = Conferences::load(log).await?;
    let identity = identity(config, state.path())?;
    let control = control::bind(state.path())?;
    let listeners = listen::bind(&config.listen)?;
    let check_listeners = match &config.check_listen {
        Some(at) => listen::bind(std::slice::from_ref(at))?,
        None => Vec::new(),
    };
    let facts = LinkFacts {
        host: config.name.clone(),
        https_port: config.https_port(),
        ports: config.conference_ports(),
        fingerprint: identity.fingerprint,
    };
    let (stop, stopping) = watch::channel(false);
    let links =
        Links::new(config.name.clone(), Arc::clone(&conferences), identity.end_points, stopping.clone());
    let links = Arc::new(links);
    let entered = Arc::clone(&links);
    let sessions = Arc::<Sessions>::default();
    let serve = move |connection| {
        let links = Arc::clone(&entered);
        web::serve(connection, Arc::clone(&sessions), move |pipe, _| Arc::clone(&links).serve(pipe))
    };
    let mut connections = std::pin::pin!(listen::accept(listeners, identity.tls, stopping, serve));
    tokio::select! {
        () = connections.as_mut() => {}
        () = return_memory(&links.turnover) => {}
        () = check_page::serve(check_listeners) => {}
        () = control::serve(control, Arc::clone(&conferences), facts) => {}
        signal = stop_signal() => signal.map_err(RunError::Signals)?,
    }
    tracing::info!("stopping");
    stop.send_replace(true);
    if tokio::time::timeout(FAREWELL, connections).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    conferences.stop().await;
    Ok(())
}

/// Gives memory back to the system when links have come or gone.
async fn return_memory(turnover: &Notify) {
    loop {
        turnover.notified().await;
        tokio::time::sleep(SETTLING).await;
        if let Err(error) = tokio::task::spawn_blocking(os::return_memory).await {
            tracing::error!(%error, "memory could not be returned");
        }
    }
}

fn open_log(config: &Config, state_dir: &Path) -> Result<SqliteLog, RunError> {
    match &config.log {
        Log::Sqlite => Ok(SqliteLog::open(&state_dir.join("events.db"), &log_options())?),
        Log::Jetstream { .. } => Err(RunError::Engine("jetstream")),
    }
}

/// On the system's files, but in builds for tests, where the environment wants to see what a lost write does.
fn log_options() -> Options {
    #[cfg(feature = "lossy-vfs")]
    if std::env::vars_os().any(|(name, _)| name == "CONVENE_LOSSY_VFS") {
        return Options { vfs: convene_tests_lossy_vfs::register().ok().map(str::to_owned) };
    }
    Options::default()
}

fn identity(config: &Config, state_dir: &Path) -> Result<Identity, CertificateError> {
    match &config.tls {
        None => Identity::own(state_dir, &config.name),
        Some(tls) => {
            let public: Vec<PathBuf> = tls.public_certificates.clone();
            Identity::load(&tls.certificate, &tls.key, &public)
        }
    }
}

async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
