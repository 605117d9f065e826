//! What asks for an answer: invitations, how the seat stands, what came back, and two drafts.

use convene_conference::{Command, DeclineTable};
use convene_local_api::SeatState;
use convene_model::{ParticipantId, RoomId};

use crate::state::{Act, App, Choice, Conference, FormKind, Pending, Standing};
use crate::text::upper_first;
use crate::words::Tone;

/// One line above the talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Banner {
    pub(crate) tone: Tone,
    pub(crate) text: String,
    /// The answers that there are.
    pub(crate) choices: Vec<Choice>,
}

impl Banner {
    fn told(tone: Tone, text: String) -> Self {
        Self { tone, text, choices: Vec::new() }
    }
}

/// All of them, the most pressing first.
pub(crate) fn banners(app: &App) -> Vec<Banner> {
    let Some(conference) = &app.conference else { return Vec::new() };
    let mut banners: Vec<Banner> = invitations(app, conference);
    banners.extend(seat(app, conference));
    banners.extend(returned(app, conference));
    banners.extend(two_drafts(app, conference));
    banners.extend(filled(app, conference));
    banners
}

fn invitations(app: &App, conference: &Conference) -> Vec<Banner> {
    let Some(public) = conference.public() else { return Vec::new() };
    let banner = |(table, by): (RoomId, ParticipantId)| {
        let room = app.words.room(&table, public);
        let fields = [("person", conference.name_of(by)), ("room", room.as_str())];
        let text = app.words.with("table-asked", &fields);
        let decline = Command::DeclineTable(DeclineTable { table: Some(table.clone()) });
        let choices = vec![
            Choice::new(app.say("page-sit-down"), Act::SitDown(table)),
            Choice::new(app.say("page-not-now"), Act::Want(Box::new(decline))),
        ];
        Banner { tone: Tone::Busy, text, choices }
    };
    conference.invitations().into_iter().map(banner).collect()
}

/// Whatever came back and stands in no talk: everything but messages, and messages for rooms that
/// are gone.
fn returned(app: &App, conference: &Conference) -> Vec<Banner> {
    let is_in_talk = |pending: &Pending| {
        pending.message().is_some_and(|(room, _)| conference.shown() == *room || conference.is_place(room))
    };
    let back = conference.pendings.iter().filter(|pending| !pending.is_under_way() && !is_in_talk(pending));
    back.map(|pending| banner_of(app, pending)).collect()
}

fn banner_of(app: &App, pending: &Pending) -> Banner {
    let act = app.words.named("page-act", &kind_of(pending));
    let (what, why) = match pending.standing {
        Standing::Lost => (app.words.with("page-act-lost", &[("act", &act)]), app.say("page-lost-why")),
        Standing::Unsure => {
            let unsure = upper_first(&app.say("page-unsure"));
            (format!("{unsure}: {act}."), app.say("page-unsure-why"))
        }
        Standing::Refused | Standing::Waiting | Standing::Sent => {
            let code = pending.code.as_deref().unwrap_or("other");
            let what = app.words.with("page-act-refused", &[("act", &act)]);
            (what, app.words.why_not(code, pending.opens, app.now))
        }
    };
    let said = pending.message().map_or_else(String::new, |(_, text)| format!(" „{text}“"));
    Banner { tone: Tone::Bad, text: format!("{what} {why}{said}"), choices: ways_on(app, pending) }
}

/// What may be done with a command that came back; nothing with one that is under way.
pub(crate) fn ways_on(app: &App, pending: &Pending) -> Vec<Choice> {
    if pending.is_under_way() {
        return Vec::new();
    }
    let again = Choice::new(app.say("page-send-again"), Act::SendAgain(pending.id));
    let edit = Choice::new(app.say("page-edit"), Act::Edit(pending.id));
    let discard = Choice::new(app.say("page-discard"), Act::Discard(pending.id));
    let again = (pending.standing != Standing::Refused).then_some(again);
    let edit = pending.message().map(|_| edit);
    again.into_iter().chain(edit).chain([discard]).collect()
}

/// The word by which a command travels, one of a later version too.
fn kind_of(pending: &Pending) -> String {
    let body: serde_json::Value = serde_json::from_str(pending.body.get()).unwrap_or_default();
    body.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

fn two_drafts(app: &App, conference: &Conference) -> Option<Banner> {
    let other = conference.other_draft()?;
    let choices = vec![
        Choice::new(app.say("page-take-other"), Act::TakeOther),
        Choice::new(app.say("page-keep-mine"), Act::KeepMine),
    ];
    Some(Banner { tone: Tone::Busy, text: format!("{} „{other}“", app.say("page-other-draft")), choices })
}

/// How much the conference holds, once that is much: organizers can do something in time.
fn filled(app: &App, conference: &Conference) -> Option<Banner> {
    let public = conference.public().filter(|public| !public.ended())?;
    if public.is_full_of_data() {
        return Some(Banner::told(Tone::Bad, app.say("page-full")));
    }
    let percent = usize::try_from(public.filled()).ok().filter(|percent| *percent > 0)?;
    conference.is_organizer().then(|| Banner::told(Tone::Busy, app.words.count("page-nearly-full", percent)))
}

fn seat(app: &App, conference: &Conference) -> Option<Banner> {
    if conference.public().is_some_and(|public| public.ended()) {
        return Some(Banner::told(Tone::Busy, app.say("page-ended")));
    }
    let code = conference.code.as_deref();
    match conference.seat? {
        SeatState::NotHereNow => {
            let turn = |log| Choice::new(app.say("page-turn"), Act::Fill(FormKind::Turn(log)));
            let choices = conference.other_log.map(turn).into_iter().collect();
            let text = app.words.word(code.unwrap_or("not_here_now"));
            Some(Banner { tone: Tone::Busy, text, choices })
        }
        SeatState::Left if code.is_some() => Some(Banner::told(Tone::Bad, app.say("page-you-were-removed"))),
        SeatState::Left => Some(Banner::told(Tone::Busy, app.say("page-you-left"))),
        SeatState::Refused => Some(Banner::told(Tone::Bad, app.words.word(code.unwrap_or("refused")))),
        SeatState::Joining | SeatState::Joined => None,
    }
}
