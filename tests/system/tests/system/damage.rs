//! A log with an entry that cannot be read, and conferences that are deleted.

use convene_model::ConferenceId;
use convene_tests_system::{Place, Program, until};
use rusqlite::Connection;

async fn listening(server: &Program) {
    until("the server", || server.logged().contains("listening").then_some(())).await;
}

/// The output of a command of `convene`, with its errors.
fn told(place: &Place, arguments: &[&str]) -> String {
    let output = place.convene("one", &[arguments, &["--json"]].concat());
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Puts an entry behind the last that no version can read.
fn damage(place: &Place, conference: ConferenceId) {
    let log = Connection::open(place.path("server").join("events.db")).expect("the log is there");
    let statements = [
        "INSERT INTO entry SELECT conference, last + 1, '{\"at\":1}' FROM log WHERE conference = ?",
        "UPDATE log SET last = last + 1 WHERE conference = ?",
    ];
    for statement in statements {
        assert_eq!(log.execute(statement, (conference.to_string(),)).expect("SQLite writes"), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_damaged_conference_is_refused_by_name_and_the_others_run() {
    let place = Place::new();
    let mut server = place.server();
    listening(&server).await;
    let ((damaged, damaged_link), (_, sound_link)) = (place.create(), place.create());
    server.stop();
    damage(&place, damaged);
    let server = place.server();
    until("the server again", || (server.logged().matches("started").count() > 1).then_some(())).await;
    let _daemon = place.daemon("one");
    until("the daemon", || place.socket("one").exists().then_some(())).await;
    let refused = told(&place, &["join", &damaged_link, "--name", "Anna"]);
    assert!(refused.contains(r#""state":"not_here_now","code":"conference_damaged""#), "{refused}");
    let joined = told(&place, &["join", &sound_link, "--name", "Anna"]);
    assert!(joined.contains("\"joined\""), "{joined}");
    assert!(server.logged().contains("a conference cannot be read"), "{}", server.logged());
    let shown = place.operator(&["show", &damaged.to_string(), "--json"]);
    assert!(shown.status.success(), "a conference that cannot be read is shown, and can be deleted");
    assert!(place.operator(&["delete", &damaged.to_string()]).status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_conference_is_gone_for_good_and_its_seats_are_told() {
    let place = Place::new();
    let mut server = place.server();
    listening(&server).await;
    let (conference, link) = place.create();
    let _daemon = place.daemon("one");
    until("the daemon", || place.socket("one").exists().then_some(())).await;
    let joined = told(&place, &["join", &link, "--name", "Anna"]);
    assert!(joined.contains("\"joined\""), "{joined}");
    let deleted = place.operator(&["delete", &conference.to_string(), "--json"]);
    let deleted = String::from_utf8_lossy(&deleted.stdout).into_owned();
    assert_eq!(deleted.trim(), format!("{{\"conference\":\"{conference}\",\"state\":\"deleted\"}}"));
    until("the refusal", || told(&place, &["list"]).contains("conference_deleted").then_some(())).await;

    server.restart();
    until("the server again", || (server.logged().matches("started").count() > 1).then_some(())).await;
    let ended = |arguments: &[&str]| {
        let output = place.operator(arguments);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let id = conference.to_string();
    let listed = place.operator(&["list", "--json"]);
    assert!(listed.status.success() && listed.stdout.is_empty(), "a restart brings nothing back: {listed:?}");
    for command in ["show", "invite", "delete"] {
        let (code, text) = ended(&[command, &id]);
        assert!(code == Some(1) && text.contains("deleted"), "{command}: {text}");
    }
    let (code, text) = ended(&["delete", "aaaaaaaaaa"]);
    assert!(code == Some(1) && text.contains("conference list"), "{text}");
    let again = told(&place, &["join", &link, "--name", "Ben"]);
    assert!(!again.contains("\"joined\""), "its link leads nowhere: {again}");
    server.stop();
    let (code, text) = ended(&["delete", &id]);
    assert!(code == Some(3) && text.contains("convene-server run"), "{text}");
}
