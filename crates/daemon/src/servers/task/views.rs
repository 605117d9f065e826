//! A seat as lists, watching frontends and administrators see it.

use std::sync::Arc;

use convene_seat::{Phase, SeatRecord};
use convene_service_log::number;

use super::seats::Told;
use crate::servers::{SeatView, Watching};

pub(in crate::servers) fn watching(record: &SeatRecord) -> Watching {
    Watching {
        membership: record.membership.clone(),
        state: record.state.clone(),
        cursor: record.cursor,
        phase: record.phase(),
        waiting: record.outbox.values().map(|queued| (queued.id, Arc::clone(&queued.body))).collect(),
        refused: record
            .settled
            .values()
            .filter_map(|settled| Some((settled.id, settled.outcome, Arc::clone(settled.kept.as_ref()?))))
            .collect(),
    }
}

/// How far it is comes from what was told, the rest from what is about to be durable.
pub(super) fn view(record: &SeatRecord, told: Told) -> SeatView {
    SeatView {
        phase: told.phase,
        membership: record.membership.clone(),
        title: record.state.settings().title.clone(),
        waiting: record.outbox.len(),
        cursor: told.cursor,
        fetched: 0,
    }
}

pub(super) fn update(shown: &mut SeatView, record: &SeatRecord, told: Told) -> bool {
    let waiting = record.outbox.len();
    let same = shown.phase == told.phase && shown.waiting == waiting && shown.cursor == told.cursor;
    if !same || shown.membership != record.membership {
        *shown = SeatView { fetched: shown.fetched, ..view(record, told) };
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
