//! The scenes: what is special in each, the words of the command divided by `|`, and what the
//! daemon answers otherwise than it does in the rest.

use convene_local_api::{
    AccessCheck, AccessCheckRecord, AccessCheckResult, AccessReason, AccessStep, AccessStepKind,
    AccessStepState, AccessVerdict, Act, ActResult, CommandState, ConferenceNow, Connection, ConnectionRoute,
    ConnectionState, ConnectionWatch, Connections, ErrorCode, ErrorObject, Formats, HiddenSetting, History,
    HistoryResult, Join, JoinResult, JoinState, Leave, LeaveResult, LeaveState, List, ListResult, ListedSeat,
    OwnSettings, ProxyOffer, ProxyOfferResult, ProxyTest, ProxyTestResult, ProxyTested, SeatState, Setting,
    SettingSource, SettingSourceKind, Settings, SettingsGet, SettingsPatch, Storage, SystemConnection,
    SystemStatus, SystemStatusResult,
};
use convene_local_client::FakeDaemon;
use convene_model::{Attempt, Carrier, Code, Remedy, Rung, SeatName, Stage};

use super::super::fixture::{SERVER, acted, check, connection, joined, seat};

/// What a daemon answers otherwise.
type Script = fn(FakeDaemon) -> FakeDaemon;

pub(super) const SCENES: &[(&str, &str, Script)] = &[
    ("", "", |fake| fake),
    ("of no conference", "", nowhere),
    ("who was removed", "", removed),
    ("of two, and one is not reached", "", two),
    ("", "list", |fake| fake),
    ("of no conference", "list", nowhere),
    ("of each kind", "list", seats_of_each_kind),
    ("", "status", |fake| fake),
    ("of each kind", "status", connections_of_each_kind),
    ("", "status|--system", system),
    ("not allowed", "status|--system", |fake| {
        fake.refuses::<SystemStatus>(
            error(ErrorCode::NotPrivileged).with("command", "sudo convene status --system"),
        )
    }),
    ("", "join|https://x/j/y|--name|Anna", |fake| fake),
    ("not reached", "join|https://x/j/y|--name|Anna", |fake| {
        fake.answers::<Join>(&JoinResult { attempts: vec![blocked()], ..joined(JoinState::Joining) })
    }),
    ("no such conference now", "join|https://x/j/y|--name|Anna", |fake| {
        let code = Some("conference_damaged".to_owned());
        fake.answers::<Join>(&JoinResult { code, ..joined(JoinState::NotHereNow) })
    }),
    ("the name is taken", "join|https://x/j/y|--name|Anna", |fake| {
        fake.refuses::<Join>(error(ErrorCode::Refused).with("refusal", "name_taken"))
    }),
    ("no link", "join|nonsense|--name|Anna", |fake| {
        fake.refuses::<Join>(
            error(ErrorCode::LinkMalformed).with("reason", "it does not begin with https://"),
        )
    }),
    ("no name", "join|https://x/j/y|--name| ", |fake| {
        fake.refuses::<Join>(
            error(ErrorCode::NameInvalid).with("reason", "a name needs at least one character"),
        )
    }),
    ("", "say|Hallo", |fake| fake),
    ("", "say|--room|Foyer|Hallo", |fake| fake),
    ("queued", "say|Hallo", |fake| fake.answers::<Act>(&acted(CommandState::Queued))),
    ("not open yet", "say|Hallo", |fake| {
        let (code, opens) = (Some("not_open_yet".to_owned()), "2026-12-01T08:00:00Z".parse().ok());
        fake.answers::<Act>(&ActResult { code, opens, ..acted(CommandState::Refused) })
    }),
    ("lost", "say|Hallo", |fake| fake.answers::<Act>(&acted(CommandState::Lost))),
    ("unsure", "say|Hallo|--wait|0", |fake| fake.answers::<Act>(&acted(CommandState::Unsure))),
    ("no disk", "say|Hallo", |fake| fake.refuses::<Act>(error(ErrorCode::StorageFailed))),
    ("another conference", "say|Kantine|Hallo", |fake| fake),
    ("of two", "say|Hallo", two),
    ("no object", "act|[", |fake| fake),
    ("a field is missing", "act|{}", |fake| {
        fake.refuses::<Act>(
            error(ErrorCode::InvalidParams).with("field", "text").with("reason", "missing field"),
        )
    }),
    ("", "tail", |fake| fake),
    ("who was removed", "tail", removed),
    ("not all is here", "tail", |fake| {
        fake.answers::<History>(&HistoryResult { events: Vec::new(), after: 0, through: 0, complete: false })
    }),
    ("", "rooms", |fake| fake),
    ("", "who", |fake| fake),
    ("", "who|raum a", |fake| fake),
    ("", "go|foyer", |fake| fake),
    ("no such room", "go|Keller", |fake| fake),
    ("too few words", "go", |fake| fake),
    ("", "room|add|Keller", |fake| fake),
    ("", "table", |fake| fake),
    ("", "table|ask|Olga", |fake| fake),
    ("nobody", "table|ask|Zoe", |fake| fake),
    ("", "table|accept", |fake| fake),
    ("", "phase", |fake| fake),
    ("no number", "phase|extend|viel", |fake| fake),
    ("", "organizer|add|Bernhard", |fake| fake),
    ("", "remove|Bernhard", |fake| fake),
    ("nobody", "remove|Zoe", |fake| fake),
    ("", "doors", |fake| fake),
    ("", "doors|open", |fake| fake),
    ("", "link", |fake| fake),
    ("", "ballot", |fake| fake),
    ("", "vote|ja", |fake| fake),
    ("no such option", "vote|vielleicht", |fake| fake),
    ("", "rename|Anna B.", |fake| fake),
    ("", "leave", |fake| fake),
    ("queued", "leave", |fake| fake.answers::<Leave>(&LeaveResult { state: LeaveState::Queued })),
    ("", "forget|Unser nächstes Jahr", |fake| fake),
    ("no such conference", "forget|Kantine", |fake| fake),
    ("", "proxy|set|http://proxy.test", |fake| fake),
    ("", "proxy|set|none", |fake| fake),
    ("not used", "proxy|set|none", |fake| fake.answers::<ProxyOffer>(&ProxyOfferResult { used: false })),
    ("fixed", "proxy|set|http://proxy.test", |fake| {
        fake.refuses::<ProxyOffer>(error(ErrorCode::FixedByPolicy).with("setting", "[proxy] url"))
    }),
    ("with a login", "proxy|set|http://anna@proxy.test", |fake| fake),
    ("", "proxy|test", proxies),
    ("none", "proxy|test", |fake| fake.answers::<ProxyTest>(&ProxyTestResult::default())),
    ("", "check", |fake| {
        fake.answers::<AccessCheck>(&AccessCheckResult { checks: vec![checked(AccessVerdict::Yellow)] })
    }),
    ("not reached", "check", red),
    ("not reached", "check|--letter", red),
    ("of no server", "check", |fake| nowhere(fake).answers::<AccessCheck>(&AccessCheckResult::default())),
    ("", "settings|get", settings),
    ("no such setting", "settings|get|nichts", settings),
    ("not allowed", "settings|set|proxy.mode|off", |fake| {
        let command = "sudo convene settings set proxy.mode off";
        let refused = error(ErrorCode::NotPrivileged).with("command", command);
        settings(fake).refuses::<SettingsPatch>(refused)
    }),
    ("", "tomorrow", |fake| fake),
    ("and it is not reached", "tomorrow", |fake| {
        let opens = "2026-12-01T08:00:00Z".parse().ok();
        let now = Some(ConferenceNow { opens, ..ConferenceNow::default() });
        red(fake).answers::<List>(&ListResult { conferences: vec![ListedSeat { now, ..seat() }] })
    }),
    ("", "lsit", |fake| fake),
    ("", "list|--nichts", |fake| fake),
    ("", "--lang|fr", |fake| fake),
    ("", "say|Hallo|--wait|bald", |fake| fake),
    ("", "forget", |fake| fake),
    ("stopping", "leave", |fake| fake.refuses::<Leave>(error(ErrorCode::Stopping))),
    ("of an earlier daemon", "leave", |fake| fake.refuses::<Leave>(error(ErrorCode::MethodNotFound))),
    ("ambiguous", "leave", |fake| {
        let servers = serde_json::json!(["a.test", "b.test"]);
        fake.refuses::<Leave>(error(ErrorCode::ConferenceAmbiguous).with("servers", servers))
    }),
    ("two keys of one server", "leave", |fake| {
        let (servers, seats) = (serde_json::json!(["a.test"]), serde_json::json!(["s1", "s2"]));
        let ambiguous = error(ErrorCode::ConferenceAmbiguous).with("servers", servers);
        fake.refuses::<Leave>(ambiguous.with("seats", seats))
    }),
    ("no daemon", "list|--socket|/nowhere/convened.sock", |fake| fake),
];

fn error(code: ErrorCode) -> ErrorObject {
    ErrorObject::new(code)
}

fn nowhere(fake: FakeDaemon) -> FakeDaemon {
    fake.answers::<List>(&ListResult { conferences: Vec::new() })
        .answers::<ConnectionWatch>(&Connections { number: 1, connections: Vec::new() })
}

fn removed(fake: FakeDaemon) -> FakeDaemon {
    let code = Some("removed".to_owned());
    let seat = ListedSeat { state: SeatState::Left, code, now: None, ..seat() };
    fake.answers::<List>(&ListResult { conferences: vec![seat] })
}

fn blocked() -> Attempt {
    Attempt {
        stage: Stage::Tcp,
        target: format!("{SERVER}:443"),
        code: Code::TimedOut,
        ms: 10_000,
        remedy: Remedy::AllowServer,
        evidence: None,
    }
}

fn two(fake: FakeDaemon) -> FakeDaemon {
    let other = ListedSeat {
        seat: SeatName::Number(2),
        conference: None,
        title: String::new(),
        state: SeatState::Joining,
        now: None,
        ..seat()
    };
    let connection = Connection {
        state: ConnectionState::Blocked,
        route: None,
        attempts: vec![blocked()],
        contact: Some("it@konferenz.test".to_owned()),
        ..connection()
    };
    fake.answers::<List>(&ListResult { conferences: vec![seat(), other] })
        .answers::<ConnectionWatch>(&Connections { number: 1, connections: vec![connection] })
}

fn seats_of_each_kind(fake: FakeDaemon) -> FakeDaemon {
    let of = |number, state, code: Option<&str>| ListedSeat {
        seat: SeatName::Number(number),
        title: format!("Nummer {number}"),
        state,
        code: code.map(str::to_owned),
        now: None,
        ..seat()
    };
    let conferences = vec![
        ListedSeat { waiting: 2, storage: Some(Storage::Full), ..seat() },
        ListedSeat { remedy: Some(Remedy::UpdateServer), ..of(2, SeatState::Joining, None) },
        of(3, SeatState::Left, None),
        of(4, SeatState::Refused, Some("conference_full")),
        of(5, SeatState::NotHereNow, Some("not_here_now")),
        of(6, SeatState::Left, Some("removed")),
        of(7, SeatState::NotHereNow, Some("seat_full")),
    ];
    fake.answers::<List>(&ListResult { conferences })
}

fn connections_of_each_kind(fake: FakeDaemon) -> FakeDaemon {
    let of = |state| Connection { state, route: None, attempts: vec![blocked()], ..connection() };
    let route = ConnectionRoute {
        rung: Rung::Proxy,
        target: format!("{SERVER}:443"),
        proxy: Some("proxy.test:3128".to_owned()),
        carrier: Carrier::Poll,
    };
    let connections = vec![
        Connection { route: Some(route), inspected_by: Some("CN=Wächter".to_owned()), ..connection() },
        Connection { storage: Some(Storage::Failed), ..of(ConnectionState::Connecting) },
        of(ConnectionState::Blocked),
        Connection { attempts: Vec::new(), ..of(ConnectionState::Offline) },
    ];
    fake.answers::<ConnectionWatch>(&Connections { number: 1, connections })
}

fn system(fake: FakeDaemon) -> FakeDaemon {
    let of = |state, code: Option<&str>| SystemConnection {
        user: "uid:1000".to_owned(),
        server: SERVER.to_owned(),
        state,
        route: connection().route.filter(|_| code.is_none()),
        since: "2026-11-29T15:05:00Z".to_owned(),
        code: code.map(str::to_owned),
        seats: 1,
        waiting: 2,
    };
    fake.answers::<SystemStatus>(&SystemStatusResult {
        version: "0.1.0".to_owned(),
        started: "2026-11-28T07:00:00Z".to_owned(),
        state_directory: "/var/lib/convene".to_owned(),
        socket: "/run/convene/convened.sock".to_owned(),
        configuration: vec!["/etc/convene/convened.toml".to_owned()],
        formats: Formats { store: 2, protocol: 2, api: 4 },
        frontends: 1,
        users: 1,
        connections: vec![
            of(ConnectionState::Connected, None),
            of(ConnectionState::Blocked, Some("timed_out")),
        ],
        storage: None,
    })
}

fn proxies(fake: FakeDaemon) -> FakeDaemon {
    let of = |attempt| ProxyTested {
        server: SERVER.to_owned(),
        proxy: "proxy.test:3128".to_owned(),
        ms: 12,
        attempt,
    };
    fake.answers::<ProxyTest>(&ProxyTestResult {
        offered: Vec::new(),
        tested: vec![of(None), of(Some(blocked()))],
    })
}

/// A check that is over, with a step of each kind.
fn checked(verdict: AccessVerdict) -> AccessCheckRecord {
    let step = |kind, state, ms| AccessStep {
        kind,
        target: format!("{SERVER}:4500"),
        state,
        ms,
        attempt: Some(blocked()).filter(|_| state == AccessStepState::Failed),
        rung: None,
        carrier: None,
        named_by: Some("gnome".to_owned()),
        logins: Vec::new(),
        inspected_by: Some("CN=Wächter".to_owned()),
        clock_offset_ms: Some(61_000),
    };
    let steps = vec![
        step(AccessStepKind::Name, AccessStepState::Good, Some(12)),
        step(AccessStepKind::Port, AccessStepState::Failed, Some(10_000)),
        step(AccessStepKind::Https, AccessStepState::Good, Some(340)),
        step(AccessStepKind::Proxy, AccessStepState::Failed, Some(20)),
        step(AccessStepKind::Portal, AccessStepState::Good, Some(15)),
        step(AccessStepKind::Inspection, AccessStepState::Warned, None),
        step(AccessStepKind::Clock, AccessStepState::Warned, None),
        step(AccessStepKind::Version, AccessStepState::Skipped, None),
    ];
    AccessCheckRecord { steps, ..check(AccessReason::Asked, Some(verdict)) }
}

fn red(fake: FakeDaemon) -> FakeDaemon {
    let connection = Connection { state: ConnectionState::Blocked, route: None, ..connection() };
    let contact = Some("it@konferenz.test".to_owned());
    let check = AccessCheckRecord { contact, ..checked(AccessVerdict::Red) };
    fake.answers::<ConnectionWatch>(&Connections { number: 1, connections: vec![connection] })
        .answers::<AccessCheck>(&AccessCheckResult { checks: vec![check] })
}

fn settings(fake: FakeDaemon) -> FakeDaemon {
    let place = Some("/etc/convene/convened.toml:2:1".to_owned());
    let hidden = HiddenSetting {
        value: "auto".into(),
        from: SettingSource { kind: SettingSourceKind::Default, place: None },
    };
    let mode = Setting {
        value: "off".into(),
        from: SettingSource { kind: SettingSourceKind::File, place },
        managed: false,
        secret: false,
        hidden: vec![hidden],
    };
    fake.answers::<SettingsGet>(&Settings {
        number: 1,
        proxy: [("mode".to_owned(), mode)].into(),
        policy: [].into(),
        server: [].into(),
        own: OwnSettings::default(),
        privileged: false,
        command: None,
    })
}
