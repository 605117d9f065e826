//! What a person sets going: by an entry, by a choice, or by a command that is typed.

use convene_conference::{AcceptTable, Command, Go};
use convene_local_api::{LeaveParams, SettingsPatchParams};
use convene_model::{Json, ParticipantId, RoomId, SeatName};
use convene_wording::Language;
use serde_json::{Value, json};

use super::calls::{self, call};
use super::{drafts, forms, returned, saying, told, want};
use crate::message::{Call, Effect};
use crate::sheets::{letter_text, person_menu};
use crate::state::{Act, Allowed, App, Conference, Confirm, Dialog, Focus, Sheet, View};
use crate::words::Tone;

/// How long the server may take to let somebody leave, in milliseconds; the daemon goes on trying.
const LEAVE_WAIT_MS: u64 = 10_000;

pub(super) fn perform(app: &mut App, act: Act, effects: &mut Vec<Effect>) {
    match act {
        Act::Show(view) => show(app, view, effects),
        Act::ShowRoom(room) => show_room(app, &room, effects),
        Act::Go(room) => go(app, &room, effects),
        Act::SitDown(table) => sit_down(app, table, effects),
        Act::Open(seat) => open(app, &seat, effects),
        Act::Forget(seat) => ask(app, Call::Forget(seat), effects),
        Act::Leave => leave(app, effects),
        Act::Want(command) => {
            self::act(app, &command, effects);
        }
        Act::Ask(confirm) => app.dialogs.push(Dialog::Confirm(*confirm)),
        Act::Person(id) => person(app, id),
        Act::Fill(kind) => forms::fill(app, kind),
        Act::Check => ask(app, Call::Checks { begins: true }, effects),
        Act::Retry => ask(app, Call::Retry(None), effects),
        Act::SaveLetter(server) => save_letter(app, &server, effects),
        Act::Speak(language) => speak(app, language),
        Act::ForgetProxy => {
            patch(app, json!({ "own": { "proxy": null } }), effects);
        }
        Act::TestProxies => app.is_testing = want(app, Call::TestProxies, effects),
        Act::TellAccess(tells) => {
            patch(app, json!({ "own": { "tell_access": tells } }), effects);
        }
        Act::Edit(id) => returned::edit(app, id, effects),
        Act::Discard(id) => {
            returned::let_go(app, id, effects);
        }
        Act::SendAgain(id) => returned::send_again(app, id, effects),
        Act::Reply => saying::reply(app),
        Act::TakeOther => drafts::choose(app, true),
        Act::KeepMine => drafts::choose(app, false),
        Act::ReadOn => app.reads_on = true,
        Act::UseMouse(uses) => {
            app.uses_mouse = uses;
            effects.push(Effect::UseMouse(uses));
        }
        Act::Help => app.dialogs.push(Dialog::Help(0)),
        Act::Quit => quit(app),
        Act::End => super::end(app),
    }
}

/// Wants something, where there is a daemon.
fn ask(app: &mut App, wanted: Call, effects: &mut Vec<Effect>) {
    want(app, wanted, effects);
}

/// Shows a view. What it is about is followed from now on.
fn show(app: &mut App, view: View, effects: &mut Vec<Effect>) {
    app.sheet = Sheet::default();
    app.focus = Focus::Main;
    let is_open = app.conference.is_some();
    app.view = if view.is_of_conference() && !is_open { View::Conferences } else { view };
    match &app.view {
        View::Join | View::Conferences => {
            calls::close(app, effects);
            follow(app, Call::List, effects);
        }
        View::Check => {
            follow(app, Call::Checks { begins: false }, effects);
            follow(app, Call::Settings, effects);
        }
        View::Settings => follow(app, Call::Settings, effects),
        View::Talk => {
            told::offer_focus(app);
            drafts::mark_read(app);
        }
        View::People | View::Schedule | View::Ballot | View::Organize | View::Letter(_) => {}
    }
}

/// Asks for what a view is about. Where there is no daemon, the status says so.
fn follow(app: &App, wanted: Call, effects: &mut Vec<Effect>) {
    if app.is_attached() {
        call(wanted, effects);
    }
}

/// Shows a room. At a table one stays until one stands up, because nobody else hears what is said
/// there; with free feet one stands in the room that is shown, where one may.
fn show_room(app: &mut App, room: &RoomId, effects: &mut Vec<Effect>) {
    turn_to(app, room, effects);
    let Some(conference) = &app.conference else { return };
    if conference.room() == *room || conference.invitations().iter().any(|(table, _)| table == room) {
        return;
    }
    if conference.sits() {
        let stands = conference.public().map(|public| app.words.room(&conference.room(), public));
        let text = app.words.with("page-you-stand", &[("room", &stands.unwrap_or_default())]);
        return app.tell(Tone::Busy, text);
    }
    let may_go = conference.may_act("go").is_yes() && conference.may_speak(room).is_yes();
    if may_go && app.is_attached() {
        act(app, &Command::Go(Go { room: room.clone() }), effects);
    }
}

/// Shows the talk of a room.
pub(super) fn turn_to(app: &mut App, room: &RoomId, effects: &mut Vec<Effect>) {
    if let Some(conference) = &mut app.conference {
        conference.turn_to(room);
    }
    show(app, View::Talk, effects);
}

fn go(app: &mut App, room: &RoomId, effects: &mut Vec<Effect>) {
    if act_if_allowed(app, "go", &Command::Go(Go { room: room.clone() }), effects) {
        turn_to(app, room, effects);
    }
}

/// Sits down at a table. It is shown once one sits there: until then nobody may speak at it.
fn sit_down(app: &mut App, table: RoomId, effects: &mut Vec<Effect>) {
    let command = Command::AcceptTable(AcceptTable { table: Some(table) });
    let stands = app.conference.as_ref().map(Conference::room);
    if act_if_allowed(app, "accept_table", &command, effects)
        && let Some(stands) = stands
    {
        // Anyone who is shown the room in which they stand goes along.
        turn_to(app, &stands, effects);
    }
}

fn open(app: &mut App, seat: &SeatName, effects: &mut Vec<Effect>) {
    calls::open(app, seat, effects);
    show(app, View::Talk, effects);
}

fn leave(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(conference) = app.conference.as_ref().map(|conference| conference.name.clone()) else { return };
    ask(app, Call::Leave(LeaveParams { conference, wait_ms: LEAVE_WAIT_MS }), effects);
}

fn person(app: &mut App, id: ParticipantId) {
    let Some(conference) = &app.conference else { return };
    let Some(person) = conference.people.iter().find(|person| person.id == id) else { return };
    let menu = person_menu(app, conference, person);
    app.dialogs.push(Dialog::Menu(menu));
}

fn save_letter(app: &App, server: &str, effects: &mut Vec<Effect>) {
    let Some(text) = letter_text(app, server) else { return };
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "-.".contains(*c);
    let server: String = server.chars().filter(is_plain).collect();
    effects.push(Effect::Save { name: format!("convene-letter-{server}.txt"), text });
}

fn speak(app: &mut App, language: Language) {
    app.words.speak(language);
}

/// Changes settings that are still those that are shown; says whether the daemon was asked.
pub(super) fn patch(app: &mut App, patch: Value, effects: &mut Vec<Effect>) -> bool {
    let number = app.settings.as_ref().map(|settings| settings.number);
    want(app, Call::Patch(SettingsPatchParams { patch, number }), effects)
}

/// Wants something in the conference, where the rules allow it; says why not otherwise.
pub(super) fn act_if_allowed(
    app: &mut App,
    kind: &str,
    command: &Command,
    effects: &mut Vec<Effect>,
) -> bool {
    let allowed = app.conference.as_ref().map(|conference| conference.may_act(kind));
    if let Some(Allowed::No { code, opens }) = allowed {
        app.tell(Tone::Bad, app.words.why_not(&code, opens, app.now));
        return false;
    }
    act(app, command, effects)
}

/// Wants something in the conference; says whether the daemon was asked.
pub(super) fn act(app: &mut App, command: &Command, effects: &mut Vec<Effect>) -> bool {
    if !app.is_attached() {
        app.tell(Tone::Bad, app.say("page-no-service"));
        return false;
    }
    let id = app.new_id();
    let (Some(conference), Ok(body)) = (&mut app.conference, Json::of(command)) else { return false };
    conference.pendings.begin(id, body.clone());
    calls::send(conference, id, body, effects);
    true
}

/// Ends the program; asks first where something that was typed would be lost.
pub(super) fn quit(app: &mut App) {
    let unsent = app.conference.iter().any(|conference| conference.pendings.unanswered().next().is_some());
    let is_kept = app.is_attached() || !super::has_texts(app);
    if is_kept && !unsent {
        return super::end(app);
    }
    let mut confirm = Confirm::new(app.say("tui-quit"), app.say("tui-quit-unsent"), Act::End);
    confirm.label = app.say("tui-quit");
    app.dialogs.push(Dialog::Confirm(confirm));
}
