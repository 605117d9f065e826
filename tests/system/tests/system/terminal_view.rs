//! The view for terminals in a real one: a person is invited, talks, sits at a table and votes,
//! while the network is cut and programs are killed; and the shell behind it finds its terminal as
//! it was.

use std::os::unix::net::UnixStream;

use convene_tests_system::{Created, Place, Program, Relay, Signal, Tmux, program, until};

/// Anna at a terminal, and Olga, who leads, by the command line.
struct Scene {
    screen: Tmux,
    server: Program,
    annas_daemon: Program,
    _olgas_daemon: Program,
    /// The only way from Anna's daemon to the server.
    relay: Relay,
    created: Created,
    /// It goes last, because the others have their files in it.
    place: Place,
}

impl Scene {
    /// The shell waits, and Anna has no seat yet. None, where there is no tmux.
    async fn begin(test: &str) -> Option<Self> {
        let place = Place::new();
        let screen = Tmux::start(&place, "anna", test)?;
        let server = place.server();
        until("the server", || server.logged().contains("listening").then_some(())).await;
        let created = place.create_from("title = \"A test\"\n");
        let relay = Relay::to(place.port()).await;
        let [olgas, annas] = ["olga", "anna"].map(|who| place.daemon(who));
        for who in ["olga", "anna"] {
            until("the daemon", || UnixStream::connect(place.socket(who)).ok()).await;
        }
        let scene = Self { screen, server, annas_daemon: annas, _olgas_daemon: olgas, relay, created, place };
        scene.olga(&["join", &scene.created.organizer_link, "--name", "Olga", "--wait", "30"]);
        Some(scene)
    }

    /// Olga does something.
    #[track_caller]
    fn olga(&self, command: &[&str]) -> String {
        let output = self.place.convene("olga", command);
        assert!(output.status.success(), "{command:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Anna starts the view; behind it the shell says how it ended.
    fn starts(&self) {
        self.screen.enter(&format!("{} tui; echo left-$?", program("convene").display()));
    }

    /// Anna joins with the mail in which she was invited.
    async fn joins(&self) {
        self.starts();
        self.screen.reads("Join a conference").await;
        let link = self.relay.lead(&self.created.participant_link);
        self.screen.pastes(&format!("Dear Anna,\n\n{link}\n\nSee you there! Olga\n"));
        self.screen.reads("Link found: localhost").await;
        self.screen.enter("Anna");
        self.screen.reads("Message to everyone in the plenary").await;
    }
}

#[tokio::test]
async fn nothing_is_lost_between_the_invitation_and_the_result_of_a_ballot() {
    let Some(mut scene) = Scene::begin("a person at a terminal").await else { return };
    scene.joins().await;
    let screen = &scene.screen;
    screen.enter("Good morning");
    screen.reads("Anna: Good morning ✓").await;
    scene.olga(&["say", "Hello Anna"]);
    screen.reads("Olga: Hello Anna").await;

    scene.relay.shut();
    screen.enter("Is anybody there?");
    screen.reads("◷ waits").await;
    scene.server.kill_and_restart();
    scene.annas_daemon.kill_and_restart();
    scene.relay.open();
    screen.reads("Anna: Is anybody there? ✓").await;
    screen.reads_no_more("◷ waits").await;
    let told = scene.olga(&["tail"]);
    assert_eq!(told.matches("Is anybody there?").count(), 1, "{told}");

    scene.olga(&["table", "ask", "Anna"]);
    screen.reads("Olga asks you to Table 1").await;
    screen.key("F2");
    screen.reads("Sit down").await;
    screen.key("Enter");
    screen.reads("Message to everyone at this table").await;
    screen.enter("Between us");
    screen.reads("Anna: Between us ✓").await;
    screen.enter("/table leave");
    screen.reads("Message to everyone in the plenary").await;

    scene.olga(&["ballot", "open", "Which?", "Trains", "Bicycles"]);
    screen.reads("A ballot is open: Which?").await;
    screen.enter("/vote 2");
    screen.enter("/ballot");
    screen.reads("Your vote: Bicycles").await;
    scene.olga(&["ballot", "close"]);
    screen.reads("one vote").await;
}

#[tokio::test]
async fn the_terminal_is_given_back_however_the_program_ends() {
    let Some(scene) = Scene::begin("a terminal is given back").await else { return };
    scene.joins().await;
    let screen = &scene.screen;
    screen.types("a text for later");
    screen.reads("a text for later").await;
    screen.key("C-c");
    screen.reads("left-0").await;
    screen.enter("stty -a");
    screen.reads("isig icanon").await;

    scene.starts();
    screen.reads("a text for later").await;
    screen.resize(110, 30);
    screen.reads("Here (2)").await;
    screen.resize(80, 24);
    screen.reads_no_more("Here (2)").await;
    screen.key("C-z");
    screen.reads("Stopped").await;
    screen.enter("fg; echo ended-$?");
    screen.reads("a text for later").await;

    screen.signal(Signal::TERM);
    screen.reads("ended-0").await;
}
