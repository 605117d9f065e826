//! Which files are opened, and what is said about the others.

use std::fs;

use convene_sqlite_file::OpenError as Unopened;

use super::*;

fn refused(dir: &Path) -> OpenError {
    match Store::open(dir, &StoreOptions::default()) {
        Ok(_) => panic!("the store opened"),
        Err(error) => error,
    }
}

fn edit(dir: &Path, sql: &str) {
    Connection::open(dir.join("seats.db")).and_then(|file| file.execute_batch(sql)).expect("edited");
}

fn close_to_others(dir: &Path) {
    #[cfg(unix)]
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(entry.path(), mode).expect("closed");
    }
    #[cfg(not(unix))]
    assert!(dir.is_dir());
}

#[test]
fn a_second_opener_is_refused_until_the_first_has_closed() {
    let dir = directory();
    let first = open(dir.path());
    assert!(matches!(refused(dir.path()), OpenError::File(Unopened::InUse { .. })));
    drop(first);
    open(dir.path());
}

#[tokio::test]
async fn a_store_that_is_closed_leaves_one_file_that_holds_everything() {
    let dir = directory();
    let (held, mut notices) = open(dir.path());
    let seat = held.add(new_seat()).await.expect("added");
    store(&held, &mut notices, seat, 1, opened(1)).await;
    assert!(dir.path().join("seats.db-wal").exists());
    drop(held);
    assert!(!dir.path().join("seats.db-wal").exists(), "the log of changes is not folded");
    assert_eq!(reload(dir.path()).record.conference, Some(ConferenceId::from_random(5)));
}

#[test]
fn a_foreign_file_is_refused_and_left_alone() {
    let dir = directory();
    let file = dir.path().join("seats.db");
    for text in ["hello", &"no database at all ".repeat(1_000)] {
        fs::write(&file, text).expect("written");
        close_to_others(dir.path());
        let error = refused(dir.path());
        assert!(matches!(error, OpenError::File(Unopened::Foreign { .. })), "{error:?}");
        assert!(error.to_string().contains("seats.db is not a store of convened"), "{error}");
        assert_eq!(fs::read_to_string(&file).expect("still there"), text);
    }
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let dir = directory();
    edit(dir.path(), "CREATE TABLE cats (name TEXT); INSERT INTO cats VALUES ('Minka')");
    close_to_others(dir.path());
    let before = fs::read(dir.path().join("seats.db")).expect("a file");
    assert!(matches!(refused(dir.path()), OpenError::File(Unopened::Foreign { .. })));
    assert_eq!(fs::read(dir.path().join("seats.db")).expect("still there"), before);
}

/// Every file but the lock, with its bytes.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .expect("a directory")
        .flatten()
        .map(|entry| {
            (entry.file_name().into_string().expect("a name"), fs::read(entry.path()).expect("read"))
        })
        .filter(|(name, _)| name != "seats.lock")
        .collect();
    files.sort();
    files
}

#[test]
fn a_store_of_a_later_version_is_refused_by_its_number_and_left_as_it_is() {
    let dir = directory();
    drop(open(dir.path()));
    edit(dir.path(), "PRAGMA user_version = 99");
    let before = files(dir.path());
    assert_eq!(before.len(), 1, "a store that was closed is one file");
    let error = refused(dir.path());
    assert!(matches!(error, OpenError::File(Unopened::Newer { found: 99, .. })), "{error:?}");
    assert!(error.to_string().contains("made by a later version (form 99, this one knows 2)"), "{error}");
    assert!(files(dir.path()) == before, "nothing is changed and nothing made beside it");
}

/// Copies the files of a store that a program has open: a kill leaves the same files there.
fn killed(living: &Path) -> TempDir {
    let dir = directory();
    for name in ["seats.db", "seats.db-wal"] {
        fs::copy(living.join(name), dir.path().join(name)).expect("copied");
    }
    close_to_others(dir.path());
    dir
}

#[test]
fn a_store_of_a_later_version_that_was_killed_is_left_as_it_is() {
    let living = directory();
    drop(open(living.path()));
    let later = Connection::open(living.path().join("seats.db")).expect("opened");
    later.execute_batch("PRAGMA user_version = 99").expect("edited");
    let dir = killed(living.path());
    let before = files(dir.path());
    assert_eq!(before[0].1[60..64], [0, 0, 0, 2], "the number stands in the changes alone");
    assert!(matches!(refused(dir.path()), OpenError::File(Unopened::Newer { found: 99, .. })));
    assert!(files(dir.path()) == before, "nothing is changed and nothing made beside it");
}

#[tokio::test]
async fn a_store_of_this_form_is_carried_on_after_a_kill() {
    let living = directory();
    let (store, _notices) = open(living.path());
    store.add(new_seat()).await.expect("stored");
    let dir = killed(living.path());
    assert_eq!(open(dir.path()).0.load().expect("loaded").len(), 1);
}

#[test]
fn an_unknown_vfs_is_an_error() {
    let dir = directory();
    let options = StoreOptions { vfs: Some("no such vfs".to_owned()), ..StoreOptions::default() };
    assert!(matches!(Store::open(dir.path(), &options), Err(OpenError::File(Unopened::Sqlite { .. }))));
    open(dir.path());
}

#[tokio::test]
async fn a_damaged_row_is_told_without_what_it_holds() {
    let dir = directory();
    let seat = open(dir.path()).0.add(new_seat()).await.expect("stored");
    for column in ["join_code", "join_name", "refused", "secret"] {
        let copied = directory();
        fs::copy(dir.path().join("seats.db"), copied.path().join("seats.db")).expect("copied");
        edit(
            copied.path(),
            &format!(
                "UPDATE seats SET {column} = cast('\u{7}canary' AS {})",
                match column {
                    "secret" => "BLOB",
                    _ => "TEXT",
                }
            ),
        );
        let error = open(copied.path()).0.load().expect_err("damaged");
        assert!(matches!(error, LoadError::Damaged { seat: damaged, .. } if damaged == seat), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn all_files_are_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = directory();
    let (store, _notices) = open(dir.path());
    store.add(new_seat()).await.expect("stored");
    let mut names = Vec::new();
    for entry in fs::read_dir(dir.path()).expect("a directory").flatten() {
        assert_eq!(entry.metadata().expect("metadata").permissions().mode() & 0o777, 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().expect("a name"));
    }
    names.sort();
    assert_eq!(names, ["seats.db", "seats.db-shm", "seats.db-wal", "seats.lock"]);
    drop(store);
    fs::set_permissions(dir.path().join("seats.db"), fs::Permissions::from_mode(0o644)).expect("opened");
    assert!(matches!(refused(dir.path()), OpenError::Rights(_)));
}
