//! Joins: by a code of the conference, or by a personal link.

use std::time::{Duration, Instant};

use convene_conference::{Actor, Body, Command, Join, Refusal, Role};
use convene_model::ParticipantId;
use convene_model::limits::DEVICES_MAX;

use super::{Decider, Made, Now};
use crate::entry::StoredKey;
use crate::messages::{AnswerKind, JoinWish};

/// The time after which a code lets one more newcomer in: 500 in a minute.
pub(super) const JOIN_EVERY: Duration = Duration::from_millis(120);
/// Newcomers whom a code lets in at once after a rest: the largest conference that is planned for
/// comes in together, and some more.
pub(super) const JOINS_AT_ONCE: u32 = 2_500;

impl Decider {
    /// A key that is nobody's wants to be a participant's.
    pub fn handle_join(&mut self, wish: &JoinWish, now: Now) {
        if wish.term != self.term && !planted!(TermNotNamed) || self.roll.key(wish.key).is_some() {
            return;
        }
        self.handle_due(now);
        if self.joins_too_fast(wish, now.instant) {
            let (count, code) = (wish.count, Refusal::NotHereNow);
            return self.answer(wish.place, AnswerKind::JoinLater { count, code });
        }
        if let Err(code) = self.join(wish, now) {
            self.answer(wish.place, AnswerKind::JoinRefused { count: wish.count, code });
        }
    }

    /// Whether more come by the code of participants than a conference can get to know. Organizers
    /// are always let in, and who has a personal link.
    fn joins_too_fast(&self, wish: &JoinWish, now: Instant) -> bool {
        let is_shared = self.roll.role_of(&wish.join.code) == Some(Role::Participant);
        let ahead = self.joins_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        is_shared && ahead >= JOIN_EVERY * JOINS_AT_ONCE
    }

    fn join(&mut self, wish: &JoinWish, now: Now) -> Result<(), Refusal> {
        let code = &wish.join.code;
        if let Some(owner) = self.roll.owner_of(code) {
            return self.add_device(wish, owner, now);
        }
        let Some(role) = self.roll.role_of(code) else {
            let is_replaced = self.roll.is_replaced(code);
            return Err(if is_replaced { Refusal::CodeReplaced } else { Refusal::CodeUnknown });
        };
        let actor = Actor::Newcomer { role, was_participant: wish.was_participant };
        let command = Command::Join(Join { name: wish.join.name.clone() });
        let decided = self.decide(actor, &command, now.at)?;
        let joined = decided.iter().find_map(|decided| {
            if let Body::Joined(joined) = &decided.body { Some(joined.participant) } else { None }
        });
        let participant = joined.ok_or(Refusal::CommandUnknown)?;
        let made = Made::of(decided, self.stamp(now.at, Some(participant), Some(wish.join.id)));
        let key = StoredKey { key: wish.key, participant, replaces: false };
        if role == Role::Participant {
            let until = self.joins_until.map_or(now.instant, |until| until.max(now.instant));
            self.joins_until = Some(until + JOIN_EVERY);
        }
        let is_first = self.pending.len() == self.appending;
        let since = if is_first { Some(now.instant) } else { self.joins_since };
        self.put(now.at, made, None, Some(key));
        self.joins_since = since;
        Ok(())
    }

    /// A personal link was opened on another device: it becomes the participant's, who comes back
    /// with it where they left.
    fn add_device(&mut self, wish: &JoinWish, participant: ParticipantId, now: Now) -> Result<(), Refusal> {
        let command = Command::Join(Join { name: wish.join.name.clone() });
        let decided = self.decide(Actor::Participant(participant), &command, now.at)?;
        if self.roll.devices(participant) >= DEVICES_MAX {
            return Err(Refusal::TooManyDevices);
        }
        let made = Made::of(decided, self.stamp(now.at, Some(participant), Some(wish.join.id)));
        let key = StoredKey { key: wish.key, participant, replaces: false };
        self.put(now.at, made, None, Some(key));
        Ok(())
    }
}
