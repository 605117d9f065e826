//! A new ballot. What is typed is kept like any draft.

use convene_conference::OpenBallot;
use convene_model::limits::BALLOT_OPTIONS_MAX;
use serde::{Deserialize, Serialize};

use crate::state::{App, Field, Form, FormKind};

/// The key under which the daemon keeps what is typed.
const KEY: &str = "tui:ballot";
/// Answers that a ballot has at least.
const OPTIONS_MIN: usize = 2;

/// What is typed, as it is kept.
#[derive(Default, Serialize, Deserialize)]
struct Typed {
    question: String,
    options: Vec<String>,
}

impl Typed {
    fn of(form: &Form) -> Self {
        let texts = form.fields.iter().map(|field| field.editor.text().to_owned());
        Self { question: form.text(0).to_owned(), options: texts.skip(1).collect() }
    }

    fn write(&self) -> String {
        let is_empty = self.question.is_empty() && self.options.iter().all(String::is_empty);
        if is_empty { String::new() } else { serde_json::to_string(self).unwrap_or_default() }
    }
}

/// A question, and as many answers as were typed before.
pub(super) fn fields(app: &App) -> Vec<Field> {
    let kept = app.conference.as_ref().and_then(|conference| conference.writings.get(KEY));
    let typed: Typed = kept.and_then(|kept| serde_json::from_str(kept.text()).ok()).unwrap_or_default();
    let options = typed.options.iter().map(String::as_str).chain([""; OPTIONS_MIN]);
    let count = typed.options.len().clamp(OPTIONS_MIN, BALLOT_OPTIONS_MAX);
    let question = Field::new("page-question", &typed.question);
    [question].into_iter().chain(options.take(count).map(option)).collect()
}

fn option(text: &str) -> Field {
    Field::new("page-option", text)
}

/// One more answer, where the last one is filled; says whether there is one.
pub(in crate::update) fn grow(form: &mut Form) -> bool {
    let is_filled = form.fields.last().is_some_and(|field| !field.editor.text().is_empty());
    let has_room = form.fields.len() <= BALLOT_OPTIONS_MAX;
    if form.kind != FormKind::NewBallot || !is_filled || !has_room {
        return false;
    }
    form.fields.push(option(""));
    form.next_field()
}

/// Keeps what is typed.
pub(in crate::update) fn keep(app: &mut App, form: &Form) {
    if form.kind == FormKind::NewBallot {
        write(app, &Typed::of(form).write());
    }
}

/// A ballot that is open is no draft.
pub(super) fn forget(app: &mut App) {
    write(app, "");
}

fn write(app: &mut App, text: &str) {
    let now = app.now;
    if let Some(conference) = &mut app.conference {
        conference.writings.entry(KEY.to_owned()).or_default().write(text, now);
    }
}

/// What is asked: without answers that were left empty. None, where it is not whole.
pub(super) fn asked(form: &Form) -> Option<OpenBallot> {
    let Typed { question, options } = Typed::of(form);
    let question = question.trim().to_owned();
    let mut whole: Vec<String> = Vec::new();
    for option in options.iter().map(|option| option.trim()).filter(|option| !option.is_empty()) {
        if whole.iter().any(|known| known == option) {
            return None;
        }
        whole.push(option.to_owned());
    }
    let is_whole = !question.is_empty() && whole.len() >= OPTIONS_MIN;
    is_whole.then_some(OpenBallot { question, options: whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(texts: &[&str]) -> Form {
        Form::new(FormKind::NewBallot, texts.iter().map(|text| option(text)).collect())
    }

    #[test]
    fn a_ballot_has_a_question_and_two_answers_that_differ() {
        let open = asked(&form(&[" When? ", "Today", "", " Tomorrow"])).unwrap();
        assert_eq!(
            (open.question.as_str(), open.options),
            ("When?", vec!["Today".to_owned(), "Tomorrow".to_owned()])
        );
        assert_eq!(asked(&form(&["When?", "Today", "Today"])), None);
        assert_eq!(asked(&form(&["When?", "Today", " "])), None);
        assert_eq!(asked(&form(&["", "Today", "Tomorrow"])), None);
    }

    #[test]
    fn there_is_one_more_answer_whenever_the_last_one_is_filled() {
        let mut form = form(&["When?", "Today", ""]);
        assert!(!grow(&mut form));
        form.fields[2] = option("Tomorrow");
        form.at = 2;
        assert!(grow(&mut form));
        assert_eq!((form.fields.len(), form.at), (4, 3));
        while form.fields.len() < BALLOT_OPTIONS_MAX + 1 {
            form.fields.push(option("more"));
        }
        assert!(!grow(&mut form), "ten at most");
    }
}
