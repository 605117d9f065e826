//! Whether packing, and building, gives the same bytes twice; and whether what was packed is what
//! was meant.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::{Kind, pack};
use crate::steps::{output, run};
use crate::workspace::{cargo, root};

/// Builds and packs the last commit in two folders with two target folders, and compares every
/// package.
pub(super) fn prove(kinds: &[&str], version: &str) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let mut made = Vec::new();
    for name in ["one", "the-other"] {
        let (clone, target) = (scratch.path().join(name), scratch.path().join(format!("target-of-{name}")));
        run(Command::new("git").args(["clone", "--quiet", "--no-hardlinks"]).arg(root()).arg(&clone))?;
        for kind in kinds {
            let mut command = cargo(&["xtask", "package", kind, "--version", version]);
            run(command.current_dir(&clone).env("CARGO_TARGET_DIR", &target))?;
            let packages = scratch.path().join(format!("{name}-{kind}"));
            fs::rename(target.join("packages"), &packages)?;
        }
        made.push(name);
    }
    for kind in kinds {
        let [one, other] = ["one", "the-other"].map(|name| scratch.path().join(format!("{name}-{kind}")));
        compare(&one, &other)?;
    }
    println!("{}: two builds in two folders are the same, byte by byte", made.join(" and "));
    Ok(())
}

/// Packs the same programs twice and compares; then looks into the packages. A step of the tests.
pub(crate) fn test(programs: &Path) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let [one, other] = ["one", "other"].map(|name| scratch.path().join(name));
    let version = env!("CARGO_PKG_VERSION");
    pack(&[Kind::Deb, Kind::Rpm], programs, version, &one)?;
    pack(&[Kind::Deb, Kind::Rpm], programs, version, &other)?;
    compare(&one, &other)?;
    for package in super::contents::PACKAGES {
        let deb = one.join(format!("{}_{version}_amd64.deb", package.name));
        let rpm = one.join(format!("{}-{version}-1.x86_64.rpm", package.name));
        same_content(&deb, &rpm)?;
        let scripts = output(Command::new("rpm").args(["-qp", "--scripts"]).arg(&rpm))?;
        for text in ["systemd-sysusers", "tell_configuration", "try-restart", "disable --now"] {
            ensure!(scripts.contains(text), "{}: no script says {text}", rpm.display());
        }
        run(Command::new("lintian").args(["--allow-root", "--fail-on", "error,warning"]).arg(&deb))?;
    }
    Ok(())
}

/// Every file of one folder has a twin in the other.
fn compare(one: &Path, other: &Path) -> Result<()> {
    let names = |folder: &Path| -> Result<BTreeSet<_>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
    };
    let all = names(one)?;
    ensure!(!all.is_empty() && all == names(other)?, "other packages were made the second time");
    for name in all {
        let [first, second] = [one, other].map(|folder| fs::read(folder.join(&name)));
        if first? != second? {
            bail!("{} differs the second time", name.display());
        }
    }
    Ok(())
}

/// Both kinds of a package install the same files, but where the kind of system has another place
/// for them.
fn same_content(deb: &Path, rpm: &Path) -> Result<()> {
    let contents = output(Command::new("dpkg-deb").arg("--contents").arg(deb))?;
    let in_deb: BTreeSet<String> = contents
        .lines()
        .filter(|line| line.starts_with('-'))
        .filter_map(|line| {
            Some(line.rsplit_once(" ./")?.1.replace("zsh/vendor-completions", "zsh/site-functions"))
        })
        .filter(|path| !path.ends_with("/changelog.gz") && !path.contains("/lintian/"))
        .collect();
    let listed = output(
        Command::new("rpm").args(["-qp", "--queryformat", "[%{FILEMODES:perms} %{FILENAMES}\n]"]).arg(rpm),
    )?;
    let in_rpm: BTreeSet<String> = listed
        .lines()
        .filter(|line| line.starts_with('-'))
        .filter_map(|line| Some(line.split_once(" /")?.1.to_owned()))
        .collect();
    let difference: Vec<_> = in_deb.symmetric_difference(&in_rpm).collect();
    ensure!(difference.is_empty(), "{} and {} differ: {difference:?}", deb.display(), rpm.display());
    in_deb.first().context("the packages are empty").map(drop)
}
