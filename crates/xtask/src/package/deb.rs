//! Packages for Debian and Ubuntu, made by `dpkg-deb` alone.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::contents::Package;
use super::scripts::{read, script};
use super::stage::{self, Places};
use super::{Build, MAINTAINER, libraries};
use crate::steps::output;

const PLACES: Places = Places { zsh: "usr/share/zsh/vendor-completions" };

/// The parts of the script of each name, files of `packaging` with the package's name for `{}`.
const SCRIPTS: &[(&str, &[&str])] = &[
    ("config", &["deb/{}.config.sh"]),
    ("postinst", &["linux/shared.sh", "linux/{}.sh", "deb/{}.answers.sh", "deb/postinst.sh"]),
    ("prerm", &["deb/prerm.sh"]),
    ("postrm", &["deb/{}.forget.sh", "deb/postrm.sh"]),
];

/// Makes the package below `to`; `scratch` is an empty folder.
pub(super) fn pack(package: &Package, build: &Build, scratch: &Path, to: &Path) -> Result<PathBuf> {
    let stage = scratch.join("root");
    stage::fill(package, build, PLACES, &stage)?;
    let documents = stage.join("usr/share/doc").join(package.name);
    let changelog = documents.join("changelog");
    stage::write(&changelog, entry(package, build)?.as_bytes())?;
    stage::gzip(&changelog)?;
    let overrides = format!("deb/{}.lintian-overrides", package.name);
    if let Ok(text) = read(&overrides) {
        stage::write(&stage.join("usr/share/lintian/overrides").join(package.name), text.as_bytes())?;
    }
    stage::tidy_rights(&stage)?;
    let sums = sums(&stage)?;
    let control = control(package, build, &stage)?;

    let about = stage.join("DEBIAN");
    stage::write(&about.join("md5sums"), sums.as_bytes())?;
    stage::write(&about.join("control"), control.as_bytes())?;
    stage::write(&about.join("templates"), read(&format!("deb/{}.templates", package.name))?.as_bytes())?;
    let kept: String = package
        .files
        .iter()
        .filter(|file| file.is_configuration)
        .map(|file| format!("/{}\n", file.to))
        .collect();
    if !kept.is_empty() {
        stage::write(&about.join("conffiles"), kept.as_bytes())?;
    }
    for (name, parts) in SCRIPTS {
        let parts: Vec<String> = parts.iter().map(|part| part.replace("{}", package.name)).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let path = about.join(name);
        stage::write(&path, format!("#!/bin/sh\n{}", script(package, &parts)?).as_bytes())?;
        fs::set_permissions(&path, Permissions::from_mode(0o755))?;
    }
    let deb = to.join(format!("{}_{}_amd64.deb", package.name, build.version));
    let mut command = Command::new("dpkg-deb");
    // The first level takes a sixth of the usual one's time and a fifth more bytes.
    command.args(["--root-owner-group", "-Zxz", "-z1", "--build"]).arg(&stage).arg(&deb);
    output(command.env("SOURCE_DATE_EPOCH", build.epoch.to_string()))?;
    Ok(deb)
}

fn control(package: &Package, build: &Build, stage: &Path) -> Result<String> {
    let mut depends = BTreeSet::new();
    for program in package.programs {
        depends.extend(libraries::needed(&stage.join("usr/bin").join(program.name))?);
    }
    let depends: Vec<&str> =
        depends.into_iter().chain(["systemd", "debconf (>= 0.5) | debconf-2.0"]).collect();
    // KiB as policy 5.6.20 counts them: each file rounded up, each folder one.
    let size: u64 = stage::entries(stage)?
        .iter()
        .map(|one| if one.is_folder { 1 } else { one.bytes.div_ceil(1024) })
        .sum();
    let mut control = format!(
        "Package: {}\nVersion: {}\nArchitecture: amd64\nMaintainer: {MAINTAINER}\nInstalled-Size: {size}\nDepends: {}\n\
         Recommends: ca-certificates\n",
        package.name,
        build.version,
        depends.join(", "),
    );
    if !package.suggests.is_empty() {
        let suggests: Vec<&str> = package.suggests.iter().map(|one| one.deb).collect();
        control.push_str(&format!("Suggests: {}\n", suggests.join(", ")));
    }
    let description: Vec<String> = package.description.iter().map(|text| folded(text)).collect();
    control.push_str(&format!(
        "Section: net\nPriority: optional\nDescription: {}\n{}",
        package.summary,
        description.join(" .\n"),
    ));
    Ok(control)
}

/// Columns of a description, as terminals show it.
const COLUMNS: usize = 78;

/// A paragraph of a description: each line begins with a blank.
fn folded(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.len() + word.len() + 1 > COLUMNS {
            lines.push_str(&format!("{line}\n"));
            line.clear();
        }
        line.push(' ');
        line.push_str(word);
    }
    format!("{lines}{line}\n")
}

/// The one entry of Debian's own changelog; what changed stands in NEWS.md beside it.
fn entry(package: &Package, build: &Build) -> Result<String> {
    let date = output(
        Command::new("date").args(["--utc", "--rfc-email", "--date"]).arg(format!("@{}", build.epoch)),
    )?;
    Ok(format!(
        "{} ({}) stable; urgency=medium\n\n  * Release {}: see NEWS.md.gz.\n\n -- {MAINTAINER}  {date}",
        package.name, build.version, build.version,
    ))
}

/// The sums of all files but configuration, which stands apart.
fn sums(stage: &Path) -> Result<String> {
    let files =
        stage::entries(stage)?.into_iter().filter(|one| !one.is_folder && !one.path.starts_with("/etc"));
    let names = files.filter_map(|one| one.path.strip_prefix("/").map(Path::to_owned).ok());
    output(Command::new("md5sum").args(names).current_dir(stage))
}
