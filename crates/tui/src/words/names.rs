//! How rooms and phases are called.

use convene_conference::{Phase, Public, RoomNames};
use convene_model::RoomId;

use super::Words;
use crate::text::upper_first;

impl Words {
    /// The name of a room or table, as far as the conference has it.
    pub(crate) fn room(&self, room: &RoomId, public: &Public) -> String {
        if let Some(open) = public.rooms().get(room) {
            return self.wording.room(room, Some(&open.names), &public.settings().languages);
        }
        if RoomId::FIXED.contains(room) || public.tables().get(room).is_some() {
            return upper_first(&self.wording.room(room, None, &[]));
        }
        self.say("page-place-gone")
    }

    /// The same of a room that is told together with its names; one without any is one that every
    /// conference has, or a table.
    pub(crate) fn told_room(&self, room: &RoomId, names: &RoomNames) -> String {
        if names.is_empty() {
            return upper_first(&self.wording.room(room, None, &[]));
        }
        self.wording.room(room, Some(names), &[])
    }

    pub(crate) fn phase(&self, phase: &Phase) -> String {
        upper_first(&self.wording.phase(&phase.kind, phase.round, phase.rounds))
    }
}
