use std::fs::{self, Permissions};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use nix::unistd::{Gid, Uid, getegid, geteuid};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::listener::{LOOK_EVERY, SocketLocation};
use super::{LocalListener, PrivilegedGroup, activation, paths, peer, replace_private, service};
use crate::os::{Access, BindError, Peer, RightsReason, SocketPath, UserId};

/// Somebody who is not this user.
const STRANGER: u32 = 54_321;
/// A group that this process is not in.
const GROUP: u32 = 54_322;
/// Longer than anything here takes, so that a test that would hang fails instead.
const PATIENCE: Duration = Duration::from_secs(20);

const EVERYBODY: Access = Access::System { group: None };

fn place() -> (TempDir, SocketPath) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let socket = SocketPath::new(directory.path().join("convene/convened.sock"));
    (directory, socket)
}

fn make_parent(socket: &SocketPath, mode: u32) {
    let parent = socket.as_path().parent().expect("a parent");
    fs::create_dir(parent).expect("a directory");
    fs::set_permissions(parent, Permissions::from_mode(mode)).expect("its mode");
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("a file").mode() & 0o7777
}

fn refused_rights(bound: Result<LocalListener, BindError>) -> RightsReason {
    let error = bound.expect_err("refused");
    let BindError::Rights(error) = error else { unreachable!("{error}") };
    error.reason
}

async fn accept(listener: &mut LocalListener) -> Peer {
    tokio::time::timeout(PATIENCE, listener.accept()).await.expect("in time").expect("a peer").1
}

#[tokio::test]
async fn a_frontend_is_who_the_kernel_says_and_can_talk() {
    let (_directory, socket) = place();
    let mut listener = LocalListener::bind(&socket, EVERYBODY).expect("bound");
    let mut frontend = tokio::net::UnixStream::connect(socket.as_path()).await.expect("connected");
    let (mut stream, peer) = listener.accept().await.expect("accepted");
    assert_eq!(peer.user.as_str(), format!("uid:{}", geteuid()));
    assert_eq!(peer.pid, Some(std::process::id()));
    assert!(peer.privileged);

    frontend.write_all(b"ping").await.expect("written");
    let mut heard = [0; 4];
    stream.read_exact(&mut heard).await.expect("read");
    stream.write_all(&heard).await.expect("answered");
    frontend.read_exact(&mut heard).await.expect("heard");
    assert_eq!(&heard, b"ping");
}

#[tokio::test]
async fn the_socket_and_its_directory_have_the_rights_that_the_access_asks_for() {
    for (access, directory_mode, socket_mode) in [(EVERYBODY, 0o755, 0o666), (Access::ThisUser, 0o700, 0o600)]
    {
        let (_directory, socket) = place();
        let _listener = LocalListener::bind(&socket, access).expect("bound");
        assert_eq!(mode(socket.as_path()), socket_mode);
        assert_eq!(mode(socket.as_path().parent().expect("a parent")), directory_mode);
        assert_eq!(mode(&socket.as_path().with_extension("sock.lock")), 0o600);
    }
}

#[tokio::test]
async fn a_second_daemon_is_refused_and_told_who_the_first_is() {
    let (_directory, socket) = place();
    let mut first = LocalListener::bind(&socket, EVERYBODY).expect("bound");
    let error = LocalListener::bind(&socket, EVERYBODY).expect_err("refused");
    assert!(matches!(error, BindError::AlreadyRunning { pid: Some(pid), .. } if pid == std::process::id()));
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");

    let _frontend = UnixStream::connect(socket.as_path()).expect("the first still listens");
    accept(&mut first).await;
}

#[tokio::test]
async fn a_socket_that_a_dead_daemon_left_is_replaced() {
    let (_directory, socket) = place();
    make_parent(&socket, 0o755);
    drop(UnixListener::bind(socket.as_path()).expect("bound"));
    assert!(socket.as_path().exists());
    let mut listener = LocalListener::bind(&socket, EVERYBODY).expect("bound");
    let _frontend = UnixStream::connect(socket.as_path()).expect("connected");
    accept(&mut listener).await;
}

#[tokio::test]
async fn a_live_socket_is_not_displaced_even_where_nobody_holds_the_lock() {
    let (_directory, socket) = place();
    make_parent(&socket, 0o755);
    let live = UnixListener::bind(socket.as_path()).expect("bound");
    let error = LocalListener::bind(&socket, EVERYBODY).expect_err("refused");
    assert!(matches!(error, BindError::AlreadyRunning { pid: Some(pid), .. } if pid == std::process::id()));
    UnixStream::connect(socket.as_path()).expect("it still listens");
    drop(live);
}

#[tokio::test]
async fn what_is_not_a_socket_is_left_alone() {
    let (_directory, socket) = place();
    make_parent(&socket, 0o755);
    fs::write(socket.as_path(), "somebody's notes").expect("written");
    let error = LocalListener::bind(&socket, EVERYBODY).expect_err("refused");
    assert!(matches!(error, BindError::NotASocket { .. }), "{error}");
    assert_eq!(fs::read_to_string(socket.as_path()).expect("read"), "somebody's notes");
}

/// Whether a frontend finds the daemon once it has looked at its socket.
async fn finds(socket: &SocketPath, listener: &mut LocalListener) -> bool {
    let comes = async {
        tokio::time::sleep(LOOK_EVERY + Duration::from_secs(1)).await;
        tokio::net::UnixStream::connect(socket.as_path()).await.ok()
    };
    let accepted = async {
        tokio::time::timeout(2 * LOOK_EVERY, listener.accept()).await.is_ok_and(|accepted| accepted.is_ok())
    };
    let (connection, accepted) = tokio::join!(comes, accepted);
    connection.is_some() && accepted
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_was_deleted_is_made_again_with_its_rights() {
    for access in [EVERYBODY, Access::ThisUser] {
        let (_directory, socket) = place();
        let parent = socket.as_path().parent().expect("a parent").to_owned();
        let mut listener = LocalListener::bind(&socket, access).expect("bound");
        let was = mode(socket.as_path());
        fs::remove_file(socket.as_path()).expect("deleted");
        assert!(finds(&socket, &mut listener).await, "the lock was held on");
        assert_eq!(mode(socket.as_path()), was);
        fs::remove_dir_all(&parent).expect("deleted with its directory");
        assert!(finds(&socket, &mut listener).await);
        let error = LocalListener::bind(&socket, EVERYBODY).expect_err("the new lock is held too");
        assert!(matches!(error, BindError::AlreadyRunning { .. }), "{error}");
        drop(listener);
        assert!(!socket.as_path().exists());
    }
}

#[tokio::test(start_paused = true)]
async fn what_took_the_place_of_a_deleted_socket_is_left_alone() {
    let (_directory, socket) = place();
    let mut listener = LocalListener::bind(&socket, EVERYBODY).expect("bound");
    fs::remove_file(socket.as_path()).expect("deleted");
    fs::write(socket.as_path(), "somebody's notes").expect("written");
    assert!(!finds(&socket, &mut listener).await);
    assert_eq!(fs::read_to_string(socket.as_path()).expect("read"), "somebody's notes");
    fs::remove_file(socket.as_path()).expect("taken away");
    assert!(finds(&socket, &mut listener).await, "it goes on looking");
}

#[tokio::test]
async fn dropping_the_listener_frees_the_name_and_takes_only_its_own_socket_away() {
    let (_directory, socket) = place();
    drop(LocalListener::bind(&socket, EVERYBODY).expect("bound"));
    assert!(!socket.as_path().exists());

    let second = LocalListener::bind(&socket, EVERYBODY).expect("bound again");
    fs::rename(socket.as_path(), socket.as_path().with_extension("old")).expect("moved");
    fs::write(socket.as_path(), "").expect("written");
    drop(second);
    assert!(socket.as_path().exists());
}

#[tokio::test]
async fn a_directory_that_others_may_write_to_is_refused() {
    for writable in [0o775, 0o757, 0o1777] {
        let (_directory, socket) = place();
        make_parent(&socket, writable);
        let reason = refused_rights(LocalListener::bind(&socket, EVERYBODY));
        assert!(matches!(reason, RightsReason::Open { .. } | RightsReason::Kind { .. }), "{reason}");
        assert!(!socket.as_path().exists());
    }
}

#[tokio::test]
async fn a_directory_below_one_that_everybody_may_rename_is_refused() {
    let (directory, socket) = place();
    make_parent(&socket, 0o755);
    fs::set_permissions(directory.path(), Permissions::from_mode(0o777)).expect("its mode");
    let reason = refused_rights(LocalListener::bind(&socket, EVERYBODY));
    assert!(matches!(reason, RightsReason::Open { .. }), "{reason}");
}

#[tokio::test]
async fn a_directory_of_somebody_else_is_refused() {
    if !geteuid().is_root() {
        return eprintln!("skipped: only root can give a directory away");
    }
    let (_directory, socket) = place();
    make_parent(&socket, 0o755);
    chown(socket.as_path().parent().expect("a parent"), Some(STRANGER), None).expect("given away");
    let reason = refused_rights(LocalListener::bind(&socket, EVERYBODY));
    assert!(matches!(reason, RightsReason::Owner { owner, .. } if owner == UserId::of_uid(STRANGER)));
}

#[tokio::test]
async fn a_lock_file_that_is_a_link_is_not_followed() {
    let (directory, socket) = place();
    make_parent(&socket, 0o755);
    let victim = directory.path().join("victim");
    fs::write(&victim, "precious").expect("written");
    symlink(&victim, socket.as_path().with_extension("sock.lock")).expect("linked");
    let error = LocalListener::bind(&socket, EVERYBODY).expect_err("refused");
    assert!(matches!(error, BindError::Io { .. }), "{error}");
    assert_eq!(fs::read_to_string(&victim).expect("read"), "precious");
}

#[tokio::test]
async fn a_path_that_is_too_long_is_one_clear_error() {
    let (directory, _) = place();
    let socket = SocketPath::new(directory.path().join("x".repeat(200)));
    let error = LocalListener::bind(&socket, EVERYBODY).expect_err("refused");
    assert!(error.to_string().contains(&"x".repeat(200)), "{error}");
}

/// Connects as somebody else. Threads have credentials of their own to the kernel; the C library
/// would change the whole process.
fn connect_as(socket: &SocketPath, uid: u32, gid: u32, groups: Vec<u32>) -> UnixStream {
    let path = socket.as_path().to_owned();
    let thread = std::thread::spawn(move || {
        #[expect(unsafe_code, reason = "the C library knows no credentials of a thread")]
        // SAFETY: the calls read `groups` and change this thread's credentials only; the thread
        // ends right after.
        unsafe {
            assert_eq!(libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()), 0);
            assert_eq!(libc::syscall(libc::SYS_setresgid, gid, gid, gid), 0);
            assert_eq!(libc::syscall(libc::SYS_setresuid, uid, uid, uid), 0);
        }
        UnixStream::connect(path).expect("every local user may connect")
    });
    thread.join().expect("connected")
}

#[tokio::test]
async fn only_members_of_the_group_are_privileged_where_there_is_one() {
    if !geteuid().is_root() {
        return eprintln!("skipped: only root can be somebody else");
    }
    let (directory, socket) = place();
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("its mode");
    let group = Some(PrivilegedGroup::of(GROUP));
    let mut listener = LocalListener::bind(&socket, Access::System { group }).expect("bound");
    let many = (100_000..100_200).chain([GROUP]).collect();
    let cases = [
        (STRANGER, STRANGER, vec![], false),
        (STRANGER, GROUP, vec![], true),
        (STRANGER, STRANGER, vec![1, GROUP], true),
        (STRANGER, STRANGER, many, true),
        (0, 0, vec![], true),
    ];
    for (uid, gid, groups, privileged) in cases {
        let _frontend = connect_as(&socket, uid, gid, groups.clone());
        let peer = accept(&mut listener).await;
        assert_eq!(peer.user, UserId::of_uid(uid));
        assert_eq!(peer.privileged, privileged, "{uid} {gid} {groups:?}");
    }
}

#[tokio::test]
async fn without_a_group_only_root_and_the_daemons_own_user_are_privileged() {
    if !geteuid().is_root() {
        return eprintln!("skipped: only root can be somebody else");
    }
    let (directory, socket) = place();
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("its mode");
    let mut listener = LocalListener::bind(&socket, EVERYBODY).expect("bound");
    let _frontend = connect_as(&socket, STRANGER, STRANGER, vec![0]);
    assert!(!accept(&mut listener).await.privileged);
}

#[test]
fn groups_are_found_by_their_name_and_members_by_the_name_service() {
    let root = PrivilegedGroup::named("root").expect("asked");
    assert_eq!(root, Some(PrivilegedGroup::of(0)));
    assert_eq!(PrivilegedGroup::named("no-such-group-as-this").expect("asked"), None);
    let groups = peer::groups_of_user(Uid::from_raw(0), Gid::from_raw(0)).expect("asked");
    assert!(groups.contains(&Gid::from_raw(0)));
    assert_eq!(peer::groups_of_user(Uid::from_raw(STRANGER), getegid()).expect("asked"), []);
}

#[tokio::test]
async fn a_socket_of_systemd_is_taken_over_if_its_rights_are_right() {
    let (_directory, socket) = place();
    make_parent(&socket, 0o755);
    let passed = OwnedFd::from(UnixListener::bind(socket.as_path()).expect("bound"));
    let place = SocketLocation::of(&socket, &Access::ThisUser).expect("verified");
    activation::verify(&passed, socket.as_path()).expect("it is the socket");
    activation::verify(&passed, Path::new("/elsewhere")).expect_err("another path");

    fs::set_permissions(socket.as_path(), Permissions::from_mode(0o666)).expect("its mode");
    let again = passed.try_clone().expect("cloned");
    let reason = refused_rights(LocalListener::adopt(again, &socket, &place, Access::ThisUser));
    assert!(matches!(reason, RightsReason::Open { .. }), "{reason}");

    let mut listener = LocalListener::adopt(passed, &socket, &place, EVERYBODY).expect("adopted");
    let _frontend = UnixStream::connect(socket.as_path()).expect("connected");
    accept(&mut listener).await;
    drop(listener);
    assert!(socket.as_path().exists(), "it is systemd's to remove");
}

#[test]
fn what_does_not_listen_is_not_taken_for_a_socket_of_systemd() {
    let (one, _other) = UnixStream::pair().expect("a pair");
    activation::verify(&OwnedFd::from(one), Path::new("/run/convene/convened.sock")).expect_err("refused");
}

#[test]
fn a_private_directory_is_closed_whatever_was_there() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let state = directory.path().join("a/b/state");
    paths::create_private_dir(&state).expect("created");
    assert_eq!(mode(&state), 0o700);
    assert_eq!(mode(&directory.path().join("a")), 0o700);

    fs::set_permissions(&state, Permissions::from_mode(0o755)).expect("opened");
    let error = paths::verify_private(&state).expect_err("open to others");
    assert!(error.to_string().contains("chmod go= "), "{error}");
    paths::create_private_dir(&state).expect("closed again");
    paths::verify_private(&state).expect("private");

    let file = state.join("file");
    fs::write(&file, "").expect("written");
    let error = paths::create_private_dir(&file).expect_err("not a directory");
    assert!(matches!(error.reason, RightsReason::Kind { .. }), "{error}");
}

#[test]
fn a_directory_that_somebody_else_put_there_is_left_as_it_was() {
    if !geteuid().is_root() {
        return eprintln!("skipped: only root can give a directory away");
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (own, link) = (directory.path().join("own"), directory.path().join("link"));
    fs::create_dir(&own).expect("made");
    fs::set_permissions(&own, Permissions::from_mode(0o755)).expect("its mode");
    symlink(&own, &link).expect("linked");
    std::os::unix::fs::lchown(&link, Some(STRANGER), None).expect("given away");
    let theirs = directory.path().join("theirs");
    let below = theirs.join("below");
    fs::create_dir_all(&below).expect("made");
    fs::set_permissions(&below, Permissions::from_mode(0o755)).expect("its mode");
    chown(&theirs, Some(STRANGER), None).expect("given away");
    for path in [&link, &below, &theirs.join("new")] {
        let refused = paths::create_private_dir(path).expect_err("of a stranger");
        assert!(matches!(refused.reason, RightsReason::Owner { .. }), "{refused}");
    }
    assert_eq!((mode(&own), mode(&below)), (0o755, 0o755), "nothing was changed");
    assert!(!theirs.join("new").exists(), "and nothing was made");
}

#[test]
fn a_private_file_is_replaced_whole_whatever_was_there() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("settings.toml");
    replace_private(&path, b"one").expect("written");
    assert_eq!((mode(&path), fs::read(&path).expect("it is there")), (0o600, b"one".to_vec()));
    fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("its mode");
    fs::write(path.with_extension("new"), "left by a process that was killed").expect("written");
    replace_private(&path, b"two").expect("written");
    assert_eq!((mode(&path), fs::read(&path).expect("it is there")), (0o600, b"two".to_vec()));
    paths::verify_kept(&path).expect("it is this user's");
    fs::create_dir(directory.path().join("folder")).expect("a directory");
    assert!(replace_private(&directory.path().join("folder"), b"three").is_err());
    assert_eq!(fs::read_dir(directory.path()).expect("listed").count(), 2, "nothing is left of it");
}

#[test]
fn a_file_that_others_can_change_is_not_kept_by_its_directory() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("settings.toml");
    fs::write(&path, "").expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o620)).expect("its mode");
    assert!(matches!(paths::verify_kept(&path).expect_err("open").reason, RightsReason::Open { .. }));
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("its mode");
    let link = directory.path().join("link");
    symlink(&path, &link).expect("linked");
    assert!(matches!(paths::verify_kept(&link).expect_err("a link").reason, RightsReason::Kind { .. }));
    if geteuid().is_root() {
        // A service's directory, as an administrator sees it.
        chown(directory.path(), Some(STRANGER), None).expect("allowed");
        chown(&path, Some(STRANGER), None).expect("allowed");
        paths::verify_kept(&path).expect("whose the directory is, is the file");
        chown(&path, Some(STRANGER + 1), None).expect("allowed");
        assert!(matches!(paths::verify_kept(&path).expect_err("strange").reason, RightsReason::Owner { .. }));
    }
}

#[test]
fn the_places_of_the_system_are_the_standards_and_systemds() {
    let paths = paths::system(&|_| None);
    assert_eq!(paths.config, Path::new("/etc/convene/convened.toml"));
    assert_eq!(paths.state, Path::new("/var/lib/convene"));
    assert_eq!(paths.socket.as_path(), Path::new("/run/convene/convened.sock"));
    let given = paths::system(&|name| (name == "STATE_DIRECTORY").then(|| "/srv/a:/srv/b".into()));
    assert_eq!(given.state, Path::new("/srv/a"));
}

#[test]
fn the_places_of_a_user_are_under_the_xdg_directories() {
    let home = |name: &str| (name == "HOME").then(|| "/home/anna".into());
    let paths = paths::user(&home).expect("a home");
    assert_eq!(paths.config, Path::new("/home/anna/.config/convene/convened.toml"));
    assert_eq!(paths.state, Path::new("/home/anna/.local/state/convene"));
    assert_eq!(paths.socket.as_path(), Path::new("/home/anna/.local/state/convene/convened.sock"));

    let all = |name: &str| match name {
        "XDG_CONFIG_HOME" => Some("/c".into()),
        "XDG_STATE_HOME" => Some("/s".into()),
        "XDG_RUNTIME_DIR" => Some("/r".into()),
        _ => None,
    };
    let paths = paths::user(&all).expect("all is said");
    assert_eq!(paths.config, Path::new("/c/convene/convened.toml"));
    assert_eq!(paths.state, Path::new("/s/convene"));
    assert_eq!(paths.socket.as_path(), Path::new("/r/convene/convened.sock"));

    let error = paths::user(&|_| Some("relative".into())).expect_err("nothing absolute");
    assert_eq!(error.variable, "HOME");
}

#[test]
fn a_termination_signal_ends_the_wait_and_not_the_process() {
    let code = service::run(|service| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            service.ready();
            for signal in [libc::SIGTERM, libc::SIGINT] {
                let stopped = service.shutdown_signal().expect("caught");
                // Not by a command: its process would for a moment hold the locks and sockets of
                // the tests beside this one.
                #[expect(unsafe_code, reason = "a call of the C library's")]
                // SAFETY: sends a signal to this process, which has just caught it.
                let sent = unsafe { libc::raise(signal) };
                assert_eq!(sent, 0);
                tokio::time::timeout(PATIENCE, stopped).await.expect("the signal is seen");
            }
            service.stopping();
        });
        std::process::ExitCode::SUCCESS
    });
    assert_eq!(code, std::process::ExitCode::SUCCESS);
}
