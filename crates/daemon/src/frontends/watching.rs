//! Telling a frontend what happens, without a gap behind where it begins.

use convene_conference::{LEVEL, May};
use convene_local_api::{
    AccessCheck, After, Connection, ConnectionChanged, ConnectionWatch, Connections, ErrorCode, ErrorObject,
    FoldedPoint, Id, Method as _, Request, SettingsWatch, StateNotification, Unwatch, UnwatchResult, Watch,
    WatchParams, WatchResult, error_line, notification_line, result_line,
};
use convene_model::limits::{FRONTEND_DELTAS_MAX, LOCAL_LINE_BYTES_MAX};
use convene_model::{Json, Point, SeatName};
use convene_seat::Standing;
use tokio::sync::{mpsc, oneshot, watch};

use super::access;
use super::answers::{Answering, admit, local, params, send, stopping, storage_failed};
use super::attendant::Asker;
use super::lines::Lines;
use super::patching::Patching;
use super::seats::{seat, seat_state, unknown};
use super::settings;
use super::telling::{End, Telling};
use crate::registry::HeldSeat;
use crate::servers::{Begin, WatchEvent, WatchWish, Watching, Wish};

/// Bytes of one part of a state: half a line even where every other byte has to be escaped.
const PART_BYTES_MAX: usize = LOCAL_LINE_BYTES_MAX / 4;

/// Why a watch ended.
pub(super) enum Ended {
    /// It never began; the frontend was told why.
    Refused,
    /// The frontend, or the daemon's disk, did not keep up; it has to attach again.
    TooSlow,
}

/// Whether this begins a watch, which has a task of its own.
pub(super) fn begins(request: &Request) -> bool {
    request.id.is_some() && (is_watch(request) || follows_access(request))
}

/// Whether this begins to follow checks of the access, which one watch of a frontend does.
pub(super) fn follows_access(request: &Request) -> bool {
    request.method == AccessCheck::NAME
}

fn is_watch(request: &Request) -> bool {
    [Watch::NAME, ConnectionWatch::NAME, SettingsWatch::NAME].contains(&request.method.as_str())
}

/// Answers a watch that cannot begin.
pub(super) fn answer<'a>(_: &'a Asker, request: &'a Request) -> Answering<'a> {
    let reason = "a watch needs an id, and a frontend has at most 64 watches";
    let refused = move || Err(ErrorObject::new(ErrorCode::InvalidRequest).with("reason", reason));
    Box::pin(async move { is_watch(request).then(refused) })
}

/// Watches until the frontend goes. A watch that ends, for whatever reason, ends its frontend's
/// connection, lest the frontend believe that nothing happens. A watch that cannot begin is
/// answered with the error.
pub(super) async fn watch(asker: Asker, request: Request, lines: Lines) -> Ended {
    match begin(&asker, &request, &lines).await {
        Ok(()) => Ended::TooSlow,
        Err(error) => {
            if let Some(id) = &request.id
                && lines.send(error_line(Some(id), &error)).await.is_err()
            {
                tracing::debug!("a frontend went before its answer");
            }
            Ended::Refused
        }
    }
}

async fn begin(asker: &Asker, request: &Request, lines: &Lines) -> Result<(), ErrorObject> {
    admit(asker, request)?;
    match request.method.as_str() {
        ConnectionWatch::NAME => connections(asker, request, lines).await,
        SettingsWatch::NAME => settings::watch(asker, request, lines).await,
        AccessCheck::NAME => access::follow(asker, request, lines).await,
        _ => conference(asker, request, lines).await,
    }
}

async fn connections(asker: &Asker, request: &Request, lines: &Lines) -> Result<(), ErrorObject> {
    let mut changes = asker.means.registry.changes();
    let look =
        |number| Connections { number, connections: asker.means.registry.connections(&asker.peer.user) };
    let Some(id) = &request.id else { return Ok(()) };
    let number = *changes.borrow_and_update();
    let mut shown = look(number);
    if lines.send(result_line(id, &shown)).await.is_err() {
        return Ok(());
    }
    while changes.changed().await.is_ok() {
        let number = *changes.borrow_and_update();
        let fresh = look(number);
        if fresh.connections != shown.connections {
            shown = fresh;
            if lines.send(notification_line(&ConnectionChanged(shown.clone()))).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn conference(asker: &Asker, request: &Request, lines: &Lines) -> Result<(), ErrorObject> {
    let WatchParams { conference, after, state: wants_state } = params::<Watch>(request)?;
    let seat = seat(asker, &conference)?;
    if seat.view.borrow().conference.is_none() {
        return Err(unknown(&conference));
    }
    let begin = match after {
        None => Begin::Here,
        Some(After::Number(number)) => Begin::Number(number),
        Some(After::Folded(FoldedPoint { number, term, level })) => {
            Begin::Point { point: Point { number, term }, level }
        }
    };
    let (watching, coming) = begin_watch(&seat, begin, wants_state || after.is_none()).await?;
    let Some(id) = &request.id else { return Ok(()) };
    let mut status = seat.server.status.clone();
    let clock = status.borrow_and_update().clock_offset_ms;
    let store = &asker.means.store;
    let told = watching.point(watching.after);
    let patching = wants_state.then(|| Patching::new(&watching)).flatten();
    let standing = seat.view.borrow().standing;
    let mut telling =
        Telling { store, seat: seat.id, conference, lines, told, clock, patching, standing, may: None };
    telling.may = telling.may_now();
    for line in beginning(id, &telling.conference, &watching, standing, clock, telling.may.clone()) {
        if lines.send(line).await.is_err() {
            return Ok(());
        }
    }
    let (mut watching, mut coming, mut is_anew) = (watching, coming, false);
    loop {
        match tell(&mut telling, &watching, is_anew, &mut coming, &mut status).await {
            Ok(()) | Err(End::Gone | End::Unreadable) => return Ok(()),
            Err(End::Anew) => {
                let begin = Begin::Point { point: telling.told, level: LEVEL };
                let Ok(begun) = begin_watch(&seat, begin, wants_state).await else { return Ok(()) };
                (watching, coming) = begun;
                telling.patching = wants_state.then(|| Patching::new(&watching)).flatten();
                telling.standing = seat.view.borrow().standing;
                is_anew = true;
            }
        }
    }
}

/// Has the server's task tell what happens on a seat.
async fn begin_watch(
    seat: &HeldSeat,
    begin: Begin,
    state: bool,
) -> Result<(Watching, mpsc::Receiver<WatchEvent>), ErrorObject> {
    let (news, coming) = mpsc::channel(FRONTEND_DELTAS_MAX);
    let (answer, watching) = oneshot::channel();
    let asked = async {
        send(seat, Wish::Watch { seat: seat.id, wish: WatchWish { begin, state, news, answer } }).await?;
        watching.await.map_err(|_| stopping())?.map_err(|_| storage_failed())
    };
    Ok((local(asked, storage_failed).await?, coming))
}

/// Tells what was before the watch, and then what happens, until the frontend does not keep up.
async fn tell(
    telling: &mut Telling<'_>,
    watching: &Watching,
    is_anew: bool,
    coming: &mut mpsc::Receiver<WatchEvent>,
    status: &mut watch::Receiver<Connection>,
) -> Result<(), End> {
    telling.begin(watching, is_anew).await?;
    loop {
        tokio::select! {
            news = coming.recv() => match news {
                Some(news) => telling.tell(news).await?,
                None => return Ok(()),
            },
            Ok(()) = status.changed() => {
                let offset_ms = status.borrow_and_update().clock_offset_ms;
                telling.clock(offset_ms).await?;
            }
        }
    }
}

/// Which conference a request for a watch means.
pub(super) fn conference_of(request: &Request) -> Option<SeatName> {
    let is_it = request.method == Watch::NAME;
    is_it.then(|| params::<Watch>(request)).and_then(Result::ok).map(|wanted| wanted.conference)
}

/// Which conference a request to watch no more means.
pub(super) fn wanted(request: &Request) -> Result<SeatName, ErrorObject> {
    params::<Unwatch>(request).map(|wanted| wanted.conference)
}

/// Answers once the watches are gone, so that nothing of theirs comes behind the answer.
pub(super) async fn unwatch(
    id: Option<Id>,
    ended: Result<Vec<oneshot::Receiver<()>>, ErrorObject>,
    lines: Lines,
) {
    let line = match ended {
        Ok(ended) => {
            let result = UnwatchResult { ended: !ended.is_empty() };
            for watch in ended {
                // It is never sent, only dropped.
                drop(watch.await);
            }
            id.map(|id| result_line(&id, &result))
        }
        Err(error) => id.map(|id| error_line(Some(&id), &error)),
    };
    if let Some(line) = line
        && lines.send(line).await.is_err()
    {
        tracing::debug!("a frontend went before its answer");
    }
}

/// The answer, and the state behind it in parts where both together are too long for a line.
fn beginning(
    id: &Id,
    conference: &SeatName,
    watching: &Watching,
    standing: Standing,
    clock_offset_ms: Option<i64>,
    may: Option<May>,
) -> Vec<String> {
    let (seat, code, other_log) = seat_state(standing);
    let mut result = WatchResult {
        conference: conference.clone(),
        participant: watching.participant,
        log: Some(watching.log),
        seat,
        code,
        other_log,
        clock_offset_ms,
        cursor: watching.cursor,
        after: watching.after,
        term: Some(watching.point(watching.after).term),
        level: LEVEL,
        state: watching.state.clone(),
        may,
        parts: None,
    };
    let line = result_line(id, &result);
    if line.len() <= LOCAL_LINE_BYTES_MAX {
        return vec![line];
    }
    let Some(state) = result.state.take() else { return vec![line] };
    let parts = parts(conference, &state);
    result.parts = Some(parts.len() as u64);
    std::iter::once(result_line(id, &result)).chain(parts).collect()
}

/// A state as notifications.
pub(super) fn parts(conference: &SeatName, state: &Json) -> Vec<String> {
    let pieces = pieces(state.get());
    let parts = pieces.len() as u64;
    let part = |(part, data): (u64, &str)| {
        let (conference, data) = (conference.clone(), data.to_owned());
        notification_line(&StateNotification { conference, part, parts, data })
    };
    (0..).zip(pieces).map(part).collect()
}

fn pieces(mut text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let (piece, rest) = text.split_at(text.floor_char_boundary(PART_BYTES_MAX));
        pieces.push(piece);
        text = rest;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use convene_conference::State;
    use convene_local_api::{Change, Incoming, Mirror, Reply, Told, read_incoming};
    use convene_model::limits::PARTICIPANTS_MAX;
    use convene_model::{ConferenceId, LogId, ParticipantId};
    use convene_seat::Terms;

    use super::*;

    fn full_conference() -> State {
        let mut state = State::default();
        for number in 1..=PARTICIPANTS_MAX {
            let name = format!("{number:04}{}", "\u{10330}".repeat(56));
            let event = serde_json::json!({
                "seq": number, "at": "2026-11-23T09:00:00.000Z",
                "body": { "kind": "joined", "participant": format!("p{number}"), "name": name, "role": "participant" },
            });
            state.evolve(&serde_json::from_value(event).unwrap());
        }
        state
    }

    #[test]
    fn a_state_that_no_line_can_hold_comes_in_parts() {
        let (conference, state) = (ConferenceId::from_random(1), full_conference());
        let mut watching = Watching {
            participant: Some(ParticipantId(1)),
            log: LogId([1; 8]),
            terms: Terms::default(),
            cursor: 4_000,
            after: 4_000,
            is_reset: false,
            state: Some(Json::of(&state.seen_by(ParticipantId(1))).unwrap()),
            waiting: Vec::new(),
            returned: Vec::new(),
        };
        let name = SeatName::Conference(conference);
        let may = May::of(&state, ParticipantId(1));
        let lines = beginning(&Id::Number(1), &name, &watching, Standing::Joined, None, Some(may.clone()));
        assert!(lines.len() > 2 && lines.iter().all(|line| line.len() <= LOCAL_LINE_BYTES_MAX));
        let mut lines = lines.into_iter().map(|line| read_incoming(&line).unwrap());
        let Some(Incoming::Reply(Reply { result: Ok(result), .. })) = lines.next() else {
            panic!("no result")
        };
        let mut mirror = Mirror::new(serde_json::from_str(result.get()).unwrap()).unwrap();
        for line in lines {
            assert!(!mirror.is_whole());
            let Incoming::Notification { method, params } = line else { panic!("no notification") };
            let change = mirror.handle(Told::read(&method, &params).unwrap()).unwrap();
            assert_eq!(matches!(change, Change::State), mirror.is_whole());
        }
        assert!(mirror.is_whole());
        assert_eq!(mirror.state().unwrap().public(), state.public());
        assert_eq!((mirror.cursor(), mirror.may()), (4_000, Some(&may)));

        watching.state = None;
        let behind = beginning(&Id::Number(1), &name, &watching, Standing::Joined, None, None);
        assert_eq!(behind.len(), 1, "who has a cursor needs no state");
    }
}
