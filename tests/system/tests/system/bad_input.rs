//! Mistakes that people make: each gets one clear error with its remedy, and the documented exit
//! code.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Command, Output};

use convene_tests_system::{Place, Program, program, run, until};

fn told(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[track_caller]
fn assert_told(output: &Output, code: i32, words: &[&str]) {
    let (exit, text) = told(output);
    assert_eq!(exit, Some(code), "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} is missing in {text:?}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

async fn running() -> (Place, Program, Program, String, String) {
    let place = Place::new();
    let server = place.server();
    until("the server", || server.logged().contains("listening").then_some(())).await;
    let (conference, link) = place.create();
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    (place, server, daemon, conference.to_string(), link)
}

fn again(command: &[std::ffi::OsString]) -> Output {
    run(Command::new(&command[0]).args(&command[1..]))
}

#[test]
fn configurations_that_cannot_be_used_are_named_with_their_place() {
    let place = Place::new();
    let cases = [
        ("convened", "contct = 1\n", "unknown key"),
        ("convened", "[[server]]\nhost = \"a\"\ncontct = \"b\"\n", "did you mean `contact`?"),
        ("convened", "[proxy\n", "bad.toml:1:"),
        ("convened", "[proxy]\nurl = \"ftp://a\"\n", "a proxy is http://"),
        ("convene-server", "nmae = \"a\"\n", "did you mean `name`?"),
        ("convene-server", "name = \n", "bad.toml:1:"),
    ];
    for (name, text, words) in cases {
        let file = place.write("bad.toml", text);
        let mut command = Command::new(program(name));
        if name == "convene-server" {
            command.arg("run");
        }
        let output = run(command.arg("--config").arg(&file).arg("--state-dir").arg(place.path("state")));
        assert_told(&output, 2, &[words, "bad.toml"]);
        if name == "convened" {
            let checked = run(Command::new(program(name)).arg("--check-config").arg("--config").arg(&file));
            assert_told(&checked, 2, &["error: ", words, "bad.toml"]);
        }
    }
    assert!(!place.path("state").exists(), "what cannot be used changes nothing");
}

#[test]
fn a_configuration_that_is_dangerous_can_be_used_and_is_warned_of() {
    let place = Place::new();
    let file = place.write("convened.toml", "[proxy]\nurl = \"http://anna:secret@proxy.test\"\n");
    let checked = run(Command::new(program("convened")).arg("--check-config").arg("--config").arg(&file));
    assert_told(&checked, 0, &["warning: ", "convened.toml:2:1: [proxy] url: it holds a password"]);
    assert!(!told(&checked).1.contains("secret"));
}

#[tokio::test]
async fn what_a_policy_fixes_no_user_changes() {
    let place = Place::new();
    place.write("policy.toml", "[proxy]\nurl = \"http://127.0.0.1:9\"\n");
    let daemon = place.daemon("one");
    until("the daemon", || UnixStream::connect(place.socket("one")).ok()).await;
    let refused = place.convene("one", &["proxy", "set", "http://127.0.0.1:8"]);
    assert_told(&refused, 1, &["administrator has fixed this setting ([proxy] url)"]);
    assert_told(&place.convene("one", &["proxy", "set", "none"]), 0, &[]);
    assert!(daemon.logged().contains("policy.toml"), "{}", daemon.logged());
}

#[tokio::test]
async fn a_second_daemon_a_second_server_and_a_port_in_use_are_told_who_has_it() {
    let (place, server, daemon, ..) = running().await;
    assert_told(&again(&place.daemon_command("one")), 1, &["in use", "--socket"]);
    let mut command = place.daemon_command("one");
    let last = command.len() - 1;
    command[last] = place.path("elsewhere.sock").into();
    assert_told(&again(&command), 1, &["in use by another daemon", "--state-dir"]);
    assert_told(&again(&place.server_command()), 1, &["another server", &server.id().to_string()]);
    let mut command = place.server_command();
    let state = command.iter().position(|word| word == "--state-dir").unwrap() + 1;
    command[state] = place.path("other").into();
    assert_told(&again(&command), 1, &["is in use", "listen"]);
    drop(daemon);
}

#[tokio::test]
async fn joining_with_mistakes_is_told_as_what_it_is() {
    let (place, _server, _daemon, _, link) = running().await;
    let join = |link: &str, name: &str| place.convene("one", &["join", link, "--name", name, "--wait", "10"]);
    for link in [
        "nonsense",
        "https://localhost",
        "http://localhost/j/AAAAAAAAAAAAAAAAAAAAAA",
        "https://localhost/j/short",
    ] {
        assert_told(&join(link, "Blue"), 2, &["join link"]);
    }
    assert_told(&join(&link, " "), 2, &["name"]);
    assert_told(&place.convene("one", &["join", &link]), 2, &["--name"]);
    assert_told(&place.convene("one", &["join", "--name", "Blue"]), 2, &["join link"]);
    assert_told(&join(&link, &"x".repeat(61)), 2, &["name"]);
    let (before, fragment) = link.split_once('#').unwrap();
    let (base, code) = before.rsplit_once('/').unwrap();
    let other_code = format!("{base}/{}#{fragment}", "A".repeat(code.len()));
    assert_told(&join(&other_code, "Blue"), 1, &["no conference belongs to this join link"]);
    assert_eq!(join(&link, "Blue").status.code(), Some(0));
    let other = place.daemon("two");
    until("the other daemon", || UnixStream::connect(place.socket("two")).ok()).await;
    let taken = place.convene("two", &["join", &link, "--name", "BLUE"]);
    assert_told(&taken, 1, &["another participant has this name", "choose another one"]);
    let free = place.convene("two", &["join", &link, "--name", "Green"]);
    assert_eq!(free.status.code(), Some(0), "{}", other.logged());
    let key = fragment.split(',').find(|part| part.starts_with("fp=")).unwrap();
    let wrong = link.replace(key, &format!("fp={}", "A".repeat(43)));
    let refused = join(&wrong, "Red");
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    let shown = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(shown.contains("fingerprint_mismatch") && shown.contains("new join link"), "{shown}");
}

#[tokio::test]
async fn f13_what_a_browser_opens_joins_and_otherwise_the_part_is_told() {
    let (place, _server, daemon, _, link) = running().await;
    let join = |link: &str| place.convene("one", &["join", link, "--name", "Blue", "--wait", "10"]);
    let (before, fragment) = link.split_once('#').unwrap();
    let (_, behind) = before.split_once("localhost").unwrap();
    for spelled in [
        format!("HTTPS://LOCALHOST.{behind}/#{fragment}"),
        format!("https://\u{ff4c}ocalhost{behind}?utm_source=mail#{fragment}"),
        format!("https://anna@%6cocalhost{behind}#{}", fragment.replace(',', "%2C").replace('=', "%3D")),
        format!("Dear Anna,\nplease come: <{link}>.\nMore: https://example.org/help\n"),
    ] {
        let joined = join(&spelled);
        assert_eq!(joined.status.code(), Some(0), "{spelled}: {joined:?} {}", daemon.logged());
    }
    for (broken, words) in [
        (format!("https://local%00host{behind}#{fragment}"), "The name of the server"),
        (format!("https://localhost:65536/j/{}", "A".repeat(22)), "The port"),
        (link.replace("fp=", "fp=x"), "The fingerprint"),
    ] {
        assert_told(&join(&broken), 2, &[words, "join link"]);
    }
}

#[tokio::test]
async fn messages_with_mistakes_are_told_as_what_they_are() {
    let (place, _server, _daemon, conference, link) = running().await;
    assert_told(
        &place.convene("one", &["say", &conference, "too early"]),
        1,
        &["no seat in this conference"],
    );
    assert_eq!(place.convene("one", &["join", &link, "--name", "Blue"]).status.code(), Some(0));
    let say = |text: &str| place.convene("one", &["say", &conference, text]);
    let shown = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    for (text, words) in [(" ", "empty"), ("bell\u{7}", "control"), (&"x".repeat(4_001), "too long")] {
        let refused = say(text);
        assert_eq!(refused.status.code(), Some(1));
        assert!(shown(&refused).contains(words), "{refused:?}");
    }
    assert_eq!(say(&"ä".repeat(4_000)).status.code(), Some(0));
    let id = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
    let under_id = |text: &str| place.convene("one", &["say", &conference, text, "--id", id, "--json"]);
    let (once, twice) = (shown(&under_id("once")), shown(&under_id("once")));
    assert_eq!(once, twice, "the same id is the same command");
    assert_told(&under_id("otherwise"), 1, &["--id"]);
    assert_told(&place.convene("one", &["act", &conference, "[1]"]), 2, &["kind"]);
    assert_told(&place.convene("one", &["act", &conference, r#"{"kind":"say"}"#]), 2, &["text"]);
    assert_told(&place.convene("one", &["say", "nowhere", "x"]), 2, &["conference"]);
    let gone = place.convene("nobody", &["list"]);
    assert_told(&gone, 3, &["does not answer", "convened --user"]);
    let ended = place.operator(&["end", &conference]);
    assert_eq!(ended.status.code(), Some(0));
    assert!(shown(&say("after the end")).contains("has ended"));
}

#[tokio::test]
async fn lines_with_mistakes_cost_themselves_and_nothing_else() {
    let (place, _server, daemon, ..) = running().await;
    let mut stream = UnixStream::connect(place.socket("one")).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut ask = |line: &[u8]| {
        stream.write_all(line).unwrap();
        stream.write_all(b"\n").unwrap();
        let answer: serde_json::Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        answer["error"]["code"].as_i64()
    };
    assert_eq!(ask(b"\xff\xfe"), Some(-32700));
    assert_eq!(ask(b"nonsense"), Some(-32700));
    assert_eq!(ask(&vec![b'x'; 1024 * 1024 + 1]), Some(-32700));
    assert_eq!(ask(br#"{"jsonrpc":"2.0","id":1,"method":"no.such"}"#), Some(-32601));
    assert_eq!(ask(br#"{"jsonrpc":"2.0","id":1,"method":"conference.act","params":{}}"#), Some(-32602));
    assert_eq!(ask(br#"[1,2]"#), Some(-32600));
    assert_eq!(ask(br#"{"jsonrpc":"2.0","id":2,"method":"hello","params":{}}"#), None, "the next line works");
    assert_eq!(ask(br#"{"jsonrpc":"2.0","id":null,"method":"hello","params":{}}"#), None, "it is answered");
    assert!(!daemon.logged().contains("panicked"));
}
