//! The changes of a state as merge patches, and what the participant may do in it, for a watch that
//! wants the state.

use convene_conference::{Event, May, State};
use convene_model::{Json, ParticipantId};
use convene_seat::EventText;

use crate::servers::Watching;

/// Bytes of the patches of one notification: beside its events, a quarter of a line. Where a change
/// is larger, the whole state is told anew.
const PATCHES_BYTES_MAX: usize = 256 * 1024;

/// The state as it was told, and is folded on.
#[derive(Debug)]
pub(super) struct Patching {
    participant: ParticipantId,
    state: State,
    /// The state has everything up to this entry.
    through: u64,
}

/// The patches for some events.
#[derive(Debug)]
pub(super) enum Patches {
    /// One for each entry.
    All(Vec<Json>),
    /// The state has these events already.
    Told,
    /// They are too large for a line, or cannot be made: the state has to be told anew.
    TooLarge,
}

impl Patching {
    /// Begins with the state of the beginning of a watch.
    pub(super) fn new(watching: &Watching) -> Option<Self> {
        // Nobody has the number 0: a state without a participant holds nobody's own part.
        let participant = watching.participant.unwrap_or(ParticipantId(0));
        let state = State::read_view(participant, watching.state.as_ref()?.get()).ok()?;
        Some(Self { participant, state, through: watching.cursor })
    }

    /// What the participant may do in the state; `None` where they do not take part.
    pub(super) fn may(&self) -> Option<May> {
        let known = self.state.public().participants().get(self.participant)?;
        known.takes_part.then(|| May::of(&self.state, self.participant))
    }

    /// Folds the next events. None of an entry is missing, and they lie all behind the state or all
    /// before it.
    pub(super) fn fold(&mut self, items: &[EventText]) -> Patches {
        let fresh = items.iter().filter(|item| item.seq > self.through);
        // An event that this version cannot read changes nothing.
        let events: Vec<Event> =
            fresh.filter_map(|item| serde_json::from_str(item.text.get()).ok()).collect();
        let Some(last) = items.last().filter(|last| last.seq > self.through) else { return Patches::Told };
        self.through = last.seq;
        let (mut patches, mut bytes) = (Vec::new(), 0);
        for entry in events.chunk_by(|one, next| one.seq == next.seq) {
            let patch = Json::of(&self.state.evolve_patched(entry, self.participant));
            let Ok(patch) = patch else { return Patches::TooLarge };
            bytes += patch.get().len();
            if bytes > PATCHES_BYTES_MAX {
                return Patches::TooLarge;
            }
            patches.push(patch);
        }
        Patches::All(patches)
    }
}

#[cfg(test)]
mod tests {
    use convene_model::LogId;
    use convene_seat::Terms;
    use serde_json::{Value, json};

    use super::*;

    const ME: ParticipantId = ParticipantId(1);

    fn item(seq: u64, step: u32, body: &Value) -> EventText {
        let event = json!({ "seq": seq, "step": step, "at": "2026-12-01T09:00:00.000Z", "body": body });
        EventText { seq, step, text: Json::of(&event).unwrap() }
    }

    fn joined(seq: u64, number: u64) -> EventText {
        let id = format!("p{number}");
        let name = format!("Seat {number}");
        item(seq, 1, &json!({ "kind": "joined", "participant": id, "name": name, "role": "participant" }))
    }

    /// A watch of a conference in which so many have joined.
    fn watching(people: u64) -> (Watching, State) {
        let mut state = State::default();
        for number in 1..=people {
            state.evolve(&serde_json::from_str(joined(number, number).text.get()).unwrap());
        }
        let watching = Watching {
            participant: Some(ME),
            log: LogId([1; 8]),
            terms: Terms::default(),
            cursor: people,
            after: people,
            is_reset: false,
            state: Some(Json::of(&state.seen_by(ME)).unwrap()),
            waiting: Vec::new(),
            returned: Vec::new(),
        };
        (watching, state)
    }

    /// RFC 7396, section 2.
    fn merge(target: &mut Value, patch: &Value) {
        let Value::Object(fields) = patch else {
            *target = patch.clone();
            return;
        };
        if !target.is_object() {
            *target = json!({});
        }
        for (name, value) in fields {
            if value.is_null() {
                target.as_object_mut().unwrap().remove(name);
            } else {
                merge(&mut target[name.as_str()], value);
            }
        }
    }

    #[test]
    fn patches_make_the_state_behind_each_entry() {
        let (watching, mut state) = watching(2);
        let mut patching = Patching::new(&watching).unwrap();
        let mut shown: Value = serde_json::from_str(watching.state.as_ref().unwrap().get()).unwrap();
        assert!(matches!(patching.fold(&[joined(2, 2)]), Patches::Told), "the state has it");
        let went =
            |step, who: &str| item(4, step, &json!({ "kind": "went", "participant": who, "room": "foyer" }));
        let items = [joined(3, 3), went(1, "p1"), went(2, "p3"), item(5, 1, &json!({ "kind": "danced" }))];
        let Patches::All(patches) = patching.fold(&items) else { panic!("no patches") };
        assert_eq!(patches.len(), 3, "one for each entry");
        for patch in &patches {
            merge(&mut shown, &serde_json::from_str(patch.get()).unwrap());
        }
        for item in &items {
            state.evolve(&serde_json::from_str(item.text.get()).unwrap());
        }
        assert_eq!(shown, serde_json::to_value(state.seen_by(ME)).unwrap());
    }

    #[test]
    fn what_may_be_done_is_known_while_the_participant_takes_part() {
        let (watching, _) = watching(1);
        let mut patching = Patching::new(&watching).unwrap();
        let alone = patching.may().unwrap();
        assert!(!alone.acts["ask_to_table"].allowed && alone.acts["say"].allowed);
        patching.fold(&[joined(2, 2)]);
        assert!(patching.may().unwrap().acts["ask_to_table"].allowed);
        patching.fold(&[item(3, 1, &json!({ "kind": "left", "participant": "p1" }))]);
        assert_eq!(patching.may(), None);
        let nobody = Watching { participant: None, ..watching };
        assert_eq!(Patching::new(&nobody).unwrap().may(), None);
    }

    #[test]
    fn a_change_that_no_line_holds_is_told_as_a_new_state() {
        let (watching, _) = watching(4_000);
        let mut patching = Patching::new(&watching).unwrap();
        let title = "x".repeat(PATCHES_BYTES_MAX);
        let opened = json!({ "kind": "opened", "settings": { "title": title } });
        assert!(matches!(patching.fold(&[item(4_001, 1, &opened)]), Patches::TooLarge));
        assert!(matches!(patching.fold(&[joined(4_002, 4_001)]), Patches::All(_)), "it goes on");
    }
}
