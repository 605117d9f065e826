//! Programs of ours in release builds, their cores, their time and their memory.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Resource, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

/// Clock ticks per second of `/proc`: fixed by Linux's interface to programs.
const TICKS: f64 = 100.0;

/// Pins this process to a core.
pub(crate) fn pin_this(core: usize) -> Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).context("this machine needs two cores")
}

/// Lets this process, and those that it starts, have as many sockets as the system allows.
pub(crate) fn raise_descriptors() -> Result<()> {
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files).context("the limit of open files")
}

/// A program that was built beside this one.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    ensure!(path.exists(), "{} is not built: run `cargo xtask bench`", path.display());
    Ok(path)
}

/// A running program, pinned to a core. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(core: usize, command: &[OsString]) -> Result<Self> {
        let mut starting = Command::new("taskset");
        starting.arg("-c").arg(core.to_string()).args(command).stdin(Stdio::null()).stderr(Stdio::null());
        Ok(Self(starting.spawn().context("taskset")?))
    }

    /// CPU time so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = self.read("stat")?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        // Counted behind the name: utime and stime are fields 14 and 15 of proc(5).
        let ticks =
            |field: usize| fields.get(field).and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
        Ok(Duration::from_secs_f64((ticks(11) + ticks(12)) / TICKS))
    }

    /// Resident memory in KiB.
    pub(crate) fn resident_kib(&self) -> Result<f64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }

    /// Bytes that its thread of this name has read from files so far.
    pub(crate) fn read_by(&self, thread: &str) -> Result<u64> {
        let threads = Path::new("/proc").join(self.0.id().to_string()).join("task");
        for one in std::fs::read_dir(threads)? {
            let one = one?.path();
            // One that has ended meanwhile has no name any more.
            if std::fs::read_to_string(one.join("comm")).is_ok_and(|name| name.trim_end() == thread) {
                let io = std::fs::read_to_string(one.join("io"))?;
                let line = io.lines().find_map(|line| line.strip_prefix("rchar:")).context("rchar")?;
                return Ok(line.trim().parse()?);
            }
        }
        bail!("the program has no thread `{thread}`")
    }

    fn read(&self, file: &str) -> Result<String> {
        Ok(std::fs::read_to_string(Path::new("/proc").join(self.0.id().to_string()).join(file))?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
