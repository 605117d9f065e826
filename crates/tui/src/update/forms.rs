//! Forms: what stands in them at first, and what follows when they are sent.

mod ballot;
mod proxy;

use convene_conference::{AddRoom, AskToTable, Command, Rename};
use convene_local_api::{JoinParams, ProxyPasswordAnswer};
use convene_model::{JoinLink, LogId, Name};

use super::{acts, calls, commands, want};
use crate::editor::Editor;
use crate::hints::{link_problem, name_problem};
use crate::message::{Call, Effect};
use crate::state::{App, Dialog, Field, Form, FormKind};

pub(super) use ballot::{grow, keep};

/// How long one answer of the server is waited for, in milliseconds; the daemon goes on trying.
const JOIN_WAIT_MS: u64 = 20_000;

/// The fields of the form for joining.
const LINK: usize = 0;
const NAME: usize = 1;

/// Shows a form.
pub(super) fn fill(app: &mut App, kind: FormKind) {
    let own = app.settings.as_ref().and_then(|settings| settings.own.proxy.as_ref());
    let fields = match kind {
        FormKind::Join => return,
        FormKind::Turn(_) => vec![Field::new("page-join-link", "")],
        FormKind::Rename => {
            let conference = app.conference.as_ref();
            let name = conference.and_then(|conference| Some(conference.name_of(conference.me?)));
            vec![Field::new("page-name", name.unwrap_or_default())]
        }
        FormKind::NewRoom => vec![Field::new("page-new-room", "")],
        FormKind::NewBallot => ballot::fields(app),
        FormKind::Ask => vec![Field::new("page-people-title", "")],
        FormKind::Proxy => proxy::fields(own),
        FormKind::Script => proxy::script_fields(own),
        FormKind::Login(question) => login_fields(app, question),
    };
    app.dialogs.push(Dialog::Form(Form::new(kind, fields)));
}

/// Sends the form that is in front; where that is not possible, it says why and stays.
pub(super) fn submit(app: &mut App, form: &Form, effects: &mut Vec<Effect>) {
    let sent = send(app, form, effects);
    if sent.is_ok() && !matches!(form.kind, FormKind::Proxy | FormKind::Script) {
        app.dialogs.pop();
        return ask_login(app);
    }
    if let Some(Dialog::Form(form)) = app.dialogs.last_mut() {
        // Settings may be refused: until the answer what was typed stays.
        form.is_busy = sent.is_ok();
        form.error = sent.err().unwrap_or_default();
    }
}

/// The daemon took settings, or says why not; gives that, where no form shows it.
pub(super) fn answered(app: &mut App, why_not: Option<String>) -> Option<String> {
    let is_it = |dialog: &Dialog| matches!(dialog, Dialog::Form(form) if form.is_busy);
    let Some(at) = app.dialogs.iter().position(is_it) else { return why_not };
    match (why_not, app.dialogs.get_mut(at)) {
        (Some(why), Some(Dialog::Form(form))) => {
            (form.is_busy, form.error) = (false, why);
        }
        (Some(_) | None, _) => {
            app.dialogs.remove(at);
        }
    }
    None
}

fn send(app: &mut App, form: &Form, effects: &mut Vec<Effect>) -> Result<(), String> {
    let text = form.text(0).trim();
    match form.kind {
        FormKind::Join => Ok(()),
        FormKind::Turn(log) => turn(app, log, text, effects),
        FormKind::Rename => match text.parse::<Name>() {
            Ok(name) => act(app, "rename", &Command::Rename(Rename { name }), effects),
            Err(problem) => Err(app.say(name_problem(problem))),
        },
        FormKind::NewRoom if text.is_empty() => Err(app.say("page-name-empty")),
        FormKind::NewRoom => {
            act(app, "add_room", &Command::AddRoom(AddRoom { name: text.to_owned() }), effects)
        }
        FormKind::NewBallot => {
            let Some(open) = ballot::asked(form) else { return Err(app.say("page-ballot-hint")) };
            act(app, "open_ballot", &Command::OpenBallot(open), effects)?;
            ballot::forget(app);
            Ok(())
        }
        FormKind::Ask => {
            let Some(conference) = &app.conference else { return Ok(()) };
            let people = commands::people(app, conference, text)?;
            act(app, "ask_to_table", &Command::AskToTable(AskToTable { people }), effects)
        }
        FormKind::Proxy | FormKind::Script => {
            let Some(patch) = proxy::patch(form) else { return Err(app.words.word("setting_invalid")) };
            if acts::patch(app, patch, effects) { Ok(()) } else { Err(told(app)) }
        }
        FormKind::Login(question) => {
            let (user, password) = (form.text(0).to_owned(), form.text(1).to_owned());
            if user.is_empty() {
                return Err(String::new());
            }
            answer(app, question, Some(ProxyPasswordAnswer { user, password }), effects);
            Ok(())
        }
    }
}

/// Turns the seat to which the server shows this log, by the join link in a text: the daemon keeps
/// no link.
fn turn(app: &mut App, log: LogId, pasted: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let seat = app.seats.iter().flatten().find(|seat| seat.other_log == Some(log));
    // Where the server shows the log no more, the seat is where it belongs.
    let Some((server, name)) = seat.map(|seat| (seat.server.clone(), seat.name.clone())) else {
        return Ok(());
    };
    let link = JoinLink::find(pasted).map_err(|problem| app.say(&link_problem(problem)))?;
    if link.host != server {
        return Err(app.say("page-link-elsewhere"));
    }
    let params = JoinParams { link: link.to_string(), name, log: Some(log), wait_ms: JOIN_WAIT_MS };
    if want(app, Call::Turn(params), effects) { Ok(()) } else { Err(told(app)) }
}

fn act(app: &mut App, kind: &str, command: &Command, effects: &mut Vec<Effect>) -> Result<(), String> {
    if acts::act_if_allowed(app, kind, command, effects) {
        return Ok(());
    }
    Err(told(app))
}

/// What was told just now, which the form says itself.
fn told(app: &mut App) -> String {
    app.notice.take().map(|notice| notice.text).unwrap_or_default()
}

fn login_fields(app: &App, question: u64) -> Vec<Field> {
    let asked = app.questions.iter().find(|(number, _)| *number == question);
    let user = asked.and_then(|(_, asked)| asked.rejected.as_deref()).unwrap_or_default();
    vec![Field::new("page-proxy-user", user), Field::new("page-proxy-password", "").secret()]
}

/// Shows the first question of the daemon's that has no answer, where none is shown.
pub(super) fn ask_login(app: &mut App) {
    let is_shown =
        |dialog: &Dialog| matches!(dialog, Dialog::Form(form) if matches!(form.kind, FormKind::Login(_)));
    if app.dialogs.iter().any(is_shown) {
        return;
    }
    if let Some((question, _)) = app.questions.front() {
        fill(app, FormKind::Login(*question));
    }
}

/// Answers a question of the daemon's; none declines.
pub(super) fn answer(
    app: &mut App,
    question: u64,
    answer: Option<ProxyPasswordAnswer>,
    effects: &mut Vec<Effect>,
) {
    app.questions.retain(|(number, _)| *number != question);
    effects.push(Effect::Login(question, answer));
}

/// The form in front is let go.
pub(super) fn cancel(app: &mut App, kind: FormKind, effects: &mut Vec<Effect>) {
    app.dialogs.pop();
    if let FormKind::Login(question) = kind {
        answer(app, question, None, effects);
        ask_login(app);
    }
}

/// A name that was used before is most likely the one.
pub(super) fn suggest_name(app: &mut App) {
    let known = app.seats.iter().flatten().next_back().map(|seat| Editor::new(&seat.name));
    if let (Some(known), Some(field)) = (known, app.joining.form.fields.get_mut(NAME))
        && field.editor.text().is_empty()
    {
        field.editor = known;
    }
}

/// A link that let one in is not kept.
pub(super) fn forget_link(app: &mut App) {
    if let Some(field) = app.joining.form.fields.get_mut(LINK) {
        field.editor = Editor::default();
    }
    app.joining.form.at = LINK;
}

/// A whole mail may be pasted: the link in it takes its place.
pub(super) fn take_link(app: &mut App, pasted: &str) {
    let link = JoinLink::find(pasted).map(|link| link.to_string());
    let form = &mut app.joining.form;
    form.error.clear();
    match (link, form.at) {
        (Ok(link), LINK) => {
            if let Some(field) = form.field() {
                field.editor = Editor::new(&link);
            }
            form.next_field();
        }
        (Ok(_) | Err(_), _) => {
            if let Some(field) = form.field() {
                field.editor.insert(pasted, false);
            }
        }
    }
}

/// Joins with what was typed, or asks again what came of it.
pub(super) fn join(app: &mut App, effects: &mut Vec<Effect>) {
    let form = &app.joining.form;
    let name = form.text(NAME).trim().to_owned();
    let checked = match (JoinLink::find(form.text(LINK)), name.parse::<Name>()) {
        (Err(problem), _) => Err((LINK, link_problem(problem))),
        (Ok(_), Err(problem)) => Err((NAME, name_problem(problem).to_owned())),
        (Ok(link), Ok(_)) => Ok(link),
    };
    let link = match checked {
        Ok(link) => link,
        Err((field, key)) => {
            app.joining.form.error = app.words.say(&key);
            app.joining.form.at = field;
            return;
        }
    };
    app.joining.form.error.clear();
    if !app.is_attached() {
        app.joining.form.error = app.words.say("page-no-service");
        return;
    }
    app.joining.form.is_busy = true;
    app.joining.last = None;
    let params = JoinParams { link: link.to_string(), name, log: None, wait_ms: JOIN_WAIT_MS };
    app.joining.host = Some(link.host);
    calls::call(Call::Join(params), effects);
}
