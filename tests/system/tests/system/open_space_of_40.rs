//! An Open Space of 40 people, whose hours pass in minutes. It reads like the minutes of a
//! conference, with what went wrong: the server is killed, each corner of the office loses its
//! connections once, and once nobody is connected while a phase ends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use convene_local_api::CommandState;
use convene_model::{CommandId, Timestamp};
use convene_tests_system::{Frontend, search, until};
use serde_json::{Value, json};

use crate::crowds::TURN;
use crate::forty_people::{Conference, PEOPLE, machine, name, new_id, say, say_in};

/// The first three lead the conference.
const ORGANIZERS: usize = 3;
/// Café tables. The people of each come from all corners.
const TABLES: usize = 8;
/// In place of the number of a table: the organizers' room.
const BACK_ROOM: usize = 99;
/// The rooms for workshops.
const ROOMS: usize = 5;
/// A start, and phases, that no test waits for: 20 minutes, and 10 each. Organizers go on before,
/// or let a phase end soon.
const OPENS_IN: u32 = 1_200;
const PLAN: &str = r#"
room = [{ name = { en = "Garden" } }, { name = { en = "Cellar" } }, { name = { en = "Library" } },
        { name = { en = "Kitchen" } }, { name = { en = "Stairs" } }]
phase = [{ kind = "opening", minutes = 600 }, { kind = "marketplace", minutes = 600 },
         { kind = "workshops", minutes = 600, rounds = 2 }, { kind = "closing", minutes = 600 }]
"#;
/// Soon, in minutes of the conference: seconds in which even a busy machine does what is to be done
/// before.
const SOON: i64 = 6;
const MINUTE_MS: i64 = 60_000;
/// More than any phase has left, and the most that an organizer may take from it at once.
const ALL_MINUTES: u32 = 1_440;
/// What must come to nobody whom it does not concern: words of tables and of the back room, ids of
/// commands that vote, and votes with their voters.
const SECRETS: &str = "sesame-[0-9]{2}-[0-9]{2}|b0b0b0b0-0000-4000-8000-[0-9]{12}|\
                       \"kind\":\"voted\",\"ballot\":\"b1\",\"participant\":\"p[0-9]+\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_people_hold_an_open_space_and_nobody_misses_or_overhears_anything() {
    let _turn = TURN.lock().await;
    let mut conference = Conference::gather(OPENS_IN, PLAN).await;
    conference.meet_in_the_foyer().await;
    conference.open().await;
    conference.offer_topics().await;
    conference.sit_at_tables().await;
    conference.lose_the_server_as_the_marketplace_ends().await;
    conference.hold_workshops().await;
    conference.lead_from_the_back_room().await;
    conference.be_away_as_the_first_round_ends().await;
    conference.vote().await;
    conference.say_goodbye().await;
    conference.everyone_holds_the_same().await;
    conference.the_vote_is_counted_right().await;
    conference.nobody_holds_what_others_said_among_themselves().await;
}

/// The minutes.
impl Conference {
    /// The plenary is closed still. Two more become organizers.
    async fn meet_in_the_foyer(&mut self) {
        let early = self.people[7].want(new_id(), &say_in("plenary", "Is it open?")).await;
        assert_eq!((early.state, early.code.as_deref()), (CommandState::Refused, Some("not_open_yet")));
        self.talk(0..8, "Good morning", |_| ()).await;
        for who in 1..ORGANIZERS {
            let person = self.people[who].participant();
            let add = json!({ "kind": "add_organizer", "participant": person });
            self.begin([(0, add)]).accepted().await;
            let role = format!(r#""kind":"role_changed","participant":"{person}","role":"organizer""#);
            self.all_hear(&role).await;
        }
    }

    /// An organizer opens it, hours early.
    async fn open(&mut self) {
        self.convene(0, &["phase", "skip"]);
        self.all_hear(r#""kind":"began""#).await;
        self.all_hear(r#""kind":"phase_began","phase":1,"#).await;
        self.talk(0..ORGANIZERS, "Welcome to all of you", |_| ()).await;
    }

    /// Two corners are cut while people offer topics.
    async fn offer_topics(&mut self) {
        self.convene(1, &["phase", "skip"]);
        self.all_hear(r#""kind":"phase_began","phase":2,"#).await;
        self.all_are_connected().await;
        self.talk(4..12, "I offer a topic", |conference| conference.corners[0].cut()).await;
        self.all_are_connected().await;
        self.talk(8..20, "I offer another one", |conference| conference.corners[1].cut()).await;
        self.convene(2, &["room", "add", "Attic"]);
        self.all_hear(r#""kind":"room_added""#).await;
    }

    /// The first eight ask four others each to a table. One corner is cut while people sit down,
    /// and one while they talk.
    async fn sit_at_tables(&mut self) {
        let asks = (0..TABLES).map(|host| {
            let people: Vec<_> = seated_at(host).skip(1).map(|who| self.people[who].participant()).collect();
            (host, json!({ "kind": "ask_to_table", "people": people }))
        });
        self.begin(asks).accepted().await;
        self.all_are_connected().await;
        let sitting = self.begin((TABLES..PEOPLE).map(|who| (who, json!({ "kind": "accept_table" }))));
        self.corners[2].cut();
        sitting.accepted().await;
        self.all_are_connected().await;
        let talking = self.begin((0..PEOPLE).map(|who| (who, say(&word(table_of(who), who)))));
        self.corners[3].cut();
        talking.accepted().await;
        for who in 0..PEOPLE {
            for other in seated_at(table_of(who)) {
                self.hears(who, &word(table_of(who), other)).await;
            }
        }
        self.begin((0..PEOPLE).map(|who| (who, json!({ "kind": "leave_table" })))).accepted().await;
    }

    /// The server is killed, and comes back when the phase should have ended. What people wrote
    /// meanwhile is there then, and the phase has ended when it should have.
    async fn lose_the_server_as_the_marketplace_ends(&mut self) {
        let (phase, ends) = self.let_phase_end_soon().await;
        let writing = self.begin((8..24).map(|who| (who, say("Is anybody there?"))));
        drop(self.server.take());
        until("the end of the marketplace", || (self.clock.now() > ends).then_some(())).await;
        self.serve_again().await;
        self.are_said(writing).await;
        self.all_hear(&format!(r#""kind":"phase_ended","phase":{phase},"planned":"{ends}""#)).await;
        self.all_hear(&format!(r#""kind":"phase_began","phase":3,"planned":"{ends}""#)).await;
    }

    /// Everyone walks to a room and says something there.
    async fn hold_workshops(&mut self) {
        let walks = (0..PEOPLE).map(|who| (who, json!({ "kind": "go", "room": room_of(who) })));
        self.begin(walks).accepted().await;
        self.talk(0..PEOPLE, "I have come for this", |_| ()).await;
    }

    async fn lead_from_the_back_room(&self) {
        let words = (0..ORGANIZERS).map(|who| (who, say_in("organizers", &word(BACK_ROOM, who))));
        self.begin(words).accepted().await;
        for who in 0..ORGANIZERS {
            for other in 0..ORGANIZERS {
                self.hears(who, &word(BACK_ROOM, other)).await;
            }
        }
    }

    /// All corners are shut over the end of the round. The operator sees it end, and everyone else
    /// is told when they are back.
    async fn be_away_as_the_first_round_ends(&mut self) {
        let (phase, ends) = loop {
            let (phase, ends) = self.let_phase_end_soon().await;
            self.shut_all().await;
            // Where this machine stood still, the phase may have ended before.
            if self.clock.now().as_millis() + MINUTE_MS < ends.as_millis() {
                break (phase, ends);
            }
            self.open_all().await;
        };
        let writing = self.begin((0..PEOPLE).step_by(4).map(|who| (who, say("I write in a tunnel"))));
        let ended = format!(r#""kind":"phase_ended","phase":{phase},"planned":"{ends}""#);
        until("the end of the round", || (self.clock.now() > ends).then_some(())).await;
        until("the end of the round, at the server", || self.shown().contains(&ended).then_some(())).await;
        assert!(self.people.iter().all(|person| !person.heard(&ended)), "somebody was connected");
        self.open_all().await;
        self.are_said(writing).await;
        self.all_hear(&ended).await;
        self.all_hear(&format!(r#""kind":"phase_began","phase":4,"planned":"{ends}""#)).await;
    }

    /// Everyone votes, and some change their minds. The last corner is cut meanwhile. The ballot
    /// closes with the phase, by the clock.
    async fn vote(&mut self) {
        self.convene(0, &["ballot", "open", "How do we travel?", "By train", "By bicycle", "On foot"]);
        self.all_hear(r#""kind":"ballot_opened""#).await;
        self.all_are_connected().await;
        let first = (0..PEOPLE).map(|who| (who, vote_id(1, who), vote_for(first_choice(who))));
        let voting = self.begin_as(first);
        self.corners[4].cut();
        voting.accepted().await;
        let again = (0..PEOPLE).filter(|who| changes_mind(*who));
        let again = again.map(|who| (who, vote_id(2, who), vote_for(last_choice(who))));
        self.begin_as(again).accepted().await;
        self.all_hear(&format!(r#""kind":"turnout","ballot":"b1","voted":{PEOPLE}}}"#)).await;
        self.begin([(1, json!({ "kind": "shorten_phase", "minutes": ALL_MINUTES }))]).accepted().await;
        self.all_hear(r#""kind":"ballot_closed""#).await;
        self.all_hear(r#""kind":"phase_began","phase":5,"#).await;
    }

    async fn say_goodbye(&mut self) {
        let goodbye = |who| (who, say_in("plenary", &format!("Goodbye from {}", name(who))));
        let talking = self.begin((0..PEOPLE).map(goodbye));
        self.are_said(talking).await;
        let ended = self.place.operator(&["end", &self.id]);
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        self.all_hear(r#""kind":"ended""#).await;
    }

    /// An organizer lets the phase that runs end [`SOON`]; gives its number and the time.
    async fn let_phase_end_soon(&self) -> (u64, Timestamp) {
        let (_, ends) = self.phase().await;
        let spare = (ends.as_millis() - self.clock.now().as_millis()) / MINUTE_MS - SOON;
        let kind = if spare > 0 { "shorten_phase" } else { "extend_phase" };
        // No minute at all is no command.
        let minutes = spare.abs().max(1);
        self.begin([(0, json!({ "kind": kind, "minutes": minutes }))]).accepted().await;
        self.phase().await
    }

    /// The number of the phase that runs, and when it is to end.
    async fn phase(&self) -> (u64, Timestamp) {
        let (_, state) = self.people[0].state().await;
        let schedule = &state["public"]["schedule"];
        let phase = schedule["current"].as_u64().expect("a phase runs");
        let ends = schedule["phases"][phase.to_string()]["ends"].as_str().expect("it is to end");
        (phase, ends.parse().expect("a time"))
    }
}

/// What holds in the end.
impl Conference {
    /// Everyone was told the same public events, each once and in one order, knows the same state,
    /// and stands where they went. The operator is shown the same events.
    async fn everyone_holds_the_same(&self) {
        let told = public_events(&self.people[0]);
        let public: Vec<Value> = told.iter().map(|text| read(text)).collect();
        let public: Vec<_> = public.iter().map(|event| (&event["seq"], &event["body"]["kind"])).collect();
        let shown: Vec<Value> = self.shown().lines().map(read).collect();
        let shown: Vec<_> = shown.iter().map(|event| (&event["seq"], &event["kind"])).collect();
        assert_eq!(public, shown, "the operator is shown other events");
        for id in &self.said {
            let command = format!(r#""command":"{id}""#);
            let times = told.iter().filter(|text| text.contains(&command)).count();
            assert_eq!(times, 1, "how often message {id} came");
        }
        let (cursor, state) = self.people[0].state().await;
        for (who, person) in self.people.iter().enumerate() {
            assert!(public_events(person) == told, "{} was told something else", name(who));
            assert!(person.deltas().is_sorted_by(|a, b| a.0 <= b.0), "{}: out of order", name(who));
            let (own_cursor, own_state) = person.state().await;
            assert_eq!((own_cursor, &own_state["public"]), (cursor, &state["public"]), "{}", name(who));
            let id = person.participant().to_string();
            assert_eq!(state["public"]["participants"][&id]["room"], json!(room_of(who)), "{}", name(who));
        }
    }

    /// The result is what people wanted in the end, and each knows their own vote.
    async fn the_vote_is_counted_right(&self) {
        let mut counts = BTreeMap::from([("o1", 0), ("o2", 0), ("o3", 0)]);
        for (who, person) in self.people.iter().enumerate() {
            *counts.entry(last_choice(who)).or_default() += 1;
            let (_, state) = person.state().await;
            assert_eq!(state["own"]["votes"]["b1"]["option"], json!(last_choice(who)), "{}", name(who));
        }
        let (_, state) = self.people[0].state().await;
        let ballot = &state["public"]["ballots"]["b1"];
        assert_eq!((&ballot["turnout"], &ballot["result"]), (&json!(PEOPLE), &json!(counts)));
    }

    /// In all that a machine stores, and in all that its frontend was told, is each secret of its
    /// person, and no other. Logs and the operator have none.
    async fn nobody_holds_what_others_said_among_themselves(&self) {
        for (who, person) in self.people.iter().enumerate() {
            let (_, state) = person.state().await;
            let told = format!("{}\n{state}\n", person.told().join("\n"));
            let told = self.place.write(&format!("{}.told", machine(who)), &told);
            let own = self.secrets_of(who);
            assert_eq!(search(&[self.place.path(&machine(who))], SECRETS), own, "{} stores", name(who));
            assert_eq!(search(&[told], SECRETS), own, "{} was told", name(who));
        }
        let shown = self.place.write("operator.shown", &self.shown());
        let logs = (0..PEOPLE).map(machine).chain(["server".to_owned()]);
        let logs = logs.map(|program| self.place.path(&format!("{program}.log")));
        let places: Vec<PathBuf> = logs.chain([shown.clone()]).collect();
        let found = search(&places, &format!("{SECRETS}|sesame|\"kind\":\"voted\""));
        assert_eq!(found, BTreeSet::new());
        assert!(!search(&[shown], "Goodbye from").is_empty(), "the operator is shown what everyone hears");
    }

    fn secrets_of(&self, who: usize) -> BTreeSet<String> {
        let table = table_of(who);
        let words = seated_at(table).map(|other| word(table, other));
        let led = (0..ORGANIZERS).filter(|_| who < ORGANIZERS).map(|other| word(BACK_ROOM, other));
        let person = self.people[who].participant();
        let vote = format!(r#""kind":"voted","ballot":"b1","participant":"{person}""#);
        let again = changes_mind(who).then(|| vote_id(2, who).to_string());
        words.chain(led).chain([vote_id(1, who).to_string(), vote]).chain(again).collect()
    }
}

/// The events that everyone may read, as they came: not who is asked to a table, votes, codes, and
/// what is said at tables and in the back room.
fn public_events(person: &Frontend) -> Vec<String> {
    let is_public = |text: &String| {
        let event = read(text);
        let room = event["body"]["room"].as_str().unwrap_or_default();
        match event["body"]["kind"].as_str().unwrap_or_default() {
            "asked_to_table" | "voted" | "codes_told" => false,
            "said" => ["plenary", "foyer"].contains(&room) || room.starts_with('r'),
            _ => true,
        }
    };
    person.events().iter().map(|event| event.get().to_owned()).filter(is_public).collect()
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn table_of(who: usize) -> usize {
    who % TABLES
}

/// The host first.
fn seated_at(table: usize) -> impl Iterator<Item = usize> {
    (table..PEOPLE).step_by(TABLES)
}

fn room_of(who: usize) -> String {
    format!("r{}", 1 + who % ROOMS)
}

/// What somebody says at a table, and nowhere else.
fn word(table: usize, who: usize) -> String {
    format!("sesame-{table:02}-{who:02}")
}

/// An id by which a vote is found wherever it is: of somebody's first or second one.
fn vote_id(time: usize, who: usize) -> CommandId {
    format!("b0b0b0b0-0000-4000-8000-{time:06}{who:06}").parse().expect("a UUID")
}

fn vote_for(option: &str) -> Value {
    json!({ "kind": "vote", "ballot": "b1", "option": option })
}

fn first_choice(who: usize) -> &'static str {
    ["o1", "o2", "o3"][who % 3]
}

/// For example, guest 12 comes back to the same vote, and guest 5 to another.
fn changes_mind(who: usize) -> bool {
    who % 7 == 5
}

fn last_choice(who: usize) -> &'static str {
    if changes_mind(who) { "o1" } else { first_choice(who) }
}
