//! `convene tomorrow`: whether the conferences until tomorrow can be reached, while somebody can
//! still do something about it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use convene_command_lines::convene::Tomorrow;
use convene_desktop::{leave_console, notify};
use convene_local_api::{
    AccessChanged, AccessCheck, AccessCheckParams, AccessCheckRecord, AccessVerdict, Connection,
    ConnectionChanged, ConnectionRetry, ConnectionState, ConnectionWatch, Empty, List, ListedSeat,
    RetryParams, Told,
};
use convene_local_client::{CallError, Notifications};
use convene_model::Timestamp;
use serde_json::json;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::conference::takes_part;
use super::{Context, environment, list};
use crate::output;
use crate::stop::{NO_SERVER, Stop};

/// How soon a new day is noticed, also where the machine slept meanwhile.
const DAY_NOTICED_WITHIN: Duration = Duration::from_hours(1);
/// The variables that name a folder of this session's, or of this user's.
const FOLDERS: &[&str] = &["XDG_RUNTIME_DIR", "LOCALAPPDATA"];
/// The file in it that is locked by whoever looks.
const LOCK: &str = "convene-tomorrow.lock";

/// A conference that begins soon.
struct Soon {
    title: String,
    server: String,
    opens: Timestamp,
    is_reached: bool,
}

pub(super) async fn run(options: &Tomorrow, context: &Context) -> Result<(), Stop> {
    let wait = Duration::from_secs(options.wait);
    if options.notify {
        return look_each_day(wait, context).await;
    }
    let found = context.waits(look(wait, context)).await?;
    if found.is_empty() && !context.json {
        output::line(&context.wording.about("tomorrow-none", &[]))?;
    }
    for soon in &found {
        show(soon, context)?;
    }
    if found.iter().all(|soon| soon.is_reached) { Ok(()) } else { Err(Stop::Code(NO_SERVER)) }
}

fn show(soon: &Soon, context: &Context) -> Result<(), Stop> {
    let Soon { title, server, opens, is_reached } = soon;
    if context.json {
        let line = json!({ "title": title, "server": server, "opens": opens, "reached": is_reached });
        return Ok(output::json(&line)?);
    }
    let key = if *is_reached { "tomorrow-reached" } else { "tomorrow-unreached" };
    let fields = [("title", title.as_str()), ("time", &context.time(*opens)), ("server", server)];
    Ok(output::line(&context.wording.about(key, &fields))?)
}

/// Looks now and on each further day of the session, and shows a notice where something is wrong.
async fn look_each_day(wait: Duration, context: &Context) -> Result<(), Stop> {
    leave_console();
    let folder = FOLDERS.iter().find_map(|name| environment(name));
    let Some(turn) = folder.and_then(|folder| Turn::take(&folder)) else { return Ok(()) };
    let mut looked_on = None;
    while turn.holds() {
        let today = context.clock.day(context.clock.now());
        // A daemon that does not answer now is asked again in an hour.
        if looked_on != Some(today)
            && let Ok(found) = look(wait, context).await
        {
            looked_on = Some(today);
            if found.iter().any(|soon| !soon.is_reached) {
                let [title, text] =
                    ["tomorrow-notice_title", "tomorrow-notice"].map(|key| context.wording.about(key, &[]));
                if !notify(&title, &text).await {
                    output::complain(&text);
                }
            }
        }
        sleep(DAY_NOTICED_WITHIN).await;
    }
    Ok(())
}

/// The right to be the only one who looks in this session.
struct Turn {
    path: PathBuf,
    /// It stands in the file, and tells this turn from a later one.
    name: String,
    /// It is locked as long as this is open.
    _held: File,
}

impl Turn {
    /// Takes it, where nobody has it.
    fn take(folder: &OsString) -> Option<Self> {
        let path = Path::new(folder).join(LOCK);
        let mut held = File::options().create(true).truncate(false).write(true).open(&path).ok()?;
        held.try_lock().ok()?;
        // All names are of one length: nothing of an earlier one is left.
        let name = Uuid::now_v7().to_string();
        held.write_all(name.as_bytes()).ok()?;
        Some(Self { path, name, _held: held })
    }

    /// Whether it still is this one: a session that ends takes its folder along, and the next one
    /// has another file.
    fn holds(&self) -> bool {
        match std::fs::read_to_string(&self.path) {
            Ok(name) => name == self.name,
            // Windows lets nobody read what is locked.
            Err(error) => error.kind() != ErrorKind::NotFound,
        }
    }
}

/// The conferences that begin until tomorrow night. Their servers are waited for so long.
async fn look(wait: Duration, context: &Context) -> Result<Vec<Soon>, Stop> {
    let (client, mut notifications) = context.listen().await?;
    let seats = client.call::<List>(&Empty {}).await?.conferences;
    let due: Vec<(&ListedSeat, Timestamp)> =
        seats.iter().filter_map(|seat| Some((seat, due(seat, context)?))).collect();
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let servers: BTreeSet<&str> = due.iter().map(|(seat, _)| seat.server.as_str()).collect();
    let connections = client.call::<ConnectionWatch>(&Empty {}).await?.connections;
    let mut board = Board { connections, checks: Vec::new() };
    client.call::<ConnectionRetry>(&RetryParams::default()).await?;
    for server in &servers {
        let params = AccessCheckParams { server: Some((*server).to_owned()), watch_only: false };
        // A daemon that cannot check the access still tells whether it connects.
        if let Ok(begun) = client.call::<AccessCheck>(&params).await {
            begun.checks.into_iter().for_each(|check| board.take(check));
        }
    }
    // A server that is not decided by now counts as one that is not reached.
    if let Ok(Err(error)) = timeout(wait, follow(&servers, &mut notifications, &mut board)).await {
        return Err(error.into());
    }
    let soon = due.into_iter().map(|(seat, opens)| Soon {
        title: list::title(seat, context),
        server: seat.server.clone(),
        opens,
        is_reached: board.is_reached(&seat.server),
    });
    Ok(soon.collect())
}

/// When a conference opens that one takes part in, where that is until tomorrow night.
fn due(seat: &ListedSeat, context: &Context) -> Option<Timestamp> {
    let clock = &context.clock;
    let opens = seat.now.as_ref()?.opens.filter(|_| takes_part(seat))?;
    let tomorrow = clock.day(clock.now()).tomorrow().ok()?;
    (opens > clock.now() && clock.day(opens) <= tomorrow).then_some(opens)
}

/// Follows connections and checks until these servers are reached, or known not to be.
async fn follow(
    servers: &BTreeSet<&str>,
    notifications: &mut Notifications,
    board: &mut Board,
) -> Result<(), CallError> {
    while !servers.iter().all(|server| board.is_decided(server)) {
        let told = notifications.next().await?;
        if let Told::Connections(ConnectionChanged(now)) = told {
            board.connections = now.connections;
        } else if let Told::Access(AccessChanged { check }) = told {
            board.take(check);
        }
    }
    Ok(())
}

/// The servers, as the daemon told last.
struct Board {
    connections: Vec<Connection>,
    checks: Vec<AccessCheckRecord>,
}

impl Board {
    fn take(&mut self, check: AccessCheckRecord) {
        self.checks.retain(|known| known.server != check.server);
        self.checks.push(check);
    }

    fn is_reached(&self, server: &str) -> bool {
        let mut connections = self.connections.iter().filter(|one| one.server == server);
        let mut checks = self.checks.iter().filter(|check| check.server == server);
        connections.any(|one| one.state == ConnectionState::Connected)
            || checks.any(|check| matches!(check.verdict, Some(AccessVerdict::Green | AccessVerdict::Yellow)))
    }

    fn is_decided(&self, server: &str) -> bool {
        let is_over = |check: &AccessCheckRecord| check.server == server && check.ended.is_some();
        self.is_reached(server) || self.checks.iter().any(is_over)
    }
}

/// The socket of a fake daemon is a file, which a pipe of Windows is not.
#[cfg(all(test, unix))]
mod tests {
    use convene_local_api::{AccessCheckResult, AccessReason, ConferenceNow, Connections, ListResult};
    use convene_local_client::FakeDaemon;
    use convene_wording::Language;

    use super::super::fixture;
    use super::*;

    /// What is said where the conference opens at that time, and the server is reached or not.
    async fn said(opens: &str, state: ConnectionState) -> String {
        let now = ConferenceNow { opens: opens.parse().ok(), ..ConferenceNow::default() };
        let seat = ListedSeat { now: Some(now), ..fixture::seat() };
        let connection = Connection { state, ..fixture::connection() };
        let script = |fake: FakeDaemon| {
            fake.answers::<List>(&ListResult { conferences: vec![seat] })
                .answers::<ConnectionWatch>(&Connections { number: 1, connections: vec![connection] })
                .answers::<ConnectionRetry>(&Empty {})
        };
        fixture::said(&["tomorrow", "--wait", "0"], Language::En, script).await
    }

    #[tokio::test]
    async fn a_conference_counts_from_now_until_tomorrow_night_where_the_person_is() {
        for (opens, counts) in [
            ("2026-11-30T09:41:59Z", false),
            ("2026-11-30T15:00:00Z", true),
            ("2026-12-01T22:59:00Z", true),
            ("2026-12-01T23:00:00Z", false),
        ] {
            let told = said(opens, ConnectionState::Connected).await;
            assert_eq!(told.contains("is reached"), counts, "{opens}: {told}");
            assert_eq!(told.contains("no conference"), !counts, "{opens}: {told}");
        }
        let told = said("2026-12-01T08:00:00Z", ConnectionState::Blocked).await;
        assert!(told.contains("tomorrow 09:00") && told.contains("is not reached"), "{told}");
    }

    #[tokio::test]
    async fn a_check_decides_where_there_is_no_connection() {
        for (verdict, is_reached) in
            [(AccessVerdict::Green, true), (AccessVerdict::Yellow, true), (AccessVerdict::Red, false)]
        {
            let check = fixture::check(AccessReason::DayBefore, Some(verdict));
            let now =
                ConferenceNow { opens: "2026-12-01T08:00:00Z".parse().ok(), ..ConferenceNow::default() };
            let seat = ListedSeat { now: Some(now), ..fixture::seat() };
            let connection = Connection { state: ConnectionState::Blocked, ..fixture::connection() };
            let script = |fake: FakeDaemon| {
                fake.answers::<List>(&ListResult { conferences: vec![seat] })
                    .answers::<ConnectionWatch>(&Connections { number: 1, connections: vec![connection] })
                    .answers::<AccessCheck>(&AccessCheckResult { checks: vec![check] })
            };
            // No time is needed: the check is over.
            let told = fixture::said(&["tomorrow"], Language::En, script).await;
            assert_eq!(told.contains("is reached"), is_reached, "{verdict:?}: {told}");
        }
    }

    #[test]
    fn one_alone_looks_in_a_session_and_no_more_when_that_has_ended() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("session");
        std::fs::create_dir(&folder).unwrap();
        let name = folder.clone().into_os_string();
        let turn = Turn::take(&name).unwrap();
        assert!(turn.holds() && Turn::take(&name).is_none());
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(!turn.holds(), "the session has ended");
        std::fs::create_dir(&folder).unwrap();
        let next = Turn::take(&name).unwrap();
        assert!(next.holds() && !turn.holds(), "another session has begun");
    }
}
