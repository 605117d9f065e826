//! The child: runs one script, and can do nothing else.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rquickjs::function::Func;
use rquickjs::{Context, Ctx, Runtime};
use serde::{Deserialize, Serialize};

use crate::os;

/// The only argument with which a program becomes the child. It is no option of anybody's.
pub const CHILD_ARGUMENT: &str = "evaluate-pac-without-rights";
/// Bytes of the script's heap.
const HEAP_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of the script's stack, where the system gives so many. A chain of `else if` is read by a
/// call within a call: this is room for several thousand of them, and scripts have hundreds.
const STACK_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Bytes of the stack that are ours.
const OWN_STACK_BYTES: u64 = 256 * 1024;
/// How long the script may compute: several thousand comparisons on a slow machine. What it waits
/// for names does not count.
const COMPUTE_MAX: Duration = Duration::from_secs(1);
/// Bytes of what the parent says.
const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// The definitions that every script finds.
const PRELUDE: &str = include_str!("prelude.js");

/// The script to evaluate, and its arguments.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) script: String,
    pub(crate) url: String,
    pub(crate) host: String,
    /// The address of this machine, as far as the script is told.
    pub(crate) own: String,
}

/// A message of the child.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Said {
    /// It wants this name resolved, and reads a [`Resolved`].
    Resolve(String),
    /// The result of `FindProxyForURL`.
    Answer(String),
    /// The script failed.
    Failed,
    /// No script was run: it could have done more than compute.
    Unconfined,
}

/// A name's address, if it has one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Resolved {
    pub(crate) address: Option<String>,
}

/// The child's whole life: gives up all rights, reads a task from standard input, and says what
/// came of it on standard output.
pub fn serve_child() -> ExitCode {
    let stack_bytes = os::stack_room(STACK_BYTES_MAX).saturating_sub(OWN_STACK_BYTES);
    if read_zone().is_none() {
        return ExitCode::FAILURE;
    }
    if os::give_up_rights().is_err() {
        return say(&Said::Unconfined).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let Some(task) = read::<Task>() else { return ExitCode::FAILURE };
    let said = evaluate(&task, usize::try_from(stack_bytes).unwrap_or(0)).map_or(Said::Failed, Said::Answer);
    if say(&said).is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Has the C library read the file of this machine's time zone, which it does once and cannot do
/// later. It is our own line that runs.
fn read_zone() -> Option<()> {
    let context = Context::full(&Runtime::new().ok()?).ok()?;
    context.with(|ctx| ctx.eval::<(), _>("new Date().getTimezoneOffset()")).ok()
}

fn evaluate(task: &Task, stack_bytes: usize) -> Option<String> {
    let runtime = Runtime::new().ok()?;
    runtime.set_memory_limit(HEAP_BYTES_MAX);
    runtime.set_max_stack_size(stack_bytes);
    let context = Context::full(&runtime).ok()?;
    let clock = std::sync::Arc::new(Clock::default());
    let interrupted = std::sync::Arc::clone(&clock);
    runtime.set_interrupt_handler(Some(Box::new(move || interrupted.computed() > COMPUTE_MAX)));
    context.with(|ctx| run(&ctx, task, &clock).ok())
}

fn run(ctx: &Ctx<'_>, task: &Task, clock: &std::sync::Arc<Clock>) -> rquickjs::Result<String> {
    let globals = ctx.globals();
    globals.set("__own", task.own.as_str())?;
    let (known, clock) =
        (RefCell::new(BTreeMap::<String, Option<String>>::new()), std::sync::Arc::clone(clock));
    // The parent counts the names, and ends a child that asks for too many.
    let resolve = move |name: String| -> Option<String> {
        if let Some(address) = known.borrow().get(&name) {
            return address.clone();
        }
        let began = Instant::now();
        let resolved = say(&Said::Resolve(name.clone())).and_then(|()| read::<Resolved>());
        clock.forgive(began.elapsed());
        let address = resolved?.address;
        known.borrow_mut().insert(name, address.clone());
        address
    };
    globals.set("__resolve", Func::from(resolve))?;
    ctx.eval::<(), _>(PRELUDE)?;
    // Scripts in the field are sloppy, and some begin with a mark of their encoding.
    let mut sloppy = rquickjs::context::EvalOptions::default();
    sloppy.strict = false;
    ctx.eval_with_options::<(), _>(task.script.trim_start_matches('\u{feff}'), sloppy)?;
    let find: rquickjs::Function<'_> = globals.get("FindProxyForURL")?;
    find.call((task.url.as_str(), task.host.as_str()))
}

/// A clock of the time for which the script has computed.
#[derive(Debug)]
struct Clock {
    began: Instant,
    waited: std::sync::Mutex<Duration>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { began: Instant::now(), waited: std::sync::Mutex::default() }
    }
}

impl Clock {
    fn computed(&self) -> Duration {
        let waited = *self.waited.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.began.elapsed().saturating_sub(waited)
    }

    fn forgive(&self, waited: Duration) {
        *self.waited.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += waited;
    }
}

fn say(said: &impl Serialize) -> Option<()> {
    let mut line = serde_json::to_string(said).ok()?;
    line.push('\n');
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes()).ok()?;
    out.flush().ok()
}

fn read<T: for<'de> Deserialize<'de>>() -> Option<T> {
    let mut line = Vec::new();
    let mut lines = io::Read::take(io::stdin().lock(), LINE_BYTES_MAX);
    lines.read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice(&line).ok()
}
