//! Programs that the lab runs.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// How long a program may take that is run to its end: three times the longest wait that one is
/// asked for.
const RUN_MAX: Duration = Duration::from_secs(60);

/// A program that runs until it is dropped; then it is killed and waited for.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts the program; what it prints goes to the file `log`.
    pub fn start(command: &mut Command, log: PathBuf) -> Self {
        let file = File::create(&log).expect("the lab writes its logs");
        let errors = file.try_clone().expect("a file can be opened twice");
        let started = command.stdin(Stdio::null()).stdout(file).stderr(errors).spawn();
        Self { child: started.unwrap_or_else(|error| fail(command, &error.to_string())), log }
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Stops it where it is, as a machine that goes to sleep does, until [`Process::resume`].
    pub fn pause(&self) {
        kill_process(Pid::from_child(&self.child), Signal::STOP).expect("it runs");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        kill_process(Pid::from_child(&self.child), Signal::CONT).expect("it is there");
    }

    /// The number of times that its threads have waited for something so far, those that are gone
    /// left out.
    pub fn waits(&self) -> u64 {
        let threads =
            std::fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten().flatten();
        let waits = threads.filter_map(|thread| {
            let status = std::fs::read_to_string(thread.path().join("status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
            line.trim().parse::<u64>().ok()
        });
        waits.sum()
    }

    /// Its output so far, errors included.
    pub fn printed(&self) -> String {
        read(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
        if thread::panicking() {
            show(&self.log);
        }
    }
}

/// Runs a program to its end with `input` on its standard input. One that takes longer than
/// [`RUN_MAX`] is killed, and the test fails.
pub(crate) fn run(command: &mut Command, input: &str) -> Output {
    let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.unwrap_or_else(|error| fail(command, &error.to_string()));
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input says so by its exit code.
        drop(stdin.write_all(input.as_bytes()));
    }
    let pid = Pid::from_child(&child);
    let (tell, told) = mpsc::sync_channel(1);
    let waiter = thread::spawn(move || tell.send(child.wait_with_output()).ok());
    let output = told.recv_timeout(RUN_MAX).unwrap_or_else(|_| {
        // Nobody else waits for it, so the id is still its own.
        let killed = kill_process(pid, Signal::KILL).is_ok();
        fail(command, if killed { "it hangs" } else { "it ended as it was given up" })
    });
    drop(waiter.join());
    output.unwrap_or_else(|error| fail(command, &error.to_string()))
}

/// Runs a program that must succeed, and gives what it printed.
pub(crate) fn must(command: &mut Command, input: &str) -> String {
    let output = run(command, input);
    if !output.status.success() {
        fail(command, &format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn read(log: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()).into_owned()
}

#[expect(clippy::print_stdout, reason = "the test's runner shows it with the failure")]
fn show(log: &Path) {
    println!("--- {}\n{}", log.display(), read(log));
}

#[expect(clippy::panic, reason = "what the lab needs did not run: the test that wants it fails")]
fn fail(command: &Command, why: &str) -> ! {
    panic!("{command:?}: {why}")
}
