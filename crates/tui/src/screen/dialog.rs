//! What stands in front of the views.

use convene_model::inert;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::put;
use super::theme::{CHOSEN, DIM, FIELD, HEAD, style};
use crate::editor::Editor;
use crate::layout::{Paint, dialog_room, entry_rows};
use crate::sheets::help;
use crate::state::{App, Confirm, Dialog, Form, FormKind, Menu};
use crate::text::{columns, graphemes, width, wrap};

/// Rows of a field: its name, and what is typed.
const FIELD_ROWS: usize = 2;
/// Stands for each character of a password.
const SECRET: &str = "•";

/// Draws a dialog; gives the place of the cursor.
pub(super) fn draw(app: &App, dialog: &Dialog, buffer: &mut Buffer) -> Option<Position> {
    match dialog {
        Dialog::Help(top) => {
            let area = window(app, usize::from(app.rows), buffer);
            let rows = entry_rows(&help(app), 0, area.width).rows;
            for (at, (_, row)) in rows.iter().skip(*top).take(usize::from(area.height)).enumerate() {
                put::pieces(buffer, put::row(area, at), row);
            }
            None
        }
        Dialog::Menu(menu) => {
            draw_menu(app, menu, buffer);
            None
        }
        Dialog::Confirm(confirm) => draw_confirm(app, confirm, buffer),
        Dialog::Form(form) => draw_form(app, form, buffer),
    }
}

/// A frame in the middle for so many rows; gives what is inside of it.
fn window(app: &App, rows: usize, buffer: &mut Buffer) -> Rect {
    let most = dialog_room(app);
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(most.height);
    let (width, height) = ((most.width + 4).min(app.columns), (rows + 2).min(app.rows));
    let (x, y) = ((app.columns - width) / 2, (app.rows - height) / 2);
    let outer = Rect::new(x, y, width, height);
    put::clear(buffer, outer);
    let line = "─".repeat(usize::from(width.saturating_sub(2)));
    put::text(buffer, put::row(outer, 0), x, &format!("┌{line}┐"), DIM);
    let last = usize::from(height.saturating_sub(1));
    put::text(buffer, put::row(outer, last), x, &format!("└{line}┘"), DIM);
    for at in 1..last {
        let row = put::row(outer, at);
        put::text(buffer, row, x, "│", DIM);
        put::text(buffer, row, row.right().saturating_sub(1), "│", DIM);
    }
    Rect::new(x + 2, y + 1, most.width, rows)
}

/// Columns inside of a dialog.
fn room(app: &App) -> usize {
    usize::from(dialog_room(app).width)
}

fn draw_menu(app: &App, menu: &Menu, buffer: &mut Buffer) {
    let area = window(app, menu.choices.len() + 2, buffer);
    put::text(buffer, put::row(area, 0), area.x, &inert(&menu.title), HEAD);
    for (at, choice) in menu.choices.iter().enumerate() {
        let row = put::row(area, at + 2);
        let text = match (&choice.act, choice.why.is_empty()) {
            (Some(_), _) | (None, true) => choice.label.clone(),
            (None, false) => format!("{} – {}", choice.label, choice.why),
        };
        let paint = if choice.act.is_some() { Style::new() } else { DIM };
        put::text(buffer, row, row.x, &inert(&text), paint);
        if at == menu.at {
            buffer.set_style(row, CHOSEN);
        }
    }
}

fn draw_confirm(app: &App, confirm: &Confirm, buffer: &mut Buffer) -> Option<Position> {
    let text = wrap(&inert(&confirm.text), room(app));
    let typed = confirm.typed.as_ref();
    let asks = typed.map(|typed| app.words.with("page-type-word", &[("word", &typed.word)]));
    let area = window(app, text.len() + 4 + 2 * usize::from(typed.is_some()), buffer);
    put::text(buffer, put::row(area, 0), area.x, &inert(&confirm.title), HEAD);
    for (at, line) in text.iter().enumerate() {
        put::text(buffer, put::row(area, at + 2), area.x, line, Style::new());
    }
    let mut at = text.len() + 3;
    let mut cursor = None;
    if let (Some(asks), Some(typed)) = (asks, typed) {
        put::text(buffer, put::row(area, at - 1), area.x, &inert(&asks), Style::new());
        cursor = field(buffer, put::row(area, at), &typed.editor, false);
        at += 2;
    }
    let paint = if confirm.is_typed() { HEAD } else { DIM };
    let x =
        put::text(buffer, put::row(area, at), area.x, &format!("[ {} ] Enter", inert(&confirm.label)), paint);
    put::text(buffer, put::row(area, at), x + 3, &format!("[ {} ] Esc", app.say("page-cancel")), DIM);
    cursor
}

fn draw_form(app: &App, form: &Form, buffer: &mut Buffer) -> Option<Position> {
    let wrapped = |text: &str| wrap(&inert(text), room(app));
    let intro: Vec<String> = intro(app, form).iter().flat_map(|text| wrapped(text)).collect();
    let error = if form.error.is_empty() { Vec::new() } else { wrapped(&form.error) };
    let (above, below) = (intro.len() + 2, error.len() + 2);
    let most = usize::from(dialog_room(app).height).saturating_sub(above + below);
    // Where not all fields have room, those up to the one in which one types are shown.
    let skipped = (form.at + 1).saturating_sub((most / FIELD_ROWS).max(1));
    let area = window(app, above + (FIELD_ROWS * form.fields.len()).min(most) + below, buffer);
    put::text(buffer, put::row(area, 0), area.x, &app.say(title(form.kind)), HEAD);
    for (at, line) in intro.iter().enumerate() {
        put::text(buffer, put::row(area, at + 1), area.x, line, Style::new());
    }
    let end = usize::from(area.height).saturating_sub(1);
    let inside =
        Rect { height: area.height.saturating_sub(u16::try_from(below).unwrap_or(u16::MAX)), ..area };
    let told = vec![String::new(); form.fields.len()];
    let Fields { cursor, .. } = fields(app, form, inside, above, &told, skipped, buffer);
    for (at, line) in error.iter().enumerate() {
        put::text(
            buffer,
            put::row(area, (end + at).saturating_sub(error.len())),
            area.x,
            line,
            style(Paint::Bad),
        );
    }
    let last = put::row(area, end);
    let x = put::text(buffer, last, area.x, &format!("[ {} ] Enter", app.say(label(form.kind))), HEAD);
    put::text(buffer, last, x + 3, &format!("[ {} ] Esc", app.say(other_label(form.kind))), DIM);
    cursor
}

/// What is said above the fields.
fn intro(app: &App, form: &Form) -> Vec<String> {
    match form.kind {
        FormKind::Ask => vec![app.say("page-ask-text"), app.say("tui-ask-hint")],
        FormKind::NewBallot => vec![app.say("page-ballot-hint")],
        FormKind::Proxy => vec![app.say("page-proxy-login-hint")],
        FormKind::Login(number) => login(app, number),
        FormKind::Turn(_) => vec![app.say("page-turn-text")],
        FormKind::Join | FormKind::Rename | FormKind::NewRoom | FormKind::Script => Vec::new(),
    }
}

fn login(app: &App, number: u64) -> Vec<String> {
    let Some((_, asked)) = app.questions.iter().find(|(question, _)| *question == number) else {
        return Vec::new();
    };
    let fields = [("proxy", asked.proxy.as_str()), ("server", asked.server.as_str())];
    let mut told = vec![app.words.with("page-proxy-login-text", &fields)];
    told.extend(
        asked.rejected.as_ref().map(|user| app.words.with("page-proxy-login-rejected", &[("user", user)])),
    );
    told.push(app.say("page-proxy-login-kept"));
    told
}

fn title(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Join => "page-join-title",
        FormKind::Turn(_) => "page-turn",
        FormKind::Rename => "page-rename",
        FormKind::NewRoom => "page-new-room",
        FormKind::NewBallot => "page-new-ballot",
        FormKind::Ask => "page-ask-title",
        FormKind::Proxy | FormKind::Script => "page-proxy",
        FormKind::Login(_) => "page-proxy-login-title",
    }
}

fn label(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Join => "page-join",
        FormKind::Turn(_) => "page-turn",
        FormKind::Rename | FormKind::Proxy | FormKind::Script => "page-save",
        FormKind::NewRoom => "page-add-room",
        FormKind::NewBallot => "page-open-ballot",
        FormKind::Ask => "page-ask",
        FormKind::Login(_) => "page-log-in",
    }
}

/// How the way out is called.
fn other_label(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Login(_) => "page-no-login",
        FormKind::Join
        | FormKind::Turn(_)
        | FormKind::Rename
        | FormKind::NewRoom
        | FormKind::NewBallot
        | FormKind::Ask
        | FormKind::Proxy
        | FormKind::Script => "page-cancel",
    }
}

/// The fields of a form as they were drawn.
pub(super) struct Fields {
    /// The first row behind them.
    pub(super) rows: usize,
    pub(super) cursor: Option<Position>,
}

/// Draws the fields from this row on, without so many of the first ones: the name of each, what was
/// typed, and what is told of it.
pub(super) fn fields(
    app: &App,
    form: &Form,
    area: Rect,
    first: usize,
    told: &[String],
    skipped: usize,
    buffer: &mut Buffer,
) -> Fields {
    let (mut at, mut cursor) = (first, None);
    for (index, one) in form.fields.iter().enumerate().skip(skipped) {
        let has_focus = form.at == index && !form.is_busy;
        let number = index.to_string();
        let name = app.words.with(one.label, &[("number", &number)]);
        put::text(buffer, put::row(area, at), area.x, &inert(&name), if has_focus { HEAD } else { DIM });
        let place = field(buffer, put::row(area, at + 1), &one.editor, one.is_secret);
        if has_focus {
            cursor = place;
        }
        at += FIELD_ROWS;
        if let Some(told) = told.get(index).filter(|told| !told.is_empty()) {
            put::text(buffer, put::row(area, at), area.x, &inert(told), DIM);
            at += 2;
        }
    }
    Fields { rows: at, cursor }
}

/// One line that is typed, of which the part around the cursor is shown; gives the cursor's place.
fn field(buffer: &mut Buffer, row: Rect, editor: &Editor, is_secret: bool) -> Option<Position> {
    let most = usize::from(row.width).checked_sub(1).filter(|most| *most > 0)?;
    let shown = |text: &str| {
        if is_secret { SECRET.repeat(graphemes(text).count()) } else { text.to_owned() }
    };
    let (before, whole) = (shown(editor.before()), shown(editor.text()));
    let (mut hidden, mut skipped) = (0, 0);
    for grapheme in graphemes(&before) {
        if width(&before) - hidden <= most {
            break;
        }
        hidden += columns(grapheme);
        skipped += grapheme.len();
    }
    put::text(buffer, row, row.x, &" ".repeat(usize::from(row.width)), Style::new());
    put::text(buffer, row, row.x, whole.get(skipped..).unwrap_or_default(), Style::new());
    buffer.set_style(row, FIELD);
    let column = u16::try_from(width(&before) - hidden).unwrap_or(u16::MAX);
    Some(Position::new(row.x.saturating_add(column).min(row.right().saturating_sub(1)), row.y))
}
