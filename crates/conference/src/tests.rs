//! The rules on examples, the words by which they travel, and properties of random histories.

mod histories;
mod limits;
mod rules;
mod words;

use convene_model::{Json, Name, ParticipantId, Timestamp};

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
#[derive(Default)]
struct Conference {
    state: State,
    log: Vec<(Event, Audience)>,
    entries: u64,
}

impl Conference {
    /// Decides a command, and gives the events of its entry.
    fn wish(&mut self, actor: Actor, command: &Command) -> Result<Vec<(Event, Audience)>, Refusal> {
        let now = Timestamp::from_millis(1_000);
        let decided = decide(&self.state, &Context { actor, now, random: [7; 16] }, command)?;
        self.entries += 1;
        let by = if let Actor::Participant(id) = actor { Some(id) } else { None };
        let events = Stamp { seq: self.entries, at: now, by, command: None }.events(decided);
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

fn keys(state: &State) -> Vec<String> {
    state.public().participants().iter().map(|(_, one)| Name::key_of(&one.name)).collect()
}
