//! Who may go where, and who may add and close rooms.

use convene_model::RoomId;
use convene_model::limits::{ROOM_NAME_CHARS_MAX, ROOMS_MAX};

use super::{ANY_LANGUAGE, AddRoom, CloseRoom, Go, RoomAdded, RoomClosed, RoomNames, Went};
use crate::attendance::{Participant, Role, member, organizer};
use crate::command::Actor;
use crate::decide::Decided;
use crate::event::Body;
use crate::refusal::Refusal;
use crate::state::Public;

pub(crate) fn go(public: &Public, actor: Actor, go: &Go) -> Result<Vec<Decided>, Refusal> {
    let (id, known) = member(public, actor)?;
    if known.room == go.room {
        return Ok(Vec::new());
    }
    may_stand(public, known, &go.room)?;
    let went = Went { participant: id, room: go.room.clone() };
    Ok(vec![Decided::to_everyone(Body::Went(went))])
}

/// Whether a participant may stand in a room. One sits down at a café table by invitation only.
fn may_stand(public: &Public, one: &Participant, room: &RoomId) -> Result<(), Refusal> {
    let leads = one.role == Role::Organizer;
    if *room == RoomId::FOYER || *room == RoomId::ORGANIZERS && leads {
        Ok(())
    } else if *room == RoomId::PLENARY || public.rooms.get(room).is_some() {
        if public.schedule.is_open() { Ok(()) } else { Err(Refusal::NotOpenYet) }
    } else if *room == RoomId::ORGANIZERS || *room == RoomId::NEWS || public.tables.get(room).is_some() {
        Err(Refusal::RoomClosed)
    } else {
        Err(Refusal::RoomUnknown)
    }
}

/// Whether a room may be added, whatever its name; gives its id.
pub(crate) fn may_add(public: &Public, actor: Actor) -> Result<RoomId, Refusal> {
    organizer(public, actor)?;
    if public.rooms.len() >= ROOMS_MAX {
        return Err(Refusal::TooManyRooms);
    }
    public.rooms.next_id().ok_or(Refusal::TooManyRooms)
}

pub(crate) fn add(public: &Public, actor: Actor, add: &AddRoom) -> Result<Vec<Decided>, Refusal> {
    let room = may_add(public, actor)?;
    let name = add.name.trim();
    let is_line = !name.is_empty() && !name.chars().any(char::is_control);
    if !is_line || name.chars().count() > ROOM_NAME_CHARS_MAX {
        return Err(Refusal::RoomNameInvalid);
    }
    if public.rooms.iter().any(|(_, room)| room.names.values().any(|other| other == name)) {
        return Err(Refusal::RoomNameTaken);
    }
    let names = RoomNames::from([(ANY_LANGUAGE.to_owned(), name.to_owned())]);
    Ok(vec![Decided::to_everyone(Body::RoomAdded(RoomAdded { room, names }))])
}

/// Whether some room may be closed.
pub(crate) fn may_close(public: &Public, actor: Actor) -> Result<(), Refusal> {
    organizer(public, actor)?;
    if public.rooms.is_empty() { Err(Refusal::RoomUnknown) } else { Ok(()) }
}

pub(crate) fn close(public: &Public, actor: Actor, close: &CloseRoom) -> Result<Vec<Decided>, Refusal> {
    may_close(public, actor)?;
    let room = close.room.clone();
    public.rooms.get(&room).ok_or(Refusal::RoomUnknown)?;
    Ok(vec![Decided::to_everyone(Body::RoomClosed(RoomClosed { room }))])
}
