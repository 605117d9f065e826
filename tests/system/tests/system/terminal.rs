//! A person at a terminal: the commands ask for what no shell and no list of processes should hold.

use std::os::unix::net::UnixStream;

use convene_tests_system::{Place, until};

#[tokio::test]
async fn the_link_and_what_is_said_are_typed_where_no_shell_reads_them() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (_, link) = place.create();
    let _daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;

    let mut join = place.at_terminal("one", &["join"]);
    join.reads("Join link (paste it, then press Enter):");
    join.types(&link);
    join.reads("Your name:");
    join.types("Anna");
    let (code, shown) = join.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("you take part in A test as Anna"), "{shown}");

    let mut say = place.at_terminal("one", &["say"]);
    say.reads("Your message (Enter sends it):");
    say.types("Good `morning` $(everyone) \"there\"!");
    let (code, shown) = say.end();
    assert_eq!(code, Some(0), "{shown}");
    let tail = place.convene("one", &["tail"]);
    let told = String::from_utf8_lossy(&tail.stdout).into_owned();
    assert!(told.contains("Anna (plenary): Good `morning` $(everyone) \"there\"!"), "{told}");
}

#[tokio::test]
async fn nothing_is_sent_where_nothing_is_typed() {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (_, link) = place.create();
    let _daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    assert!(place.convene("one", &["join", &link, "--name", "Anna"]).status.success());
    let mut say = place.at_terminal("one", &["say"]);
    say.reads("Your message");
    say.types("");
    let (code, shown) = say.end();
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("the message is empty"), "{shown}");
    let told = place.convene("one", &["tail", "--json"]);
    assert!(!String::from_utf8_lossy(&told.stdout).contains("\"said\""), "{told:?}");
}
