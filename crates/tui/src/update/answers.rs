//! What follows from the daemon's answers.

use convene_conference::reads_alike;
use convene_local_api::{
    ActResult, CommandState, DraftGetResult, DraftSetResult, HistoryResult, JoinResult, JoinState,
    ListResult, ListedSeat, SeatState, Settings, WatchResult,
};
use convene_local_client::CallError;
use convene_model::{CommandId, SeatName};

use super::{acts, calls, drafts, forms, returned, told};
use crate::message::{Answer, Call, Effect};
use crate::state::talk::Page;
use crate::state::{Act, App, Conference, View, Wanted};
use crate::words::Tone;

pub(super) fn answered(app: &mut App, answer: Answer, effects: &mut Vec<Effect>) {
    match answer {
        Answer::List(Ok(list)) => listed(app, list, effects),
        Answer::Connections(Ok(connections)) => told::connections(app, connections.connections, effects),
        Answer::Settings(result) => match *result {
            Ok(settings) => app.settings = Some(settings),
            Err(error) => failed(app, &error),
        },
        Answer::Checks(Ok(result)) => app.checks = Some(result.checks),
        Answer::Join(result) => joined(app, *result, effects),
        Answer::Watch(name, result) => watched(app, &name, *result),
        Answer::History(name, wanted, result) => page(app, &name, &wanted, result.as_ref().ok()),
        Answer::Act(name, id, result) => acted(app, &name, id, result),
        Answer::Leave(Ok(_)) => {
            calls::close(app, effects);
            acts::perform(app, Act::Show(View::Conferences), effects);
            calls::call(Call::List, effects);
        }
        Answer::Seats(Ok(())) => calls::call(Call::List, effects),
        Answer::Drafts(name, result) => drafts_told(app, &name, result),
        Answer::Draft(name, key, result) => draft_kept(app, &name, &key, result),
        Answer::Patch(result) => patched(app, *result),
        Answer::TestProxies(result) => {
            app.is_testing = false;
            match result {
                Ok(result) => app.tested = Some(result.tested),
                Err(error) => failed(app, &error),
            }
        }
        Answer::Done(Ok(())) => {}
        Answer::List(Err(error))
        | Answer::Connections(Err(error))
        | Answer::Checks(Err(error))
        | Answer::Leave(Err(error))
        | Answer::Seats(Err(error))
        | Answer::Done(Err(error)) => failed(app, &error),
    }
}

/// A call has no result. One that passes by itself is made again with the next connection.
fn failed(app: &mut App, error: &CallError) {
    if !error.is_passing() {
        app.tell(Tone::Bad, app.words.failure(error));
    }
}

fn listed(app: &mut App, list: ListResult, effects: &mut Vec<Effect>) {
    let is_first = app.seats.is_none();
    app.seats = Some(list.conferences);
    forms::suggest_name(app);
    if let Some(named) = app.named.take() {
        return show_named(app, named, is_first, effects);
    }
    let seats = app.seats.as_deref().unwrap_or_default();
    if !is_first || app.view != View::Conferences {
        return;
    }
    let mut joined = seats.iter().filter(|seat| seat.state == SeatState::Joined).map(|seat| &seat.seat);
    let only = joined.next().filter(|_| joined.next().is_none()).cloned();
    if seats.is_empty() {
        acts::perform(app, Act::Show(View::Join), effects);
    } else if let Some(only) = only {
        acts::perform(app, Act::Open(only), effects);
    }
}

/// Shows the conference of this name. One that was joined just now may not be listed yet.
fn show_named(app: &mut App, named: String, is_first: bool, effects: &mut Vec<Effect>) {
    let seat = app.seats.iter().flatten().rev().find(|seat| is(seat, &named));
    match seat.map(|seat| seat.seat.clone()) {
        Some(seat) => acts::perform(app, Act::Open(seat), effects),
        None if is_first => app.tell(Tone::Bad, app.words.word("conference_unknown")),
        None => app.named = Some(named),
    }
}

/// Whether a person means this seat by that name: an id, or the conference's title.
fn is(seat: &ListedSeat, named: &str) -> bool {
    let by_id = match named.parse::<SeatName>() {
        Ok(SeatName::Conference(conference)) => seat.conference == Some(conference),
        Ok(SeatName::At(conference, server)) => {
            seat.conference == Some(conference) && server.split(':').next() == Some(seat.server.as_str())
        }
        Ok(name @ SeatName::Number(_)) => seat.seat == name,
        Err(_) => false,
    };
    by_id || (!seat.title.is_empty() && reads_alike(&seat.title, named))
}

/// What came of joining. The daemon goes on trying.
fn joined(app: &mut App, result: Result<JoinResult, CallError>, effects: &mut Vec<Effect>) {
    app.joining.form.is_busy = false;
    match result {
        Ok(result) => {
            if result.state == JoinState::Joined {
                app.named = result.conference.map(|conference| conference.to_string());
                app.joining.host = None;
                forms::forget_link(app);
                calls::call(Call::List, effects);
            }
            app.joining.last = Some(result);
        }
        Err(error) => {
            app.joining.host = None;
            app.joining.form.error = app.words.failure(&error);
        }
    }
}

fn watched(app: &mut App, name: &SeatName, result: Result<WatchResult, CallError>) {
    let Some(conference) = of_name(app, name) else { return };
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => return failed(app, &error),
    };
    if conference.log.is_some_and(|log| Some(log) != answer.log) {
        // The person has turned to another log: nothing that was told of the one before counts.
        let (name, writings) = (conference.name.clone(), std::mem::take(&mut conference.writings));
        let pendings = std::mem::take(&mut conference.pendings);
        *conference = Conference::new(name);
        (conference.writings, conference.pendings) = (writings, pendings);
    }
    let is_whole = conference.watched(answer);
    if is_whole {
        if begin(app) {
            told::offer_focus(app);
        }
    } else {
        app.tell(Tone::Bad, app.say("page-trouble-version"));
    }
    drafts::mark_read(app);
}

/// Begins the talk, once the state is known: in the room where one stands. Says whether it does so
/// now.
pub(super) fn begin(app: &mut App) -> bool {
    let known = app.conference.as_mut().filter(|conference| conference.state.is_some());
    let Some(conference) = known.filter(|conference| !conference.has_begun) else { return false };
    conference.has_begun = true;
    conference.talking.begin(conference.cursor);
    conference.marks.begin(conference.cursor);
    let room = conference.room();
    conference.turn_to(&room);
    true
}

fn page(app: &mut App, name: &SeatName, wanted: &Wanted, result: Option<&HistoryResult>) {
    let Some(conference) = of_name(app, name) else { return };
    let page = result.and_then(Page::read);
    conference.talking.handle_page(wanted, page.as_ref());
    if wanted.room.is_none() {
        conference.count_unread();
    }
    drafts::mark_read(app);
}

fn acted(app: &mut App, name: &SeatName, id: CommandId, result: Result<ActResult, CallError>) {
    let Some(conference) = of_name(app, name) else { return };
    match result {
        Ok(result) => {
            conference.pendings.answered(&result);
            if result.state == CommandState::Unsure {
                app.tell(Tone::Bad, app.words.word("unsure"));
            }
        }
        // The same id is asked again with the next connection.
        Err(error) if error.is_passing() => {}
        Err(error) => {
            let back = conference.pendings.forget(id);
            let message = back.as_ref().and_then(|pending| pending.message());
            if let Some((room, text)) = message {
                returned::put_back(app, room, text);
            }
            failed(app, &error);
        }
    }
}

fn drafts_told(app: &mut App, name: &SeatName, result: Result<DraftGetResult, CallError>) {
    if of_name(app, name).is_none() {
        return;
    }
    match result {
        Ok(result) => {
            drafts::handle_all(app, &result.drafts);
            drafts::mark_read(app);
        }
        Err(error) => failed(app, &error),
    }
}

fn draft_kept(app: &mut App, name: &SeatName, key: &str, result: Result<DraftSetResult, CallError>) {
    let now = app.now;
    let Some(writing) = of_name(app, name).and_then(|conference| conference.writings.get_mut(key)) else {
        return;
    };
    match result {
        Ok(result) => writing.answered(Some(&result.draft), now),
        Err(error) => {
            writing.answered(None, now);
            failed(app, &error);
        }
    }
}

fn patched(app: &mut App, result: Result<Settings, CallError>) {
    let why_not = result.as_ref().err().map(|error| app.words.failure(error));
    if let Ok(settings) = result {
        app.settings = Some(settings);
    }
    let is_saved = why_not.is_none();
    if let Some(why) = forms::answered(app, why_not) {
        app.tell(Tone::Bad, why);
    } else if is_saved {
        app.tell(Tone::Good, app.say("page-saved"));
    }
}

/// The conference that is shown, where it is the one of this name.
fn of_name<'a>(app: &'a mut App, name: &SeatName) -> Option<&'a mut Conference> {
    app.conference.as_mut().filter(|conference| conference.name == *name)
}
