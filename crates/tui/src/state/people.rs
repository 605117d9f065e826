//! Who is where, for lists: made of the state and of who is connected.

use std::collections::{BTreeMap, BTreeSet};

use convene_conference::{Public, Role, reads_alike};
use convene_model::{ParticipantId, RoomId};

use crate::text::plain;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) id: ParticipantId,
    pub(crate) name: String,
    pub(crate) room: RoomId,
    pub(crate) is_organizer: bool,
    /// Whether they are connected; none, where that is not known.
    pub(crate) is_online: Option<bool>,
}

/// How somebody stands to the room that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// In it, and connected as far as is known.
    Here,
    /// Connected, and elsewhere.
    Elsewhere,
    /// Taking part, and not connected.
    Offline,
}

/// Everyone who takes part: organizers first, then by name. One's own seat is connected, whatever
/// was told.
pub(crate) fn everyone(
    public: &Public,
    online: Option<&BTreeSet<ParticipantId>>,
    me: Option<ParticipantId>,
) -> Vec<Person> {
    let takes_part = public.participants().iter().filter(|(_, one)| one.takes_part);
    let person = |(id, one): (ParticipantId, &convene_conference::Participant)| Person {
        id,
        name: one.name.to_string(),
        room: one.room.clone(),
        is_organizer: one.role == Role::Organizer,
        is_online: online.map(|online| online.contains(&id) || Some(id) == me),
    };
    let mut people: Vec<Person> = takes_part.map(person).collect();
    people.sort_by_cached_key(|person| (!person.is_organizer, plain(&person.name)));
    people
}

impl Person {
    pub(crate) fn group(&self, room: &RoomId) -> Group {
        match self.is_online {
            Some(false) => Group::Offline,
            Some(true) | None if self.room == *room => Group::Here,
            Some(true) | None => Group::Elsewhere,
        }
    }
}

/// How many stand in each room, those who are connected as far as is known.
pub(crate) fn headcounts(people: &[Person]) -> BTreeMap<&RoomId, usize> {
    let mut counts = BTreeMap::new();
    for person in people.iter().filter(|person| person.is_online != Some(false)) {
        *counts.entry(&person.room).or_default() += 1;
    }
    counts
}

/// Those whose name holds what was typed, whatever its case and accents.
pub(crate) fn matching<'a>(people: &'a [Person], typed: &str) -> impl Iterator<Item = &'a Person> {
    let wanted = plain(typed.trim());
    people.iter().filter(move |person| wanted.is_empty() || plain(&person.name).contains(&wanted))
}

/// Those whose name begins with what was typed.
pub(crate) fn beginning<'a>(people: &'a [Person], typed: &str) -> impl Iterator<Item = &'a Person> {
    let wanted = plain(typed);
    people.iter().filter(move |person| plain(&person.name).starts_with(&wanted))
}

/// The one who is meant by a name: whose it is, or the only one whose name reads like it.
pub(crate) fn named<'a>(people: &'a [Person], name: &str) -> Option<&'a Person> {
    let name = name.trim().trim_start_matches('@');
    let exactly = people.iter().find(|person| person.name == name);
    exactly.or_else(|| people.iter().find(|person| reads_alike(&person.name, name))).or_else(|| {
        let mut close = beginning(people, name).filter(|_| !name.is_empty());
        let first = close.next()?;
        close.next().is_none().then_some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(number: u32, name: &str, is_online: Option<bool>) -> Person {
        let (id, room) = (ParticipantId(number), RoomId::PLENARY);
        Person { id, name: name.to_owned(), room, is_organizer: false, is_online }
    }

    #[test]
    fn people_are_found_by_a_part_of_their_name_and_meant_by_one_that_is_clear() {
        let people = [
            person(1, "Änne", None),
            person(2, "Anna", None),
            person(3, "Anna-Lena", None),
            person(4, "Bernd", None),
        ];
        let found = |typed: &str| matching(&people, typed).map(|person| person.id.0).collect::<Vec<_>>();
        assert_eq!(found(" AN"), [1, 2, 3]);
        assert_eq!(found("lena"), [3]);
        assert_eq!(found(""), [1, 2, 3, 4]);
        let meant = |name: &str| named(&people, name).map(|person| person.id.0);
        assert_eq!(
            (meant("Anna"), meant("@anna"), meant("an"), meant("ber")),
            (Some(2), Some(2), None, Some(4))
        );
        assert_eq!(meant(""), None);
    }

    #[test]
    fn people_are_grouped_by_where_they_are_and_whether_they_are_connected() {
        let people = [person(1, "a", Some(true)), person(2, "b", Some(false)), person(3, "c", None)];
        let groups = |room: &RoomId| people.iter().map(|person| person.group(room)).collect::<Vec<_>>();
        assert_eq!(groups(&RoomId::PLENARY), [Group::Here, Group::Offline, Group::Here]);
        assert_eq!(groups(&RoomId::FOYER), [Group::Elsewhere, Group::Offline, Group::Elsewhere]);
        assert_eq!(headcounts(&people).get(&RoomId::PLENARY), Some(&2));
    }
}
