//! The requests that frontends make of a seat.

use std::collections::BTreeSet;
use std::time::Instant;

use convene_model::{CommandId, Json, LogId, Name, Point};
use convene_seat::{Acceptance, ActError, Digest, HistoryWish, SeatRecord, Wanted};
use convene_uplink::Conversation;
use tokio::sync::oneshot;

use super::super::watchers::{Acting, Waiting, WatchWish};
use super::super::{ActAnswer, NotStored};
use super::seats::Held;
use super::{Task, reply, views};
use crate::store::SeatId;

impl Task {
    /// Takes a command. `seen` is where its author saw the conference; the seat's own place, where
    /// that was not said.
    pub(super) fn act(
        &mut self,
        seat: SeatId,
        id: CommandId,
        body: Json,
        seen: Option<Point>,
        answer: Acting,
    ) {
        let fails = self.seats.fails;
        let own =
            self.read(seat).and_then(|seat| seat.record().replica.as_ref()).map(|replica| replica.point());
        let seen = seen.or(own);
        let Some(task_seat) = self.seats.by_id.get_mut(&seat) else { return };
        let acted = match &mut task_seat.held {
            Held::Unread(_) => return reply(answer.acted, Ok(ActAnswer::NotStored(NotStored::Unsure))),
            Held::Resting(seat) if fails => {
                return match known(seat.record(), &task_seat.unsure, id, &body) {
                    Some(Ok(ActAnswer::Queued)) => task_seat.watchers.answer(id, answer),
                    Some(known) => reply(answer.acted, known),
                    None => reply(answer.acted, Ok(ActAnswer::NotStored(NotStored::Undone))),
                };
            }
            Held::Resting(seat) => seat.act(id, body, seen),
            Held::Carried(index) => {
                let act = |conversation: &mut Conversation| conversation.act(*index, id, body, seen);
                let Some(acted) = self.connection.with_conversation(Instant::now(), act) else { return };
                acted
            }
        };
        match acted {
            Ok(Acceptance::Taken) => self.when_stored(seat, Waiting::Act(id, answer)),
            Ok(Acceptance::Queued) => task_seat.watchers.answer(id, answer),
            Ok(Acceptance::Decided(receipt)) => reply(answer.acted, Ok(ActAnswer::Decided(receipt))),
            Err(ActError::StoreFailed) => reply(answer.acted, Ok(ActAnswer::NotStored(NotStored::Undone))),
            Err(error) => reply(answer.acted, Err(error)),
        }
    }

    pub(super) fn dismiss(
        &mut self,
        seat: SeatId,
        id: CommandId,
        answer: oneshot::Sender<Result<bool, NotStored>>,
    ) {
        let fails = self.seats.fails;
        let Some(task_seat) = self.seats.by_id.get_mut(&seat) else { return };
        let dismissed = match &mut task_seat.held {
            Held::Resting(_) if fails => return reply(answer, Err(NotStored::Undone)),
            Held::Unread(_) => return reply(answer, Err(NotStored::Undone)),
            Held::Resting(seat) => seat.dismiss(id),
            Held::Carried(index) => self
                .connection
                .with_conversation(Instant::now(), |conversation| conversation.dismiss(*index, id)),
        };
        if dismissed {
            self.when_stored(seat, Waiting::Dismiss(id, answer));
        } else {
            reply(answer, Ok(false));
        }
    }

    /// Fetches a page of what a snapshot passed over. The answer says whether some of it is in the
    /// store now.
    pub(super) fn fetch(&mut self, seat: SeatId, wish: HistoryWish, answer: oneshot::Sender<bool>) {
        let Some(task_seat) = self.seats.by_id.get_mut(&seat) else { return };
        let wanted = match &mut task_seat.held {
            Held::Unread(_) => None,
            Held::Resting(seat) => Some(seat.want_history(wish)),
            Held::Carried(index) => self
                .connection
                .with_conversation(Instant::now(), |conversation| conversation.want_history(*index, wish)),
        };
        match wanted {
            Some(Wanted::Here) => self.when_stored(seat, Waiting::Fetched(answer)),
            Some(Wanted::Asked) => task_seat.watchers.fetch(wish.span, answer),
            Some(Wanted::Unreachable | Wanted::TooMany) | None => reply(answer, false),
        }
    }

    /// Turns a seat to the log that the server shows in place of the one that it knows. Says
    /// whether that can be done.
    pub(super) fn join_log(&mut self, seat: SeatId, log: LogId, name: Name) -> bool {
        let fails = self.seats.fails;
        match self.seats.by_id.get_mut(&seat).map(|task_seat| &mut task_seat.held) {
            Some(Held::Resting(seat)) if !fails => seat.join_other_log(log, name),
            Some(Held::Carried(index)) => self.connection.with_conversation(Instant::now(), |conversation| {
                conversation.join_other_log(*index, log, name)
            }),
            Some(Held::Resting(_) | Held::Unread(_)) | None => false,
        }
    }

    /// Sends everything that is told from now on to the asker's `news`. The answer says where that
    /// begins, once all of it is durable.
    pub(super) fn watch(&mut self, seat: SeatId, wish: WatchWish) {
        let Some(read) = self.read(seat) else { return reply(wish.answer, Err(NotStored::Undone)) };
        let (watching, is_folding) =
            (views::watching(read.record(), wish.begin, wish.state), read.is_folding());
        let Some(task_seat) = self.seats.by_id.get_mut(&seat) else { return };
        match watching {
            Some(watching) => {
                let WatchWish { begin, state, news, answer } = wish;
                task_seat.watchers.watch(news);
                self.when_stored(seat, Waiting::Watch(Box::new(watching), (begin, state), answer));
            }
            None if is_folding => task_seat.watchers.wait_for_state(wish),
            None => reply(wish.answer, Err(NotStored::Undone)),
        }
    }

    /// Answers when all that the seat holds is durable.
    fn when_stored(&mut self, seat: SeatId, waiting: Waiting) {
        let Some(read) = self.read(seat) else { return };
        let (write, is_stored) = (read.last_write(), read.is_stored(read.last_write()));
        let Some(task_seat) = self.seats.by_id.get_mut(&seat) else { return };
        if is_stored { task_seat.watchers.fulfil(waiting) } else { task_seat.watchers.wait(write, waiting) }
    }
}

/// The answer about a command while nothing can be stored; `None` where the command is not known.
fn known(
    record: &SeatRecord,
    unsure: &BTreeSet<CommandId>,
    id: CommandId,
    body: &Json,
) -> Option<Result<ActAnswer, ActError>> {
    if let Some(queued) = record.outbox.get(id) {
        return Some(match queued.body == *body {
            false => Err(ActError::IdReused),
            true if unsure.contains(&id) => Ok(ActAnswer::NotStored(NotStored::Unsure)),
            true => Ok(ActAnswer::Queued),
        });
    }
    let kept = record.replica.as_ref()?.receipts.get(id)?;
    let same = kept.digest == Digest::of(body);
    Some(if same { Ok(ActAnswer::Decided(kept.receipt(id))) } else { Err(ActError::IdReused) })
}
