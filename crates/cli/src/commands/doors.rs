//! `convene remove`, `doors` and `link`: who gets in, and by which links.

use std::collections::BTreeMap;

use convene_command_lines::convene::Words;
use convene_conference::{Own, Role};
use convene_local_api::{ConnectionWatch, Empty, List};
use convene_model::{JoinCode, JoinLink};
use serde_json::json;

use super::Context;
use super::conference::{Scene, is};
use crate::output;
use crate::stop::Stop;

pub(super) async fn remove(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    let [person] = scene.words.as_slice() else { return Err(scene.misused()) };
    scene.want(&json!({ "kind": "remove", "participant": scene.person(person)? })).await?;
    if !context.json {
        output::line(&context.wording.about("remove-next", &[]))?;
    }
    Ok(())
}

pub(super) async fn doors(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    let kind = match scene.words.as_slice() {
        [] => return show(&scene).await,
        ["lock"] => "lock_doors",
        ["open"] => "open_doors",
        _ => return Err(scene.misused()),
    };
    scene.want(&json!({ "kind": kind })).await
}

/// Shows one's own link, which is made where there is none.
pub(super) async fn link(words: &Words, context: &Context) -> Result<(), Stop> {
    let mut scene = Scene::look(words, context).await?;
    if !scene.words.is_empty() {
        return Err(scene.misused());
    }
    if code_of_link(&scene).is_none() {
        scene.want(&json!({ "kind": "make_link" })).await?;
        scene = Scene::look(words, context).await?;
    }
    // One that waits for the server is there later.
    let Some(code) = code_of_link(&scene) else { return Ok(()) };
    let Some(link) = links(&scene, &[code]).await?.pop() else {
        return Err(Stop::Usage(context.wording.about("page-no-links", &[])));
    };
    if context.json {
        return Ok(output::json(&json!({ "link": link.to_string() }))?);
    }
    output::line(&link.to_string())?;
    Ok(output::line(&context.wording.about("page-own-link-hint", &[]))?)
}

fn code_of_link(scene: &Scene<'_>) -> Option<JoinCode> {
    own(scene)?.link().map(|link| link.code)
}

fn own<'a>(scene: &'a Scene<'_>) -> Option<&'a Own> {
    scene.state.own(scene.me?)
}

/// Whether newcomers are let in; to organizers the links for them, too.
async fn show(scene: &Scene<'_>) -> Result<(), Stop> {
    let Context { wording, json, .. } = scene.context;
    let locked = scene.public().doors_locked();
    let codes = own(scene).and_then(Own::codes).map(|known| known.by_code.clone()).unwrap_or_default();
    let by_role: BTreeMap<Role, JoinCode> = codes.into_iter().map(|(code, role)| (role, code)).collect();
    let links = links(scene, &by_role.values().copied().collect::<Vec<_>>()).await?;
    let links: Vec<(Role, JoinLink)> = by_role.into_keys().zip(links).collect();
    if *json {
        let mut line = json!({ "locked": locked });
        if let Some(line) = line.as_object_mut() {
            let named =
                links.iter().map(|(role, link)| (format!("{}_link", word(*role)), json!(link.to_string())));
            line.extend(named);
        }
        return Ok(output::json(&line)?);
    }
    output::line(&wording.about(if locked { "page-doors-locked" } else { "page-doors-open" }, &[]))?;
    for (role, link) in &links {
        output::line(&wording.about(&format!("page-link-{}", word(*role)), &[]))?;
        output::line(&format!("  {link}"))?;
    }
    Ok(())
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Organizer => "organizer",
        Role::Participant | Role::Other => "participant",
    }
}

/// The join links with these codes; none, while the way to the server is not known.
async fn links(scene: &Scene<'_>, codes: &[JoinCode]) -> Result<Vec<JoinLink>, Stop> {
    let client = scene.context.connect().await?;
    let seats = client.call::<List>(&Empty {}).await?.conferences;
    let connections = client.call::<ConnectionWatch>(&Empty {}).await?.connections;
    let seat = seats.iter().find(|seat| is(seat, &scene.conference));
    let connection = seat.and_then(|seat| connections.iter().find(|one| one.server == seat.server));
    let known = seat.zip(connection);
    let link = |code: &JoinCode| known.map(|(seat, connection)| seat.join_link(connection, *code));
    Ok(codes.iter().filter_map(link).collect())
}
