use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use convene_conference::{Description, Settings};
use convene_event_log::MemoryLog;
use convene_event_log_sqlite::Options;
use convene_hosting::DataLimits;
use convene_model::{ConferenceId, Fingerprint, JoinLink, PortRange};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::*;
use crate::backup::Copies;
use crate::conferences::Conferences;

/// A server's control socket, answered until dropped.
struct Controlled {
    dir: TempDir,
    _serving: JoinSet<()>,
}

fn facts() -> LinkFacts {
    let ports = PortRange::new(5000, 5003).unwrap();
    LinkFacts {
        host: "conference.example.org".to_owned(),
        https_port: 5443,
        ports,
        fingerprint: Some(Fingerprint([7; 32])),
    }
}

impl Controlled {
    async fn start() -> Self {
        Self::with(facts()).await
    }

    async fn with(facts: LinkFacts) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let conferences =
            Conferences::of(Arc::new(MemoryLog::default()), DataLimits::default()).await.unwrap();
        let listener = bind(dir.path()).unwrap();
        let mut serving = JoinSet::new();
        let served = Served {
            conferences: Arc::new(conferences),
            facts: watch::channel(facts).1,
            copies: Copies::new(dir.path(), Options::default()),
        };
        serving.spawn(serve(listener, served));
        Self { dir, _serving: serving }
    }

    async fn call(&self, request: Request) -> Result<Answer, CallError> {
        ask(self.dir.path(), request).await
    }

    async fn create(&self) -> Created {
        let settings = Settings { title: "Our next year".to_owned(), ..Settings::default() };
        let description = Description { settings, ..Description::default() };
        let answer = self.call(Request::Create(description)).await.unwrap();
        let Answer::Created(created) = answer else { panic!("not created: {answer:?}") };
        created
    }

    /// Sends bytes as they are; gives all that comes back until the server hangs up.
    async fn send(&self, bytes: &[u8]) -> Vec<Answer> {
        let mut stream = UnixStream::connect(self.dir.path().join(SOCKET)).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn ask(state_dir: &Path, request: Request) -> Result<Answer, CallError> {
    let state_dir = state_dir.to_owned();
    tokio::task::spawn_blocking(move || call(&state_dir, &request)).await.unwrap()
}

fn code(answer: &Answer) -> &str {
    if let Answer::Failed(failure) = answer { &failure.code } else { "" }
}

#[tokio::test]
async fn what_is_created_is_listed_shown_and_invited_to() {
    let server = Controlled::start().await;
    let created = server.create().await;
    let conference = created.conference;
    let Answer::List(list) = server.call(Request::List {}).await.unwrap() else { panic!("no list") };
    let about = Listed {
        conference,
        title: "Our next year".to_owned(),
        participants: 0,
        taking_part: 0,
        last: 1,
        ended: false,
    };
    assert_eq!(list.first(), Some(&about));
    assert_eq!(list.len(), 1);
    let Answer::Shown(shown) = server.call(Request::Show { conference, after: 0 }).await.unwrap() else {
        panic!("nothing shown")
    };
    assert_eq!((shown.about, shown.through), (about, 1));
    assert!(shown.events.first().unwrap().get().contains("Our next year"));
    let Answer::Created(again) = server.call(Request::Invite { conference }).await.unwrap() else {
        panic!("no links")
    };
    assert_eq!(again, created);
}

#[tokio::test]
async fn a_page_begins_behind_the_number_asked_for() {
    let server = Controlled::start().await;
    let conference = server.create().await.conference;
    let answer = server.call(Request::Show { conference, after: 1 }).await.unwrap();
    let Answer::Shown(shown) = answer else { panic!("nothing shown") };
    assert_eq!((shown.events.len(), shown.through), (0, 1));
}

#[tokio::test]
async fn a_conference_ends_once_however_often_that_is_asked() {
    let server = Controlled::start().await;
    let conference = server.create().await.conference;
    for _ in 0..2 {
        assert!(matches!(server.call(Request::End { conference }).await, Ok(Answer::Ended {})));
    }
    let Answer::List(list) = server.call(Request::List {}).await.unwrap() else { panic!("no list") };
    let about = list.first().unwrap();
    assert_eq!((about.ended, about.last), (true, 3), "the second entry began the term");
}

#[tokio::test]
async fn a_conference_that_is_not_held_is_named() {
    let server = Controlled::start().await;
    let conference = ConferenceId::from_random(9);
    for request in [
        Request::Show { conference, after: 0 },
        Request::Invite { conference },
        Request::End { conference },
        Request::Delete { conference },
    ] {
        let Err(CallError::Failed(failure)) = server.call(request).await else { panic!("done") };
        assert_eq!(failure.code, "conference_unknown");
        assert!(failure.message.contains(&conference.to_string()));
    }
}

#[tokio::test]
async fn a_deleted_conference_is_gone_for_good() {
    let server = Controlled::start().await;
    let conference = server.create().await.conference;
    let other = server.create().await.conference;
    assert!(matches!(server.call(Request::Delete { conference }).await, Ok(Answer::Deleted {})));
    let Answer::List(list) = server.call(Request::List {}).await.unwrap() else { panic!("no list") };
    assert_eq!(list.iter().map(|one| one.conference).collect::<Vec<_>>(), [other]);
    for request in [
        Request::Show { conference, after: 0 },
        Request::Invite { conference },
        Request::End { conference },
        Request::Delete { conference },
    ] {
        let Err(CallError::Failed(failure)) = server.call(request).await else { panic!("done") };
        assert_eq!(failure.code, "conference_deleted");
    }
}

#[tokio::test]
async fn links_carry_what_the_server_is_reached_by() {
    let created = Controlled::start().await.create().await;
    let links = [&created.organizer_link, &created.participant_link];
    let [organizer, participant] = links.map(|link| link.parse::<JoinLink>().unwrap());
    for link in [&organizer, &participant] {
        assert_eq!((link.host.as_str(), link.https_port), ("conference.example.org", 5443));
        assert_eq!((link.ports, link.fingerprint), (facts().ports, facts().fingerprint));
    }
    assert_ne!(organizer.code, participant.code);
}

#[tokio::test]
async fn links_leave_out_what_is_the_default() {
    let facts = LinkFacts {
        host: "2001:db8::7".to_owned(),
        https_port: 443,
        ports: PortRange::DEFAULT,
        fingerprint: None,
    };
    let link = Controlled::with(facts).await.create().await.participant_link;
    let code = link.parse::<JoinLink>().unwrap().code;
    assert_eq!(link, format!("https://[2001:db8::7]/j/{code}"));
}

#[tokio::test]
async fn a_malformed_line_is_answered_and_the_next_one_too() {
    let server = Controlled::start().await;
    let answers = server.send(b"\n{\"destroy\":{}}\n\xff\xfe\n{\"list\":{}}\n").await;
    let [empty, unknown, binary, Answer::List(list)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!([empty, unknown, binary].map(code), ["malformed"; 3]);
    assert!(list.is_empty());
}

#[tokio::test]
async fn a_line_that_is_too_long_is_answered_and_ends_the_connection() {
    let server = Controlled::start().await;
    let limit = usize::try_from(REQUEST_BYTES_MAX).unwrap();
    let answers = server.send(&vec![b' '; limit]).await;
    assert_eq!(answers.iter().map(code).collect::<Vec<_>>(), ["line_incomplete"]);
    assert!(matches!(server.call(Request::List {}).await, Ok(Answer::List(_))));
}

#[tokio::test]
async fn a_request_that_was_cut_is_not_carried_out() {
    let server = Controlled::start().await;
    let answers = server.send(br#"{"create":{"title":"half"}}"#).await;
    assert_eq!(answers.iter().map(code).collect::<Vec<_>>(), ["line_incomplete"]);
    let Answer::List(list) = server.call(Request::List {}).await.unwrap() else { panic!("no list") };
    assert!(list.is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_let_go() {
    let server = Controlled::start().await;
    let mut stream = UnixStream::connect(server.dir.path().join(SOCKET)).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn the_socket_is_its_owner_s_and_replaces_a_dead_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(SOCKET);
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let _listener = bind(dir.path()).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    UnixStream::connect(&path).await.unwrap();
}

#[tokio::test]
async fn without_a_server_the_socket_and_the_remedy_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = ask(dir.path(), Request::List {}).await.unwrap_err();
    assert!(matches!(error, CallError::NotRunning { .. }));
    let message = error.to_string();
    assert!(message.contains(&dir.path().join(SOCKET).display().to_string()), "{message}");
    assert!(message.contains("convene-server run --state-dir"), "{message}");
}

#[tokio::test]
async fn a_server_that_goes_away_leaves_open_what_it_did() {
    let dir = tempfile::tempdir().unwrap();
    let listener = tokio::net::UnixListener::bind(dir.path().join(SOCKET)).unwrap();
    let going = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
    };
    let (answer, ()) = tokio::join!(ask(dir.path(), Request::List {}), going);
    assert!(matches!(answer, Err(CallError::Unanswered { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_path_that_no_socket_can_have_is_refused_by_both_ends() {
    let dir = |bytes| Path::new("/").join("x".repeat(bytes));
    let longest = dir(PATH_BYTES_MAX - "//".len() - SOCKET.len());
    assert_eq!(socket_path(&longest).unwrap().as_os_str().len(), PATH_BYTES_MAX);
    let longer = dir(PATH_BYTES_MAX - "/".len() - SOCKET.len());
    assert!(matches!(bind(&longer), Err(ControlError::Path(_))));
    assert!(matches!(ask(&longer, Request::List {}).await, Err(CallError::Path(_))));
}
