//! Packages for RHEL 9 and later and Fedora, made by `rpmbuild` of what the deb is made of.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::contents::Package;
use super::scripts::script;
use super::stage::{self, Places};
use super::{Build, MAINTAINER};
use crate::steps::output;

const PLACES: Places = Places { zsh: "usr/share/zsh/site-functions" };

/// The parts of the script of each name, files of `packaging` with the package's name for `{}`.
const SCRIPTS: &[(&str, &[&str])] = &[
    ("post", &["linux/shared.sh", "linux/{}.sh", "rpm/post.sh"]),
    ("preun", &["rpm/preun.sh"]),
    ("postun", &["rpm/postun.sh"]),
];

/// Time and host of the build are not told, and files are as old as the commit at most. Nothing is
/// done to the programs.
const SETTINGS: &str = "\
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global source_date_epoch_from_changelog 0
%global _buildhost convene
%global _build_id_links none
%global _binary_payload w9.zstdio
%global debug_package %{nil}
%global __os_install_post %{nil}
";

/// Folders that other packages have.
const FOREIGN: &[&str] = &["/usr", "/etc"];

/// Makes the package below `to`; `scratch` is an empty folder.
pub(super) fn pack(package: &Package, build: &Build, scratch: &Path, to: &Path) -> Result<PathBuf> {
    let stage = scratch.join("root");
    stage::fill(package, build, PLACES, &stage)?;
    stage::tidy_rights(&stage)?;
    let spec = scratch.join(format!("{}.spec", package.name));
    stage::write(&spec, text(package, build, &stage)?.as_bytes())?;
    let mut command = Command::new("rpmbuild");
    command.args(["-bb", "--quiet", "--target", "x86_64-linux"]);
    for (name, value) in [("_topdir", scratch.join("rpm")), ("_rpmdir", scratch.join("made"))] {
        command.arg("--define").arg(format!("{name} {}", value.display()));
    }
    // No folder per architecture.
    command.args(["--define", "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"]).arg(&spec);
    output(command.env("SOURCE_DATE_EPOCH", build.epoch.to_string()))?;
    let name = format!("{}-{}-1.x86_64.rpm", package.name, build.version);
    let rpm = to.join(&name);
    std::fs::copy(scratch.join("made").join(&name), &rpm)
        .with_context(|| format!("rpmbuild made no {name}"))?;
    Ok(rpm)
}

fn text(package: &Package, build: &Build, stage: &Path) -> Result<String> {
    let suggests: String = package.suggests.iter().map(|one| format!("Suggests: {}\n", one.rpm)).collect();
    let mut text = format!(
        "{SETTINGS}\nName: {name}\nVersion: {version}\nRelease: 1\nSummary: {summary}\nLicense: MIT OR Apache-2.0\n\
         Packager: {MAINTAINER}\nRequires: systemd\nRequires(post): systemd\nRecommends: ca-certificates\n{suggests}\n\
         %description\n{description}\n\n%install\nmkdir -p %{{buildroot}}\ncp -a {stage}/. %{{buildroot}}/\n",
        name = package.name,
        version = build.version,
        summary = package.summary,
        description = package.description.join("\n\n"),
        stage = stage.display(),
    );
    for (name, parts) in SCRIPTS {
        let parts: Vec<String> = parts.iter().map(|part| part.replace("{}", package.name)).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let script = script(package, &parts)?.replace('%', "%%");
        text.push_str(&format!("\n%{name} -p /bin/sh\n{script}"));
    }
    text.push_str("\n%files\n%defattr(-,root,root)\n");
    for entry in stage::entries(stage)? {
        let path = entry.path.display().to_string();
        let is_configuration =
            package.files.iter().any(|file| file.is_configuration && format!("/{}", file.to) == path);
        let line = match (entry.is_folder, is_configuration) {
            (true, _) if is_foreign(&path, package) => continue,
            (true, _) => format!("%dir {path}\n"),
            (false, true) => format!("%config(noreplace) {path}\n"),
            (false, false) => format!("{path}\n"),
        };
        text.push_str(&line);
    }
    Ok(text)
}

/// A folder is ours where its last name is.
fn is_foreign(path: &str, package: &Package) -> bool {
    let ours = package.folders.iter().any(|folder| path == format!("/{folder}"));
    let named = path.rsplit('/').next().is_some_and(|last| last.starts_with("convene") || last == "examples");
    !ours && !named || FOREIGN.contains(&path)
}
