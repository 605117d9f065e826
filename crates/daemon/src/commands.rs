//! The command line of the daemon, and its life from start to stop.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::Write as _;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use convene_command_lines::convened::CommandLine;
use convene_model::limits::BLOCKING_THREADS_MAX;
use convene_service_log::number;
use tokio::sync::{Notify, watch};

use crate::access::Access as AccessChecks;
use crate::config::{ConfigSource, Reading, Unusable};
use crate::frontends::{self, Means};
use crate::instance::Instance;
use crate::logins::Logins;
use crate::memory::give_back_when_free;
use crate::network::Watcher;
use crate::os::{
    Access, BindError, LocalListener, NoHome, Paths, PrivilegedGroup, RightsError, SocketPath, paths,
    raise_descriptor_limit, return_memory, service,
};
use crate::proxies::Proxies;
use crate::questions::Questions;
use crate::registry::Registry;
use crate::reload::Reload;
use crate::settings::Board;
use crate::store::{LoadError, OpenError, Store, StoreOptions};

/// The group whose members may change settings, beside root.
const GROUP: &str = "convene";
/// The daemon does not start.
const FAILED: u8 = 1;
/// The configuration cannot be used.
const USAGE: u8 = 2;

/// Between two tries to have a name that somebody else has: soon enough for a person who has
/// stopped that process.
const NAME_PAUSE: Duration = Duration::from_secs(2);

/// Why the daemon does not start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    NoHome(#[from] NoHome),
    #[error(transparent)]
    Config(#[from] Unusable),
    #[error(transparent)]
    Rights(#[from] RightsError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("the system does not let signals be caught: {0}")]
    Signals(std::io::Error),
}

/// Runs the daemon as a service, or as a program.
pub fn main() -> ExitCode {
    service::run(run)
}

fn run(service: service::Service) -> ExitCode {
    // A script of a network's is run by this program in a process of its own, which then is nothing
    // else.
    if std::env::args_os().nth(1).is_some_and(|first| first == convene_pac::CHILD_ARGUMENT) {
        return convene_pac::serve_child();
    }
    let options = CommandLine::parse();
    if options.openrpc {
        let printed = std::io::stdout().write_all(convene_local_api::OPENRPC.as_bytes());
        return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) };
    }
    let environment = environment();
    #[cfg(windows)]
    if options.installed.prepare_machine {
        return prepare_machine(&environment);
    }
    if options.check_config {
        return check_config(&options, &environment);
    }
    convene_service_log::start("convened", &|name| environment.get(name).cloned());
    raise_descriptor_limit();
    // One thread: the daemon waits more than it works, what blocks has threads of its own, and each
    // costs memory on every machine.
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(number = number::NOT_STARTED, %error, "there is nothing to run on");
            return ExitCode::from(FAILED);
        }
    };
    let ended = runtime.block_on(serve(&options, &environment, &service));
    // Everything that had to be kept is kept by now. Nobody waits for a lookup or a proxy script
    // that still blocks a thread.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(number = number::NOT_STARTED, "{error}");
            ExitCode::from(if matches!(error, StartError::Config(_)) { USAGE } else { FAILED })
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().max_blocking_threads(BLOCKING_THREADS_MAX).build()
}

#[cfg(windows)]
fn prepare_machine(environment: &BTreeMap<String, OsString>) -> ExitCode {
    match crate::os::prepare_machine(&|name| environment.get(name).cloned()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format_args!("convened: {error}"));
            // An installer shows nothing of what its commands print.
            convene_service_log::report_error("convened", number::NOT_PREPARED, &error.to_string());
            ExitCode::from(FAILED)
        }
    }
}

/// Reads what a start would read, and says what is wrong with it.
fn check_config(options: &CommandLine, environment: &BTreeMap<String, OsString>) -> ExitCode {
    let read = locate(options, environment).map(|found| config_source(options, &found, environment).read());
    let (errors, warnings) = match read {
        Ok(Ok(Reading { warnings, .. })) => (Vec::new(), warnings),
        Ok(Err(Unusable { errors, warnings })) => {
            (errors.iter().map(ToString::to_string).collect(), warnings)
        }
        Err(error) => (vec![error.to_string()], Vec::new()),
    };
    errors.iter().for_each(|error| complain(&format_args!("error: {error}")));
    warnings.iter().for_each(|warning| complain(&format_args!("warning: {warning}")));
    if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(USAGE) }
}

/// Says on standard error what is wrong. Where nobody reads that, the exit code says it alone.
fn complain(what: &dyn Display) {
    drop(writeln!(std::io::stderr(), "{what}"));
}

async fn serve(
    options: &CommandLine,
    environment: &BTreeMap<String, OsString>,
    service: &service::Service,
) -> Result<(), StartError> {
    let found = locate(options, environment)?;
    let source = config_source(options, &found, environment);
    let Reading { config, proxies, settings, files, warnings } = source.read()?;
    warnings.iter().for_each(|warning| tracing::warn!(number = number::DANGEROUS, "{warning}"));
    let watch = source.watch(&config);
    let mut stopped = pin!(service.shutdown_signal().map_err(StartError::Signals)?);
    let reloads = service.reloads().map_err(StartError::Signals)?;
    let listener = tokio::select! {
        bound = bind(&found.socket, access(options), service) => bound?,
        () = &mut stopped => return Ok(()),
    };
    let (store, notices) = Store::open(&found.state, &store_options())?;
    let seats = store.load()?;
    let watcher = Watcher::new(&store).await;
    let (store, questions) = (Arc::new(store), Arc::<Questions>::default());
    let logins = Logins::new(Arc::clone(&store), Arc::clone(&questions)).await;
    let proxies = Arc::new(Proxies::new(Arc::clone(&store), proxies));
    let registry = Arc::new(Registry::new(
        Arc::clone(&store),
        config,
        Arc::clone(&proxies),
        Arc::clone(&logins),
        watcher.whereabouts(),
    ));
    let instance = Arc::new(Instance::new(&found, files));
    let (board, wishes) = Board::new(Arc::clone(&store), Arc::clone(&proxies), settings);
    let access = AccessChecks::new(&registry, &proxies, &logins, &store);
    let means = Means { registry: Arc::clone(&registry), store, proxies, logins, instance, board, access };
    let reload = Reload { source: &source, means: &means };
    let (stop, stopping) = watch::channel(false);
    let (passing, left) = (Arc::clone(&registry), Notify::new());
    let work = async {
        // Frontends are served while the seats are taken up, and told that the daemon starts.
        let serving = frontends::serve(listener, means.clone(), questions, &left, stopping);
        let giving_back = give_back_when_free(registry.changes(), &left, return_memory);
        tokio::join!(passing.pass_on(notices), passing.follow_storage(), serving, giving_back, async {
            registry.resume(seats).await;
            tell_started(&means.instance);
            service.ready();
            tokio::join!(
                watcher.run(
                    service,
                    |whereabouts| registry.move_to(whereabouts),
                    |asleep| registry.wake(asleep),
                ),
                reload.follow(watch, reloads, wishes, service),
                service.keep_alive(),
                means.access.run(),
            );
        })
    };
    tokio::select! {
        _ = work => {}
        () = stopped => {}
    }
    tracing::info!(number = number::STOPPING, "stopping");
    service.stopping();
    stop.send_replace(true);
    means.access.stop().await;
    registry.stop().await;
    // Dropping the store makes durable what still waits.
    drop((registry, means));
    Ok(())
}

fn tell_started(instance: &Instance) {
    let Instance { state, socket, .. } = instance;
    let (version, state, configuration) = (env!("CARGO_PKG_VERSION"), state.display(), instance.files());
    tracing::info!(number = number::STARTED, version, ?configuration, %state, %socket, "started");
}

/// Listens. Where the daemon is to wait for its name, it says once who has it, counts as started,
/// and takes it when it is free.
async fn bind(
    path: &SocketPath,
    access: Access,
    service: &service::Service,
) -> Result<LocalListener, BindError> {
    let mut told = None;
    loop {
        match LocalListener::bind(path, access.clone()) {
            Err(error @ BindError::AlreadyRunning { .. }) if service.waits_for_its_name() => {
                let error = Some(error.to_string());
                if told != error {
                    tracing::error!(number = number::NAME_TAKEN, error, "no frontend can connect until then");
                    told = error;
                }
                service.ready();
                tokio::time::sleep(NAME_PAUSE).await;
            }
            bound => return bound,
        }
    }
}

fn config_source(
    options: &CommandLine,
    found: &Paths,
    environment: &BTreeMap<String, OsString>,
) -> ConfigSource {
    let text = |(name, value): (&String, &OsString)| Some((name.clone(), value.to_str()?.to_owned()));
    ConfigSource {
        path: found.config.clone(),
        named: options.config.is_some(),
        state: found.state.clone(),
        environment: environment.iter().filter_map(text).collect(),
    }
}

/// The places that the system or the user's environment names, unless the command line names
/// others.
fn locate(options: &CommandLine, environment: &BTreeMap<String, OsString>) -> Result<Paths, NoHome> {
    let read = |name: &str| environment.get(name).cloned();
    let all_named = options.config.is_some() && options.state_dir.is_some() && options.socket.is_some();
    let found = if options.user && !all_named { paths::user(&read)? } else { paths::system(&read) };
    Ok(Paths {
        config: options.config.clone().unwrap_or(found.config),
        state: options.state_dir.clone().unwrap_or(found.state),
        socket: options.socket.clone().map_or(found.socket, SocketPath::new),
    })
}

fn access(options: &CommandLine) -> Access {
    if options.user {
        return Access::ThisUser;
    }
    let group = PrivilegedGroup::named(GROUP).unwrap_or_else(|error| {
        tracing::warn!(%error, "the system's groups cannot be read");
        None
    });
    if group.is_none() {
        tracing::info!(
            "there is no group {GROUP}: only administrators and the daemon's own user may change settings"
        );
    }
    Access::System { group }
}

/// The environment, read once.
fn environment() -> BTreeMap<String, OsString> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect()
}

/// On the system's files, but in builds for tests, where the environment wants to see what a lost
/// write does.
fn store_options() -> StoreOptions {
    #[cfg(feature = "lossy-vfs")]
    if let Some(disk) = environment().get("CONVENE_LOSSY_VFS") {
        // Without a name no store opens, so that a mistake is seen.
        let vfs = convene_tests_lossy_vfs::register(&disk.to_string_lossy()).unwrap_or_default();
        return StoreOptions::on_vfs(vfs);
    }
    StoreOptions::default()
}
