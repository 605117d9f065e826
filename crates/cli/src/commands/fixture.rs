//! A conference for tests, a daemon that tells it, and what people are said of it.

#![cfg(unix)]

use std::ffi::OsString;
use std::path::Path;

use convene_conference::{Event, State};
use convene_local_api::{
    AccessCheckRecord, AccessReason, AccessVerdict, Act, ActResult, CommandState, ConferenceNow, Connection,
    ConnectionRetry, ConnectionRoute, ConnectionState, ConnectionWatch, Connections, Empty, Forget, History,
    HistoryResult, Join, JoinResult, JoinState, Leave, LeaveResult, LeaveState, List, ListResult, ListedSeat,
    Presence, PresenceResult, ProxyOffer, ProxyOfferResult, SeatState, Watch, WatchResult,
};
use convene_local_client::FakeDaemon;
use convene_model::{Carrier, CommandId, ConferenceId, Json, ParticipantId, PortRange, Rung, SeatName};
use convene_wording::Language;
use jiff::tz::{TimeZone, offset};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Context, run};
use crate::clock::Clock;
use crate::output::heard;
use crate::usage;

/// Anna, who looks at it.
pub(super) const ME: ParticipantId = ParticipantId(2);
/// The server.
pub(super) const SERVER: &str = "konferenz.test";
/// The title.
pub(super) const TITLE: &str = "Unser nächstes Jahr";

/// All that happened, an event a line. It is 10:42 on the second day.
const EVENTS: &str = include_str!("fixture/events.jsonl");

/// The conference as it stands.
pub(super) fn state() -> State {
    let mut state = State::default();
    for event in EVENTS.lines() {
        state.evolve(&serde_json::from_str::<Event>(event).unwrap());
    }
    state
}

/// Anna's seat.
pub(super) fn seat() -> ListedSeat {
    ListedSeat {
        seat: SeatName::Number(1),
        conference: Some(ConferenceId::from_random(1)),
        server: SERVER.to_owned(),
        name: "Anna".to_owned(),
        title: TITLE.to_owned(),
        participant: Some(ME),
        state: SeatState::Joined,
        code: None,
        fingerprint: None,
        other_log: None,
        remedy: None,
        waiting: 0,
        cursor: 28,
        now: ConferenceNow::of(&state(), ME),
        storage: None,
    }
}

/// A connection that stands.
pub(super) fn connection() -> Connection {
    Connection {
        server: SERVER.to_owned(),
        ports: PortRange::DEFAULT,
        https_port: 443,
        state: ConnectionState::Connected,
        route: Some(ConnectionRoute {
            rung: Rung::Direct,
            target: format!("{SERVER}:4500"),
            proxy: None,
            carrier: Carrier::Websocket,
        }),
        since: "2026-11-30T07:15:00Z".to_owned(),
        attempts: Vec::new(),
        inspected_by: None,
        contact: None,
        storage: None,
        clock_offset_ms: Some(0),
    }
}

/// An access check of the server; one without a verdict is not over.
pub(super) fn check(reason: AccessReason, verdict: Option<AccessVerdict>) -> AccessCheckRecord {
    AccessCheckRecord {
        server: SERVER.to_owned(),
        ports: PortRange::DEFAULT,
        https_port: 443,
        reason,
        began: "2026-11-30T09:41:00Z".to_owned(),
        ended: verdict.map(|_| "2026-11-30T09:41:30Z".to_owned()),
        verdict,
        steps: Vec::new(),
        contact: None,
        machine: "office-7".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

/// What a watch of the conference begins with.
fn watch() -> WatchResult {
    WatchResult {
        conference: SeatName::Number(1),
        participant: Some(ME),
        log: None,
        seat: SeatState::Joined,
        code: None,
        other_log: None,
        clock_offset_ms: Some(0),
        cursor: 28,
        after: 28,
        term: None,
        level: 0,
        state: Some(Json::of(&state().seen_by(ME)).unwrap()),
        may: None,
        parts: None,
    }
}

/// A daemon that tells of this conference.
pub(super) fn daemon(path: &Path) -> FakeDaemon {
    let past = HistoryResult {
        after: 0,
        through: 28,
        events: EVENTS.lines().map(|event| Json::parse(event).unwrap()).collect(),
        complete: true,
    };
    let online = PresenceResult { online: Some(vec![ParticipantId(1), ME]) };
    FakeDaemon::bind(path)
        .unwrap()
        .answers::<List>(&ListResult { conferences: vec![seat()] })
        .answers::<ConnectionWatch>(&Connections { number: 1, connections: vec![connection()] })
        .answers::<Watch>(&watch())
        .answers::<Presence>(&online)
        .answers::<History>(&past)
        .answers::<Act>(&acted(CommandState::Accepted))
        .answers::<Leave>(&LeaveResult { state: LeaveState::Left })
        .answers::<Forget>(&Empty {})
        .answers::<ConnectionRetry>(&Empty {})
        .answers::<ProxyOffer>(&ProxyOfferResult { used: true })
        .answers::<Join>(&joined(JoinState::Joined))
}

/// The outcome of a command.
pub(super) fn acted(state: CommandState) -> ActResult {
    ActResult { command: CommandId(Uuid::from_u128(7)), state, seq: Some(29), code: None, opens: None }
}

/// The outcome of a join.
pub(super) fn joined(state: JoinState) -> JoinResult {
    let conference = Some(ConferenceId::from_random(1)).filter(|_| state == JoinState::Joined);
    JoinResult { conference, participant: None, state, code: None, attempts: Vec::new(), inspected_by: None }
}

/// What `convene` says to a person who gives it these words: what it prints, and behind `!` why it
/// ends otherwise than it should.
pub(super) async fn said(
    words: &[&str],
    language: Language,
    script: impl FnOnce(FakeDaemon) -> FakeDaemon,
) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("d.sock");
    let mut serving = JoinSet::new();
    serving.spawn(script(daemon(&path)).serve());
    let socket = path.display().to_string();
    let mut context = Context::new(false, vec![path], language);
    let zone = TimeZone::fixed(offset(1));
    context.clock = Clock::set(zone, || "2026-11-30T09:42:00Z".parse().unwrap());
    let arguments: Vec<OsString> = ["convene"].iter().chain(words).map(OsString::from).collect();
    let line = match usage::read(&arguments, &context.wording) {
        Ok(line) => line,
        Err(error) => return format!("! {}\n", usage::sentence(&error, &context.wording)),
    };
    context.json = line.global.json;
    context.sockets = line.global.socket.map_or(context.sockets, |socket| vec![socket]);
    heard::begin();
    let ended = run(line.command.as_ref(), &context).await;
    let message = ended.err().and_then(|stop| stop.message(&context.wording));
    let said = heard::end() + &message.map_or_else(String::new, |message| format!("! {message}\n"));
    said.replace(&socket, "convened.sock")
}
