//! The assertions of every case: where the daemon got through, how fast, and what it tells of the
//! rest.

use std::time::Duration;

use convene_model::{Attempt, Carrier, Code, Remedy, Rung, Stage};
use convene_tests_hostile::{Daemon, Route, SERVER_NAME, Status};

/// Joined so soon that nobody notices.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(1);
/// Joined while one still looks at the screen.
pub(crate) const FAST: Duration = Duration::from_secs(3);
/// How long a join may wait: above every limit that is asserted, so that a slow one is told from
/// one that never comes.
pub(crate) const WAIT: Duration = Duration::from_secs(20);

/// The route to that port on that rung.
pub(crate) fn route(rung: Rung, port: u16, proxy: Option<String>) -> Route {
    Route { rung, target: format!("{SERVER_NAME}:{port}"), proxy, carrier: Carrier::Websocket }
}

/// Joins under the daemon's name, within the limit, and is on that route. Gives the status, for
/// what it tells of the failures.
pub(crate) fn assert_joins(daemon: &Daemon<'_>, limit: Duration, over: &Route) -> Status {
    let joined = daemon.join(daemon.name(), WAIT);
    assert_eq!(joined.exit, Some(0), "{joined:?}");
    let answer = joined.answer.expect("a join that succeeds prints its line");
    assert_eq!(answer.state, "joined");
    assert!(answer.conference.is_some() && answer.participant.is_some(), "{answer:?}");
    let status = daemon.status().expect("the server that was joined is listed");
    assert_eq!((status.state.as_str(), status.route.as_ref()), ("connected", Some(over)), "{status:?}");
    assert!(joined.took < limit, "joined only after {:?}: {:?}", joined.took, status.attempts);
    status
}

/// Joins under the daemon's name, within the limit, straight or on 443: where both are open it is
/// chance on a busy machine which of them wins the race (`reach` tests its timetable on a clock
/// that is paused).
pub(crate) fn assert_joins_openly(daemon: &Daemon<'_>, limit: Duration) -> Status {
    let joined = daemon.join(daemon.name(), WAIT);
    assert_eq!(joined.exit, Some(0), "{joined:?}");
    assert!(joined.took < limit, "joined only after {:?}", joined.took);
    let status = daemon.status().expect("the server that was joined is listed");
    assert_eq!(status.state, "connected", "{status:?}");
    assert!(status.route.as_ref().is_some_and(is_open), "{status:?}");
    status
}

/// Whether this is a way through a network that forbids nothing.
pub(crate) fn is_open(route: &Route) -> bool {
    route.rung != Rung::Proxy && route.proxy.is_none() && route.carrier == Carrier::Websocket
}

/// Is not let in, and is told so by this failure.
pub(crate) fn assert_told(daemon: &Daemon<'_>, told: &Told) -> Status {
    let joined = daemon.join(daemon.name(), WAIT);
    assert_eq!(joined.exit, Some(4), "{joined:?}");
    assert!(joined.took < WAIT, "told only after {:?}", joined.took);
    let status = daemon.status().expect("the server that is tried is listed");
    assert_eq!((status.state.as_str(), status.route.as_ref()), ("blocked", None), "{status:?}");
    assert!(tells(&status.attempts, told), "{:?} is not in {:?}", told, status.attempts);
    status
}

/// A failure, without how long it took.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) stage: Stage,
    pub(crate) target: String,
    pub(crate) code: Code,
    pub(crate) remedy: Remedy,
}

/// Whether the failure is among the attempts.
pub(crate) fn tells(attempts: &[Attempt], told: &Told) -> bool {
    attempts.iter().any(|attempt| {
        let Attempt { stage, target, code, remedy, .. } = attempt.clone();
        Told { stage, target, code, remedy } == *told
    })
}

/// The ways to log in that the attempt which failed so has seen, by name.
pub(crate) fn schemes(attempts: &[Attempt], code: Code) -> Vec<String> {
    let failed = attempts.iter().filter(|attempt| attempt.code == code);
    failed
        .filter_map(|attempt| attempt.evidence.as_ref())
        .map(|seen| seen.schemes.clone())
        .next()
        .unwrap_or_default()
}

/// The failure of a port that was tried directly and reset.
pub(crate) fn refused(port: u16) -> Told {
    let target = format!("{SERVER_NAME}:{port}");
    Told { stage: Stage::Tcp, target, code: Code::Refused, remedy: Remedy::AllowServer }
}
