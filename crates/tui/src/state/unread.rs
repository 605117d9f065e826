//! What one has read of each room, and how much one has not.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use convene_model::{ParticipantId, RoomId};
use serde::{Deserialize, Serialize};

use super::talk::TalkLine;

/// Rooms of which it is remembered: all that may be open, and the latest tables.
const MARKS_MAX: usize = 200;

/// By room, the number of the last entry that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// Where this participant first looked: it counts for rooms that were never opened.
    first: Option<u64>,
    rooms: BTreeMap<RoomId, u64>,
}

impl Marks {
    /// As it was remembered; empty, where that cannot be read.
    pub(crate) fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As it is remembered: what was read last, if there is too much.
    pub(crate) fn write(&self) -> String {
        let mut kept = self.clone();
        while kept.rooms.len() > MARKS_MAX {
            let earliest = kept.rooms.iter().min_by_key(|(_, seq)| **seq).map(|(room, _)| room.clone());
            let Some(earliest) = earliest else { break };
            kept.rooms.remove(&earliest);
        }
        serde_json::to_string(&kept).unwrap_or_default()
    }

    /// The conference was first known here at this number.
    pub(crate) fn begin(&mut self, number: u64) {
        self.first = Some(self.first.map_or(number, |first| first.min(number)));
    }

    /// A room was read up to this entry; says whether that is news.
    pub(crate) fn read(&mut self, room: &RoomId, seq: u64) -> bool {
        if self.rooms.get(room).is_some_and(|read| *read >= seq) {
            return false;
        }
        self.rooms.insert(room.clone(), seq);
        true
    }

    /// What two frontends remember, as one.
    pub(crate) fn merge(&mut self, other: &Self) {
        if let Some(first) = other.first {
            self.begin(first);
        }
        for (room, seq) in &other.rooms {
            self.read(room, *seq);
        }
    }

    /// How many messages of others stand behind the mark of each room.
    pub(crate) fn unread(
        &self,
        lines: &VecDeque<Rc<TalkLine>>,
        me: Option<ParticipantId>,
    ) -> BTreeMap<RoomId, usize> {
        let mut counts = BTreeMap::new();
        for room in lines.iter().filter_map(|line| self.unread_in(line, me)) {
            *counts.entry(room.clone()).or_default() += 1;
        }
        counts
    }

    /// The room in which a line is unread; none, where it counts as read.
    pub(crate) fn unread_in<'a>(&self, line: &'a TalkLine, me: Option<ParticipantId>) -> Option<&'a RoomId> {
        let room = line.room.as_ref().filter(|_| line.by.is_some() && line.by != me)?;
        let begin = self.first.unwrap_or(u64::MAX);
        let read = self.rooms.get(room).copied().unwrap_or(begin);
        (line.place.seq > read).then_some(room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::talk::tests::said;

    #[test]
    fn messages_of_others_behind_the_mark_are_unread() {
        let lines: VecDeque<_> =
            [said(1, &RoomId::PLENARY), said(5, &RoomId::PLENARY), said(6, &RoomId::FOYER)].into();
        let mut marks = Marks::default();
        assert!(marks.unread(&lines, None).is_empty(), "all of the past counts as read");
        marks.begin(4);
        let counts = marks.unread(&lines, None);
        assert_eq!((counts.get(&RoomId::PLENARY), counts.get(&RoomId::FOYER)), (Some(&1), Some(&1)));
        assert!(marks.read(&RoomId::FOYER, 6) && !marks.read(&RoomId::FOYER, 5));
        assert_eq!(marks.unread(&lines, None).get(&RoomId::FOYER), None);
        assert!(marks.unread(&lines, Some(ParticipantId(1))).is_empty(), "one's own are read");
    }

    #[test]
    fn marks_survive_being_written_and_two_become_one() {
        let (mut one, mut other) = (Marks::default(), Marks::default());
        one.begin(7);
        one.read(&RoomId::PLENARY, 9);
        other.begin(3);
        other.read(&RoomId::PLENARY, 8);
        other.read(&RoomId::FOYER, 4);
        one.merge(&other);
        let text = one.write();
        assert_eq!(Marks::parse(&text), one);
        assert_eq!(text, r#"{"first":3,"rooms":{"foyer":4,"plenary":9}}"#);
        assert_eq!(Marks::parse("nonsense"), Marks::default());
    }

    #[test]
    fn no_more_is_remembered_than_a_draft_holds() {
        let mut marks = Marks::default();
        for number in 1..=(MARKS_MAX as u64 + 50) {
            marks.read(&format!("t{number}").parse().unwrap(), number);
        }
        let kept = Marks::parse(&marks.write());
        assert_eq!(kept.rooms.len(), MARKS_MAX);
        assert!(
            kept.rooms.values().all(|seq| *seq > 50) && marks.write().len() < convene_local_api::DRAFT_MAX
        );
    }
}
