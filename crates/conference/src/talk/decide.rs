//! The rules on who may speak where, and who hears it.

use convene_model::{MessageText, RoomId, TextError};

use super::{Said, Say};
use crate::attendance::Role;
use crate::audience::{Audience, People};
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::Public;

pub(crate) fn say(public: &Public, actor: Actor, say: &Say) -> Result<Vec<Decided>, Refusal> {
    let Actor::Participant(id) = actor else { return Err(Refusal::NotParticipant) };
    let speaker = public.participants.get(id).filter(|one| one.takes_part).ok_or(Refusal::NotParticipant)?;
    if public.ended {
        return Err(Refusal::ConferenceEnded);
    }
    let room = say.room.as_ref().unwrap_or(&speaker.room);
    let audience = audience(public, room, speaker.role)?;
    let text = say.text.parse::<MessageText>().map_err(|error| match error {
        TextError::Empty => Refusal::TextEmpty,
        TextError::TooLong => Refusal::TextTooLong,
        TextError::Control => Refusal::TextControl,
    })?;
    let said = Said { room: room.clone(), text: text.to_string() };
    Ok(vec![Decided { body: Body::Said(said), audience }])
}

/// The audience for what is said in a room by someone with this role.
fn audience(public: &Public, room: &RoomId, role: Role) -> Result<Audience, Refusal> {
    if *room == RoomId::PLENARY || *room == RoomId::FOYER {
        Ok(Audience::Everyone)
    } else if *room == RoomId::ORGANIZERS && role == Role::Organizer {
        let organizers = People::new(public.participants.organizers().collect());
        organizers.map(Audience::Only).ok_or(Refusal::EntryTooLarge)
    } else if *room == RoomId::ORGANIZERS || *room == RoomId::NEWS {
        Err(Refusal::RoomClosed)
    } else {
        Err(Refusal::RoomUnknown)
    }
}
