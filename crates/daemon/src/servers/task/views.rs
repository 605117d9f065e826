//! A seat as lists, watching frontends and administrators see it.

use std::sync::Arc;

use convene_conference::{LEVEL, Refusal, State};
use convene_local_api::ConferenceNow;
use convene_model::{Json, ParticipantId};
use convene_seat::{SeatRecord, Standing};
use convene_service_log::number;

use crate::servers::watchers::Told;
use crate::servers::{Begin, SeatView, Watching};

impl Told {
    /// Of a seat that stands so, and of which all is durable.
    pub(super) fn of(standing: Standing, record: &SeatRecord) -> Self {
        Self { standing, cursor: record.replica.as_ref().map_or(0, |replica| replica.cursor) }
    }
}

/// The beginning of a watch; `None` where the seat is in no log yet, or has no state and one is
/// wanted.
pub(in crate::servers) fn watching(record: &SeatRecord, begin: Begin, state: bool) -> Option<Watching> {
    let replica = record.replica.as_ref()?;
    let (after, is_reset) = match begin {
        Begin::Here => (replica.cursor, false),
        Begin::Number(number) => (number, false),
        Begin::Point { point, level } => {
            let common = replica.common(point);
            (common, common < point.number || level != LEVEL)
        }
    };
    let state = if state {
        let state = replica.state.as_ref()?;
        Some(Json::of(&state.seen_by(replica.participant.unwrap_or(ParticipantId(0)))).ok()?)
    } else {
        None
    };
    Some(Watching {
        participant: replica.participant,
        log: replica.log,
        terms: replica.terms.clone(),
        cursor: replica.cursor,
        after,
        is_reset,
        state,
        waiting: record.outbox.iter().map(|queued| (queued.id, queued.body.clone())).collect(),
        returned: record.returned.iter().map(|(id, returned)| (*id, returned.clone())).collect(),
    })
}

/// The view of a seat: its standing and its cursor come from what was told, the rest from what is
/// about to be durable. Names are `shown` on while no state tells them.
pub(super) fn view(
    record: &SeatRecord,
    told: Told,
    online: Option<Arc<[u8]>>,
    shown: Option<&SeatView>,
) -> SeatView {
    let replica = record.replica.as_ref();
    let state = replica.and_then(|replica| replica.state.as_ref()).map(State::public);
    let title = state.map(|state| &state.settings().title).or_else(|| shown.map(|shown| &shown.title));
    let named = replica.and_then(|replica| state?.participants().get(replica.participant?));
    let name = named.map(|named| named.name.as_str()).or_else(|| shown?.name.as_deref());
    SeatView {
        standing: told.standing,
        conference: record.conference,
        participant: replica.and_then(|replica| replica.participant),
        was_participant: replica.is_some_and(|replica| replica.was_participant),
        title: title.cloned().unwrap_or_default(),
        name: name.map(str::to_owned),
        waiting: record.outbox.len(),
        kept_bytes: kept_bytes(record),
        cursor: told.cursor,
        online,
        now: replica.and_then(|replica| ConferenceNow::of(replica.state.as_ref()?, replica.participant?)),
    }
}

fn kept_bytes(record: &SeatRecord) -> usize {
    let waiting: usize = record.outbox.iter().map(|queued| queued.body.get().len()).sum();
    waiting + record.returned.values().map(|returned| returned.body.get().len()).sum::<usize>()
}

/// Tells administrators who takes part where, without names.
pub(super) fn log(server: &str, user: &str, seat: &SeatView) {
    let conference = seat.conference.map(|conference| conference.to_string());
    match seat.standing {
        Standing::Joining => {}
        Standing::Joined => {
            tracing::info!(number = number::JOINED, server, user, conference, "a seat has joined");
        }
        Standing::Left => tracing::info!(number = number::LEFT, server, user, conference, "a seat has left"),
        Standing::Removed => {
            tracing::info!(number = number::LEFT, server, user, conference, "a seat was removed");
        }
        Standing::Refused { code, .. } => {
            tracing::info!(
                number = number::REFUSED,
                server,
                user,
                code = code.as_str(),
                "a seat was refused"
            );
        }
        Standing::NotHereNow { code: Refusal::SeatFull, .. } => {
            tracing::warn!(
                number = number::SEAT_FULL,
                server,
                user,
                conference,
                "no more of a conference is kept: what is kept of it, or for its user, is as much as may be"
            );
        }
        Standing::NotHereNow { code, .. } => {
            tracing::info!(
                server,
                user,
                conference,
                code = code.as_str(),
                "the server does not open a seat now; it goes on asking"
            );
        }
    }
}
