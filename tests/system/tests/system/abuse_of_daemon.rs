//! A local user who wants to take from the others what the daemon has, and files that somebody
//! else put there. What is measured has a bound in bytes, in lines or in time.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::Duration;

use convene_tests_system::{Place, Program, program, run, until};

/// Frontends that one user may have.
const FRONTENDS: usize = 64;
/// Bytes by which a daemon may grow, whatever one user's frontends send.
const GROWTH_BYTES_MAX: u64 = 96 * 1024 * 1024;
/// How long a write may find no room before it counts as not taken.
const NOT_TAKEN: Duration = Duration::from_millis(300);

/// Within which a frontend that is refused is told so.
const SOON: Duration = Duration::from_millis(50);

/// Bytes of the process that are in memory.
fn resident(program: &Program) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") * 1_024
}

fn attach(place: &Place) -> UnixStream {
    let stream = UnixStream::connect(place.socket("one")).expect("the daemon");
    stream.set_write_timeout(Some(NOT_TAKEN)).expect("a time limit");
    stream
}

/// The next line; `None` where the daemon has closed.
fn heard(stream: &UnixStream) -> Option<String> {
    let mut line = String::new();
    let read = BufReader::new(stream).read_line(&mut line);
    read.ok().filter(|count| *count > 0).map(|_| line)
}

/// Whether a new frontend is greeted.
fn is_greeted(place: &Place) -> Option<()> {
    let mut stream = attach(place);
    stream.set_read_timeout(Some(NOT_TAKEN)).ok()?;
    stream.write_all(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\"}\n").ok()?;
    heard(&stream).filter(|line| line.contains("\"result\"")).map(drop)
}

#[tokio::test]
async fn l1_what_requests_and_answers_hold_is_bounded_and_given_back() {
    let place = Place::new();
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    until("a greeting", || is_greeted(&place)).await;
    let before = resident(&daemon);
    let ignored = "x".repeat(1_000_000);
    let mut streams: Vec<_> = (0..FRONTENDS / 4).map(|_| attach(&place)).collect();
    // A watch goes on as long as its frontend, an unknown method is repeated, and so is an id.
    let watch = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"connection.watch\",\"params\":{{\"a\":\"{ignored}\"}}}}\n"
    );
    let unknown = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{ignored}\"}}\n");
    let named = format!("{{\"jsonrpc\":\"2.0\",\"id\":\"{ignored}\",\"method\":\"hello\"}}\n");
    let mut refused = 0;
    for stream in &mut streams {
        let lines = [&watch, &unknown, &named, &watch];
        // Nothing is read of what the daemon says.
        refused += usize::from(lines.iter().any(|line| stream.write_all(line.as_bytes()).is_err()));
    }
    assert!(refused > 0, "at some point no more is taken");
    let grown = resident(&daemon).saturating_sub(before);
    assert!(grown < GROWTH_BYTES_MAX, "it grew by {grown} bytes");
    drop(streams);
    until("a greeting after they have gone", || is_greeted(&place)).await;
}

#[tokio::test]
async fn l6_refused_connections_are_no_lines_of_the_log() {
    let place = Place::new();
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    until("a greeting", || is_greeted(&place)).await;
    let before = daemon.logged().lines().count();
    // Those that have just gone may count for a moment, so it is not known which is one too many.
    let mut held = Vec::new();
    until("a refusal", || {
        let stream = attach(&place);
        stream.set_read_timeout(Some(SOON)).ok()?;
        let refused = heard(&stream).filter(|line| line.contains("too_many_frontends"));
        held.push(stream);
        refused
    })
    .await;
    assert!(held.len() >= FRONTENDS, "{} frontends", held.len());
    for _ in 0..2_000 {
        drop(attach(&place));
    }
    let logged = daemon.logged().lines().count() - before;
    assert!(logged <= 4, "{logged} lines:\n{}", daemon.logged());
    drop(held);
    until("a greeting after they have gone", || is_greeted(&place)).await;
}

#[test]
fn l8_a_pipe_in_place_of_a_file_is_refused_and_not_waited_for() {
    let place = Place::new();
    let pipe = place.path("pipe");
    assert!(run(Command::new("mkfifo").arg(&pipe)).status.success());
    let text = "[proxy]\nurl = \"http://proxy.test:1\"\nuser = \"anna\"\npassword_file = \"pipe\"\n";
    let file = place.write("convened.toml", text);
    for config in [&file, &pipe] {
        let checked =
            run(Command::new(program("convened")).arg("--check-config").arg("--config").arg(config));
        let told = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert_eq!(checked.status.code(), Some(2), "{told}");
        assert!(told.contains("it is not a plain file"), "{told}");
    }
}

#[test]
fn l8_no_program_follows_a_link_that_lies_in_its_state_directory() {
    let place = Place::new();
    let victim = place.write("victim", "precious");
    for (state, lock) in [("one", "seats.lock"), ("server", "server.lock")] {
        std::fs::DirBuilder::new().mode(0o700).create(place.path(state)).unwrap();
        symlink(&victim, place.path(state).join(lock)).unwrap();
    }
    for command in [place.daemon_command("one"), place.server_command()] {
        let ended = run(Command::new(&command[0]).args(&command[1..]));
        assert!(!ended.status.success());
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    }
}
