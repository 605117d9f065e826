//! The look at the conferences of tomorrow, and the notice where one cannot be reached.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use convene_model::Timestamp;
use convene_tests_system::{Place, program, run, until};

/// A desktop's program for notices, which keeps what it is to show.
const NOTIFY_SEND: &str =
    "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"${0%/*}/shown.new\"\nmv \"${0%/*}/shown.new\" \"${0%/*}/shown\"\n";

/// What a session starts.
fn looking(place: &Place) -> Command {
    let mut command = Command::new(program("convene"));
    command.args(["tomorrow", "--notify", "--wait", "1", "--socket"]).arg(place.socket("one"));
    command.env("PATH", format!("{}:/usr/bin:/bin", place.path("").display()));
    command.env("XDG_RUNTIME_DIR", place.path("")).env("LANG", "C");
    command
}

#[tokio::test]
async fn a_server_that_is_not_reached_is_told_on_the_day_before() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let opens = Timestamp::from(SystemTime::now() + Duration::from_hours(20));
    let created = place.create_from(&format!("title = \"A test\"\nstart = {opens}\n"));
    let _daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let joined = place.convene("one", &["join", &created.participant_link, "--name", "Anna"]);
    assert_eq!(joined.status.code(), Some(0), "{joined:?}");
    let reached = place.convene("one", &["tomorrow"]);
    assert_eq!(reached.status.code(), Some(0), "{reached:?}");
    assert!(String::from_utf8_lossy(&reached.stdout).contains("the server localhost is reached"));

    drop(server);
    until("the loss", || {
        let missed = place.convene("one", &["tomorrow", "--wait", "1"]);
        (missed.status.code() == Some(4)).then_some(())
    })
    .await;
    let notify_send = place.write("notify-send", NOTIFY_SEND);
    std::fs::set_permissions(&notify_send, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut session = looking(&place).stdin(Stdio::null()).spawn().unwrap();
    let shown = until("a notice", || std::fs::read_to_string(place.path("shown")).ok()).await;
    assert!(shown.contains("is not reached from this network"), "{shown}");
    assert!(!shown.contains("A test") && !shown.contains("Anna"), "everybody may read it: {shown}");
    let second = run(&mut looking(&place));
    assert_eq!(second.status.code(), Some(0), "one looks already: {second:?}");
    assert_eq!(session.try_wait().unwrap(), None, "it looks as long as the session lasts");
    session.kill().unwrap();
    session.wait().unwrap();
}
