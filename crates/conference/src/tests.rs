//! The rules on examples, the words by which they travel, and properties of random histories.

mod access;
mod ballots;
mod doors;
mod histories;
mod limits;
mod may;
mod phases;
mod rooms;
mod rules;
mod tables;
mod words;

use std::collections::BTreeSet;

use convene_model::{JoinCode, Json, ParticipantId, Timestamp};

use super::*;

fn newcomer() -> Actor {
    Actor::Newcomer { role: Role::Participant, was_participant: false }
}

fn organizer() -> Actor {
    Actor::Newcomer { role: Role::Organizer, was_participant: false }
}

/// A seat whose join a restored backup does not hold.
fn returning() -> Actor {
    Actor::Newcomer { role: Role::Participant, was_participant: true }
}

fn person(number: u32) -> Actor {
    Actor::Participant(ParticipantId(number))
}

fn join(name: &str) -> Command {
    Command::Join(Join { name: name.parse().unwrap() })
}

fn say(text: &str) -> Command {
    Command::Say(Say { room: None, text: text.to_owned() })
}

fn say_in(room: &str, text: &str) -> Command {
    Command::Say(Say { room: Some(room.parse().unwrap()), text: text.to_owned() })
}

/// A conference as a server runs it.
#[derive(Debug, Default)]
struct Conference {
    state: State,
    log: Vec<(Event, Audience)>,
    entries: u64,
    minute: i64,
}

impl Conference {
    /// As described, and with Olga, an organizer, then Anna, Bernd, Clara and so on.
    fn with(description: &Description, people: usize) -> Self {
        let mut conference = Self::default();
        conference.put(None, description.begin()).unwrap();
        assert!(conference.does(organizer(), &join("Olga")));
        for name in ["Anna", "Bernd", "Clara", "Doris", "Emil", "Frida", "Gerd", "Hanna"].iter().take(people)
        {
            assert!(conference.does(newcomer(), &join(name)));
        }
        conference
    }

    fn now(&self) -> Timestamp {
        minute(self.minute)
    }

    /// Decides a command, and gives the events of its entry.
    fn wish(&mut self, actor: Actor, command: &Command) -> Result<Vec<(Event, Audience)>, Refusal> {
        let now = self.now();
        // Other bits for each entry, as a server has them.
        let bits = 2 * u8::try_from(self.entries % 100).unwrap_or_default();
        let (codes, told) = self.codes();
        let random = [[bits; 16], [bits + 1; 16]];
        let context = Context { actor, now, random, codes: &codes, told: &told };
        let decided = decide(&self.state, &context, command)?;
        let by = if let Actor::Participant(id) = actor { Some(id) } else { None };
        self.put(by, decided)
    }

    /// The codes that open it, and those who were told them, as a server keeps them.
    fn codes(&self) -> (Codes, BTreeSet<ParticipantId>) {
        let (mut now, mut told) = (codes(), BTreeSet::new());
        for (event, _) in &self.log {
            if let Body::CodesTold(one) = &event.body {
                told.insert(one.participant);
            } else if let Body::CodesReplaced(replaced) = &event.body {
                (now, told) = (replaced.codes.clone(), replaced.people.clone());
            }
        }
        (now, told)
    }

    /// Lets time pass, and happen what is due meanwhile; gives how many entries that made.
    fn wait(&mut self, minutes: i64) -> usize {
        self.minute += minutes;
        let mut entries = 0;
        while let Some(decided) = due(&self.state, self.now()) {
            self.put(None, decided).unwrap();
            entries += 1;
            assert!(entries < 1_000, "the clock comes to no end");
        }
        entries
    }

    /// Where a participant stands.
    fn room(&self, number: u32) -> &str {
        self.state.public().participants().get(ParticipantId(number)).unwrap().room.as_str()
    }

    fn put(
        &mut self,
        by: Option<ParticipantId>,
        decided: Vec<Decided>,
    ) -> Result<Vec<(Event, Audience)>, Refusal> {
        self.entries += 1;
        let events = Stamp { seq: self.entries, at: self.now(), by, command: None }.events(decided);
        let texts: Vec<Json> = events.iter().map(|(event, _)| Json::of(event).unwrap()).collect();
        check_entry(&texts)?;
        for (event, _) in &events {
            self.state.evolve(event);
        }
        self.log.extend(events.iter().cloned());
        Ok(events)
    }

    /// Decides a command that is accepted, and says whether something happened.
    fn does(&mut self, actor: Actor, command: &Command) -> bool {
        !self.wish(actor, command).unwrap().is_empty()
    }

    fn refuses(&mut self, actor: Actor, command: &Command) -> Refusal {
        self.wish(actor, command).unwrap_err()
    }

    fn names(&self) -> Vec<&str> {
        self.state.public().participants().iter().map(|(_, one)| one.name.as_str()).collect()
    }

    /// The audience of the last event.
    fn audience(&self) -> &Audience {
        &self.log.last().unwrap().1
    }
}

fn codes() -> Codes {
    Codes::from([(JoinCode([1; 16]), Role::Participant), (JoinCode([2; 16]), Role::Organizer)])
}

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_millis(minute * 60_000)
}

fn people(numbers: &[u32]) -> BTreeSet<ParticipantId> {
    numbers.iter().copied().map(ParticipantId).collect()
}

/// An event without an actor.
fn event(body: Body) -> Event {
    Event { seq: 1, step: 1, at: Timestamp::from_millis(0), by: None, command: None, body }
}

fn joined(number: u32, name: &str, role: Role) -> Event {
    event(Body::Joined(Joined { participant: ParticipantId(number), name: name.to_owned(), role }))
}

/// As the server keeps it for itself.
fn stored(state: &State) -> State {
    let text = serde_json::to_string(&StoredState::from(state.clone())).unwrap();
    serde_json::from_str::<StoredState>(&text).unwrap().into()
}

/// The forms of all names, those of one name once.
fn forms_of_names(state: &State) -> Vec<String> {
    let names = state.public().participants().iter().map(|(_, one)| attendance::names::forms(&one.name));
    names.flat_map(BTreeSet::from).collect()
}
