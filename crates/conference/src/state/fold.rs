//! The fold: how each event changes the state.

use convene_model::{ParticipantId, RoomId};

use super::{CastVote, Invitation, KnownCodes, KnownLink, Own, Public, State};
use crate::access::{AccessTold, AccessesTold};
use crate::attendance::{Codes, CodesReplaced, Joined, Left, LinkTold, Role, RoleChanged};
use crate::ballots::Voted;
use crate::event::{Body, Event};
use crate::filling::Filled;
use crate::patch::{Part, Touched};
use crate::phases::{Schedule, Scheduled};
use crate::rooms::{RoomClosed, Went};
use crate::tables::{AskedToTable, SatDown, TableDeclined};

impl State {
    pub(super) fn fold(&mut self, event: &Event, touched: &mut Touched) {
        let public = &mut self.public;
        let part = match &event.body {
            Body::Opened(opened) => {
                public.settings.clone_from(&opened.settings);
                Part::Everything
            }
            Body::Joined(joined) => return self.join(joined, touched),
            Body::Renamed(renamed) => {
                public.participants.renamed(renamed);
                Part::Participant(renamed.participant)
            }
            Body::Ended => public.end(),
            Body::DoorsLocked => public.set_doors(true),
            Body::DoorsOpened => public.set_doors(false),
            Body::Filled(filled) => public.fill(*filled),
            Body::RoomAdded(added) => {
                public.rooms.add(added);
                Part::Room(added.room.clone())
            }
            Body::PhaseBegan(began) => {
                public.schedule.begin(began);
                Part::Phase(began.phase)
            }
            Body::PhaseEnded(ended) => {
                public.schedule.end(ended);
                Part::Phase(ended.phase)
            }
            Body::PhaseMoved(moved) => {
                public.schedule.move_end(moved);
                Part::Phase(moved.phase)
            }
            Body::BallotOpened(opened) => {
                public.ballots.begin(opened);
                Part::Ballot(opened.ballot)
            }
            Body::Turnout(turnout) => {
                public.ballots.count(turnout);
                Part::Turnout(turnout.ballot)
            }
            Body::BallotClosed(closed) => {
                public.ballots.close(closed);
                Part::Ballot(closed.ballot)
            }
            Body::Left(left) => return self.leave(left, touched),
            Body::RoleChanged(changed) => return self.change_role(*changed, touched),
            Body::CodesTold(told) => {
                return self.tell_codes([told.participant], &told.codes, event.seq, touched);
            }
            Body::CodesReplaced(CodesReplaced { people, codes }) => {
                return self.tell_codes(people.iter().copied(), codes, event.seq, touched);
            }
            Body::LinkTold(told) => return self.tell_link(told, event.seq, touched),
            Body::RoomClosed(closed) => return public.close_room(closed, touched),
            Body::Went(went) => return self.go(went, touched),
            Body::SatDown(sat) => return self.sit_down(sat, touched),
            Body::StoodUp(stood) => return self.stand_up(stood.participant, touched),
            Body::AskedToTable(asked) => return self.ask(asked, event.seq, touched),
            Body::TableDeclined(TableDeclined { participant, table }) => {
                return self.forget_invitation(*participant, table, touched);
            }
            Body::Scheduled(scheduled) => return public.plan(scheduled, touched),
            Body::Began(_) => return public.begin(touched),
            Body::Voted(voted) => return self.vote(voted, event.seq, touched),
            Body::AccessTold(told) => return self.tell_access(told, event.seq, touched),
            Body::AccessesTold(told) => return self.tell_accesses(told, event.seq, touched),
            Body::Said(_) | Body::Unknown => return,
        };
        touched.note(|| part);
    }

    fn join(&mut self, joined: &Joined, touched: &mut Touched) {
        self.public.participants.joined(joined);
        touched.note(|| Part::Participant(joined.participant));
        touched.note(|| Part::Accesses(joined.participant));
    }

    fn change_role(&mut self, changed: RoleChanged, touched: &mut Touched) {
        self.public.participants.role_changed(changed);
        touched.note(|| Part::Participant(changed.participant));
        touched.note(|| Part::Accesses(changed.participant));
        if changed.role != Role::Organizer {
            self.know_codes(changed.participant, None, touched);
        }
    }

    fn go(&mut self, went: &Went, touched: &mut Touched) {
        self.stand_up(went.participant, touched);
        self.public.stand(went.participant, &went.room, touched);
    }

    fn vote(&mut self, voted: &Voted, seq: u64, touched: &mut Touched) {
        let Voted { ballot, participant, option } = *voted;
        let vote = CastVote { option, seq };
        self.own.entry(participant).or_default().votes.insert(ballot, vote);
        touched.note(|| Part::Vote(participant, ballot));
    }

    fn tell_access(&mut self, told: &AccessTold, seq: u64, touched: &mut Touched) {
        self.checks.tell(told, seq);
        touched.note(|| Part::Access(told.participant));
    }

    fn tell_accesses(&mut self, told: &AccessesTold, seq: u64, touched: &mut Touched) {
        self.checks.tell_all(told, seq);
        touched.note(|| Part::Accesses(told.participant));
    }

    fn tell_codes(
        &mut self,
        people: impl IntoIterator<Item = ParticipantId>,
        codes: &Codes,
        seq: u64,
        touched: &mut Touched,
    ) {
        for participant in people {
            let known = KnownCodes { by_code: codes.clone(), seq };
            self.know_codes(participant, Some(known), touched);
        }
    }

    fn know_codes(&mut self, participant: ParticipantId, known: Option<KnownCodes>, touched: &mut Touched) {
        let own = self.own.entry(participant).or_default();
        if own.codes != known {
            let gone = std::mem::replace(&mut own.codes, known);
            touched.note(|| Part::Codes(participant));
            for code in gone.into_iter().flat_map(|gone| gone.by_code.into_keys()) {
                touched.note(|| Part::GoneCode(participant, code));
            }
        }
        self.tidy(participant);
    }

    fn tell_link(&mut self, told: &LinkTold, seq: u64, touched: &mut Touched) {
        self.know_link(told.participant, Some(KnownLink { code: told.code, seq }), touched);
    }

    fn know_link(&mut self, participant: ParticipantId, known: Option<KnownLink>, touched: &mut Touched) {
        let own = self.own.entry(participant).or_default();
        if own.link != known {
            own.link = known;
            touched.note(|| Part::Link(participant));
        }
        self.tidy(participant);
    }

    fn leave(&mut self, left: &Left, touched: &mut Touched) {
        self.stand_up(left.participant, touched);
        self.public.participants.left(left);
        if left.removed {
            // Neither opens anything any more.
            self.know_codes(left.participant, None, touched);
            self.know_link(left.participant, None, touched);
        }
        touched.note(|| Part::Participant(left.participant));
        touched.note(|| Part::Accesses(left.participant));
        if let Some(own) = self.own.get_mut(&left.participant) {
            for table in std::mem::take(&mut own.invitations).into_keys() {
                touched.note(|| Part::Invitation(left.participant, table));
            }
        }
        self.tidy(left.participant);
    }

    fn ask(&mut self, asked: &AskedToTable, seq: u64, touched: &mut Touched) {
        // One that came to nothing before it was told is forgotten already.
        if self.public.tables.get(&asked.table).is_some() {
            for person in &asked.people {
                let invitation = Invitation { by: asked.participant, seq };
                let own = self.own.entry(*person).or_default();
                own.invitations.entry(asked.table.clone()).or_insert(invitation);
                touched.note(|| Part::Invitation(*person, asked.table.clone()));
            }
        }
    }

    fn sit_down(&mut self, sat: &SatDown, touched: &mut Touched) {
        let SatDown { table, participant } = sat;
        self.stand_up(*participant, touched);
        self.forget_invitation(*participant, table, touched);
        if let Some(known) = self.public.participants.get(*participant) {
            let from = known.room.clone();
            self.public.tables.sit_down(table, *participant, from);
            touched.note(|| Part::Seat(table.clone(), *participant));
            self.public.stand(*participant, table, touched);
        }
    }

    /// A participant who sits at a table stands where they stood before, or in the plenary, where
    /// that room is closed.
    fn stand_up(&mut self, participant: ParticipantId, touched: &mut Touched) {
        let public = &mut self.public;
        let Some(table) = public.participants.get(participant).map(|known| known.room.clone()) else {
            return;
        };
        let Some((from, is_gone)) = public.tables.stand_up(&table, participant) else { return };
        touched.note(|| Part::Seat(table.clone(), participant));
        let leads = public.participants.leads(participant);
        let is_there =
            from == RoomId::FOYER || from == RoomId::ORGANIZERS && leads || public.rooms.get(&from).is_some();
        let back = if is_there { from } else { RoomId::PLENARY };
        public.stand(participant, &back, touched);
        if is_gone {
            let asked: Vec<ParticipantId> = self.asked_to(&table).collect();
            asked.into_iter().for_each(|person| self.forget_invitation(person, &table, touched));
        }
    }

    fn forget_invitation(&mut self, participant: ParticipantId, table: &RoomId, touched: &mut Touched) {
        if let Some(own) = self.own.get_mut(&participant)
            && own.invitations.remove(table).is_some()
        {
            touched.note(|| Part::Invitation(participant, table.clone()));
        }
        self.tidy(participant);
    }

    /// Invariant: no own part is empty, so that two states that know the same are equal.
    fn tidy(&mut self, participant: ParticipantId) {
        if self.own.get(&participant).is_some_and(|own| *own == Own::default()) {
            self.own.remove(&participant);
        }
    }
}

impl Public {
    fn end(&mut self) -> Part {
        self.ended = true;
        Part::Ended
    }

    fn set_doors(&mut self, locked: bool) -> Part {
        self.doors_locked = locked;
        Part::Doors
    }

    fn fill(&mut self, filled: Filled) -> Part {
        self.filled = filled.percent;
        Part::Filled
    }

    fn plan(&mut self, scheduled: &Scheduled, touched: &mut Touched) {
        let before = std::mem::replace(&mut self.schedule, Schedule::of(scheduled));
        touched.note(|| Part::Schedule);
        for number in before.phases().keys().chain(self.schedule.phases().keys()) {
            touched.note(|| Part::Phase(*number));
        }
    }

    fn stand(&mut self, participant: ParticipantId, room: &RoomId, touched: &mut Touched) {
        self.participants.stand(participant, room);
        touched.note(|| Part::Standing(participant));
    }

    /// Everyone who stands in this room stands in the plenary.
    fn gather_from(&mut self, room: &RoomId, touched: &mut Touched) {
        let there = self.participants.iter().filter(|(_, one)| one.room == *room).map(|(id, _)| id);
        for participant in there.collect::<Vec<_>>() {
            self.stand(participant, &RoomId::PLENARY, touched);
        }
    }

    fn begin(&mut self, touched: &mut Touched) {
        self.schedule.open();
        touched.note(|| Part::Schedule);
        self.gather_from(&RoomId::FOYER, touched);
    }

    fn close_room(&mut self, closed: &RoomClosed, touched: &mut Touched) {
        self.rooms.close(&closed.room);
        touched.note(|| Part::Room(closed.room.clone()));
        self.gather_from(&closed.room, touched);
    }
}
