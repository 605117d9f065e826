//! A conference that tests play: the rules decide what happens, and the program is told.

use std::collections::{BTreeMap, BTreeSet};

use convene_conference::{
    Actor, Codes, Command, Context, Decided, Description, Join, May, PhasePlan, Role, RoomPlan, Say,
    Settings, Stamp, State, decide, due, fill,
};
use convene_local_api::{
    ConferenceNow, Connection, ConnectionRoute, ConnectionState, Connections, DraftGetResult,
    EventsNotification, HistoryResult, ListResult, ListedSeat, MayNotification, PresenceNotification,
    SeatState, Told, WatchResult,
};
use convene_model::{
    Carrier, CommandId, ConferenceId, JoinCode, Json, ParticipantId, RoomId, Rung, SeatName, TermId,
    Timestamp,
};
use convene_wording::Language;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::CellWidth as _;
use uuid::Uuid;

use crate::message::{Answer, Call, Effect, Message};
use crate::screen::draw;
use crate::state::{Act, App, Choice, Dialog, MINUTE_MS, Menu, later};
use crate::update::update;
use crate::words::Words;

/// The one who looks at it.
pub(crate) const ME: ParticipantId = ParticipantId(2);
/// An organizer.
pub(crate) const OLGA: ParticipantId = ParticipantId(1);
pub(crate) const BERND: ParticipantId = ParticipantId(3);

const SERVER: &str = "conference.example.org";
const TERM: TermId = TermId([1; 16]);
/// Everybody, in the order in which they come; the first one is an organizer.
const PEOPLE: [&str; 6] = ["Olga", "Änne", "Bernd", "世界地図", "Jo\u{308}rg 👩‍👧", "שרה"];

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) now: Timestamp,
    /// What was wanted of the daemon, but pages of the past: those are answered at once.
    pub(crate) calls: Vec<Call>,
    /// Other effects.
    pub(crate) effects: Vec<Effect>,
    /// What the server has.
    state: State,
    entries: u64,
    /// The events that are told, with their numbers.
    log: Vec<(u64, Json)>,
    is_watched: bool,
}

pub(crate) fn name() -> SeatName {
    SeatName::Number(1)
}

fn codes() -> Codes {
    Codes::from([(JoinCode([1; 16]), Role::Participant), (JoinCode([2; 16]), Role::Organizer)])
}

fn description(start: Timestamp) -> Description {
    let phase = |kind: &str, minutes| PhasePlan { kind: kind.to_owned(), minutes, rounds: 1 };
    Description {
        settings: Settings {
            title: "Unser nächstes Jahr".to_owned(),
            theme: "Was wollen wir beginnen?".to_owned(),
            hosts: String::new(),
            languages: Vec::new(),
            start: Some(start),
        },
        rooms: vec![RoomPlan { name: BTreeMap::from([("und".to_owned(), "Werkstatt".to_owned())]) }],
        phases: vec![phase("opening", 30), phase("workshops", 60), phase("closing", 15)],
    }
}

impl World {
    /// A conference that opened seven minutes ago, of which the program knows nothing yet.
    pub(crate) fn new(language: Language) -> Self {
        let start: Timestamp = "2026-12-01T09:00:00Z".parse().unwrap();
        let now = later(start, -30 * MINUTE_MS);
        let mut last = 0;
        let new_id = move || {
            last += 1;
            CommandId(Uuid::from_u128(last))
        };
        let mut world = Self {
            app: App::new(Words::new(language, TimeZone::UTC), now, None, new_id),
            now,
            calls: Vec::new(),
            effects: Vec::new(),
            state: State::default(),
            entries: 0,
            log: Vec::new(),
            is_watched: false,
        };
        world.put(None, None, description(start).begin());
        for (at, name) in PEOPLE.into_iter().enumerate() {
            let role = if at == 0 { Role::Organizer } else { Role::Participant };
            let newcomer = Actor::Newcomer { role, was_participant: false };
            world.decides(newcomer, None, &Command::Join(Join { name: name.parse().unwrap() }));
        }
        world.wait(37);
        world
    }

    /// The same, watched in the room where one stands.
    pub(crate) fn watched(language: Language) -> Self {
        let mut world = Self::new(language);
        world.attach();
        world
    }

    /// The daemon is there, and answers everything that is asked of it.
    pub(crate) fn attach(&mut self) {
        self.send(Message::Attached);
        let connections = Connections { number: 1, connections: vec![connection()] };
        self.answer(Answer::Connections(Ok(connections)));
        let list = ListResult { conferences: vec![self.seat()] };
        self.answer(Answer::List(Ok(list)));
        let watched = Box::new(Ok(self.watch_result()));
        self.is_watched = true;
        self.answer(Answer::Watch(name(), watched));
        self.answer(Answer::Drafts(name(), Ok(DraftGetResult { drafts: Vec::new() })));
        let online = Some(vec![OLGA, ME, BERND, ParticipantId(4)]);
        self.told(Told::Presence(PresenceNotification { conference: name(), online }));
    }

    /// A minute passes, and another one.
    pub(crate) fn wait(&mut self, minutes: i64) {
        self.now = later(self.now, minutes * MINUTE_MS);
        while let Some(decided) = due(&self.state, self.now) {
            self.put(None, None, decided);
        }
    }

    /// Somebody does something that is accepted.
    pub(crate) fn does(&mut self, who: ParticipantId, command: &Command) {
        self.decides(Actor::Participant(who), None, command);
    }

    pub(crate) fn says(&mut self, who: ParticipantId, text: &str) {
        self.says_in(who, &RoomId::PLENARY, text);
    }

    pub(crate) fn says_in(&mut self, who: ParticipantId, room: &RoomId, text: &str) {
        self.does(who, &Command::Say(Say { room: Some(room.clone()), text: text.to_owned() }));
    }

    /// What the program wanted is decided: the event has the command's id.
    pub(crate) fn decide(&mut self, id: CommandId, body: &Json) {
        let command = Command::read(body.get()).unwrap();
        self.decides(Actor::Participant(ME), Some(id), &command);
    }

    /// The conference passes a mark of what it may hold.
    pub(crate) fn fills(&mut self, percent: u32) {
        let filled = fill(&self.state, percent).into_iter().collect();
        self.put(None, None, filled);
    }

    fn decides(&mut self, actor: Actor, id: Option<CommandId>, command: &Command) {
        let (codes, told) = (codes(), BTreeSet::new());
        let random = [[7; 16], [8; 16]];
        let context = Context { actor, now: self.now, random, codes: &codes, told: &told };
        let decided = decide(&self.state, &context, command).unwrap();
        let by = if let Actor::Participant(by) = actor { Some(by) } else { None };
        self.put(by, id, decided);
    }

    fn put(&mut self, by: Option<ParticipantId>, command: Option<CommandId>, decided: Vec<Decided>) {
        self.entries += 1;
        let events = Stamp { seq: self.entries, at: self.now, by, command }.events(decided);
        events.iter().for_each(|(event, _)| self.state.evolve(event));
        let mine = events.iter().filter(|(_, audience)| audience.includes(ME));
        let mine: Vec<Json> = mine.map(|(event, _)| Json::of(event).unwrap()).collect();
        self.log.extend(mine.iter().map(|event| (self.entries, event.clone())));
        if self.is_watched {
            let (after, through) = (self.entries - 1, self.entries);
            let patches = Some(Vec::new());
            let events = EventsNotification {
                conference: name(),
                after,
                through,
                term: Some(TERM),
                events: mine,
                patches,
            };
            self.told(Told::Events(events));
            let may = Some(May::of(&self.state, ME));
            self.told(Told::May(MayNotification { conference: name(), may }));
        }
    }

    pub(crate) fn told(&mut self, told: Told) {
        self.send(Message::Told(Box::new(told)));
    }

    pub(crate) fn answer(&mut self, answer: Answer) {
        self.send(Message::Answered(Box::new(answer)));
    }

    pub(crate) fn send(&mut self, message: Message) {
        for effect in update(&mut self.app, message, self.now) {
            if let Effect::Call(call) = effect {
                self.called(*call);
            } else {
                self.effects.push(effect);
            }
        }
    }

    fn called(&mut self, call: Call) {
        if let Call::History(wanted, params) = call {
            let through = params.through.unwrap_or(self.entries);
            let there = self.log.iter().filter(|(seq, _)| (params.after + 1..=through).contains(seq));
            let events = there.map(|(_, event)| event.clone()).collect();
            let page = HistoryResult { events, after: params.after, through, complete: true };
            self.answer(Answer::History(params.conference, wanted, Ok(page)));
        } else {
            self.calls.push(call);
        }
    }

    /// The commands that were wanted, each with its id.
    pub(crate) fn wanted(&self) -> Vec<(CommandId, Json)> {
        let acts =
            self.calls.iter().filter_map(|call| if let Call::Act(act) = call { Some(act) } else { None });
        acts.map(|act| (act.id, act.body.clone())).collect()
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, code: KeyCode) {
        self.send(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    pub(crate) fn press_with(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        self.send(Message::Key(KeyEvent::new(code, modifiers)));
    }

    /// Types a text and presses Enter.
    pub(crate) fn enter(&mut self, text: &str) {
        self.types(text);
        self.press(KeyCode::Enter);
    }

    pub(crate) fn types(&mut self, text: &str) {
        text.chars().for_each(|c| self.press(KeyCode::Char(c)));
    }

    /// Chooses what an entry offers.
    pub(crate) fn perform(&mut self, act: Act) {
        let menu = Menu::new(String::new(), vec![Choice::new(String::new(), act)]);
        self.app.dialogs.push(Dialog::Menu(menu));
        self.press(KeyCode::Enter);
    }

    /// The screen as text, as wide and high as this.
    pub(crate) fn screen(&mut self, columns: u16, rows: u16) -> String {
        self.send(Message::Resize { columns, rows });
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| draw(&self.app, frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let row = |cells: &[ratatui::buffer::Cell]| {
            let (mut text, mut skipped) = (String::new(), 0);
            for cell in cells {
                if skipped == 0 {
                    text.push_str(cell.symbol());
                    skipped = cell.cell_width();
                }
                skipped = skipped.saturating_sub(1);
            }
            text.trim_end().to_owned()
        };
        let rows: Vec<String> = buffer.content().chunks(usize::from(columns)).map(row).collect();
        rows.join("\n") + "\n"
    }

    fn seat(&self) -> ListedSeat {
        ListedSeat {
            seat: name(),
            conference: Some(ConferenceId::from_random(1)),
            server: SERVER.to_owned(),
            fingerprint: None,
            name: "Änne".to_owned(),
            title: "Unser nächstes Jahr".to_owned(),
            participant: Some(ME),
            state: SeatState::Joined,
            code: None,
            other_log: None,
            remedy: None,
            waiting: 0,
            cursor: self.entries,
            now: ConferenceNow::of(&self.state, ME),
            storage: None,
        }
    }

    pub(crate) fn watch_result(&self) -> WatchResult {
        WatchResult {
            conference: name(),
            participant: Some(ME),
            log: None,
            seat: SeatState::Joined,
            code: None,
            other_log: None,
            clock_offset_ms: Some(0),
            cursor: self.entries,
            after: self.entries,
            term: Some(TERM),
            level: 3,
            state: Some(Json::of(&self.state.seen_by(ME)).unwrap()),
            may: Some(May::of(&self.state, ME)),
            parts: None,
        }
    }
}

/// The server is reached by a conference port.
pub(crate) fn connection() -> Connection {
    let target = format!("{SERVER}:4500");
    let route = ConnectionRoute { rung: Rung::Direct, target, proxy: None, carrier: Carrier::Websocket };
    Connection {
        server: SERVER.to_owned(),
        ports: "4500-4506".parse().unwrap(),
        https_port: 443,
        state: ConnectionState::Connected,
        route: Some(route),
        since: "2026-12-01T08:00:00Z".to_owned(),
        attempts: Vec::new(),
        inspected_by: None,
        contact: None,
        storage: None,
        clock_offset_ms: Some(0),
    }
}
