//! The life of a service under the service control manager, or of a program in a console.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
use tokio::sync::watch;
use windows_service::define_windows_service;
use windows_service::service::{
    PowerEventParam, ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus,
    ServiceType,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle};
use windows_service::service_dispatcher;
use windows_sys::Win32::Foundation::ERROR_FAILED_SERVICE_CONTROLLER_CONNECT;

/// The name under which the installer registers the service.
pub(super) const NAME: &str = "convened";
/// By this argument the service control manager's command line says that it is the one who starts.
/// Asked without need, it takes a console program up to half a minute to learn that it has nothing
/// to say.
const SERVICE_ARGUMENT: &str = "--service";
/// How long a start or a stop may take before the system takes the service for hung: opening and
/// flushing a store on a slow disk.
const PENDING_WAIT: Duration = Duration::from_secs(30);
/// The code that a failed service reports as its own; the log says why it failed.
const FAILED: u32 = 1;

/// The daemon's own main function. The system starts the service through a plain function, so this
/// one cannot be handed to it.
static MAIN: OnceLock<fn(Service) -> ExitCode> = OnceLock::new();
/// The outcome.
static RESULT: OnceLock<ExitCode> = OnceLock::new();

/// The connection with the service control manager. There is one in a process; [`run`] makes it.
#[derive(Clone)]
pub(crate) struct Service {
    status: Option<Status>,
    stop: watch::Receiver<bool>,
    wakes: watch::Receiver<Sleep>,
    reloads: watch::Receiver<()>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("managed", &self.status.is_some()).finish_non_exhaustive()
    }
}

/// Runs the daemon: as a service if the command line says that the service control manager started
/// this process, else here in the console. To be called once, from `main`.
pub(crate) fn run(main: fn(Service) -> ExitCode) -> ExitCode {
    let main = *MAIN.get_or_init(|| main);
    let in_console = || main(Controls::default().service(None));
    if !std::env::args_os().any(|argument| argument == SERVICE_ARGUMENT) {
        return in_console();
    }
    match service_dispatcher::start(NAME, service_entry) {
        Ok(()) => RESULT.get().copied().unwrap_or(ExitCode::FAILURE),
        Err(windows_service::Error::Winapi(error)) if is_console(&error) => in_console(),
        Err(error) => {
            tracing::error!(%error, "the service control manager does not answer");
            ExitCode::FAILURE
        }
    }
}

fn is_console(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_FAILED_SERVICE_CONTROLLER_CONNECT.cast_signed())
}

define_windows_service!(service_entry, serve);

/// The service's life, on a thread of the system's.
fn serve(_: Vec<OsString>) {
    let Some(main) = MAIN.get() else { return };
    let (controls, status) = (Controls::default(), Status::default());
    let service = controls.service(Some(status.clone()));
    let told = status.clone();
    let handler = move |control| controls.handle(&control, &told);
    match service_control_handler::register(NAME, handler) {
        Ok(handle) => status.begin(handle),
        Err(error) => return tracing::error!(%error, "the service cannot be registered"),
    }
    status.report(ServiceState::StartPending, ServiceExitCode::NO_ERROR);
    let result = main(service);
    RESULT.get_or_init(|| result);
    let code = if result == ExitCode::SUCCESS {
        ServiceExitCode::NO_ERROR
    } else {
        ServiceExitCode::ServiceSpecific(FAILED)
    };
    status.report(ServiceState::Stopped, code);
}

/// The commands of the service control manager. In a console nobody gives any.
#[derive(Default)]
struct Controls {
    stop: watch::Sender<bool>,
    wake: watch::Sender<Sleep>,
    reload: watch::Sender<()>,
}

impl Controls {
    /// Makes the service that obeys these commands.
    fn service(&self, status: Option<Status>) -> Service {
        let (stop, wakes) = (self.stop.subscribe(), self.wake.subscribe());
        Service { status, stop, wakes, reloads: self.reload.subscribe() }
    }

    /// Answers the service control manager, on a thread of the system's.
    fn handle(&self, control: &ServiceControl, status: &Status) -> ServiceControlHandlerResult {
        if matches!(control, ServiceControl::Stop | ServiceControl::Shutdown) {
            // Before this returns, because the handler is gone afterwards: a service that is
            // stopping is sent no more controls.
            status.report(ServiceState::StopPending, ServiceExitCode::NO_ERROR);
            self.stop.send_replace(true);
        } else if matches!(control, ServiceControl::ParamChange) {
            self.reload.send_replace(());
        } else if let ServiceControl::PowerEvent(event) = control {
            self.power(event);
        } else if !matches!(control, ServiceControl::Interrogate) {
            return ServiceControlHandlerResult::NotImplemented;
        }
        ServiceControlHandlerResult::NoError
    }

    fn power(&self, event: &PowerEventParam) {
        let now = SystemTime::now();
        if matches!(event, PowerEventParam::Suspend) {
            self.wake.send_if_modified(|sleep| sleep.begin(now));
        } else if matches!(event, PowerEventParam::ResumeAutomatic | PowerEventParam::ResumeCritical) {
            self.wake.send_if_modified(|sleep| sleep.end(now));
        }
    }
}

/// The way to tell the service control manager how it stands.
#[derive(Clone, Default)]
struct Status(Arc<OnceLock<ServiceStatusHandle>>);

impl Status {
    fn begin(&self, handle: ServiceStatusHandle) {
        self.0.get_or_init(|| handle);
    }

    fn report(&self, state: ServiceState, code: ServiceExitCode) {
        let Some(handle) = self.0.get() else { return };
        let running = state == ServiceState::Running;
        let settled = running || state == ServiceState::Stopped;
        let controls = ServiceControlAccept::STOP
            | ServiceControlAccept::SHUTDOWN
            | ServiceControlAccept::PARAM_CHANGE
            | ServiceControlAccept::POWER_EVENT;
        let told = handle.set_service_status(ServiceStatus {
            service_type: ServiceType::OWN_PROCESS,
            current_state: state,
            controls_accepted: if running { controls } else { ServiceControlAccept::empty() },
            exit_code: code,
            checkpoint: 0,
            wait_hint: if settled { Duration::ZERO } else { PENDING_WAIT },
            process_id: None,
        });
        if let Err(error) = told {
            tracing::warn!(%error, ?state, "the service control manager was not told how the service stands");
        }
    }
}

impl Service {
    /// Tells the service control manager that frontends can connect now. Nothing happens in a
    /// console.
    pub(crate) fn ready(&self) {
        // A stop that was quicker stands.
        if !*self.stop.borrow() {
            self.tell(ServiceState::Running);
        }
    }

    /// Whether the daemon waits where somebody else has the name of its pipe. The service does: any
    /// user can take a name, and a service that gives up fails its installation, and is started
    /// again ever more rarely.
    pub(crate) fn waits_for_its_name(&self) -> bool {
        self.status.is_some()
    }

    /// Tells the service control manager that the daemon is stopping and has not died. Nothing
    /// happens in a console.
    pub(crate) fn stopping(&self) {
        self.tell(ServiceState::StopPending);
    }

    /// Reads the configuration again; the service control manager has no word for it.
    pub(crate) async fn reloading(&self, reading: impl Future<Output = ()>) {
        reading.await;
    }

    /// The service control manager has no watchdog: never completes.
    pub(crate) async fn keep_alive(&self) {
        std::future::pending::<()>().await;
    }

    /// The wishes that the configuration be read again: `sc control convened paramchange`. None in
    /// a console.
    ///
    /// # Errors
    /// Never here.
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere signals may not be caught")]
    pub(crate) fn reloads(&self) -> io::Result<Reloads> {
        Ok(Reloads(self.reloads.clone()))
    }

    fn tell(&self, state: ServiceState) {
        if let Some(status) = &self.status {
            status.report(state, ServiceExitCode::NO_ERROR);
        }
    }

    /// Waits until the daemon is to stop: a control of the manager's, the end of the system,
    /// Ctrl-C, Ctrl-Break or a closed console. The console's signals are caught from the call on,
    /// not from the first poll, and no longer end the process by themselves from then on. May be
    /// dropped and called again; a control of the manager's is never missed. Must be called inside
    /// a runtime.
    ///
    /// # Errors
    /// When the signals cannot be caught.
    pub(crate) fn shutdown_signal(&self) -> io::Result<impl Future<Output = ()> + Send + use<>> {
        let (mut key, mut pause, mut close, mut shutdown) =
            (ctrl_c()?, ctrl_break()?, ctrl_close()?, ctrl_shutdown()?);
        // A service hears of every user's logoff and must not mind; uncaught, it would end the
        // process.
        let logoff = ctrl_logoff()?;
        let mut stop = self.stop.clone();
        Ok(async move {
            let _logoff = logoff;
            let controlled = async {
                // In a console nobody can send, and the wait fails at once.
                if stop.wait_for(|stop| *stop).await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = controlled => {}
                _ = key.recv() => {}
                _ = pause.recv() => {}
                _ = close.recv() => {}
                _ = shutdown.recv() => {}
            }
        })
    }

    /// Waits until the machine wakes from sleep, where the service manager says so, and gives how
    /// long it slept: in a console this never completes. A wake between two calls is missed, and
    /// heartbeats find out.
    pub(crate) async fn woken(&self) -> Duration {
        let mut wakes = self.wakes.clone();
        wakes.mark_unchanged();
        if wakes.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        wakes.borrow().lasted
    }
}

/// Wishes that the configuration be read again.
#[derive(Debug)]
pub(crate) struct Reloads(watch::Receiver<()>);

impl Reloads {
    /// The next one; several that come at once are one. Cancel safe.
    pub(crate) async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The machine's sleep, by its calendar clock, which goes on meanwhile.
#[derive(Debug, Clone, Copy, Default)]
struct Sleep {
    since: Option<SystemTime>,
    lasted: Duration,
}

impl Sleep {
    /// Tells nobody yet.
    fn begin(&mut self, now: SystemTime) -> bool {
        self.since = Some(now);
        false
    }

    /// A sleep whose beginning nobody noticed counts as none: the connections are probed all the
    /// same.
    fn end(&mut self, now: SystemTime) -> bool {
        let lasted = self.since.take().and_then(|since| now.duration_since(since).ok());
        self.lasted = lasted.unwrap_or_default();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_managers_controls_reach_the_daemon() {
        let (controls, status) = (Controls::default(), Status::default());
        let service = controls.service(Some(status.clone()));
        let (mut reloads, stopped) =
            (service.reloads().expect("none fails"), service.shutdown_signal().expect("caught"));
        for _ in 0..2 {
            controls.handle(&ServiceControl::ParamChange, &status);
            reloads.next().await;
        }
        controls.handle(&ServiceControl::Stop, &status);
        stopped.await;
    }
}
