//! A program's output may be left unread at any time, as `| head -1` does it: the program ends, or
//! goes on, without a panic.

use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use convene_tests_system::{Place, program, until};

/// A pipe whose other end is closed already.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

/// Which of a program's outputs nobody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unread {
    Output,
    Errors,
}

#[track_caller]
fn assert_ends_quietly(name: &str, arguments: &[&str], unread: Unread) {
    let mut command = Command::new(program(name));
    command.args(arguments).stdin(Stdio::null());
    match unread {
        Unread::Output => command.stdout(closed()).stderr(Stdio::piped()),
        Unread::Errors => command.stdout(Stdio::null()).stderr(closed()),
    };
    let ended = command.spawn().expect("started").wait_with_output().expect("its end");
    // A Rust program that panics ends with 101.
    assert!(ended.status.code().is_some_and(|code| code != 101), "{name} {arguments:?}: {ended:?}");
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!told.contains("panicked"), "{name} {arguments:?}: {told}");
}

#[test]
fn what_a_program_says_of_itself_may_be_left_unread() {
    for name in ["convene", "convened", "convene-server"] {
        for arguments in [["--help"], ["--version"]] {
            assert_ends_quietly(name, &arguments, Unread::Output);
        }
        assert_ends_quietly(name, &["--no-such-option"], Unread::Errors);
    }
    assert_ends_quietly("convened", &["--openrpc"], Unread::Output);
}

#[test]
fn mistakes_may_be_left_unread() {
    let place = Place::new();
    let bad = place.write("bad.toml", "nmae = \"a\"\n");
    let (bad, state) = (bad.to_str().unwrap(), place.path("state"));
    let state = state.to_str().unwrap();
    assert_ends_quietly("convened", &["--check-config", "--config", bad], Unread::Errors);
    assert_ends_quietly("convened", &["--config", bad, "--state-dir", state], Unread::Errors);
    let server = ["run", "--check-config", "--config", bad];
    assert_ends_quietly("convene-server", &server, Unread::Errors);
    assert_ends_quietly("convene-server", &["run", "--config", bad, "--state-dir", state], Unread::Errors);
    let list = ["conference", "list", "--state-dir", state];
    assert_ends_quietly("convene-server", &list, Unread::Errors);
    let socket = place.path("no.sock");
    assert_ends_quietly("convene", &["list", "--socket", socket.to_str().unwrap()], Unread::Errors);
}

#[tokio::test]
async fn conferences_and_events_may_be_left_unread() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, link) = place.create();
    let conference = conference.to_string();
    let _daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    assert_eq!(place.convene("one", &["join", &link, "--name", "Blue"]).status.code(), Some(0));
    let (socket, state) = (place.socket("one"), place.path("server"));
    let (socket, state) = (socket.to_str().unwrap(), state.to_str().unwrap());
    for command in ["tail", "status", "list", "check"] {
        let mut arguments = vec![command, "--socket", socket];
        if command == "tail" {
            arguments.push(&conference);
        }
        assert_ends_quietly("convene", &arguments, Unread::Output);
    }
    for command in [&["show", &conference, "--events"][..], &["list"], &["invite", &conference]] {
        let arguments = [&["conference"], command, &["--state-dir", state]].concat();
        assert_ends_quietly("convene-server", &arguments, Unread::Output);
    }
}

#[tokio::test]
async fn services_go_on_where_nobody_reads_their_log() {
    let place = Place::new();
    let start = |command: Vec<std::ffi::OsString>| {
        let mut starting = Command::new(&command[0]);
        starting.args(&command[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(closed());
        starting.spawn().unwrap()
    };
    let mut services = [start(place.server_command()), start(place.daemon_command("one"))];
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let list = || place.operator(&["list"]);
    until("the server", || list().status.success().then_some(())).await;
    let (_, link) = place.create();
    let joined = place.convene("one", &["join", &link, "--name", "Blue"]);
    assert_eq!(joined.status.code(), Some(0), "{joined:?}");
    for service in &mut services {
        assert_eq!(service.try_wait().unwrap(), None, "it has ended by itself");
        service.kill().unwrap();
        service.wait().unwrap();
    }
}
