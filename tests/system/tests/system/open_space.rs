//! A whole Open Space by the commands of `convene`: rooms, café tables, roles, ballots and names.

use std::os::unix::net::UnixStream;
use std::path::Path;

use convene_tests_system::{Place, Program, until};
use serde_json::Value;

/// A running server with a conference, and a daemon for each person.
struct Conference {
    place: Place,
    server: Program,
    daemons: Vec<Program>,
    id: String,
}

/// A person and the word by which they are known here.
const PEOPLE: [(&str, &str); 3] = [("olga", "Olga"), ("anna", "Anna"), ("bernd", "Bernd")];

impl Conference {
    /// Olga is an organizer.
    async fn open(file: &str) -> Self {
        let place = Place::new();
        let server = place.server();
        until("the server", || server.logged().contains("listening").then_some(())).await;
        let created = place.create_from(file);
        let mut daemons = Vec::new();
        for (daemon, name) in PEOPLE {
            daemons.push(place.daemon(daemon));
            until("the daemon", || UnixStream::connect(place.socket(daemon)).ok()).await;
            let link = if daemon == "olga" { &created.organizer_link } else { &created.participant_link };
            let joined = place.convene(daemon, &["join", link, "--name", name, "--wait", "30"]);
            assert!(joined.status.success(), "{}", String::from_utf8_lossy(&joined.stderr));
        }
        let id = created.conference.to_string();
        Self { place, server, daemons, id }
    }

    /// What a command prints. It is to succeed.
    #[track_caller]
    fn does(&self, who: &str, command: &[&str]) -> String {
        let output = self.place.convene(who, command);
        let (told, wrong) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{who}: {command:?}: {told}{wrong}");
        told.into_owned()
    }

    /// Why a command is refused.
    #[track_caller]
    fn refuses(&self, who: &str, command: &[&str]) -> String {
        let output = self.place.convene(who, command);
        assert!(matches!(output.status.code(), Some(1 | 2)), "{who}: {command:?}: {output:?}");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// Waits until what a command prints holds this.
    async fn shows(&self, who: &str, command: &[&str], what: &str) -> String {
        until(what, || {
            let output = self.place.convene(who, command);
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            told.contains(what).then_some(told)
        })
        .await
    }

    /// All bytes that a person's machine keeps, and those of the server's own store.
    fn files(&self, folder: &str) -> Vec<u8> {
        read_all(&self.place.path(folder))
    }
}

fn read_all(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(read_all(&path));
        } else {
            all.extend(std::fs::read(&path).unwrap_or_default());
        }
    }
    all
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

const FILE: &str = "title = \"An open space\"\n[[room]]\nname = { de = \"Raum A\", en = \"Room A\" }\n";

#[tokio::test]
async fn everyone_stands_in_one_room_and_sees_who_is_where() {
    let conference = Conference::open(FILE).await;
    conference.does("anna", &["go", "room a"]);
    conference.shows("bernd", &["who", "Raum A"], "Anna  @ Room A").await;
    conference.shows("bernd", &["who"], "Bernd  @ plenary  (you, online)").await;
    let rooms = conference.does("anna", &["rooms", "--lang", "de"]);
    assert!(rooms.contains("Raum A  (eine Person, Sie)"), "{rooms}");
    assert!(conference.refuses("anna", &["room", "add", "Garden"]).contains("only organizers"));
    conference.does("olga", &["room", &conference.id, "add", "Garden"]);
    conference.shows("anna", &["rooms"], "Garden").await;
    conference.does("anna", &["go", "Garden"]);
    conference.does("olga", &["room", "close", "Garden"]);
    conference.shows("anna", &["who", "--json"], "\"name\":\"Anna\",\"online\":true,\"participant\":\"p2\",\"role\":\"participant\",\"room\":\"plenary\"").await;
    assert!(conference.refuses("anna", &["go", "Garden"]).contains("no such room"));
    let told = conference.does("anna", &["tail", "--lang", "de"]);
    assert!(told.contains("Anna geht nach: Raum A") && told.contains("ein neuer Raum: Garden"), "{told}");
}

#[tokio::test]
async fn the_talk_at_a_table_stays_there() {
    let conference = Conference::open(FILE).await;
    conference.does("anna", &["table", "ask", "bernd"]);
    conference.shows("bernd", &["table"], "Anna asks you to table 1").await;
    conference.does("bernd", &["table", "accept"]);
    conference.does("anna", &["say", "sesame-among-two"]);
    conference.shows("bernd", &["tail"], "Anna (table 1): sesame-among-two").await;
    conference.shows("olga", &["who"], "Anna  @ table 1").await;
    assert!(conference.refuses("olga", &["go", "table 1"]).contains("may not speak there"));
    conference.does("bernd", &["table", "leave"]);
    conference.does("anna", &["table", "leave"]);
    conference.shows("olga", &["table"], "nobody sits at a table").await;
    conference.does("olga", &["say", "back-again"]);
    conference.shows("bernd", &["tail"], "back-again").await;
    assert!(holds(&conference.files("bernd"), "sesame-among-two"));
    assert!(!holds(&conference.files("olga"), "sesame-among-two"), "an organizer's machine knows it");
    let shown = conference.place.operator(&["show", &conference.id, "--events"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("sat_down") && !shown.contains("sesame"), "{shown}");
}

#[tokio::test]
async fn a_vote_is_known_to_its_voter_and_the_result_to_everyone() {
    let mut conference = Conference::open(FILE).await;
    assert!(
        conference
            .refuses("anna", &["ballot", "open", "Which?", "Trains", "Bicycles"])
            .contains("organizers")
    );
    conference.does("olga", &["ballot", "open", "Which?", "Trains", "Bicycles"]);
    conference.shows("anna", &["ballot"], "Trains").await;
    conference.does("anna", &["vote", "trains"]);
    conference.does("anna", &["vote", "2"]);
    conference.shows("bernd", &["ballot"], "one has voted").await;
    conference.does("bernd", &["vote", "Trains"]);
    conference.shows("anna", &["ballot", "--json"], "\"turnout\":2").await;
    conference.server.kill_and_restart();
    conference.shows("anna", &["ballot"], "2  Bicycles  (your vote)").await;
    conference.does("olga", &["ballot", "close"]);
    let told = conference.shows("bernd", &["tail"], "a ballot is closed").await;
    assert!(told.contains("Which? Trains 1, Bicycles 1"), "{told}");
    assert!(conference.refuses("bernd", &["vote", "Bicycles"]).contains("no such ballot"));
    for other in ["olga", "bernd"] {
        let told = conference.does(other, &["tail", "--json"]);
        assert!(!told.contains("\"kind\":\"voted\",\"participant\":\"p2\""), "{other}: {told}");
    }
    let shown = conference.place.operator(&["show", &conference.id, "--events"]);
    assert!(!String::from_utf8_lossy(&shown.stdout).contains("\"voted\""), "an operator reads votes");
}

#[tokio::test]
async fn organizers_are_made_and_names_are_kept_apart() {
    let conference = Conference::open(FILE).await;
    assert!(conference.refuses("olga", &["organizer", "remove", "Olga"]).contains("nobody else would lead"));
    conference.does("olga", &["organizer", "add", "Anna"]);
    conference.shows("anna", &["who"], "Anna  @ plenary  (you, organizer, online)").await;
    conference.does("anna", &["organizer", "remove", "olga"]);
    conference.shows("olga", &["tail"], "Olga is no organizer any more").await;
    assert!(conference.refuses("bernd", &["rename", "\u{410}nna"]).contains("reads like it"));
    assert!(conference.refuses("bernd", &["rename", "Moderator"]).contains("one of a role"));
    conference.does("bernd", &["rename", "Bert"]);
    conference.shows("anna", &["tail"], "Bernd is called Bert now").await;
    conference.shows("bernd", &["list"], "Bert").await;
    drop(conference.daemons);
}

/// A frontend in another language, which folds nothing.
struct Reader {
    child: std::process::Child,
    lines: std::sync::mpsc::Receiver<Value>,
}

impl Reader {
    fn start(conference: &Conference, who: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/readers/state.py");
        let mut command = std::process::Command::new("python3");
        command.arg(script).arg(conference.place.socket(who)).arg(&conference.id);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("python3");
        let output = std::io::BufReader::new(child.stdout.take().expect("its output"));
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in std::io::BufRead::lines(output).map_while(Result::ok) {
                drop(sender.send(serde_json::from_str(&line).unwrap_or_default()));
            }
        });
        Self { child, lines }
    }

    /// The state once this much is told.
    fn state(&self, through: u64) -> Value {
        loop {
            let told = self.lines.recv_timeout(convene_tests_system::PATIENCE).expect("it goes on");
            if told["through"].as_u64() >= Some(through) {
                return told["state"].clone();
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test]
async fn a_reader_of_another_language_has_the_state_by_merge_patches_alone() {
    let conference = Conference::open(FILE).await;
    let readers = PEOPLE.map(|(who, _)| (who, Reader::start(&conference, who)));
    conference.does("anna", &["table", "ask", "bernd", "olga"]);
    conference.shows("bernd", &["table"], "asks you").await;
    conference.does("bernd", &["table", "accept"]);
    conference.does("olga", &["room", "add", "Garden"]);
    conference.does("olga", &["ballot", "open", "Which?", "Trains", "Bicycles"]);
    conference.shows("anna", &["ballot"], "Trains").await;
    conference.does("anna", &["vote", "trains"]);
    conference.does("anna", &["table", "leave"]);
    conference.does("bernd", &["rename", "Bert"]);
    conference.does("olga", &["organizer", "add", "Anna"]);
    conference.does("olga", &["ballot", "close"]);
    let last = conference.does("olga", &["tail", "--json"]);
    let last: Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
    let last = last["seq"].as_u64().unwrap();
    for (who, reader) in &readers {
        let read = reader.state(last);
        let mut hand = crate::hand::Hand::attach(&conference.place, who);
        let watch = hand.call("conference.watch", &serde_json::json!({ "conference": conference.id }));
        assert!(watch["cursor"].as_u64() >= Some(last));
        assert_eq!(read, watch["state"], "{who}");
    }
}
