//! The room that a whole run needs: one that fills a disk fails in its last steps, with errors that
//! do not say why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cache;
use crate::workspace::target_dir;

/// KiB that a whole run writes where nothing was built before, into the target folder and into the
/// cache: 4.2 and 4.4 GiB were measured in CI, and elsewhere cargo writes for the next build, too.
const TARGET_KIB: u64 = 8 << 20;
const CACHE_KIB: u64 = 6 << 20;
/// KiB that it writes where everything is built.
const AGAIN_KIB: u64 = 2 << 20;

const KIB_PER_GIB: u64 = 1 << 20;

/// A folder that a run writes to, and the KiB that are to come.
struct Wanted {
    folder: PathBuf,
    kib: u64,
}

/// A file system, and the KiB that are free on it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Disk {
    name: String,
    free_kib: u64,
}

/// Makes sure that the disks have room for a whole run.
///
/// # Errors
/// When one has not, with how much it lacks and what to remove; or when nobody can tell.
pub(crate) fn check() -> Result<()> {
    let folders = [(target_dir(), TARGET_KIB), (cache::base()?, CACHE_KIB)];
    let wanted = folders.map(|(folder, whole)| {
        let kib = whole.saturating_sub(size_kib(&folder).unwrap_or_default()).max(AGAIN_KIB);
        Wanted { folder, kib }
    });
    let on_disks = wanted.into_iter().map(|one| Ok((disk_of(&one.folder)?, one)));
    judge(on_disks.collect::<Result<Vec<_>>>()?)
}

/// KiB that a folder takes.
///
/// # Errors
/// When `du` does not tell.
pub(crate) fn size_kib(folder: &Path) -> Result<u64> {
    let output = Command::new("du").args(["-s", "-k"]).arg(folder).output().context("cannot run du")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace().next().and_then(|number| number.parse().ok()).context("du said no number")
}

fn judge(wanted: Vec<(Disk, Wanted)>) -> Result<()> {
    let mut disks: BTreeMap<String, (Disk, u64, Vec<String>)> = BTreeMap::new();
    for (disk, Wanted { folder, kib }) in wanted {
        let entry = disks.entry(disk.name.clone()).or_insert((disk, 0, Vec::new()));
        entry.1 += kib;
        entry.2.push(folder.display().to_string());
    }
    let Some((disk, kib, folders)) = disks.into_values().find(|(disk, kib, _)| disk.free_kib < *kib) else {
        return Ok(());
    };
    bail!(
        "{} has {} GiB free, and a run writes {} there: remove something, such as what was built before in {}",
        disk.name,
        disk.free_kib / KIB_PER_GIB,
        kib.div_ceil(KIB_PER_GIB),
        folders.join(" or ")
    );
}

/// The file system on which a folder is or will be.
fn disk_of(folder: &Path) -> Result<Disk> {
    let there = folder.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(folder);
    let output = Command::new("df").args(["-k", "-P"]).arg(there).output().context("cannot run df")?;
    parse(&String::from_utf8_lossy(&output.stdout)).context("df did not say how much is free")
}

/// Reads what `df -k -P` prints (POSIX): a head, then name, blocks, used, free, capacity, place.
fn parse(table: &str) -> Option<Disk> {
    let line = table.lines().nth(1)?;
    let mut columns = line.rsplit_terminator(char::is_whitespace).filter(|column| !column.is_empty());
    let free_kib = columns.nth(2)?.parse().ok()?;
    Some(Disk { name: line.split_whitespace().next()?.to_owned(), free_kib })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &str, free_gib: u64, folder: &str, gib: u64) -> (Disk, Wanted) {
        let disk = Disk { name: name.to_owned(), free_kib: free_gib * KIB_PER_GIB };
        (disk, Wanted { folder: folder.into(), kib: gib * KIB_PER_GIB })
    }

    #[test]
    fn folders_of_one_disk_need_room_together() {
        let apart = vec![wanted("/dev/a", 10, "target", 9), wanted("/dev/b", 10, "cache", 9)];
        assert!(judge(apart).is_ok());
        let together = vec![wanted("/dev/a", 10, "target", 9), wanted("/dev/a", 10, "cache", 9)];
        let error = judge(together).unwrap_err().to_string();
        let told = "/dev/a has 10 GiB free, and a run writes 18 there: remove something, such as what was \
                    built before in target or cache";
        assert_eq!(error, told);
    }

    #[test]
    fn what_df_prints_is_read() {
        let head = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n";
        let disk = Disk { name: "/dev/vda".to_owned(), free_kib: 9_107_440 };
        assert_eq!(parse(&format!("{head}/dev/vda 263174212 86000000   9107440      91% /\n")), Some(disk));
        assert_eq!(parse(head), None);
        assert!(disk_of(Path::new("/nowhere/at/all")).is_ok_and(|disk| disk.free_kib > 0));
    }
}
