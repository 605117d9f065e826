//! Saying something.

use convene_model::{MessageText, RoomId, TextError};

use super::Decided;
use crate::command::Actor;
use crate::event::{Audience, Body};
use crate::refusal::Refusal;
use crate::state::{Right, State};

pub(super) fn say(
    state: &State,
    actor: &Actor,
    room: Option<&RoomId>,
    text: &str,
) -> Result<Option<Decided>, Refusal> {
    let Actor::Participant(id) = *actor else { return Err(Refusal::NotParticipant) };
    let speaker = state.participant(id).filter(|speaker| speaker.present).ok_or(Refusal::NotParticipant)?;
    if state.ended() {
        return Err(Refusal::ConferenceEnded);
    }
    let room = room.unwrap_or(&speaker.room);
    let audience = audience(room, speaker.right)?;
    let text = text.parse::<MessageText>().map_err(|error| match error {
        TextError::Empty => Refusal::TextEmpty,
        TextError::TooLong => Refusal::TextTooLong,
        TextError::Control => Refusal::TextControl,
    })?;
    Ok(Some(Decided { body: Body::Said { room: room.clone(), text }, audience }))
}

/// Who hears what is said in a room by someone with this right.
fn audience(room: &RoomId, right: Right) -> Result<Audience, Refusal> {
    if *room == RoomId::PLENARY || *room == RoomId::FOYER {
        Ok(Audience::Everyone)
    } else if *room == RoomId::ORGANIZERS {
        if right == Right::Organizer { Ok(Audience::Organizers) } else { Err(Refusal::RoomClosed) }
    } else if *room == RoomId::NEWS {
        Err(Refusal::RoomClosed)
    } else {
        Err(Refusal::RoomUnknown)
    }
}
