use std::fs::OpenOptions;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient};

use super::token::Identity;
use super::{LocalListener, PrivilegedGroup, paths, preparation, rights, service};
use crate::os::{Access, BindError, SocketPath, UserId};

/// Longer than anything here takes, so that a test that would hang fails instead.
const PATIENCE: Duration = Duration::from_secs(20);

fn pipe(test: &str) -> SocketPath {
    SocketPath::new(format!(r"\\.\pipe\convened-test-{test}-{}", std::process::id()))
}

/// Wine lets several processes create a pipe's first instance and lets a protected access list
/// inherit.
fn skipped_under_wine() -> bool {
    let wine = Path::new(r"Z:\etc\passwd").exists();
    if wine {
        eprintln!("skipped: wine does not do what this asserts");
    }
    wine
}

fn connect(socket: &SocketPath) -> NamedPipeClient {
    ClientOptions::new().open(socket.as_path()).expect("connected")
}

#[tokio::test]
async fn a_frontend_is_who_the_kernel_says_and_can_talk() {
    for (test, access) in [("talk-all", Access::System { group: None }), ("talk-one", Access::ThisUser)] {
        let socket = pipe(test);
        let mut listener = LocalListener::bind(&socket, access).expect("bound");
        let mut frontend = connect(&socket);
        frontend.write_all(b"ping").await.expect("written");
        let accepted = tokio::time::timeout(PATIENCE, listener.accept()).await.expect("in time");
        let (mut stream, peer) = accepted.expect("accepted");
        let own = Identity::of_this_process().expect("known").user;
        assert!(own.starts_with("S-1-5-"), "{own}");
        assert_eq!(peer.user, UserId::of_sid(&own));
        assert_eq!(peer.pid, Some(std::process::id()));
        assert!(peer.privileged);

        let mut heard = [0; 4];
        stream.read_exact(&mut heard).await.expect("read");
        stream.write_all(&heard).await.expect("answered");
        drop(stream);
        let mut answer = Vec::new();
        frontend.read_to_end(&mut answer).await.expect("heard although the daemon closed");
        assert_eq!(answer, b"ping");
    }
}

#[tokio::test]
async fn a_silent_frontend_does_not_keep_the_others() {
    let socket = pipe("silent");
    let mut listener = LocalListener::bind(&socket, Access::ThisUser).expect("bound");
    // Opened like this, a pipe has no identity until something was said.
    let _silent = OpenOptions::new().read(true).write(true).open(socket.as_path()).expect("connected");
    let speaks = async {
        // The pipe is busy until the listener has made its next instance.
        let mut frontend = loop {
            match ClientOptions::new().open(socket.as_path()) {
                Ok(frontend) => break frontend,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        frontend.write_all(b"x").await.expect("written");
        frontend.read_u8().await.expect("welcomed")
    };
    let welcomes = async {
        loop {
            let (mut stream, _) = listener.accept().await.expect("accepted");
            stream.write_u8(b'w').await.expect("written");
        }
    };
    let spoken = async {
        tokio::select! {
            heard = speaks => heard,
            never = welcomes => never,
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, spoken).await.expect("in time"), b'w');
}

#[tokio::test]
async fn a_second_daemon_is_refused_and_told_who_the_first_is() {
    if skipped_under_wine() {
        return;
    }
    let socket = pipe("second");
    let _first = LocalListener::bind(&socket, Access::ThisUser).expect("bound");
    let error = LocalListener::bind(&socket, Access::ThisUser).expect_err("refused");
    assert!(
        matches!(error, BindError::AlreadyRunning { pid: Some(pid), .. } if pid == std::process::id()),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_not_the_name_of_a_pipe_is_refused() {
    let error = LocalListener::bind(&SocketPath::new(r"C:\convened"), Access::ThisUser).expect_err("refused");
    assert!(error.to_string().contains(r"\\.\pipe\"), "{error}");
}

#[test]
fn a_private_directory_is_this_users_alone_from_the_start() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let own = Identity::of_this_process().expect("known").user;
    let state = directory.path().join("a").join("state");
    paths::create_private_dir(&state).expect("created");
    let found = rights::read(&state, &own, rights::ANY).expect("read");
    assert_eq!((found.owner, found.strangers), (own, Some(Vec::new())));
    paths::verify_private(&state).expect("private");
    paths::verify_private(Path::new(r"C:\no\such\directory")).expect_err("not there");
}

#[test]
fn a_directory_that_others_may_open_is_closed() {
    if skipped_under_wine() {
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    paths::create_private_dir(directory.path()).expect("closed");
    paths::verify_private(directory.path()).expect("private");
}

/// Rights of this user alone, and these.
fn give(path: &Path, others: &str) {
    let own = Identity::of_this_process().expect("known").user;
    rights::set(path, &format!("O:{own}D:P(A;;FA;;;{own}){others}"), false).expect("set");
}

#[test]
fn configuration_may_be_read_by_others_and_changed_by_nobody_else() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("convened.toml");
    std::fs::write(&file, "").expect("written");
    give(directory.path(), "");
    give(&file, "(A;;FR;;;WD)");
    paths::verify_configuration(&file).expect("only read");
    for rights in ["(A;;FRFW;;;WD)", "(A;;FA;;;WD)"] {
        give(&file, rights);
        let error = paths::verify_configuration(&file).expect_err("changeable").to_string();
        let remedy = format!("icacls \"{}\" /inheritance:d /remove:g *S-1-1-0", file.display());
        assert!(error.contains("S-1-1-0 may change it") && error.contains(&remedy), "{error}");
    }
    give(&file, "");
    give(directory.path(), "(A;;FA;;;WD)");
    let error = paths::verify_configuration(&file).expect_err("replaceable").to_string();
    assert!(error.contains("S-1-1-0 may empty it"), "{error}");
}

#[test]
fn a_machines_folders_are_the_administrators_and_the_services() {
    let data = tempfile::tempdir().expect("a temporary directory");
    let environment = |name: &str| (name == "ProgramData").then(|| data.path().into());
    let own = Identity::of_this_process().expect("known").user;
    let folder = data.path().join("Convene");
    std::fs::create_dir(&folder).expect("created");
    std::fs::write(folder.join("convened.toml"), "").expect("written");
    for _again in 0..2 {
        preparation::prepare_folders(&environment).expect("prepared");
        for folder in [folder.clone(), folder.join("State"), folder.join("log")] {
            let found = rights::read(&folder, &own, rights::ANY).expect("read");
            assert_eq!(found.strangers, Some(Vec::new()), "{}", folder.display());
            assert!(rights::is_ours(&found.owner, &own), "{}", found.owner);
        }
        paths::create_private_dir(&folder.join("State")).expect("fit for a store");
    }
    let lies_beside = data.path().read_dir().expect("listed").count();
    assert_eq!(lies_beside, 1, "what was ours is not moved aside");
}

#[test]
fn groups_are_found_by_their_name() {
    assert_eq!(PrivilegedGroup::named("no-such-group-as-this").expect("asked"), None);
}

#[test]
fn the_places_are_below_program_data_and_app_data() {
    let system = paths::system(&|name| (name == "ProgramData").then(|| r"D:\Data".into()));
    assert_eq!(system.config, Path::new(r"D:\Data\Convene\convened.toml"));
    assert_eq!(system.state, Path::new(r"D:\Data\Convene\State"));
    assert_eq!(system.socket.as_path(), Path::new(r"\\.\pipe\convened"));

    let user = paths::user(&|name| match name {
        "APPDATA" => Some(r"C:\Users\anna\AppData\Roaming".into()),
        "LOCALAPPDATA" => Some(r"C:\Users\anna\AppData\Local".into()),
        "USERNAME" => Some("anna".into()),
        _ => None,
    });
    let user = user.expect("all is said");
    assert_eq!(user.config, Path::new(r"C:\Users\anna\AppData\Roaming\Convene\convened.toml"));
    assert_eq!(user.state, Path::new(r"C:\Users\anna\AppData\Local\Convene\State"));
    assert_eq!(user.socket.as_path(), Path::new(r"\\.\pipe\convened-anna"));
    assert_eq!(paths::user(&|_| None).expect_err("nothing is said").variable, "APPDATA");
}

#[test]
fn in_a_console_the_daemon_runs_at_once() {
    let code = service::run(|service| {
        service.ready();
        service.stopping();
        ExitCode::SUCCESS
    });
    assert_eq!(code, ExitCode::SUCCESS);
}
