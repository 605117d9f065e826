//! Programs of an older version (`tests/older/COMMIT`), which know nothing of rooms, tables,
//! phases, roles, ballots, names, access checks and removals, beside the programs of today: what a
//! later version says ends nothing.

use std::os::unix::net::UnixStream;
use std::process::Output;
use std::time::SystemTime;

use convene_model::Timestamp;
use convene_tests_system::{Place, Program, until};
use serde_json::{Value, json};

use crate::hand::Hand;

/// Every kind of command that the older version does not know, behind the conference.
const LATER_COMMANDS: [(&str, &[&str]); 13] = [
    ("go", &["foyer"]),
    ("room", &["add", "Garden"]),
    ("table", &["ask", "Olaf"]),
    ("table", &["leave"]),
    ("phase", &["skip"]),
    ("phase", &["extend", "5"]),
    ("organizer", &["add", "Olaf"]),
    ("ballot", &["open", "Which?", "Trains", "Bicycles"]),
    ("rename", &["Norah"]),
    ("act", &[ACCESS]),
    ("remove", &["Olaf"]),
    ("doors", &["lock"]),
    ("link", &[]),
];
/// An access check that organizers are told of.
const ACCESS: &str = r#"{"kind":"access","verdict":"yellow","version":"0.1.0"}"#;
/// A conference that is open at once.
const SIMPLE: &str = "title = \"A test\"\n";

/// A conference whose phases have begun.
fn with_phases() -> String {
    let start = Timestamp::from(SystemTime::now());
    format!(
        "title = \"An open space\"\nstart = {start}\n\
         [[room]]\nname = {{ de = \"Raum A\", en = \"Room A\" }}\n\
         [[phase]]\nkind = \"workshops\"\nminutes = 60\nrounds = 4\n"
    )
}

/// A place for the programs of today, and the same one for the older ones.
fn places(test: &str) -> Option<(Place, Place)> {
    let new = Place::new();
    let older = new.older(&format!("older::{test}"))?;
    Some((new, older))
}

/// A conference's id, and the links of its organizers and participants.
struct Created {
    id: String,
    organizers: String,
    participants: String,
}

/// Starts a server and waits until its operator is answered.
async fn start_server(place: &Place) -> Program {
    let server = place.server();
    until("the server", || place.operator(&["list"]).status.success().then_some(())).await;
    server
}

async fn start_daemon(place: &Place, who: &str) -> Program {
    let daemon = place.daemon(who);
    until("the daemon", || UnixStream::connect(place.socket(who)).ok()).await;
    daemon
}

fn create(place: &Place, file: &str) -> Created {
    let file = place.write("conference.toml", file);
    let output = place.operator(&["create", &file.to_string_lossy(), "--json"]);
    assert!(output.status.success(), "{output:?}");
    let created: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let field = |name: &str| created[name].as_str().unwrap_or_default().to_owned();
    Created {
        id: field("conference"),
        organizers: field("organizer_link"),
        participants: field("participant_link"),
    }
}

/// Joins by a link as the older version spells it, which the programs of today read too.
#[track_caller]
fn join(place: &Place, who: &str, link: &str, name: &str) {
    let link = &link.replace(',', "&");
    let joined = place.convene(who, &["join", link, "--name", name, "--wait", "30"]);
    assert!(joined.status.success(), "{who}: {joined:?}");
}

fn lines(output: &Output) -> Vec<Value> {
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap_or_default()).collect()
}

/// Gives a command, which the server is to accept.
#[track_caller]
fn does(place: &Place, who: &str, command: &[&str]) {
    let output = place.convene(who, &[command, &["--wait", "30", "--json"]].concat());
    let accepted = lines(&output).iter().any(|told| told["state"] == "accepted");
    assert!(output.status.success() && accepted, "{who}: {command:?}: {output:?}");
}

/// Says something in the plenary, wherever the speaker stands.
#[track_caller]
fn says(place: &Place, who: &str, conference: &str, text: &str) {
    does(place, who, &["say", conference, text, "--room", "plenary"]);
}

/// Says something there while the server cannot decide it.
#[track_caller]
fn says_meanwhile(place: &Place, who: &str, conference: &str, text: &str) {
    let queued = place.convene(who, &["say", conference, text, "--room", "plenary", "--wait", "0", "--json"]);
    assert!(lines(&queued).iter().any(|told| told["state"] == "queued"), "{who}: {text}: {queued:?}");
}

/// Waits until what a command prints holds this.
async fn shows(place: &Place, who: &str, command: &[&str], what: &str) {
    let holds = || String::from_utf8_lossy(&place.convene(who, command).stdout).contains(what).then_some(());
    until(&format!("{what}, shown to {who} by {command:?}"), holds).await;
}

/// The message, where this is one in the plenary: an event as `convene` prints it, or the body of
/// one.
fn message(event: &Value) -> Option<String> {
    let is_here = event["kind"] == "said" && event["room"] == "plenary";
    event["text"].as_str().filter(|_| is_here).map(str::to_owned)
}

/// The messages in the plenary that a person has, in order.
fn messages(place: &Place, who: &str, conference: &str) -> Vec<String> {
    lines(&place.convene(who, &["tail", conference, "--json"])).iter().filter_map(message).collect()
}

/// Waits until these messages are all that a person has.
async fn has(place: &Place, who: &str, conference: &str, expected: &[&str]) {
    until(&format!("all messages at {who}'s"), || {
        (messages(place, who, conference).len() >= expected.len()).then_some(())
    })
    .await;
    assert_eq!(messages(place, who, conference), expected, "{who}: each once, and in order");
}

/// How a seat stands, and why.
fn standing(place: &Place, who: &str, conference: &str) -> (String, Option<String>) {
    let listed = lines(&place.convene(who, &["list", "--json"]));
    let seat = listed.into_iter().find(|seat| seat["conference"] == conference).unwrap_or_default();
    let word = |name: &str| seat[name].as_str().map(str::to_owned);
    (word("state").unwrap_or_default(), word("code"))
}

fn joined() -> (String, Option<String>) {
    ("joined".to_owned(), None)
}

/// The number of entries in a conference's log.
#[track_caller]
fn entries(place: &Place, conference: &str) -> u64 {
    let shown = place.operator(&["show", conference, "--json"]);
    let last = lines(&shown).first().and_then(|about| about["last"].as_u64());
    assert!(last.is_some(), "{shown:?}");
    last.unwrap_or_default()
}

/// What a person is shown of the conference, without what concerns them alone or passes with time.
fn view(place: &Place, who: &str, conference: &str) -> Vec<Value> {
    let mut view = Vec::new();
    for command in ["rooms", "who", "phase", "ballot"] {
        for mut line in lines(&place.convene(who, &[command, conference, "--json"])) {
            if let Some(line) = line.as_object_mut() {
                line.retain(|name, _| !["here", "left_ms", "vote"].contains(&name.as_str()));
            }
            view.push(line);
        }
    }
    view
}

/// Nora, an organizer, and Paul do all that the older version knows nothing of, but phases, and
/// talk meanwhile. They are the first and the second participant.
async fn hold_open_space(place: &Place, conference: &str, round: u32) {
    let act = |who: &str, command: &str, words: &[&str]| {
        does(place, who, &[&[command, conference], words].concat());
    };
    let garden = format!("Garden {round}");
    act("nora", "go", &["foyer"]);
    act("nora", "room", &["add", &garden]);
    shows(place, "paul", &["rooms", conference], &garden).await;
    act("paul", "go", &[&garden]);
    act("nora", "table", &["ask", "p2"]);
    shows(place, "paul", &["table", conference], "Nora asks you").await;
    act("paul", "table", &["accept"]);
    act("paul", "say", &["among the two"]);
    says(place, "paul", conference, &format!("in round {round}"));
    act("paul", "table", &["leave"]);
    act("nora", "table", &["leave"]);
    act("paul", "act", &[ACCESS]);
    act("nora", "organizer", &["add", "p2"]);
    shows(place, "paul", &["who", conference], "(you, organizer").await;
    act("nora", "organizer", &["remove", "p2"]);
    let question = format!("Which in round {round}?");
    act("nora", "ballot", &["open", &question, "Trains", "Bicycles"]);
    shows(place, "paul", &["ballot", conference], &question).await;
    act("paul", "vote", &["1"]);
    act("paul", "vote", &["2"]);
    act("nora", "vote", &["1"]);
    act("nora", "ballot", &["close"]);
    act("paul", "rename", &[&format!("Paul the {round}.")]);
    act("nora", "room", &["close", &garden]);
}

/// The phase that runs is moved, and the next one begins.
fn turn_phase(place: &Place, conference: &str) {
    does(place, "nora", &["phase", conference, "extend", "5"]);
    does(place, "nora", &["phase", conference, "shorten", "2"]);
    does(place, "nora", &["phase", conference, "skip"]);
}

/// Reads what a frontend is told until this was said in the plenary.
fn told_until(hand: &mut Hand, last: &str) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let news = hand.hear("conference.events", |_| true);
        told.extend(news["events"].as_array().into_iter().flatten().cloned());
        if told.iter().any(|event| message(&event["body"]).is_some_and(|text| text == last)) {
            return told;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_daemon_reads_on_among_acts_that_it_does_not_know_and_a_later_one_knows_them() {
    let test = "an_older_daemon_reads_on_among_acts_that_it_does_not_know_and_a_later_one_knows_them";
    let Some((new, older)) = places(test) else { return };
    let server = start_server(&new).await;
    let _people = [start_daemon(&new, "nora").await, start_daemon(&new, "paul").await];
    let Created { id, organizers, participants } = create(&new, &with_phases());
    join(&new, "nora", &organizers, "Nora");
    join(&new, "paul", &participants, "Paul");
    hold_open_space(&new, &id, 1).await;
    turn_phase(&new, &id);
    says(&new, "nora", &id, "before Olaf came");

    let mut daemon = start_daemon(&older, "olaf").await;
    join(&older, "olaf", &participants, "Olaf");
    let mut hand = Hand::attach(&older, "olaf");
    let watch = hand.call("conference.watch", &json!({ "conference": id, "after": 0 }));
    let level = watch["level"].as_u64();
    hold_open_space(&new, &id, 2).await;
    turn_phase(&new, &id);
    says(&older, "olaf", &id, "from Olaf");
    shows(&new, "paul", &["tail", &id], "from Olaf").await;
    // What is told to Olaf alone is as unknown to his daemon.
    does(&new, "nora", &["organizer", &id, "add", "p3"]);
    does(&new, "nora", &["organizer", &id, "remove", "p3"]);
    does(&new, "nora", &["table", &id, "ask", "p3"]);
    says(&new, "nora", &id, "last");

    let expected = ["in round 1", "before Olaf came", "in round 2", "from Olaf", "last"];
    let told = told_until(&mut hand, "last");
    let place_of = |event: &Value| (event["seq"].as_u64(), event["step"].as_u64().unwrap_or(1));
    assert!(
        told.is_sorted_by(|one, next| place_of(one) < place_of(next)),
        "out of order, or twice: {told:?}"
    );
    let read: Vec<String> = told.iter().filter_map(|event| message(&event["body"])).collect();
    assert_eq!(read, expected, "each once, and in order");
    has(&older, "olaf", &id, &expected).await;
    assert_eq!(standing(&older, "olaf", &id), joined());
    drop(hand);
    daemon.stop();
    assert!(!daemon.logged().contains("ERROR"), "{}", daemon.logged());

    let _daemon = start_daemon(&new, "olaf").await;
    shows(&new, "olaf", &["rooms", &id], "Room A").await;
    until("one view of the conference", || {
        (view(&new, "olaf", &id) == view(&new, "paul", &id)).then_some(())
    })
    .await;
    let shown = view(&new, "olaf", &id);
    assert!(shown.iter().any(|line| line["name"] == "Paul the 2."), "{shown:?}");
    assert!(shown.iter().any(|line| line["phase"] == 3 && line["current"] == true), "{shown:?}");
    let mut hand = Hand::attach(&new, "olaf");
    let watch = hand.call("conference.watch", &json!({ "conference": id }));
    assert!(level < watch["level"].as_u64(), "the programs are of one level: {level:?}");
    shows(&new, "olaf", &["table", &id], "Nora asks you").await;
    does(&new, "olaf", &["table", &id, "accept"]);
    shows(&new, "paul", &["who", &id], "Olaf  @ table 3").await;
    has(&new, "olaf", &id, &expected).await;
    assert!(!server.logged().contains("ERROR"), "{}", server.logged());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_server_refuses_what_it_does_not_know_and_all_else_goes_on() {
    let test = "an_older_server_refuses_what_it_does_not_know_and_all_else_goes_on";
    let Some((new, older)) = places(test) else { return };
    let _server = start_server(&older).await;
    let daemons = [start_daemon(&new, "nora").await, start_daemon(&older, "olaf").await];
    let Created { id, organizers, participants } = create(&older, SIMPLE);
    join(&new, "nora", &organizers, "Nora");
    join(&older, "olaf", &participants, "Olaf");
    says(&new, "nora", &id, "from Nora");
    shows(&older, "olaf", &["tail", &id], "from Nora").await;
    says(&older, "olaf", &id, "from Olaf");
    shows(&new, "nora", &["tail", &id], "from Olaf").await;
    shows(&new, "nora", &["who", &id], "Olaf").await;

    for (command, words) in LATER_COMMANDS {
        let refused = new.convene("nora", &[&[command, &id], words, &["--wait", "30", "--json"]].concat());
        assert_eq!(refused.status.code(), Some(1), "{command} {words:?}: {refused:?}");
        let told = lines(&refused).into_iter().next().unwrap_or_default();
        let told = (told["state"].as_str(), told["code"].as_str());
        assert_eq!(told, (Some("refused"), Some("command_unknown")), "{command} {words:?}");
    }

    says(&new, "nora", &id, "still here");
    for (place, who) in [(&new, "nora"), (&older, "olaf")] {
        has(place, who, &id, &["from Nora", "from Olaf", "still here"]).await;
        assert_eq!(standing(place, who, &id), joined());
        let listed = lines(&place.convene(who, &["list", "--json"]));
        assert!(listed.iter().all(|seat| seat["waiting"] == 0), "{who}: {listed:?}");
    }
    for daemon in daemons {
        assert!(!daemon.logged().contains("ERROR"), "{}", daemon.logged());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_server_leaves_a_conference_of_a_later_version_as_it_is_and_serves_the_others() {
    let test = "an_older_server_leaves_a_conference_of_a_later_version_as_it_is_and_serves_the_others";
    let Some((new, older)) = places(test) else { return };
    let mut server = start_server(&new).await;
    let _people = [start_daemon(&new, "nora").await, start_daemon(&new, "paul").await];
    let (later, plain) = (create(&new, &with_phases()), create(&new, SIMPLE));
    for (who, link, name) in [("nora", &later.organizers, "Nora"), ("paul", &later.participants, "Paul")] {
        join(&new, who, link, name);
        join(&new, who, &plain.participants, name);
    }
    let (later, plain) = (later.id, plain.id);
    hold_open_space(&new, &later, 1).await;
    turn_phase(&new, &later);
    says(&new, "paul", &later, "under the later server");
    says(&new, "nora", &plain, "under the later server");
    let before = entries(&new, &later);
    server.stop();

    let mut server = start_server(&older).await;
    let is_later = ("not_here_now".to_owned(), Some("conference_of_later_version".to_owned()));
    for who in ["nora", "paul"] {
        until("the conference to be told as a later version's", || {
            (standing(&new, who, &later) == is_later).then_some(())
        })
        .await;
    }
    says(&new, "nora", &plain, "under the older server");
    says_meanwhile(&new, "paul", &later, "written meanwhile");
    has(&new, "paul", &plain, &["under the later server", "under the older server"]).await;
    assert_eq!(standing(&new, "paul", &plain), joined());
    // The past stays readable.
    has(&new, "nora", &later, &["in round 1", "under the later server"]).await;
    assert_eq!(standing(&new, "paul", &later), is_later);
    assert_eq!(entries(&older, &later), before, "the older server wrote into that log");
    server.stop();

    let _server = start_server(&new).await;
    let expected = ["in round 1", "under the later server", "written meanwhile"];
    for who in ["nora", "paul"] {
        has(&new, who, &later, &expected).await;
        assert_eq!(standing(&new, who, &later), joined());
        has(&new, who, &plain, &["under the later server", "under the older server"]).await;
    }
    hold_open_space(&new, &later, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_older_programs_left_is_there_and_takes_the_commands_of_today() {
    let test = "all_that_older_programs_left_is_there_and_takes_the_commands_of_today";
    let Some((new, older)) = places(test) else { return };
    let mut server = start_server(&older).await;
    let mut people = [start_daemon(&older, "nora").await, start_daemon(&older, "paul").await];
    let Created { id, organizers, participants } = create(&older, SIMPLE);
    join(&older, "nora", &organizers, "Nora");
    join(&older, "paul", &participants, "Paul");
    says(&older, "nora", &id, "from Nora");
    says(&older, "paul", &id, "from Paul");
    has(&older, "nora", &id, &["from Nora", "from Paul"]).await;
    server.stop();
    says_meanwhile(&older, "paul", &id, "written meanwhile");
    for daemon in &mut people {
        daemon.stop();
    }

    let server = start_server(&new).await;
    let people = [start_daemon(&new, "nora").await, start_daemon(&new, "paul").await];
    for who in ["nora", "paul"] {
        has(&new, who, &id, &["from Nora", "from Paul", "written meanwhile"]).await;
        assert_eq!(standing(&new, who, &id), joined());
    }
    hold_open_space(&new, &id, 1).await;
    has(&new, "nora", &id, &["from Nora", "from Paul", "written meanwhile", "in round 1"]).await;
    shows(&new, "nora", &["who", &id], "Paul the 1.").await;
    for program in people.iter().chain([&server]) {
        assert!(!program.logged().contains("ERROR"), "{}", program.logged());
    }
}
