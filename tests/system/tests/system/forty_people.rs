//! 40 people in a conference, each with a daemon of their own behind the box of their corner, and
//! what they can do at the same time.

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;

use convene_local_api::{ActResult, CommandState};
use convene_model::CommandId;
use convene_tests_system::{FastClock, Frontend, Place, Program, Relay, until};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

/// The first one is an organizer.
pub(crate) const PEOPLE: usize = 40;
/// Boxes on the way to the server, each before as many people.
const CORNERS: usize = 5;
const IN_A_CORNER: usize = PEOPLE / CORNERS;
/// A minute of the conference passes in a second.
const FACTOR: u32 = 60;

/// A conference with its people.
pub(crate) struct Conference {
    pub(crate) clock: FastClock,
    pub(crate) place: Place,
    pub(crate) server: Option<Program>,
    pub(crate) corners: Vec<Relay>,
    pub(crate) people: Vec<Frontend>,
    pub(crate) id: String,
    /// Commands that said something to everyone.
    pub(crate) said: Vec<CommandId>,
    _daemons: Vec<Program>,
    _listening: JoinSet<()>,
}

/// Commands that are under way.
pub(crate) struct UnderWay {
    ids: Vec<CommandId>,
    wanted: JoinSet<ActResult>,
}

impl Conference {
    /// All come before the conference opens, in so many of its minutes. `plan` is the rest of its
    /// description.
    pub(crate) async fn gather(opens_in: u32, plan: &str) -> Self {
        let clock = FastClock::from_now(FACTOR);
        let (variable, value) = clock.setting();
        let place = Place::new().with(variable, value);
        let server = Some(place.server());
        answers(&place).await;
        let start = clock.minute(opens_in);
        let created = place.create_from(&format!("title = \"Our next year\"\nstart = {start}\n{plan}"));
        let mut corners = Vec::new();
        for _ in 0..CORNERS {
            corners.push(Relay::to(place.port()).await);
        }
        let daemons = (0..PEOPLE).map(|who| place.daemon(&machine(who))).collect();
        let mut joining = JoinSet::new();
        for who in 0..PEOPLE {
            until("a daemon", || UnixStream::connect(place.socket(&machine(who))).ok()).await;
            let link = if who == 0 { &created.organizer_link } else { &created.participant_link };
            let (socket, link) = (place.socket(&machine(who)), corners[who / IN_A_CORNER].lead(link));
            joining.spawn(async move { (who, Frontend::join(socket, &link, &name(who)).await) });
        }
        let joined: BTreeMap<usize, Frontend> = joining.join_all().await.into_iter().collect();
        let people: Vec<Frontend> = joined.into_values().collect();
        let mut listening = JoinSet::new();
        for person in people.clone() {
            listening.spawn(async move { person.follow().await });
        }
        Self {
            clock,
            place,
            server,
            corners,
            people,
            id: created.conference.to_string(),
            said: Vec::new(),
            _daemons: daemons,
            _listening: listening,
        }
    }

    /// Each of these wants something, all at the same time.
    pub(crate) fn begin(&self, wishes: impl IntoIterator<Item = (usize, Value)>) -> UnderWay {
        self.begin_as(wishes.into_iter().map(|(who, body)| (who, new_id(), body)))
    }

    /// The same, under these ids.
    pub(crate) fn begin_as(&self, wishes: impl IntoIterator<Item = (usize, CommandId, Value)>) -> UnderWay {
        let (mut ids, mut wanted) = (Vec::new(), JoinSet::new());
        for (who, id, body) in wishes {
            let person = self.people[who].clone();
            ids.push(id);
            wanted.spawn(async move { person.want(id, &body).await });
        }
        UnderWay { ids, wanted }
    }

    /// These people say something where they stand, and meanwhile that happens.
    pub(crate) async fn talk(
        &mut self,
        who: impl IntoIterator<Item = usize>,
        text: &str,
        meanwhile: impl FnOnce(&Self),
    ) {
        let talking = self.begin(who.into_iter().map(|who| (who, say(&format!("{text}, {}", name(who))))));
        meanwhile(self);
        self.are_said(talking).await;
    }

    /// Commands that say something to everyone come to their end.
    pub(crate) async fn are_said(&mut self, talking: UnderWay) {
        let ids = talking.accepted().await;
        self.said.extend(ids);
    }

    /// A `convene` command that is to succeed.
    #[track_caller]
    pub(crate) fn convene(&self, who: usize, command: &[&str]) {
        let output = self.place.convene(&machine(who), &[command, &["--wait", "30"]].concat());
        assert!(output.status.success(), "{}: {command:?}: {output:?}", name(who));
    }

    /// The events that the operator is shown, one on each line.
    pub(crate) fn shown(&self) -> String {
        let shown = self.place.operator(&["show", &self.id, "--events", "--json"]);
        String::from_utf8_lossy(&shown.stdout).into_owned()
    }

    /// The server is started again after its end.
    pub(crate) async fn serve_again(&mut self) {
        self.server = Some(self.place.server());
        answers(&self.place).await;
        self.all_retry().await;
    }

    pub(crate) async fn hears(&self, who: usize, text: &str) {
        until(&format!("{} to hear {text}", name(who)), || self.people[who].heard(text).then_some(())).await;
    }

    pub(crate) async fn all_hear(&self, text: &str) {
        for who in 0..PEOPLE {
            self.hears(who, text).await;
        }
    }

    pub(crate) async fn all_are_connected(&self) {
        for corner in &self.corners {
            until("everyone to be connected", || (corner.carried() >= IN_A_CORNER).then_some(())).await;
        }
    }

    /// No corner lets anything through any more.
    pub(crate) async fn shut_all(&self) {
        self.corners.iter().for_each(Relay::shut);
        for corner in &self.corners {
            until("nobody to be connected", || (corner.carried() == 0).then_some(())).await;
        }
    }

    /// All corners do again, and nobody waits before they try.
    pub(crate) async fn open_all(&self) {
        self.corners.iter().for_each(Relay::open);
        self.all_retry().await;
    }

    async fn all_retry(&self) {
        for person in &self.people {
            person.retry().await;
        }
    }
}

impl UnderWay {
    /// All of it is accepted.
    pub(crate) async fn accepted(mut self) -> Vec<CommandId> {
        while let Some(result) = self.wanted.join_next().await {
            let result = result.expect("who wants something gets an answer");
            assert_eq!(result.state, CommandState::Accepted, "{result:?}");
        }
        self.ids
    }
}

async fn answers(place: &Place) {
    until("the server", || place.operator(&["list"]).status.success().then_some(())).await;
}

pub(crate) fn machine(who: usize) -> String {
    format!("machine-{who}")
}

pub(crate) fn name(who: usize) -> String {
    format!("Guest {who}")
}

pub(crate) fn say(text: &str) -> Value {
    json!({ "kind": "say", "text": text })
}

pub(crate) fn say_in(room: &str, text: &str) -> Value {
    json!({ "kind": "say", "room": room, "text": text })
}

pub(crate) fn new_id() -> CommandId {
    CommandId(Uuid::new_v4())
}
