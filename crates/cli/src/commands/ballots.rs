//! `convene ballot` and `vote`.

use std::collections::BTreeMap;

use convene_command_lines::convene::Words;
use convene_conference::{Ballot, reads_alike};
use convene_model::{BallotId, OptionId};
use serde_json::json;

use super::Context;
use super::conference::Scene;
use crate::output;
use crate::stop::Stop;

pub(super) async fn ballot(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    match scene.words.as_slice() {
        [] => show_all(&scene),
        ["open", question, options @ ..] if options.len() >= 2 => {
            scene.want(&json!({ "kind": "open_ballot", "question": question, "options": options })).await
        }
        ["close"] => scene.want(&json!({ "kind": "close_ballot" })).await,
        _ => Err(scene.misused()),
    }
}

fn show_all(scene: &Scene<'_>) -> Result<(), Stop> {
    let ballots = scene.public().ballots();
    if ballots.iter().next().is_none() && !scene.context.json {
        output::line(&scene.context.wording.about("ballot-none", &[]))?;
    }
    let own = scene.me.and_then(|me| scene.state.own(me));
    for (id, ballot) in ballots.iter() {
        let vote = own.and_then(|own| own.votes().get(&id)).map(|vote| vote.option);
        show(scene, id, ballot, vote)?;
    }
    Ok(())
}

fn show(scene: &Scene<'_>, id: BallotId, ballot: &Ballot, vote: Option<OptionId>) -> Result<(), Stop> {
    let Context { wording, json, .. } = scene.context;
    if *json {
        let mut line = json!({
            "ballot": id, "question": ballot.question, "options": ballot.options, "turnout": ballot.turnout,
            "open": ballot.result.is_none(),
        });
        if let Some(line) = line.as_object_mut() {
            line.extend(ballot.result.as_ref().map(|result| ("result".to_owned(), json!(result))));
            line.extend(vote.map(|vote| ("vote".to_owned(), json!(vote))));
        }
        return Ok(output::json(&line)?);
    }
    let key = if ballot.result.is_none() { "ballot-open" } else { "ballot-over" };
    let turnout = wording.about(key, &[("count", &ballot.turnout.to_string())]);
    output::line(&format!("{}  ({turnout})", output::inert(&ballot.question)))?;
    for (option, text) in &ballot.options {
        let count = ballot.result.as_ref().map(|result| result.get(option).copied().unwrap_or_default());
        let count = count.map_or_else(String::new, |count| format!("  {count}"));
        let yours = vote.filter(|vote| vote == option).map(|_| wording.about("ballot-yours", &[]));
        let yours = yours.map_or_else(String::new, |yours| format!("  ({yours})"));
        output::line(&format!("  {:>2}  {}{count}{yours}", option.0, output::inert(text)))?;
    }
    Ok(())
}

pub(super) async fn vote(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    let [word] = scene.words.as_slice() else { return Err(scene.misused()) };
    let Some((ballot, open)) = scene.public().ballots().open() else {
        return Err(Stop::Usage(context.wording.word("no_ballot")));
    };
    let option =
        option(&open.options, word).ok_or_else(|| Stop::Usage(context.wording.word("option_unknown")))?;
    scene.want(&json!({ "kind": "vote", "ballot": ballot, "option": option })).await
}

/// The option with this text, id or number.
fn option(options: &BTreeMap<OptionId, String>, word: &str) -> Option<OptionId> {
    let text = options.iter().find(|(_, text)| *text == word).map(|(id, _)| *id);
    let id = || word.parse().ok().or_else(|| word.parse().ok().map(OptionId));
    let alike = || options.iter().find(|(_, text)| reads_alike(text, word)).map(|(id, _)| *id);
    text.or_else(|| id().filter(|id| options.contains_key(id))).or_else(alike)
}
