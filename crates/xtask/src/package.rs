//! `cargo xtask package`: what administrators install, made of the list in [`contents`] and of what
//! lies in `packaging`.

mod build;
pub(crate) mod contents;
mod deb;
mod libraries;
mod linked;
mod notices;
mod page_inside;
mod pages;
mod proof;
mod rpm;
mod sbom;
mod scripts;
mod stage;
mod test_parts;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use sha2::{Digest as _, Sha256};

use self::contents::PACKAGES;
pub(crate) use self::proof::test;
use crate::install::{self, BUILD, PACKAGING, WINDOWS, WINDOWS_TARGET};
use crate::page;
use crate::steps::output;
use crate::windows::debian::Debian;
use crate::windows::msi;
use crate::workspace::{environment, root, target_dir};

/// The maintainer, as the packages name it.
const MAINTAINER: &str = "The Convene contributors <convene@example.org>";
/// The target for which the Linux packages are built.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The kinds of packages that the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wanted {
    /// Debian 12, Ubuntu 22.04 and later.
    Deb,
    /// RHEL 9 and later, Fedora.
    Rpm,
    /// Windows 10 and later.
    Msi,
    /// Every kind.
    All,
}

/// One kind of package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Deb,
    Rpm,
}

impl Wanted {
    /// As the command line names them.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Deb => &["deb"],
            Self::Rpm => &["rpm"],
            Self::Msi => &["msi"],
            Self::All => &["deb", "rpm", "msi"],
        }
    }

    /// Those for Linux.
    fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Deb => &[Kind::Deb],
            Self::Rpm => &[Kind::Rpm],
            Self::Msi => &[],
            Self::All => &[Kind::Deb, Kind::Rpm],
        }
    }
}

/// The build that is packed.
#[derive(Debug)]
struct Build {
    /// The folder in which the programs lie.
    programs: PathBuf,
    version: String,
    /// The time that everything in the packages bears, in seconds since 1970: that of the last
    /// commit.
    epoch: u64,
}

/// Makes packages in `target/packages`: of `programs`, or of a release build of this tree.
pub(crate) fn package(
    wanted: Wanted,
    programs: Option<PathBuf>,
    version: Option<&str>,
    proves: bool,
    yes: bool,
) -> Result<()> {
    let missing = install::packages(&[BUILD, PACKAGING, WINDOWS].concat(), yes)?;
    ensure!(missing.is_empty(), "without these no package can be made");
    let version = version.unwrap_or(env!("CARGO_PKG_VERSION"));
    let given = programs.map(|programs| programs.canonicalize()).transpose()?;
    match &given {
        Some(programs) if proves => return test(programs),
        None if proves => return proof::prove(wanted.names(), version),
        Some(_) | None => {}
    }
    if given.is_none() {
        page::build(yes)?;
    }
    let to = target_dir().join("packages");
    if !wanted.kinds().is_empty() {
        let programs = given.clone().map_or_else(build::release, Ok)?;
        pack(wanted.kinds(), &programs, version, &to)?;
    } else if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    if wanted.names().contains(&"msi") {
        installers(given, version, &to, yes)?;
    }
    for entry in fs::read_dir(&to)? {
        println!("{}", entry?.path().display());
    }
    Ok(())
}

/// Adds the installers for Windows to the folder `to`.
fn installers(programs: Option<PathBuf>, version: &str, to: &Path, yes: bool) -> Result<()> {
    install::toolchain(true);
    let programs = programs.map_or_else(build::release_for_windows, Ok)?;
    page_inside::is_inside(&programs.join("convene-web.exe"))?;
    fs::create_dir_all(to)?;
    let wanted = msi::Wanted { programs: &programs, version, epoch: epoch()? };
    msi::build(wanted, &Debian::get(yes)?, to)?;
    let programs = ["convene", "convened", page_inside::PROGRAM];
    let list = sbom::document("convene", version, &programs, WINDOWS_TARGET, wanted.epoch)?;
    fs::write(to.join(format!("convene-{version}-windows.cdx.json")), list)?;
    sums(to)
}

/// Packs programs under a version into the folder `to`, which then holds nothing else: the
/// packages, for each a list of what it is made of, and the sums of all.
///
/// # Errors
/// When a program is missing, was built without its page, or needs what a supported system does not
/// have.
pub(crate) fn pack(kinds: &[Kind], programs: &Path, version: &str, to: &Path) -> Result<()> {
    let is_sound = version.starts_with(|first: char| first.is_ascii_digit())
        && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+~".contains(&byte));
    ensure!(
        is_sound,
        "{version:?} is no version that both kinds of packages take: a digit, then letters, digits, `.`, `+`, `~`"
    );
    page_inside::is_inside(&programs.join(page_inside::PROGRAM))?;
    let build = Build { programs: programs.to_owned(), version: version.to_owned(), epoch: epoch()? };
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for package in PACKAGES {
        for kind in kinds {
            let scratch = tempfile::tempdir()?;
            match kind {
                Kind::Deb => deb::pack(package, &build, scratch.path(), to)?,
                Kind::Rpm => rpm::pack(package, &build, scratch.path(), to)?,
            };
        }
        let programs: Vec<&str> = package.programs.iter().map(|program| program.name).collect();
        let list = sbom::document(package.name, version, &programs, TARGET, build.epoch)?;
        fs::write(to.join(format!("{}-{version}.cdx.json", package.name)), list)?;
    }
    sums(to)
}

/// When this tree was last changed, unless `SOURCE_DATE_EPOCH` says otherwise.
fn epoch() -> Result<u64> {
    let text = match environment("SOURCE_DATE_EPOCH") {
        Some(given) => given.to_string_lossy().into_owned(),
        None => output(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(root()))
            .context("packages bear the time of the last commit: outside of git, set SOURCE_DATE_EPOCH")?,
    };
    match text.trim().parse() {
        Ok(epoch) => Ok(epoch),
        Err(_) => bail!("{} is no time in seconds since 1970", text.trim()),
    }
}

/// Writes `SHA256SUMS` over all files of a folder, as `sha256sum --check` reads it.
fn sums(folder: &Path) -> Result<()> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let digest = Sha256::digest(fs::read(&path)?);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = path.file_name().context("a file without a name")?.to_string_lossy().into_owned();
        lines.push((name, digest));
    }
    lines.sort();
    let text: String = lines.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect();
    Ok(fs::write(folder.join("SHA256SUMS"), text)?)
}
