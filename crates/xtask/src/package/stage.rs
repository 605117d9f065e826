//! A folder that holds what a package installs, as it will lie on the disk.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap_complete::Shell;

use super::contents::{Package, Program};
use super::{Build, TARGET};
use super::{notices, pages};
use crate::steps::output;
use crate::workspace::root;

/// Where a kind of system keeps completions of zsh.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub(super) zsh: &'static str,
}

/// One file or folder of a stage, with its path from the root of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) is_folder: bool,
    pub(super) bytes: u64,
}

/// Fills `stage` with what both kinds of packages hold.
pub(super) fn fill(package: &Package, build: &Build, places: Places, stage: &Path) -> Result<()> {
    for program in package.programs {
        let to = stage.join("usr/bin").join(program.name);
        copy(&build.programs.join(program.name), &to)?;
        // Without symbols and without the name of the compiler, so that no trace of the build is
        // left.
        output(Command::new("strip").args(["--strip-unneeded", "--remove-section=.comment"]).arg(&to))?;
        fs::set_permissions(&to, Permissions::from_mode(0o755))?;
        manual_and_completions(program, places, stage)?;
    }
    for file in package.files {
        copy(&root().join(file.from), &stage.join(file.to))?;
    }
    for folder in package.folders {
        fs::create_dir_all(stage.join(folder))?;
    }
    let documents = stage.join("usr/share/doc").join(package.name);
    for (from, to) in [
        ("packaging/linux/copyright", "copyright"),
        ("CHANGELOG.md", "NEWS.md"),
        ("docs/ADMIN.md", "ADMIN.md"),
    ] {
        copy(&root().join(from), &documents.join(to))?;
    }
    let programs: Vec<&str> = package.programs.iter().map(|program| program.name).collect();
    let notices = documents.join("NOTICES");
    write(&notices, notices::text(&programs, TARGET)?.as_bytes())?;
    gzip(&notices)?;
    gzip(&documents.join("NEWS.md"))
}

fn manual_and_completions(program: &Program, places: Places, stage: &Path) -> Result<()> {
    for (name, page) in pages::manual(program)? {
        let file = stage.join(format!("usr/share/man/man{}", program.section)).join(name);
        write(&file, &page)?;
        gzip(&file)?;
    }
    for (shell, file) in [
        (Shell::Bash, format!("usr/share/bash-completion/completions/{}", program.name)),
        (Shell::Zsh, format!("{}/_{}", places.zsh, program.name)),
        (Shell::Fish, format!("usr/share/fish/vendor_completions.d/{}.fish", program.name)),
    ] {
        write(&stage.join(file), &pages::completion(program, shell))?;
    }
    Ok(())
}

/// Writes a file and makes the folders above it.
pub(super) fn write(to: &Path, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file in no folder")?)?;
    fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))
}

/// Compresses a file in place; its name then ends in `.gz`.
pub(super) fn gzip(file: &Path) -> Result<()> {
    output(Command::new("gzip").args(["--no-name", "--best", "--force"]).arg(file)).map(drop)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    write(to, &fs::read(from).with_context(|| format!("cannot read {}", from.display()))?)
}

/// Rights that do not depend on who builds.
pub(super) fn tidy_rights(stage: &Path) -> Result<()> {
    fs::set_permissions(stage, Permissions::from_mode(0o755))?;
    for entry in entries(stage)? {
        let mode = if entry.is_folder || entry.path.starts_with("/usr/bin") { 0o755 } else { 0o644 };
        fs::set_permissions(on_disk(stage, &entry), Permissions::from_mode(mode))?;
    }
    Ok(())
}

fn on_disk(stage: &Path, entry: &Entry) -> PathBuf {
    stage.join(entry.path.strip_prefix("/").unwrap_or(&entry.path))
}

/// Everything below `stage`, in order of path.
pub(super) fn entries(stage: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut folders = vec![stage.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for found in fs::read_dir(&folder)? {
            let found = found?;
            let (path, metadata) = (found.path(), found.metadata()?);
            entries.push(Entry {
                path: Path::new("/").join(path.strip_prefix(stage)?),
                is_folder: metadata.is_dir(),
                bytes: metadata.len(),
            });
            if metadata.is_dir() {
                folders.push(path);
            }
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}
