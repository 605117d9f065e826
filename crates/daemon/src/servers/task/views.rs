//! A seat as lists, watching frontends and administrators see it.

use convene_seat::{Phase, SeatRecord};
use convene_service_log::number;

use crate::servers::{SeatView, Watching};

pub(super) fn watching(record: &SeatRecord) -> Watching {
    Watching {
        membership: record.membership.clone(),
        state: record.state.clone(),
        cursor: record.cursor,
        missing: record.missing,
    }
}

pub(super) fn view(record: &SeatRecord) -> SeatView {
    SeatView {
        phase: record.phase(),
        membership: record.membership.clone(),
        title: record.state.settings().title.clone(),
        waiting: record.outbox.len(),
        cursor: record.cursor,
    }
}

pub(super) fn update(shown: &mut SeatView, record: &SeatRecord) -> bool {
    let phase = record.phase();
    let same = shown.phase == phase && shown.waiting == record.outbox.len() && shown.cursor == record.cursor;
    if !same || shown.membership != record.membership {
        *shown = view(record);
        return true;
    }
    false
}

/// Tells administrators who takes part where, without names.
pub(super) fn log(server: &str, user: &str, seat: &SeatView) {
    let conference = seat.membership.as_ref().map(|membership| membership.conference.to_string());
    match seat.phase {
        Phase::Joining => {}
        Phase::Joined => {
            tracing::info!(number = number::JOINED, server, user, conference, "a seat has joined");
        }
        Phase::Left => tracing::info!(number = number::LEFT, server, user, conference, "a seat has left"),
        Phase::Refused { code } => {
            tracing::info!(
                number = number::REFUSED,
                server,
                user,
                code = code.as_str(),
                "a seat was refused"
            );
        }
    }
}
