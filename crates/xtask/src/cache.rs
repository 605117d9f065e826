//! Folders outside of the clone for what takes long to make and serves every clone: chroots,
//! another system's libraries.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest as _, Sha256};

use crate::workspace::environment;

/// Digits of a hash in a folder's name: enough to tell versions of one thing apart.
pub(crate) const DIGITS: usize = 12;
/// The file that says that a folder was made to its end.
const READY: &str = "ready";

/// The folder `name`, made by `make` unless a run before made it with the same `scripts`. Folders
/// that other versions of the scripts made are removed. Two runs at once wait for one another.
///
/// Invariant: nothing is mounted below the folder when `make` returns. Code that mounts does so in
/// a mount namespace of its own.
///
/// # Errors
/// When the scripts cannot be read, `make` fails, or the file system refuses. A folder that was
/// half made is made anew next time.
pub(crate) fn folder(
    name: &str,
    scripts: &[&Path],
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    folder_of(name, &version(scripts)?, make)
}

/// The same for what no script but a `version` of [`DIGITS`] hexadecimal digits tells apart.
///
/// # Errors
/// When `make` fails, or the file system refuses.
pub(crate) fn folder_of(
    name: &str,
    version: &str,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    folder_in(&base()?, name, version, make)
}

fn folder_in(
    base: &Path,
    name: &str,
    version: &str,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    fs::create_dir_all(base).with_context(|| format!("cannot make {}", base.display()))?;
    let lock = File::create(base.join(format!("{name}.lock")))?;
    lock.lock().with_context(|| format!("cannot lock {name} in {}", base.display()))?;
    let wanted = base.join(format!("{name}-{version}"));
    if wanted.join(READY).is_file() {
        return Ok(wanted);
    }
    remove_versions(base, name)?;
    fs::create_dir(&wanted)?;
    make(&wanted)?;
    File::create(wanted.join(READY))?;
    Ok(wanted)
}

/// Where the folders are: `CONVENE_CACHE_DIR`, or as the XDG Base Directory Specification says.
///
/// # Errors
/// When the environment does not say.
pub(crate) fn base() -> Result<PathBuf> {
    let named = environment("CONVENE_CACHE_DIR").map(PathBuf::from);
    let cache = || environment("XDG_CACHE_HOME").map(|cache| PathBuf::from(cache).join("convene"));
    let home = || environment("HOME").map(|home| PathBuf::from(home).join(".cache/convene"));
    named
        .or_else(cache)
        .or_else(home)
        .context("neither CONVENE_CACHE_DIR nor HOME says where to keep a cache")
}

fn version(scripts: &[&Path]) -> Result<String> {
    let mut hash = Sha256::new();
    for script in scripts {
        hash.update(fs::read(script).with_context(|| format!("cannot read {}", script.display()))?);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>()[..DIGITS].to_owned())
}

fn remove_versions(base: &Path, name: &str) -> Result<()> {
    for entry in fs::read_dir(base)? {
        let entry = entry?;
        let file_name = entry.file_name();
        let version = file_name.to_str().and_then(|found| found.strip_prefix(name)?.strip_prefix('-'));
        let is_version = version
            .is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit()));
        if is_version && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())
                .with_context(|| format!("cannot remove {}", entry.path().display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_once_and_anew_when_its_script_changes_or_it_was_half_made() {
        let dir = tempfile::tempdir().unwrap();
        let (base, script) = (dir.path().join("cache"), dir.path().join("make.sh"));
        let get = |make: &dyn Fn(&Path) -> Result<()>| {
            folder_in(&base, "root", &version(&[&script]).unwrap(), |at| make(at))
        };
        let write = |at: &Path| Ok(fs::write(at.join("made"), "")?);
        fs::write(&script, "one").unwrap();
        assert!(get(&|_| anyhow::bail!("killed half-way")).is_err());
        let first = get(&write).unwrap();
        assert!(first.join("made").is_file());
        assert_eq!(get(&|_| anyhow::bail!("it is there already")).unwrap(), first);
        fs::create_dir(base.join("root-2")).unwrap();
        fs::write(&script, "two").unwrap();
        let second = get(&write).unwrap();
        assert_ne!(first, second);
        assert!(!first.exists() && base.join("root-2").exists(), "only other versions are removed");
    }
}
