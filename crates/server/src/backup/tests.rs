use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use convene_event_log_sqlite::{Options, SqliteLog};
use tempfile::TempDir;

use super::copying::CopyError;
use super::restoring::RestoreError;
use super::*;
use crate::certificate::{CertificateError, Identity};

/// A state directory of a server that has made its own certificate, and what was made of it.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap() };
        fs::DirBuilder::new().mode(0o700).create(place.path("state")).unwrap();
        Identity::own(&place.path("state"), "localhost").unwrap();
        drop(SqliteLog::open(&place.path("state/events.db"), &Options::default()).unwrap());
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn copies(&self) -> Copies {
        Copies::new(&self.path("state"), Options::default())
    }

    /// Makes a backup, and gives its bytes.
    async fn back_up(&self, has_own_key: bool) -> Vec<u8> {
        let copy = self.copies().begin(has_own_key).unwrap().done().await.unwrap();
        let mut bytes = copy.head.into_bytes();
        std::io::copy(&mut &copy.log, &mut bytes).unwrap();
        bytes.extend(copy.rest.concat());
        assert_eq!(bytes.len() as u64, copy.bytes);
        bytes
    }

    fn restore(&self, backup: &[u8]) -> Result<Made, RestoreError> {
        let written = fs::write(self.path("backup"), backup);
        assert!(written.is_ok(), "{written:?}");
        restore(&self.path("backup"), &self.path("restored"), |_, _| {})
    }

    /// The error that is told when this backup cannot be restored. Asserts that nothing was made.
    #[track_caller]
    fn refused(&self, backup: &[u8]) -> String {
        let error = self.restore(backup).unwrap_err();
        assert!(!self.path("restored").exists(), "{error}");
        error.to_string().replace(&format!("{}/", self.dir.path().display()), "")
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_restored_directory_holds_the_log_and_the_key_and_nobody_else_reads_it() {
    let place = Place::new();
    let backup = place.back_up(true).await;
    // Beside its log SQLite makes and removes files of its own.
    let left: Vec<_> =
        names(&place.path("state")).into_iter().filter(|name| !name.starts_with("events.")).collect();
    assert_eq!(left, [CERTIFICATE, KEY], "nothing is left of making one");
    let head = String::from_utf8_lossy(&backup[..40]).into_owned();
    assert!(head.starts_with("convene-server backup 1\n{\"version\":\""), "{head}");
    let made = place.restore(&backup).unwrap();
    assert!(made.has(KEY) && made.has(CERTIFICATE));
    let restored = place.path("restored");
    assert_eq!(names(&restored), [CERTIFICATE, EVENT_LOG, KEY]);
    for name in names(&restored) {
        assert_eq!(restored.join(&name).metadata().unwrap().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(restored.metadata().unwrap().mode() & 0o777, 0o700);
    for name in [KEY, CERTIFICATE] {
        assert_eq!(fs::read(restored.join(name)).unwrap(), fs::read(place.path("state").join(name)).unwrap());
    }
    drop(SqliteLog::open(&restored.join(EVENT_LOG), &Options::default()).unwrap());
}

#[tokio::test]
async fn a_backup_without_the_key_that_links_name_is_not_made() {
    let place = Place::new();
    fs::remove_file(place.path("state/key.pem")).unwrap();
    let copied = place.copies().begin(true).unwrap().done().await;
    assert!(matches!(copied, Err(CopyError::Certificate(CertificateError::KeyGone { .. }))));
    let given = place.back_up(false).await;
    assert!(!place.restore(&given).unwrap().has(KEY), "the key that [tls] names is its administrator's");
}

#[tokio::test]
async fn backups_are_made_one_at_a_time() {
    let place = Place::new();
    let copies = place.copies();
    let mut first = copies.begin(true).unwrap();
    assert!(matches!(copies.begin(true), Err(CopyError::Busy)));
    first.done().await.unwrap();
    copies.begin(true).unwrap().done().await.unwrap();
}

#[tokio::test]
async fn what_a_killed_server_left_of_a_copy_is_removed() {
    let place = Place::new();
    fs::write(place.path("state/backup.part"), "half").unwrap();
    place.back_up(true).await;
    assert!(!place.path("state/backup.part").exists());
}

#[tokio::test]
async fn every_byte_of_a_backup_counts() {
    let place = Place::new();
    let backup = place.back_up(true).await;
    let head = backup.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0;
    for at in [head + 1, head + 5_000, backup.len() - 1] {
        let mut changed = backup.clone();
        changed[at] ^= 1;
        let told = place.refused(&changed);
        assert!(told.starts_with("backup is damaged (") && told.contains("is not what it was"), "{told}");
    }
    let cut = place.refused(&backup[..backup.len() - 1]);
    assert_eq!(cut, "backup is damaged (it ends in the middle of certificate.pem); use another backup");
    let more = place.refused(&[&backup[..], b"x"].concat());
    assert_eq!(more, "backup is damaged (there is more behind its end); use another backup");
}

#[tokio::test]
async fn only_backups_of_this_form_are_restored() {
    let place = Place::new();
    let foreign = "backup is not a backup of convene-server (`convene-server backup FILE` makes one)";
    for other in ["", "Dear Anna,\nhow are you?\n", "convene-server backup one\n{}\n"] {
        assert_eq!(place.refused(other.as_bytes()), foreign);
    }
    assert_eq!(place.refused(&fs::read(place.path("state/events.db")).unwrap()), foreign);
    let later = place.refused(b"convene-server backup 2\nwhatever");
    assert!(later.starts_with("backup was made by a later version (form 2, this one knows 1)"), "{later}");
    let without_log = br#"{"version":"0.1.0","made":"2026-12-01T08:00:00.000Z","parts":[]}"#;
    let elsewhere = br#"{"version":"0.1.0","made":"2026-12-01T08:00:00.000Z","parts":[{"name":"events.db","bytes":0,"sha256":""},{"name":"../key.pem","bytes":0,"sha256":""}]}"#;
    for list in [&b"{}"[..], without_log, elsewhere] {
        let told = place.refused(&[b"convene-server backup 1\n", list, b"\n"].concat());
        assert_eq!(told, "backup is damaged (its list of parts); use another backup");
    }
}

#[tokio::test]
async fn a_log_of_a_later_version_is_refused_by_name() {
    let place = Place::new();
    // `PRAGMA user_version` is the number at byte 60 of the file.
    let log = place.path("state/events.db");
    let mut bytes = fs::read(&log).unwrap();
    bytes[60..64].copy_from_slice(&3_i32.to_be_bytes());
    fs::write(&log, bytes).unwrap();
    let backup = place.back_up(true).await;
    let told = place.refused(&backup);
    assert_eq!(
        told,
        "the event log in backup was made by a later version (form 3); restore it with that version"
    );
}

#[tokio::test]
async fn a_directory_that_holds_something_is_left_alone() {
    let place = Place::new();
    let backup = place.back_up(true).await;
    fs::DirBuilder::new().mode(0o700).create(place.path("restored")).unwrap();
    fs::write(place.path("restored/key.pem"), "another").unwrap();
    let error = place.restore(&backup).unwrap_err();
    assert!(error.to_string().contains("is not empty: it holds key.pem"), "{error}");
    assert_eq!(names(&place.path("restored")), ["key.pem"]);
    assert_eq!(fs::read_to_string(place.path("restored/key.pem")).unwrap(), "another");
}
