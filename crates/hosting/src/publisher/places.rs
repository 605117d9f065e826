//! Which seats are open on which links, and which wait to be.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use convene_conference::Receipt;
use convene_model::{ParticipantId, SeatKey};
use convene_protocol::{HistoryRequest, Resume};

use super::run::Reader;
use super::snapshots::Download;
use crate::messages::{LinkNumber, Place};

/// A seat that is open.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) key: SeatKey,
    /// The count of its resume.
    pub(super) count: u32,
    pub(super) reader: Reader,
    /// Up to where it was told by frames of its own. One that follows was also told what all were.
    pub(super) sent: u64,
    pub(super) progress: Progress,
    /// Receipts that must not reach it before what lies up to their numbers.
    pub(super) held: VecDeque<Receipt>,
    /// Pages of the past that it asked for and has not got.
    pub(super) history: VecDeque<HistoryRequest>,
    /// Whether the first of these is being read.
    pub(super) turning: bool,
}

/// The progress of a seat: what it was told, and what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// It is behind, and gets more when its link has room.
    AwaitsRoom,
    /// It is behind, and what it gets next is being read.
    AwaitsPage,
    /// A snapshot is on its way to it, and goes on when its link has room.
    AwaitsSnapshot,
    /// It was told everything, and is told what comes.
    Following,
    /// It was told all that it ever may read: its participant left, or its key was ended.
    Ended,
}

/// A seat that wants to be open.
#[derive(Debug)]
pub(super) struct Applicant {
    pub(super) resume: Arc<Resume>,
    /// The last number that its replica covers, without what is void.
    pub(super) cursor: u64,
    /// The highest number of its receipts, without those that are void.
    pub(super) receipts: u64,
    pub(super) void_after: Option<u64>,
    pub(super) awaits: Awaits,
}

impl Applicant {
    /// It waits for the log to be read.
    pub(super) fn new(resume: Arc<Resume>) -> Self {
        let replica = resume.replica.as_ref();
        let (cursor, receipts) = replica.map_or((0, 0), |replica| (replica.number, replica.receipts));
        Self { resume, cursor, receipts, void_after: None, awaits: Awaits::Entries(1) }
    }

    /// Whether it waits for the decider.
    pub(super) fn awaits_key(&self) -> bool {
        matches!(self.awaits, Awaits::Key(_))
    }
}

/// That for which a seat waits before it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaits {
    /// That the log is read up to this number: the seat knows more of it than this publisher.
    Entries(u64),
    /// That its key becomes a participant's.
    Key(SeatKey),
    /// A snapshot that may be made only in a while.
    Snapshot,
    /// That the snapshot is through that is on its way on its link.
    Download,
}

/// A link with seats.
#[derive(Debug)]
struct Link<L> {
    handle: L,
    /// The number of its seats that are here, open or not.
    seats: usize,
    /// The number of these seats that follow.
    following: usize,
    /// Whether a pipe carries it.
    living: bool,
    /// The snapshot that is under way on it.
    download: Option<Download>,
}

/// All seats.
///
/// Invariant: a seat is at most once in `open` or `applicants`; the other maps are made of these
/// two.
#[derive(Debug)]
pub(super) struct Places<L> {
    open: BTreeMap<Place, Seat>,
    applicants: BTreeMap<Place, Applicant>,
    of: BTreeSet<(ParticipantId, Place)>,
    ahead: BTreeSet<(u64, Place)>,
    joining: BTreeMap<SeatKey, BTreeSet<Place>>,
    unmade: BTreeSet<Place>,
    queued: BTreeSet<Place>,
    links: BTreeMap<LinkNumber, Link<L>>,
    /// The number of links that have seats that follow.
    following: usize,
    /// Those links; absent where they have changed since this was made.
    followers: Option<Arc<[L]>>,
}

impl<L> Default for Places<L> {
    fn default() -> Self {
        Self {
            open: BTreeMap::new(),
            applicants: BTreeMap::new(),
            of: BTreeSet::new(),
            ahead: BTreeSet::new(),
            joining: BTreeMap::new(),
            unmade: BTreeSet::new(),
            queued: BTreeSet::new(),
            links: BTreeMap::new(),
            following: 0,
            followers: None,
        }
    }
}

impl<L: Clone> Places<L> {
    /// A seat of this link comes; [`Places::open`] or [`Places::want`] must follow.
    pub(super) fn enter(&mut self, place: Place, handle: L) {
        let fresh = || Link { handle, seats: 0, following: 0, living: true, download: None };
        self.links.entry(place.link).or_insert_with(fresh).seats += 1;
    }

    /// A seat that entered is open.
    pub(super) fn open(&mut self, place: Place, seat: Seat) {
        self.of.insert((seat.reader.participant, place));
        let following = seat.progress == Progress::Following;
        self.open.insert(place, seat);
        if following {
            self.count_following(place.link, true);
        }
    }

    /// A seat that entered waits.
    pub(super) fn want(&mut self, place: Place, applicant: Applicant) {
        match applicant.awaits {
            Awaits::Entries(number) => {
                self.ahead.insert((number, place));
            }
            Awaits::Key(key) => {
                self.joining.entry(key).or_default().insert(place);
            }
            Awaits::Snapshot => {
                self.unmade.insert(place);
            }
            Awaits::Download => {
                self.queued.insert(place);
            }
        }
        self.applicants.insert(place, applicant);
    }

    /// Takes a seat out that waits; it is still one of its link's.
    pub(super) fn take_applicant(&mut self, place: Place) -> Option<Applicant> {
        let applicant = self.applicants.remove(&place)?;
        match applicant.awaits {
            Awaits::Entries(number) => {
                self.ahead.remove(&(number, place));
            }
            Awaits::Key(key) => remove_from(&mut self.joining, key, place),
            Awaits::Snapshot => {
                self.unmade.remove(&place);
            }
            Awaits::Download => {
                self.queued.remove(&place);
            }
        }
        Some(applicant)
    }

    /// The seat is gone, wherever it stood; says whether it was there.
    pub(super) fn remove(&mut self, place: Place) -> bool {
        let was_here = self.take_applicant(place).is_some() || self.take_open(place).is_some();
        if was_here {
            self.leave(place);
        }
        was_here
    }

    /// The seat that entered neither waits nor is open.
    pub(super) fn leave(&mut self, place: Place) {
        if let Some(link) = self.links.get_mut(&place.link) {
            link.seats -= 1;
            if link.seats == 0 {
                self.links.remove(&place.link);
            }
        }
    }

    fn take_open(&mut self, place: Place) -> Option<Seat> {
        let seat = self.open.remove(&place)?;
        self.of.remove(&(seat.reader.participant, place));
        if seat.progress == Progress::Following {
            self.count_following(place.link, false);
        }
        if let Some(link) = self.links.get_mut(&place.link)
            && let Some(download) = &mut link.download
            && download.leave(place.index)
        {
            link.download = None;
            self.end_queue(place.link);
        }
        Some(seat)
    }

    /// The snapshot on this link came to nothing: those that waited for its end wait for one of
    /// their own.
    fn end_queue(&mut self, link: LinkNumber) {
        for place in self.awaiting_download(link) {
            if let Some(applicant) = self.take_applicant(place) {
                self.want(place, Applicant { awaits: Awaits::Snapshot, ..applicant });
            }
        }
    }

    pub(super) fn set_progress(&mut self, place: Place, progress: Progress) {
        let Some(seat) = self.open.get_mut(&place) else { return };
        let before = std::mem::replace(&mut seat.progress, progress);
        let (was, is) = (before == Progress::Following, progress == Progress::Following);
        if was != is {
            self.count_following(place.link, is);
        }
    }

    fn count_following(&mut self, link: LinkNumber, follows: bool) {
        let Some(link) = self.links.get_mut(&link) else { return };
        let before = link.following > 0;
        link.following = if follows { link.following + 1 } else { link.following - 1 };
        if before != (link.following > 0) {
            self.following = if follows { self.following + 1 } else { self.following - 1 };
            self.followers = None;
        }
    }

    pub(super) fn get(&self, place: Place) -> Option<&Seat> {
        self.open.get(&place)
    }

    pub(super) fn get_mut(&mut self, place: Place) -> Option<&mut Seat> {
        self.open.get_mut(&place)
    }

    pub(super) fn applicant(&self, place: Place) -> Option<&Applicant> {
        self.applicants.get(&place)
    }

    pub(super) fn link(&self, link: LinkNumber) -> Option<L> {
        self.links.get(&link).map(|link| link.handle.clone())
    }

    pub(super) fn download(&mut self, link: LinkNumber) -> Option<&mut Option<Download>> {
        self.links.get_mut(&link).map(|link| &mut link.download)
    }

    pub(super) fn set_living(&mut self, link: LinkNumber, living: bool) {
        if let Some(link) = self.links.get_mut(&link) {
            link.living = living;
        }
    }

    /// The open seats of a participant.
    pub(super) fn of(&self, participant: ParticipantId) -> impl Iterator<Item = Place> {
        let first = Place { link: LinkNumber(0), index: 0 };
        let last = Place { link: LinkNumber(u64::MAX), index: u32::MAX };
        self.of.range((participant, first)..=(participant, last)).map(|(_, place)| *place)
    }

    /// The participants with open seats on links that a pipe carries, once for each seat.
    pub(super) fn online(&self) -> impl Iterator<Item = ParticipantId> {
        let lives = |place: &Place| self.links.get(&place.link).is_some_and(|link| link.living);
        self.of.iter().filter(move |(_, place)| lives(place)).map(|(participant, _)| *participant)
    }

    pub(super) fn opened(&self) -> Vec<Place> {
        self.open.keys().copied().collect()
    }

    pub(super) fn waiting(&self) -> Vec<Place> {
        self.applicants.keys().copied().collect()
    }

    pub(super) fn joining(&self) -> Vec<Place> {
        self.joining.values().flatten().copied().collect()
    }

    pub(super) fn joining_with(&self, key: SeatKey) -> Vec<Place> {
        self.joining.get(&key).into_iter().flatten().copied().collect()
    }

    /// Those that wait for the log to be read up to a number, `last` at most.
    pub(super) fn caught_up_with(&self, last: u64) -> Vec<Place> {
        self.ahead.iter().take_while(|(number, _)| *number <= last).map(|(_, place)| *place).collect()
    }

    /// Whether somebody waits for a snapshot to be made.
    pub(super) fn anyone_awaits_snapshot(&self) -> bool {
        !self.unmade.is_empty()
    }

    pub(super) fn awaiting_snapshot(&self) -> Vec<Place> {
        self.unmade.iter().copied().collect()
    }

    /// Those that wait until the snapshot is through that is on its way on this link.
    pub(super) fn awaiting_download(&self, link: LinkNumber) -> Vec<Place> {
        let (first, last) = (Place { link, index: 0 }, Place { link, index: u32::MAX });
        self.queued.range(first..=last).copied().collect()
    }

    pub(super) fn on(&self, link: LinkNumber) -> Vec<Place> {
        let (first, last) = (Place { link, index: 0 }, Place { link, index: u32::MAX });
        let open = self.open.range(first..=last).map(|(place, _)| *place);
        open.chain(self.applicants.range(first..=last).map(|(place, _)| *place)).collect()
    }

    pub(super) fn anyone_follows(&self) -> bool {
        self.following > 0
    }

    /// The number of links that have seats that follow.
    pub(super) fn listeners(&self) -> usize {
        self.following
    }

    /// The links with seats that follow.
    pub(super) fn followers(&mut self) -> Arc<[L]> {
        let Self { followers, links, .. } = self;
        let make =
            || links.values().filter(|link| link.following > 0).map(|link| link.handle.clone()).collect();
        Arc::clone(followers.get_or_insert_with(make))
    }

    /// The links of which more seats follow than `served` says.
    pub(super) fn followers_beside(&mut self, served: &BTreeMap<LinkNumber, usize>) -> Arc<[L]> {
        if served.is_empty() && !planted!(OthersUntold) {
            return self.followers();
        }
        let beside = |number: &LinkNumber| served.get(number).copied().unwrap_or(0);
        let links = self.links.iter().filter(|(number, link)| {
            link.following > beside(number) && !(planted!(OthersUntold) && link.following < link.seats)
        });
        links.map(|(_, link)| link.handle.clone()).collect()
    }
}

fn remove_from<K: Ord>(map: &mut BTreeMap<K, BTreeSet<Place>>, key: K, place: Place) {
    if let Some(places) = map.get_mut(&key) {
        places.remove(&place);
        if places.is_empty() {
            map.remove(&key);
        }
    }
}
