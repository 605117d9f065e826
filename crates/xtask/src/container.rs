//! The packages in a system of their own: Debian 12 in a container that boots, without any network
//! but loopback.
//!
//! The chapters in `packaging/tests/chapters` tell what happens there: each is one boot of a
//! system, runs as a unit, writes a line for each thing that it checks, and switches the system
//! off.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cache;
use crate::install;
use crate::package::{Kind, pack};
use crate::steps::run;
use crate::workspace::{root, target_dir};

/// Systems, each new, and the chapters that it lives through.
const SYSTEMS: &[&[&str]] = &[&["install", "life"], &["mistakes"], &["earlier"]];

/// How long one boot may take with all its checks: five times what it takes on two busy cores.
const CHAPTER_MAX: Duration = Duration::from_secs(480);

/// The system calls that the container's own filter lets pass beside its usual list: Landlock,
/// which proxy scripts are shut in with, and asking for the clock's state, by which the sandboxes'
/// own filter is probed. Setting it needs a right that is not there.
const SYSTEM_CALLS: &str = "landlock_create_ruleset landlock_add_rule landlock_restrict_self adjtimex";

/// The line that ends the report of a chapter.
const END: &str = "the end";

/// Why no container can be booted here, if so.
pub(crate) fn obstacle() -> Option<&'static str> {
    if !install::is_root() {
        return Some("a container that boots needs root");
    }
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if has("systemd-nspawn") && has("debootstrap") {
        None
    } else {
        Some("systemd-nspawn or debootstrap is missing")
    }
}

/// Packs the programs in this folder twice, the second time under a later version. Installs, uses,
/// upgrades, removes and purges the packages. All that was seen is kept in the target directory, in
/// `container/`.
///
/// # Errors
/// When a check failed, with all that did, or when a system did not come to its end.
pub(crate) fn live(programs: &Path) -> Result<()> {
    let debian = debian()?;
    let place = target_dir().join("container");
    let [now, later] = ["now", "later"].map(|name| place.join(name));
    let version = env!("CARGO_PKG_VERSION");
    pack(&[Kind::Deb], programs, version, &now)?;
    pack(&[Kind::Deb], programs, &format!("{version}.1"), &later)?;
    let system = place.join("system");
    let mut failed = Vec::new();
    for chapters in SYSTEMS {
        clear(&system)?;
        run(Command::new("cp").args(["--archive", "--reflink=auto"]).arg(&debian).arg(&system))?;
        for chapter in *chapters {
            let report = place.join(chapter);
            println!("the chapter {chapter}: {}", report.display());
            boot(&system, chapter, &report, [&now, &later])?;
            let found = read(&report)?;
            failed.extend_from_slice(&found);
            // The next chapter is about what this one left.
            if !found.is_empty() {
                break;
            }
        }
    }
    clear(&system)?;
    if failed.is_empty() { Ok(()) } else { bail!("{} checks failed:\n{}", failed.len(), failed.join("\n")) }
}

/// The system that every run copies, made once.
fn debian() -> Result<PathBuf> {
    let script = root().join("packaging/tests/make-container.sh");
    let made = cache::folder("debian12", &[&script], |at| {
        run(Command::new("unshare").args(["--mount", "sh"]).arg(&script).arg(at.join("root")))
    })?;
    Ok(made.join("root"))
}

/// Boots the system for one chapter and waits until it is off. Its mounts are in a namespace that
/// ends with it.
fn boot(system: &Path, chapter: &str, report: &Path, [now, later]: [&Path; 2]) -> Result<()> {
    let tests = root().join("packaging/tests");
    let unit = "chapter@.service";
    clear(report)?;
    fs::create_dir_all(report)?;
    let console = report.join("console");
    let output = File::create(&console)?;
    let at = |option: &str, from: &Path, to: &str| format!("--{option}={}:{to}", from.display());
    let status = Command::new("unshare")
        .args(["--mount", "timeout", "--kill-after=10", &CHAPTER_MAX.as_secs().to_string()])
        .args(["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--private-network"])
        .args(["--link-journal=no", "--resolv-conf=off", "--timezone=off", "--hostname=office"])
        .args([&format!("--system-call-filter={SYSTEM_CALLS}"), "--capability=CAP_SYSLOG"])
        .arg(format!("--directory={}", system.display()))
        .arg(at("bind-ro", &tests, "/tests"))
        .arg(at("bind-ro", &tests.join(unit), &format!("/etc/systemd/system/{unit}")))
        .args([at("bind-ro", now, "/packages/now"), at("bind-ro", later, "/packages/later")])
        .arg(at("bind-ro", &root().join("tests/system/fixtures"), "/formats"))
        .arg(at("bind", report, "/report"))
        .arg(format!("systemd.wants=chapter@{chapter}.service"))
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .status()
        .context("cannot run unshare")?;
    if !status.success() {
        bail!("the chapter {chapter} did not come to its end ({status}); see {}", console.display());
    }
    Ok(())
}

/// Prints the figures and how many checks held, and gives those that did not.
fn read(report: &Path) -> Result<Vec<String>> {
    let file = report.join("checks");
    let text = fs::read_to_string(&file).with_context(|| format!("no check was made: {}", file.display()))?;
    for figure in text.lines().filter_map(|line| line.strip_prefix("measured ")) {
        println!("{figure}");
    }
    let held = text.lines().filter(|line| line.starts_with("ok ")).count();
    println!("{held} checks held");
    let mut failed: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("FAILED ")).map(str::to_owned).collect();
    if text.lines().last() != Some(END) {
        failed.push(format!("the chapter broke off; see {}", report.display()));
    }
    Ok(failed)
}

fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_what_failed_and_whether_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let told = |text: &str| {
            fs::write(dir.path().join("checks"), text).unwrap();
            read(dir.path()).unwrap()
        };
        assert!(read(dir.path()).is_err());
        assert!(told("ok it runs\nmeasured memory: 1 KiB\nthe end\n").is_empty());
        assert_eq!(told("ok it runs\nFAILED it stops: no\nthe end\n"), ["it stops: no"]);
        assert_eq!(told("ok it runs\n").len(), 1);
    }
}
