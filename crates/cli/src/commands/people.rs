//! `convene table`, `organizer` and `rename`.

use std::collections::BTreeSet;

use convene_command_lines::convene::Words;
use convene_model::ParticipantId;
use serde_json::json;

use super::Context;
use super::conference::Scene;
use crate::output;
use crate::stop::Stop;

pub(super) async fn table(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    let body = match scene.words.as_slice() {
        [] => return show_tables(&scene),
        ["ask", people @ ..] if !people.is_empty() => {
            let people: Result<BTreeSet<ParticipantId>, Stop> =
                people.iter().map(|person| scene.person(person)).collect();
            json!({ "kind": "ask_to_table", "people": people? })
        }
        ["accept"] => json!({ "kind": "accept_table" }),
        ["accept", table] => json!({ "kind": "accept_table", "table": scene.room(table)? }),
        ["decline"] => json!({ "kind": "decline_table" }),
        ["decline", table] => json!({ "kind": "decline_table", "table": scene.room(table)? }),
        ["leave"] => json!({ "kind": "leave_table" }),
        _ => return Err(scene.misused()),
    };
    scene.want(&body).await
}

/// The tables with those who sit there, and the invitations of one's own.
fn show_tables(scene: &Scene<'_>) -> Result<(), Stop> {
    let Context { wording, json, .. } = scene.context;
    let asked = scene.me.and_then(|me| scene.state.own(me)).map(|own| own.invitations().clone());
    let asked = asked.unwrap_or_default();
    if scene.public().tables().is_empty() && !json {
        output::line(&wording.about("table-none", &[]))?;
    }
    for (id, table) in scene.public().tables().iter() {
        let invitation = asked.get(id);
        if *json {
            let mut line = json!({ "table": id, "people": table.seated.keys().collect::<Vec<_>>() });
            if let (Some(invitation), Some(line)) = (invitation, line.as_object_mut()) {
                line.insert("asked_by".to_owned(), json!(invitation.by));
            }
            output::json(&line)?;
            continue;
        }
        let people: Vec<String> = table.seated.keys().map(|person| scene.name(*person)).collect();
        let (room, people) = (scene.room_name(id), people.join(", "));
        output::line(&wording.about("table-sit", &[("room", &room), ("people", &people)]))?;
        if let Some(invitation) = invitation {
            let person = scene.name(invitation.by);
            output::line(&wording.about("table-asked", &[("room", &room), ("person", &person)]))?;
        }
    }
    Ok(())
}

pub(super) async fn organizer(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    let (kind, person) = match scene.words.as_slice() {
        ["add", person] => ("add_organizer", person),
        ["remove", person] => ("remove_organizer", person),
        _ => return Err(scene.misused()),
    };
    scene.want(&json!({ "kind": kind, "participant": scene.person(person)? })).await
}

pub(super) async fn rename(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    let [name] = scene.words.as_slice() else { return Err(scene.misused()) };
    scene.want(&json!({ "kind": "rename", "name": name })).await
}
