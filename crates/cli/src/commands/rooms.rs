//! `convene rooms`, `who`, `go` and `room`.

use std::collections::BTreeSet;

use convene_command_lines::convene::Words;
use convene_conference::Role;
use convene_model::{ParticipantId, RoomId};
use serde_json::json;

use super::Context;
use super::conference::Scene;
use crate::output;
use crate::stop::Stop;

pub(super) async fn list(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    if !scene.words.is_empty() {
        return Err(scene.misused());
    }
    let leads = scene.me.and_then(|me| scene.public().participants().get(me));
    let leads = leads.is_some_and(|me| me.role == Role::Organizer);
    let back = leads.then_some(RoomId::ORGANIZERS);
    let fixed = [RoomId::PLENARY, RoomId::FOYER].into_iter().chain(back);
    let mut rooms: Vec<_> = scene.public().rooms().iter().collect();
    rooms.sort_by_key(|(_, room)| room.number);
    let mut tables: Vec<_> = scene.public().tables().iter().collect();
    tables.sort_by_key(|(_, table)| table.number);
    let tables = tables.into_iter().map(|(id, _)| id.clone());
    for room in fixed.chain(rooms.into_iter().map(|(id, _)| id.clone())).chain(tables) {
        let people = stand_in(&scene, &room);
        let is_here = scene.me.is_some_and(|me| people.contains(&me));
        let name = scene.room_name(&room);
        if context.json {
            output::json(&json!({ "room": room, "name": name, "people": people.len(), "here": is_here }))?;
            continue;
        }
        let count = context.wording.about("room-people", &[("count", &people.len().to_string())]);
        let here = if is_here { format!(", {}", context.wording.about("you", &[])) } else { String::new() };
        output::line(&format!("{}  ({count}{here})", output::inert(&name)))?;
    }
    Ok(())
}

fn stand_in(scene: &Scene<'_>, room: &RoomId) -> BTreeSet<ParticipantId> {
    let everyone = scene.public().participants().iter();
    everyone.filter(|(_, one)| one.takes_part && one.room == *room).map(|(id, _)| id).collect()
}

pub(super) async fn who(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    let wanted = match scene.words.as_slice() {
        [] => None,
        [room] => Some(scene.room(room)?),
        _ => return Err(scene.misused()),
    };
    for (id, one) in scene.public().participants().iter() {
        if !one.takes_part || wanted.as_ref().is_some_and(|room| *room != one.room) {
            continue;
        }
        let online = scene.online.as_ref().map(|online| online.contains(&id));
        if context.json {
            let mut line = json!({ "participant": id, "name": one.name, "role": one.role, "room": one.room });
            if let (Some(online), Some(line)) = (online, line.as_object_mut()) {
                line.insert("online".to_owned(), online.into());
            }
            output::json(&line)?;
            continue;
        }
        let marks = [
            (scene.me == Some(id), "you"),
            (one.role == Role::Organizer, "is-organizer"),
            (online == Some(true), "is-online"),
        ];
        let marks: Vec<String> = marks
            .iter()
            .filter(|(is_so, _)| *is_so)
            .map(|(_, key)| context.wording.about(key, &[]))
            .collect();
        let marks = if marks.is_empty() { String::new() } else { format!("  ({})", marks.join(", ")) };
        let [name, room] = [one.name.as_str(), &scene.room_name(&one.room)].map(output::inert);
        output::line(&format!("{name}  @ {room}{marks}"))?;
    }
    Ok(())
}

pub(super) async fn go(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    let [room] = scene.words.as_slice() else { return Err(scene.misused()) };
    let room = scene.room(room)?;
    scene.want(&json!({ "kind": "go", "room": room })).await
}

pub(super) async fn room(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    match scene.words.as_slice() {
        ["add", name] => scene.want(&json!({ "kind": "add_room", "name": name })).await,
        ["close", room] => {
            let room = scene.room(room)?;
            scene.want(&json!({ "kind": "close_room", "room": room })).await
        }
        _ => Err(scene.misused()),
    }
}
