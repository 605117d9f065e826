//! Events as sentences.

use std::collections::BTreeMap;

use convene_conference::{Body, Event, Public, Role};
use convene_model::{BallotId, Json, OptionId, ParticipantId, RoomId, SeatName};
use serde_json::Value;

use crate::commands::{Context, conference};
use crate::output;
use crate::stop::Stop;

/// The names by which people know what events name by ids.
pub(super) struct Prose<'a> {
    context: &'a Context,
    /// The conference as it stood when the command began.
    public: Public,
    /// Names as events told them: people and rooms may have others now, or be gone.
    people: BTreeMap<ParticipantId, String>,
    rooms: BTreeMap<RoomId, String>,
    options: BTreeMap<(BallotId, OptionId), String>,
    questions: BTreeMap<BallotId, String>,
}

impl<'a> Prose<'a> {
    /// Asks the daemon for the names.
    pub(super) async fn new(name: &SeatName, context: &'a Context) -> Result<Self, Stop> {
        let (client, mut notifications) = context.listen().await?;
        let (_, state) = conference::state(&client, &mut notifications, name).await?;
        Ok(Self {
            context,
            public: state.public().clone(),
            people: BTreeMap::new(),
            rooms: BTreeMap::new(),
            options: BTreeMap::new(),
            questions: BTreeMap::new(),
        })
    }

    /// The line for an event.
    pub(super) fn line(&mut self, raw: &Json) -> String {
        let Ok(event) = serde_json::from_str::<Event>(raw.get()) else { return output::inert(raw.get()) };
        let sentence = if event.body == Body::Unknown { self.unknown(raw) } else { self.sentence(&event) };
        format!("{}  {sentence}", self.context.time(event.at))
    }

    fn unknown(&self, raw: &Json) -> String {
        let event: Value = serde_json::from_str(raw.get()).unwrap_or_default();
        let kind = event.pointer("/body/kind").and_then(Value::as_str).unwrap_or_default();
        self.context.wording.event("unknown", &[("kind", kind)])
    }

    fn sentence(&mut self, event: &Event) -> String {
        let by = event.by.map_or_else(String::new, |id| self.person(id));
        let wording = &self.context.wording;
        match &event.body {
            Body::Opened(opened) => wording.event("opened", &[("title", &opened.settings.title)]),
            Body::Said(said) => {
                let room = self.room(&said.room);
                wording.event("said", &[("person", &by), ("room", &room), ("text", &said.text)])
            }
            Body::Ended => wording.event("ended", &[]),
            Body::Joined(joined) => {
                self.people.insert(joined.participant, joined.name.clone());
                wording.event("joined", &[("person", &joined.name)])
            }
            Body::Left(left) => {
                let kind = if left.removed { "removed" } else { "left" };
                wording.event(kind, &[("person", &self.person(left.participant)), ("by", &by)])
            }
            Body::Renamed(renamed) => {
                let before = self.people.insert(renamed.participant, renamed.name.clone());
                let before = before.unwrap_or_else(|| renamed.participant.to_string());
                wording.event("renamed", &[("before", &before), ("person", &renamed.name)])
            }
            Body::RoleChanged(changed) => {
                let role = if changed.role == Role::Organizer { "organizer" } else { "other" };
                let person = self.person(changed.participant);
                wording.event("role_changed", &[("person", &person), ("role", role)])
            }
            Body::CodesTold(_) => wording.event("codes_told", &[]),
            Body::CodesReplaced(_) => wording.event("codes_replaced", &[]),
            Body::LinkTold(_) => wording.event("link_told", &[]),
            Body::DoorsLocked => wording.event("doors_locked", &[]),
            Body::DoorsOpened => wording.event("doors_opened", &[]),
            Body::Filled(filled) => wording.event("filled", &[("count", &filled.percent.to_string())]),
            Body::Went(_) | Body::RoomAdded(_) | Body::RoomClosed(_) => self.of_rooms(&event.body),
            Body::AskedToTable(_) | Body::TableDeclined(_) | Body::SatDown(_) | Body::StoodUp(_) => {
                self.of_tables(&event.body)
            }
            Body::Scheduled(_)
            | Body::Began(_)
            | Body::PhaseBegan(_)
            | Body::PhaseEnded(_)
            | Body::PhaseMoved(_) => self.of_phases(&event.body),
            Body::BallotOpened(_) | Body::Voted(_) | Body::Turnout(_) | Body::BallotClosed(_) => {
                self.of_ballots(&event.body)
            }
            Body::AccessTold(told) => {
                let (person, verdict) = (self.person(told.participant), told.verdict.as_str());
                let verdict = wording.named("access", verdict);
                wording.event("access_told", &[("person", &person), ("verdict", &verdict)])
            }
            Body::AccessesTold(told) => {
                let count: usize = told.groups.iter().map(|group| group.people.len()).sum();
                wording.event("accesses_told", &[("count", &count.to_string())])
            }
            Body::Unknown => String::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller chooses the kinds")]
    fn of_rooms(&mut self, body: &Body) -> String {
        let wording = &self.context.wording;
        match body {
            Body::Went(went) => {
                let (person, room) = (self.person(went.participant), self.room(&went.room));
                wording.event("went", &[("person", &person), ("room", &room)])
            }
            Body::RoomAdded(added) => {
                let named =
                    added.names.get(self.context.language.tag()).or_else(|| added.names.values().next());
                let named = named.cloned().unwrap_or_else(|| added.room.to_string());
                self.rooms.insert(added.room.clone(), named.clone());
                wording.event("room_added", &[("room", &named)])
            }
            Body::RoomClosed(closed) => wording.event("room_closed", &[("room", &self.room(&closed.room))]),
            _ => String::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller chooses the kinds")]
    fn of_tables(&self, body: &Body) -> String {
        let wording = &self.context.wording;
        match body {
            Body::AskedToTable(asked) => {
                let people: Vec<String> = asked.people.iter().map(|id| self.person(*id)).collect();
                let (person, room) = (self.person(asked.participant), self.room(&asked.table));
                let fields = [("person", person.as_str()), ("people", &people.join(", ")), ("room", &room)];
                wording.event("asked_to_table", &fields)
            }
            Body::TableDeclined(declined) => {
                let (person, room) = (self.person(declined.participant), self.room(&declined.table));
                wording.event("table_declined", &[("person", &person), ("room", &room)])
            }
            Body::SatDown(sat) => {
                let (person, room) = (self.person(sat.participant), self.room(&sat.table));
                wording.event("sat_down", &[("person", &person), ("room", &room)])
            }
            Body::StoodUp(stood) => wording.event("stood_up", &[("person", &self.person(stood.participant))]),
            _ => String::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller chooses the kinds")]
    fn of_phases(&self, body: &Body) -> String {
        let wording = &self.context.wording;
        match body {
            Body::Scheduled(scheduled) => {
                wording.event("scheduled", &[("time", &self.context.time(scheduled.opens))])
            }
            Body::Began(_) => wording.event("began", &[]),
            Body::PhaseBegan(began) => {
                let (phase, time) = (self.phase(began.phase), self.context.time(began.ends));
                wording.event("phase_began", &[("phase", &phase), ("time", &time)])
            }
            Body::PhaseEnded(ended) => wording.event("phase_ended", &[("phase", &self.phase(ended.phase))]),
            Body::PhaseMoved(moved) => {
                let (phase, time) = (self.phase(moved.phase), self.context.time(moved.ends));
                wording.event("phase_moved", &[("phase", &phase), ("time", &time)])
            }
            _ => String::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller chooses the kinds")]
    fn of_ballots(&mut self, body: &Body) -> String {
        let wording = &self.context.wording;
        match body {
            Body::BallotOpened(opened) => {
                self.questions.insert(opened.ballot, opened.question.clone());
                let options = opened.options.iter();
                self.options.extend(options.map(|(id, text)| ((opened.ballot, *id), text.clone())));
                wording.event("ballot_opened", &[("question", &opened.question)])
            }
            Body::Voted(voted) => {
                wording.event("voted", &[("option", &self.option(voted.ballot, voted.option))])
            }
            Body::Turnout(turnout) => wording.event("turnout", &[("count", &turnout.voted.to_string())]),
            Body::BallotClosed(closed) => {
                let votes = closed.votes.iter();
                let result: Vec<String> =
                    votes.map(|(id, count)| format!("{} {count}", self.option(closed.ballot, *id))).collect();
                let known = self.public.ballots().get(closed.ballot).map(|ballot| ballot.question.clone());
                let question = self.questions.get(&closed.ballot).cloned().or(known).unwrap_or_default();
                let fields = [("question", question.as_str()), ("result", &result.join(", "))];
                wording.event("ballot_closed", &fields)
            }
            _ => String::new(),
        }
    }

    fn person(&self, id: ParticipantId) -> String {
        let known = self.people.get(&id).cloned();
        let known = known.or_else(|| self.public.participants().get(id).map(|one| one.name.to_string()));
        known.unwrap_or_else(|| id.to_string())
    }

    fn room(&self, id: &RoomId) -> String {
        let told = self.rooms.get(id).cloned();
        told.unwrap_or_else(|| conference::room_name(&self.public, id, self.context))
    }

    fn phase(&self, number: u32) -> String {
        let known = self.public.schedule().phases().get(&number);
        known.map_or_else(
            || number.to_string(),
            |phase| self.context.wording.phase(&phase.kind, phase.round, phase.rounds),
        )
    }

    fn option(&self, ballot: BallotId, option: OptionId) -> String {
        let known = self.public.ballots().get(ballot).and_then(|ballot| ballot.options.get(&option));
        let known = self.options.get(&(ballot, option)).or(known);
        known.cloned().unwrap_or_else(|| option.to_string())
    }
}
