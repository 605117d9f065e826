//! The rules on who may speak where, and who hears it.

use convene_model::{MessageText, RoomId, TextError};

use super::{Said, Say};
use crate::attendance::{Participant, Role, writer};
use crate::audience::{Audience, People};
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::State;
use crate::tables;

pub(crate) fn say(state: &State, actor: Actor, say: &Say) -> Result<Vec<Decided>, Refusal> {
    let (_, speaker) = writer(state.public(), actor)?;
    let room = say.room.as_ref().unwrap_or(&speaker.room);
    let audience = audience(state, room, speaker)?;
    let text = say.text.parse::<MessageText>().map_err(|error| match error {
        TextError::Empty => Refusal::TextEmpty,
        TextError::TooLong => Refusal::TextTooLong,
        TextError::Control => Refusal::TextControl,
    })?;
    let said = Said { room: room.clone(), text: text.to_string() };
    Ok(vec![Decided { body: Body::Said(said), audience, is_secret: false }])
}

/// Who hears what this participant says in a room, where they may speak there.
pub(crate) fn audience(state: &State, room: &RoomId, speaker: &Participant) -> Result<Audience, Refusal> {
    let public = state.public();
    let only = |people| People::new(people).map(Audience::Only).ok_or(Refusal::EntryTooLarge);
    if *room == RoomId::FOYER {
        return Ok(Audience::Everyone);
    }
    if *room == RoomId::ORGANIZERS && speaker.role == Role::Organizer {
        return only(public.participants.organizers().collect());
    }
    if let Some(seated) = tables::neighbours(state, room) {
        return if speaker.room == *room { only(seated) } else { Err(Refusal::RoomClosed) };
    }
    if *room == RoomId::PLENARY || public.rooms.get(room).is_some() {
        return if public.schedule.is_open() { Ok(Audience::Everyone) } else { Err(Refusal::NotOpenYet) };
    }
    Err(if *room == RoomId::ORGANIZERS || *room == RoomId::NEWS {
        Refusal::RoomClosed
    } else {
        Refusal::RoomUnknown
    })
}
