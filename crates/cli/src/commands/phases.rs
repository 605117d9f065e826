//! `convene phase`.

use convene_command_lines::convene::Words;
use convene_conference::Phase;
use convene_model::Timestamp;
use serde_json::{Value, json};

use super::Context;
use super::conference::Scene;
use crate::output;
use crate::stop::Stop;

pub(super) async fn run(words: &Words, context: &Context) -> Result<(), Stop> {
    let scene = Scene::look(words, context).await?;
    let (kind, minutes) = match scene.words.as_slice() {
        [] => return show_all(&scene),
        ["skip"] => return scene.want(&json!({ "kind": "skip_phase" })).await,
        ["extend", minutes] => ("extend_phase", minutes),
        ["shorten", minutes] => ("shorten_phase", minutes),
        _ => return Err(scene.misused()),
    };
    let minutes: u32 = minutes.parse().map_err(|_| Stop::Usage(context.wording.word("minutes_invalid")))?;
    scene.want(&json!({ "kind": kind, "minutes": minutes })).await
}

/// A phase, and when it is to begin.
struct Line<'a> {
    number: u32,
    phase: &'a Phase,
    /// By the plan with which the conference began.
    planned: Option<Timestamp>,
    /// By what has happened since, until it begins.
    expected: Option<Timestamp>,
    /// The milliseconds that are left of the phase that runs.
    left: Option<i64>,
}

/// The plan, the actual times, and the rest of the phase that runs: by the server's clock.
fn show_all(scene: &Scene<'_>) -> Result<(), Stop> {
    let Context { wording, json, .. } = scene.context;
    let schedule = scene.public().schedule();
    if let Some(opens) = schedule.opens().filter(|_| !json) {
        output::line(&wording.about("phase-opens", &[("time", &scene.context.time(opens))]))?;
    }
    if schedule.phases().is_empty() && !json {
        output::line(&wording.about("phase-none", &[]))?;
    }
    for line in &lines(scene) {
        if *json {
            output::json(&line.json())?;
        } else {
            output::line(&format!("{:3}  {}", line.number, line.sentence(scene.context)))?;
        }
    }
    Ok(())
}

fn lines<'a>(scene: &'a Scene<'_>) -> Vec<Line<'a>> {
    let public = scene.public();
    let schedule = public.schedule();
    let now = scene.context.clock.now().as_millis().saturating_add(scene.clock_offset_ms);
    let current = schedule.current().map(|(number, _)| number);
    let behind = |at: Option<Timestamp>, phase: &Phase| {
        let lasts = i64::from(phase.minutes) * 60_000;
        at.map(|at| Timestamp::from_millis(at.as_millis().saturating_add(lasts)))
    };
    let (mut planned, mut expected) = (public.settings().start, schedule.opens());
    let line = |(number, phase): (&u32, &'a Phase)| {
        let ends = phase.ends.filter(|_| current == Some(*number));
        let left = ends.map(|ends| (ends.as_millis() - now).max(0));
        let line = Line { number: *number, phase, planned, expected, left };
        planned = behind(planned, phase);
        expected = if phase.began.is_some() { ends } else { behind(expected, phase) };
        line
    };
    schedule.phases().iter().map(line).collect()
}

impl Line<'_> {
    fn json(&self) -> Value {
        let Phase { kind, round, rounds, minutes, began, ends } = self.phase;
        let mut line = json!({
            "phase": self.number, "kind": kind, "round": round, "rounds": rounds, "minutes": minutes,
            "current": self.left.is_some(),
        });
        if let Some(line) = line.as_object_mut() {
            let times =
                [("planned", self.planned), ("expected", self.expected), ("began", *began), ("ends", *ends)];
            let known = times.into_iter().filter_map(|(name, time)| Some((name.to_owned(), json!(time?))));
            line.extend(known);
            line.extend(self.left.map(|left| ("left_ms".to_owned(), json!(left))));
        }
        line
    }

    fn sentence(&self, context: &Context) -> String {
        let Self { phase, planned, expected, left, .. } = self;
        let wording = &context.wording;
        let clock = |at: Timestamp| context.time(at);
        let name = wording.phase(&phase.kind, phase.round, phase.rounds);
        let time = |at: Option<Timestamp>| at.map_or_else(String::new, clock);
        let (began, ends) = (time(phase.began), time(phase.ends));
        let told = match (left, phase.began, expected) {
            (Some(left), ..) => {
                // A minute that has begun counts.
                let left = ((left + 59_999) / 60_000).to_string();
                let fields = [("phase", name.as_str()), ("began", &began), ("ends", &ends), ("left", &left)];
                wording.about("phase-runs", &fields)
            }
            (None, Some(_), _) => {
                wording.about("phase-over", &[("phase", &name), ("began", &began), ("ends", &ends)])
            }
            (None, None, Some(expected)) => {
                let (minutes, begins) = (phase.minutes.to_string(), clock(*expected));
                let fields = [("phase", name.as_str()), ("begins", &begins), ("minutes", &minutes)];
                wording.about("phase-planned", &fields)
            }
            (None, None, None) => name,
        };
        let actual = phase.began.or(*expected);
        let moved = planned.filter(|planned| actual.is_some_and(|actual| clock(actual) != clock(*planned)));
        let moved = moved.map(|planned| wording.about("phase-moved", &[("planned", &clock(planned))]));
        told + &moved.map_or_else(String::new, |moved| format!(" {moved}"))
    }
}
