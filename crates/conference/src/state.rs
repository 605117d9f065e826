//! A conference as it stands after some entry: the fold of its events.

mod fold;

use std::collections::{BTreeMap, BTreeSet};

use convene_model::{BallotId, JoinCode, OptionId, ParticipantId, RoomId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{Checks, KnownAccess};
use crate::attendance::{Codes, Participants};
use crate::ballots::Ballots;
use crate::event::Event;
use crate::filling::FULL_PERCENT;
use crate::patch::{self, Touched};
use crate::phases::Schedule;
use crate::rooms::Rooms;
use crate::settings::Settings;
use crate::tables::Tables;

/// The conference, as far as its holder may know it: the server holds every participant's own part,
/// a seat only that of its participant. Two states that folded the same events are equal, on any
/// machine.
///
/// It holds what others must not see, so it cannot be serialized. A seat is sent
/// [`State::seen_by`], and the server's own snapshot is a [`StoredState`]:
///
/// ```
/// # use convene_conference::{State, StoredState};
/// serde_json::to_string(&StoredState::from(State::default())).unwrap();
/// ```
/// ```compile_fail
/// # use convene_conference::{State, StoredState};
/// serde_json::to_string(&State::default()).unwrap();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    public: Public,
    own: BTreeMap<ParticipantId, Own>,
    checks: Checks,
}

/// The part of a state that everyone may know.
///
/// Its JSON is read by frontends in any language, as merge patches (RFC 7396): nothing in it is
/// null, no array grows, and what has ids is a map.
///
/// A field that is added later needs a default: a snapshot of before lacks it. The first fields
/// have none, so that a damaged snapshot is an error and not an empty conference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Public {
    /// As its organizer wanted it.
    pub(crate) settings: Settings,
    /// Whether the conference is over.
    pub(crate) ended: bool,
    /// Everyone who takes part or took part.
    pub(crate) participants: Participants,
    /// When it opens, and what follows when.
    #[serde(default)]
    pub(crate) schedule: Schedule,
    /// The open rooms beside those that every conference has.
    #[serde(default, skip_serializing_if = "Rooms::is_unused")]
    pub(crate) rooms: Rooms,
    /// The café tables at which somebody sits.
    #[serde(default, skip_serializing_if = "Tables::is_unused")]
    pub(crate) tables: Tables,
    /// The ballots.
    #[serde(default, skip_serializing_if = "Ballots::is_unused")]
    pub(crate) ballots: Ballots,
    /// Whether no newcomers are let in; left out where they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) doors_locked: bool,
    /// How much of the data that it may hold it holds, in percent: the last mark that was passed,
    /// 80 or 100; left out before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) filled: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The part of a state that only one participant may know. Everything in it names the entry by
/// which it came to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Own {
    /// The codes that open the conference, which organizers know.
    #[serde(skip_serializing_if = "Option::is_none")]
    codes: Option<KnownCodes>,
    /// Their personal link.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<KnownLink>,
    /// The tables to which they were asked.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    invitations: BTreeMap<RoomId, Invitation>,
    /// Their votes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    votes: BTreeMap<BallotId, CastVote>,
    /// The access checks that they know of: organizers those of everyone, others their own.
    // Empty in a state, which holds each check once: filled where the part is made for its seat.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    accesses: BTreeMap<ParticipantId, KnownAccess>,
}

/// Codes that an organizer knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownCodes {
    /// The codes, each with the role that it gives.
    pub by_code: Codes,
    /// The number of the entry.
    pub seq: u64,
}

/// A participant's personal link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownLink {
    /// Its code.
    pub code: JoinCode,
    /// The number of the entry.
    pub seq: u64,
}

/// An invitation to a café table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    /// Who asked.
    pub by: ParticipantId,
    /// The number of the entry.
    pub seq: u64,
}

/// A vote that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CastVote {
    /// The option.
    pub option: OptionId,
    /// The number of the entry.
    pub seq: u64,
}

impl Own {
    /// The codes that open the conference, for an organizer.
    pub fn codes(&self) -> Option<&KnownCodes> {
        self.codes.as_ref()
    }

    /// Their personal link.
    pub fn link(&self) -> Option<&KnownLink> {
        self.link.as_ref()
    }

    /// The tables to which they were asked.
    pub fn invitations(&self) -> &BTreeMap<RoomId, Invitation> {
        &self.invitations
    }

    /// Their votes.
    pub fn votes(&self) -> &BTreeMap<BallotId, CastVote> {
        &self.votes
    }

    /// What came to be from this entry on: a key that replaced others knows no more.
    #[must_use]
    pub fn since(&self, number: u64) -> Self {
        let Self { codes, link, invitations, votes, accesses } = self;
        Self {
            codes: codes.clone().filter(|codes| codes.seq >= number),
            link: link.filter(|link| link.seq >= number),
            invitations: invitations
                .iter()
                .filter(|(_, invitation)| invitation.seq >= number)
                .map(|(table, invitation)| (table.clone(), *invitation))
                .collect(),
            votes: votes
                .iter()
                .filter(|(_, vote)| vote.seq >= number)
                .map(|(id, vote)| (*id, *vote))
                .collect(),
            accesses: accesses
                .iter()
                .filter(|(_, known)| known.seq >= number)
                .map(|(whose, known)| (*whose, known.clone()))
                .collect(),
        }
    }
}

/// The state as one participant may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct View<'a> {
    /// The part that everyone may know.
    pub public: &'a Public,
    /// The part that only this participant may know.
    pub own: Own,
}

/// A whole state as the server keeps it for itself, every participant's own part included.
///
/// Invariant: it is written into the server's log and sent to nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredState {
    public: Public,
    own: BTreeMap<ParticipantId, Own>,
    #[serde(default, skip_serializing_if = "Checks::is_unused")]
    checks: Checks,
}

/// Everyone's own part, without what is public. It cannot be serialized, as a [`State`] cannot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnParts {
    own: BTreeMap<ParticipantId, Own>,
    checks: Checks,
    organizers: BTreeSet<ParticipantId>,
}

impl OwnParts {
    /// The own part of one participant.
    pub fn of(&self, participant: ParticipantId) -> Own {
        let accesses = self.checks.seen_by(participant, self.organizers.contains(&participant));
        Own { accesses, ..self.own.get(&participant).cloned().unwrap_or_default() }
    }
}

impl State {
    /// The state of a seat, from the two parts of a snapshot.
    pub fn of_seat(participant: ParticipantId, public: Public, mut own: Own) -> Self {
        let checks = Checks::of(std::mem::take(&mut own.accesses));
        let own = if own == Own::default() { BTreeMap::new() } else { BTreeMap::from([(participant, own)]) };
        Self { public, own, checks }
    }

    /// The state of a seat, as [`View`] writes it.
    ///
    /// # Errors
    /// When the text is no such state.
    pub fn read_view(participant: ParticipantId, text: &str) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Written {
            public: Public,
            #[serde(default)]
            own: Own,
        }
        let Written { public, own } = serde_json::from_str(text)?;
        Ok(Self::of_seat(participant, public, own))
    }

    /// The part that everyone may know.
    pub fn public(&self) -> &Public {
        &self.public
    }

    /// The state as a seat of this participant may have it.
    pub fn seen_by(&self, participant: ParticipantId) -> View<'_> {
        let own = self.own.get(&participant).cloned().unwrap_or_default();
        View { public: &self.public, own: Own { accesses: self.accesses(participant), ..own } }
    }

    /// The own parts of everyone, without what is public.
    pub fn own_parts(&self) -> OwnParts {
        let organizers = self.public.participants.organizers().collect();
        OwnParts { own: self.own.clone(), checks: self.checks.clone(), organizers }
    }

    /// The own part of a participant, as far as the holder of this state may know it, but for the
    /// access checks: [`State::accesses`].
    pub fn own(&self, participant: ParticipantId) -> Option<&Own> {
        self.own.get(&participant)
    }

    /// The access checks that a participant knows of, as far as the holder of this state may know
    /// them: an organizer those of everyone who told of one, others their own.
    pub fn accesses(&self, participant: ParticipantId) -> BTreeMap<ParticipantId, KnownAccess> {
        self.checks.seen_by(participant, self.public.participants.leads(participant))
    }

    /// The number of personal links.
    pub(crate) fn links(&self) -> usize {
        self.own.values().filter(|own| own.link.is_some()).count()
    }

    /// The participants who were asked to a table and have not answered.
    pub(crate) fn asked_to(&self, table: &RoomId) -> impl Iterator<Item = ParticipantId> {
        self.own.iter().filter(|(_, own)| own.invitations.contains_key(table)).map(|(id, _)| *id)
    }

    /// The tables to which a participant was asked.
    pub(crate) fn invitations_of(&self, participant: ParticipantId) -> impl Iterator<Item = &RoomId> {
        self.own.get(&participant).into_iter().flat_map(|own| own.invitations.keys())
    }

    /// The option for which a participant voted.
    pub(crate) fn vote_of(&self, participant: ParticipantId, ballot: BallotId) -> Option<OptionId> {
        self.own.get(&participant)?.votes.get(&ballot).map(|vote| vote.option)
    }

    /// All votes of a ballot.
    pub(crate) fn votes(&self, ballot: BallotId) -> impl Iterator<Item = (ParticipantId, OptionId)> {
        self.own.iter().filter_map(move |(id, own)| Some((*id, own.votes.get(&ballot)?.option)))
    }

    /// One of [`State::accesses`].
    pub(crate) fn access(&self, participant: ParticipantId, whose: ParticipantId) -> Option<KnownAccess> {
        self.checks.one_seen_by(participant, self.public.participants.leads(participant), whose)
    }

    /// The access checks of all who let them be known.
    pub(crate) fn checks(&self) -> &Checks {
        &self.checks
    }

    /// Takes the next event. An event that makes no sense in this state, because it is of a later
    /// version or rests on events that this state was not told, changes nothing.
    pub fn evolve(&mut self, event: &Event) {
        self.fold(event, &mut Touched::ignored());
    }

    /// Takes the events of the next entry, as [`State::evolve`] does, and gives the change as a
    /// JSON merge patch (RFC 7396) of what a seat of this participant may know:
    /// [`State::seen_by`]. Patches begin from `{}` with the first entry of a conference, in order.
    pub fn evolve_patched(&mut self, events: &[Event], participant: ParticipantId) -> serde_json::Value {
        let mut touched = Touched::noted();
        for event in events {
            self.fold(event, &mut touched);
        }
        patch::of(self, touched, participant)
    }
}

impl Public {
    /// The schedule: when it opens, and what follows when.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The open rooms beside those that every conference has.
    pub fn rooms(&self) -> &Rooms {
        &self.rooms
    }

    /// The café tables at which somebody sits.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The ballots.
    pub fn ballots(&self) -> &Ballots {
        &self.ballots
    }

    /// The settings of the conference.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether it is over.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Whether no newcomers are let in, but for organizers.
    pub fn doors_locked(&self) -> bool {
        self.doors_locked
    }

    /// The mark that was passed of what it may hold, in percent: 0, 80 or 100.
    pub fn filled(&self) -> u32 {
        self.filled
    }

    /// Whether nothing more can be written in it.
    pub fn is_full_of_data(&self) -> bool {
        self.filled >= FULL_PERCENT
    }

    /// Everyone who takes part or took part.
    pub fn participants(&self) -> &Participants {
        &self.participants
    }
}

impl From<State> for StoredState {
    fn from(State { public, own, checks }: State) -> Self {
        Self { public, own, checks }
    }
}

impl From<StoredState> for State {
    fn from(StoredState { public, own, checks }: StoredState) -> Self {
        Self { public, own, checks }
    }
}
