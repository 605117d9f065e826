//! One conference as it is watched: what it is, who is there, what is said and what waits.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use convene_conference::{May, Own, Participant, Permit, Public, Role, State};
use convene_local_api::{After, FoldedPoint, SeatState, StateNotification, WatchResult};
use convene_model::{LogId, ParticipantId, Point, RoomId, SeatName, TermId, Timestamp};

use crate::editor::Editor;

use super::pending::Pendings;
use super::people::{Person, everyone};
use super::talk::TalkLine;
use super::talking::Talking;
use super::unread::Marks;
use super::writing::Writing;

/// The key under which it is remembered what was read.
pub(crate) const MARKS: &str = "tui:read";

#[derive(Debug)]
pub(crate) struct Conference {
    /// As the daemon's list names the seat.
    pub(crate) name: SeatName,
    pub(crate) me: Option<ParticipantId>,
    pub(crate) log: Option<LogId>,
    /// None until the first answer.
    pub(crate) seat: Option<SeatState>,
    pub(crate) code: Option<String>,
    pub(crate) other_log: Option<LogId>,
    pub(crate) state: Option<State>,
    /// Parts of a state that have come.
    arriving: Option<Arriving>,
    pub(crate) cursor: u64,
    pub(crate) term: Option<TermId>,
    pub(crate) level: u32,
    pub(crate) may: Option<May>,
    /// Milliseconds by which the server's clock is ahead of this machine's.
    pub(crate) offset_ms: i64,
    pub(crate) online: Option<BTreeSet<ParticipantId>>,
    /// Everyone who takes part, in the order of lists.
    pub(crate) people: Vec<Person>,
    pub(crate) pendings: Pendings,
    pub(crate) talking: Talking,
    /// The field for the room that is looked at.
    pub(crate) composer: Editor,
    /// By key, such as `room:plenary`.
    pub(crate) writings: BTreeMap<String, Writing>,
    pub(crate) marks: Marks,
    /// By room, what was not read.
    pub(crate) unread: BTreeMap<RoomId, usize>,
    /// Whether it is known what the daemon keeps of that.
    pub(crate) has_drafts: bool,
    /// Whether the state was told once, and the talk began.
    pub(crate) has_begun: bool,
}

#[derive(Debug)]
struct Arriving {
    next: u64,
    parts: u64,
    text: String,
}

/// Whether something may be done, and otherwise why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allowed {
    Yes,
    No {
        code: String,
        /// When the conference opens, where that is why.
        opens: Option<Timestamp>,
    },
    /// The rules have not been told yet.
    NotTold,
}

impl Allowed {
    pub(crate) fn is_yes(&self) -> bool {
        *self == Self::Yes
    }
}

impl Conference {
    /// Of which nothing is known yet.
    pub(crate) fn new(name: SeatName) -> Self {
        Self {
            name,
            me: None,
            log: None,
            seat: None,
            code: None,
            other_log: None,
            state: None,
            arriving: None,
            cursor: 0,
            term: None,
            level: 0,
            may: None,
            offset_ms: 0,
            online: None,
            people: Vec::new(),
            pendings: Pendings::default(),
            talking: Talking::new(RoomId::PLENARY),
            composer: Editor::default(),
            writings: BTreeMap::new(),
            marks: Marks::default(),
            unread: BTreeMap::new(),
            has_drafts: false,
            has_begun: false,
        }
    }

    /// Takes the answer to a watch, and says whether its state can be read.
    pub(crate) fn watched(&mut self, answer: WatchResult) -> bool {
        self.me = answer.participant;
        (self.log, self.seat) = (answer.log, Some(answer.seat));
        (self.code, self.other_log) = (answer.code, answer.other_log);
        self.offset_ms = answer.clock_offset_ms.unwrap_or(self.offset_ms);
        if self.has_begun && answer.after > self.cursor {
            self.talking.pass_over(self.cursor, answer.after);
        }
        (self.cursor, self.term, self.level) = (answer.after, answer.term, answer.level);
        self.may = answer.may;
        self.arriving = None;
        self.pendings.tell_anew();
        match answer.state {
            Some(state) => self.read_state(state.get()),
            None => true,
        }
    }

    /// Takes a part of a state, and says whether it can be read.
    pub(crate) fn take_part(&mut self, part: &StateNotification) -> bool {
        if part.part == 0 {
            self.arriving = Some(Arriving { next: 0, parts: part.parts, text: String::new() });
        }
        let Some(mut arriving) = self.arriving.take() else { return false };
        if (part.part, part.parts) != (arriving.next, arriving.parts) {
            return false;
        }
        arriving.text.push_str(&part.data);
        arriving.next += 1;
        if arriving.next < arriving.parts {
            self.arriving = Some(arriving);
            return true;
        }
        self.read_state(&arriving.text)
    }

    fn read_state(&mut self, text: &str) -> bool {
        // Nobody has the number 0: a state without a participant holds nobody's own part.
        let participant = self.me.unwrap_or(ParticipantId(0));
        self.state = State::read_view(participant, text).ok();
        self.list_people();
        self.state.is_some()
    }

    /// Behind what to watch again.
    pub(crate) fn after(&self) -> Option<After> {
        let (number, level) = (self.cursor, self.level);
        let is_known = self.has_begun && self.state.is_some();
        self.term.filter(|_| is_known).map(|term| After::Folded(FoldedPoint { number, term, level }))
    }

    /// Where the conference is seen now.
    pub(crate) fn seen(&self) -> Option<Point> {
        self.term.map(|term| Point { number: self.cursor, term })
    }

    /// Makes the list of people anew.
    pub(crate) fn list_people(&mut self) {
        if let Some(state) = &self.state {
            self.people = everyone(state.public(), self.online.as_ref(), self.me);
        }
    }

    /// Counts anew what was not read.
    pub(crate) fn count_unread(&mut self) {
        self.unread = self.marks.unread(&self.talking.recent.lines, self.me);
    }

    /// Counts what was told just now.
    pub(crate) fn count_more(&mut self, lines: &[Rc<TalkLine>]) {
        for room in lines.iter().filter_map(|line| self.marks.unread_in(line, self.me)) {
            *self.unread.entry(room.clone()).or_default() += 1;
        }
    }

    /// The room that is looked at was read up to this entry; says whether that is news.
    pub(crate) fn read_through(&mut self, seq: u64) -> bool {
        let room = self.shown();
        self.unread.remove(&room);
        self.marks.read(&room, seq)
    }

    pub(crate) fn public(&self) -> Option<&Public> {
        self.state.as_ref().map(State::public)
    }

    /// What only this participant may know.
    pub(crate) fn own(&self) -> Option<&Own> {
        self.state.as_ref()?.own(self.me?)
    }

    /// Oneself.
    pub(crate) fn myself(&self) -> Option<&Participant> {
        self.public()?.participants().get(self.me?)
    }

    /// The name of a participant.
    pub(crate) fn name_of(&self, id: ParticipantId) -> &str {
        let known = self.public().and_then(|public| public.participants().get(id));
        known.map_or("", |known| known.name.as_str())
    }

    pub(crate) fn is_organizer(&self) -> bool {
        self.myself().is_some_and(|me| me.role == Role::Organizer)
    }

    /// Where one stands.
    pub(crate) fn room(&self) -> RoomId {
        self.myself().map_or(RoomId::PLENARY, |me| me.room.clone())
    }

    /// The room that is looked at.
    pub(crate) fn shown(&self) -> RoomId {
        self.talking.talk.room.clone().unwrap_or(RoomId::PLENARY)
    }

    /// Whether one sits at a café table.
    pub(crate) fn sits(&self) -> bool {
        let room = self.room();
        self.public().is_some_and(|public| public.tables().get(&room).is_some())
    }

    /// The tables to which one was asked, that are still there and where one does not sit.
    pub(crate) fn invitations(&self) -> Vec<(RoomId, ParticipantId)> {
        let (Some(own), Some(public)) = (self.own(), self.public()) else { return Vec::new() };
        let room = self.room();
        let there = own
            .invitations()
            .iter()
            .filter(|(table, _)| public.tables().get(table).is_some() && **table != room);
        there.map(|(table, invitation)| (table.clone(), invitation.by)).collect()
    }

    /// Whether a command of this kind may be given.
    pub(crate) fn may_act(&self, kind: &str) -> Allowed {
        let Some(may) = &self.may else { return Allowed::NotTold };
        may.acts.get(kind).map_or(Allowed::NotTold, allowed)
    }

    /// Whether one may speak in a room.
    pub(crate) fn may_speak(&self, room: &RoomId) -> Allowed {
        if self.seat == Some(SeatState::Left) {
            return Allowed::No { code: "not_participant".to_owned(), opens: None };
        }
        let Some(may) = &self.may else { return Allowed::NotTold };
        let closed = || Allowed::No { code: "room_closed".to_owned(), opens: None };
        may.speak.get(room).map_or_else(closed, allowed)
    }

    /// Whether this room is there for this participant: open, or a table where somebody sits.
    pub(crate) fn is_place(&self, room: &RoomId) -> bool {
        let is_open = self.may.as_ref().is_some_and(|may| may.speak.contains_key(room));
        is_open || self.public().is_some_and(|public| public.tables().get(room).is_some())
    }

    /// The server's time.
    pub(crate) fn server_time(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.as_millis().saturating_add(self.offset_ms))
    }

    /// The text that is written for the room that is looked at.
    pub(crate) fn writing(&mut self) -> &mut Writing {
        let key = draft_key(&self.shown());
        self.writings.entry(key).or_default()
    }

    /// The text of another frontend for this room, where one of two has to be chosen.
    pub(crate) fn other_draft(&self) -> Option<&str> {
        self.writings.get(&draft_key(&self.shown()))?.other()
    }

    /// Turns to a room: to its end, with what is being written for it.
    pub(crate) fn turn_to(&mut self, room: &RoomId) {
        self.talking.open(room);
        self.composer = Editor::new(self.writing().text());
    }
}

fn allowed(permit: &Permit) -> Allowed {
    if permit.allowed {
        return Allowed::Yes;
    }
    let code = permit.code.map_or("other", |code| code.as_str()).to_owned();
    Allowed::No { code, opens: permit.opens }
}

/// The key of the draft for a room.
pub(crate) fn draft_key(room: &RoomId) -> String {
    format!("room:{room}")
}
