//! Network namespaces by their names, as `ip netns` keeps them.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use crate::patience::{PATIENCE, patiently};
use crate::process::run;

/// The prefix of the name of every namespace and directory of the lab; the process id follows.
pub(crate) const PREFIX: &str = "cvh";
/// Where `ip netns` keeps the namespaces.
pub(crate) const SPACES: &str = "/run/netns";
/// Where it keeps their files that stand in for those of /etc.
pub(crate) const ETC: &str = "/etc/netns";

/// The command `ip`, with nothing of this process's environment: no proxy of this machine leads out
/// of the lab.
pub(crate) fn ip(arguments: &[&str]) -> Command {
    let mut command = Command::new("/sbin/ip");
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LANG", "C.UTF-8")
        .env("HOME", "/root");
    command.args(arguments);
    command
}

/// Ends what runs in a namespace and removes it.
pub(crate) fn remove(space: &str) {
    let listed = || run(&mut ip(&["netns", "pids", space]), "").stdout;
    patiently(PATIENCE, || {
        let pids = String::from_utf8(listed()).unwrap_or_default();
        let pids = pids.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?));
        let killed = pids.filter(|pid| kill_process(*pid, Signal::KILL).is_ok()).count();
        (killed == 0).then_some(())
    });
    run(&mut ip(&["netns", "del", space]), "");
    drop(fs::remove_dir_all(Path::new(ETC).join(space)));
}
