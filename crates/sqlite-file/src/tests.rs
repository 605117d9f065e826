//! Tests of the kind that a file is taken for, and that looking at it leaves it as it was.

use std::fs;
use std::path::Path;

use crate::{Kind, OpenError, SqliteFile};

const KIND: Kind = Kind { application_id: 77, form: 2, name: "a box of tests", holder: "test" };

fn file(dir: &Path) -> SqliteFile {
    SqliteFile::new(dir.join("a.db"), KIND, None)
}

/// The names and contents of all that lies in a directory.
fn all(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    all.sort();
    all
}

/// Makes a file that says this of itself, with what was written last in the WAL alone.
fn write(dir: &Path, application_id: i32, form: i32) {
    let file = file(dir);
    file.make().unwrap();
    let writer = file.writer().unwrap();
    let said =
        format!("PRAGMA application_id = {application_id}; PRAGMA user_version = {form}; CREATE TABLE t (a)");
    writer.execute_batch(&said).unwrap();
    // A copy of what lies there now is what a killed process leaves.
    let left = all(dir);
    drop(writer);
    for (name, bytes) in left {
        fs::write(dir.join(name), bytes).unwrap();
    }
    fs::remove_file(dir.join("a.db-shm")).unwrap();
}

#[test]
fn a_file_is_locked_for_one_holder_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let (file, by) = (file(dir.path()), dir.path().join("a.lock"));
    let held = file.lock(&by).unwrap();
    let refused = file.lock(&by).unwrap_err();
    assert!(refused.to_string().contains("in use by another test; stop that one"), "{refused}");
    drop(held);
    file.lock(&by).unwrap();
}

#[test]
fn a_form_is_known_though_it_stands_in_the_wal_alone_and_nothing_is_touched() {
    for form in [1, 2] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), KIND.application_id, form);
        let before = all(dir.path());
        assert_eq!(file(dir.path()).form().unwrap(), form);
        assert_eq!(all(dir.path()), before);
    }
}

#[test]
fn what_is_not_there_yet_has_no_form() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(file(dir.path()).form().unwrap(), 0);
    file(dir.path()).make().unwrap();
    assert_eq!(file(dir.path()).form().unwrap(), 0);
    drop(file(dir.path()).writer().unwrap());
    assert_eq!(file(dir.path()).form().unwrap(), 0);
}

#[test]
fn a_later_form_and_a_foreign_file_are_told_and_not_touched() {
    let later = tempfile::tempdir().unwrap();
    write(later.path(), KIND.application_id, 3);
    let foreign = tempfile::tempdir().unwrap();
    write(foreign.path(), 78, 1);
    let text = tempfile::tempdir().unwrap();
    fs::write(text.path().join("a.db"), "no database").unwrap();
    for (dir, words) in [
        (later.path(), "made by a later version (form 3, this one knows 2)"),
        (foreign.path(), "a.db is not a box of tests; move it away"),
        (text.path(), "a.db is not a box of tests; move it away"),
    ] {
        let before = all(dir);
        let told = file(dir).form().unwrap_err();
        assert!(matches!(told, OpenError::Newer { .. } | OpenError::Foreign { .. }), "{told:?}");
        assert!(told.to_string().contains(words), "{told}");
        assert_eq!(all(dir), before);
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed_and_a_pipe_is_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let victim = dir.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    let (link, pipe) = (dir.path().join("link"), dir.path().join("pipe"));
    std::os::unix::fs::symlink(&victim, &link).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [&link, &pipe] {
        assert!(matches!(file(dir.path()).lock(path), Err(OpenError::Io { .. })), "{}", path.display());
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
}
