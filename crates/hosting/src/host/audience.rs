//! Which seats are open on which links, and how far each has been told.

use std::collections::BTreeMap;

use convene_conference::Right;
use convene_model::{LinkId, ParticipantId, SeatKey};

/// A seat on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) link: LinkId,
    pub(super) index: u32,
}

/// A seat that is open.
#[derive(Debug)]
pub(super) struct Listener<L> {
    pub(super) handle: L,
    pub(super) key: SeatKey,
    pub(super) participant: ParticipantId,
    pub(super) right: Right,
    pub(super) standing: Standing,
}

/// How far a seat has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Up to here; it is being brought up.
    Behind(u64),
    /// Everything, and it is told what comes.
    Following,
    /// Up to here, where its participant left.
    Gone(u64),
}

/// The seats of one link with one right.
#[derive(Debug)]
struct Group<L> {
    handle: L,
    /// How many of them follow.
    following: usize,
    /// How many are behind, or gone.
    behind: usize,
}

/// All open seats. Those that follow are told together, one frame per link. On a link with a seat that is
/// behind or gone each is told by itself, lest that one see a gap, or what is not for it.
#[derive(Debug)]
pub(super) struct Audiences<L> {
    places: BTreeMap<Place, Listener<L>>,
    groups: BTreeMap<(Right, LinkId), Group<L>>,
}

impl<L> Default for Audiences<L> {
    fn default() -> Self {
        Self { places: BTreeMap::new(), groups: BTreeMap::new() }
    }
}

impl<L: Clone> Audiences<L> {
    pub(super) fn insert(&mut self, place: Place, listener: Listener<L>) {
        self.remove(place);
        let group = self.groups.entry((listener.right, place.link)).or_insert_with(|| Group {
            handle: listener.handle.clone(),
            following: 0,
            behind: 0,
        });
        match listener.standing {
            Standing::Behind(_) | Standing::Gone(_) => group.behind += 1,
            Standing::Following => group.following += 1,
        }
        self.places.insert(place, listener);
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<Listener<L>> {
        let listener = self.places.remove(&place)?;
        let key = (listener.right, place.link);
        if let Some(group) = self.groups.get_mut(&key) {
            match listener.standing {
                Standing::Behind(_) | Standing::Gone(_) => group.behind -= 1,
                Standing::Following => group.following -= 1,
            }
            if group.behind + group.following == 0 {
                self.groups.remove(&key);
            }
        }
        Some(listener)
    }

    pub(super) fn remove_link(&mut self, link: LinkId) {
        let first = Place { link, index: 0 };
        let last = Place { link, index: u32::MAX };
        let gone: Vec<Place> = self.places.range(first..=last).map(|(place, _)| *place).collect();
        for place in gone {
            self.remove(place);
        }
    }

    pub(super) fn get(&self, place: Place) -> Option<&Listener<L>> {
        self.places.get(&place)
    }

    pub(super) fn set_standing(&mut self, place: Place, standing: Standing) {
        if let Some(listener) = self.remove(place) {
            self.insert(place, Listener { standing, ..listener });
        }
    }

    /// The links whose seats with this right all follow.
    pub(super) fn following(&self, right: Right) -> impl Iterator<Item = &L> {
        let class = self.groups.range((right, LinkId([0; 16]))..=(right, LinkId([255; 16])));
        class.filter(|(_, group)| group.behind == 0 && group.following > 0).map(|(_, group)| &group.handle)
    }

    /// The seats that follow on links where another does not, and must be told by themselves.
    pub(super) fn following_alone(&self, right: Right) -> Vec<Place> {
        let class = self.groups.range((right, LinkId([0; 16]))..=(right, LinkId([255; 16])));
        let mixed = class.filter(|(_, group)| group.behind > 0 && group.following > 0);
        let mut alone = Vec::new();
        for ((_, link), _) in mixed {
            let (first, last) = (Place { link: *link, index: 0 }, Place { link: *link, index: u32::MAX });
            let places = self.places.range(first..=last);
            let follow = places.filter(|(_, one)| one.right == right && one.standing == Standing::Following);
            alone.extend(follow.map(|(place, _)| *place));
        }
        alone
    }

    /// The places of one participant.
    pub(super) fn of(&self, participant: ParticipantId) -> Vec<Place> {
        let own = self.places.iter().filter(|(_, listener)| listener.participant == participant);
        own.map(|(place, _)| *place).collect()
    }
}
