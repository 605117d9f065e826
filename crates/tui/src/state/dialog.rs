//! What stands in front of the views until it is answered.

use crate::editor::Editor;

use super::act::{Act, FormKind};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dialog {
    Confirm(Confirm),
    Menu(Menu),
    Form(Form),
    /// The keys and commands, from this row on.
    Help(usize),
}

/// Says what follows before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Confirm {
    pub(crate) title: String,
    pub(crate) text: String,
    /// The name of the act.
    pub(crate) label: String,
    pub(crate) then: Act,
    /// For what cannot be taken back: a word that is typed first.
    pub(crate) typed: Option<Typed>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) word: String,
    pub(crate) editor: Editor,
}

impl Confirm {
    pub(crate) fn new(title: String, text: String, then: Act) -> Self {
        Self { label: title.clone(), title, text, then, typed: None }
    }

    /// Whether it may be done now.
    pub(crate) fn is_typed(&self) -> bool {
        let is_it = |typed: &Typed| typed.editor.text().trim().to_lowercase() == typed.word.to_lowercase();
        self.typed.as_ref().is_none_or(is_it)
    }
}

/// Several things that may be done with one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Menu {
    pub(crate) title: String,
    pub(crate) choices: Vec<Choice>,
    pub(crate) at: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) label: String,
    /// None, where it may not be done now.
    pub(crate) act: Option<Act>,
    /// Why not.
    pub(crate) why: String,
}

impl Choice {
    /// Something that may be done now.
    pub(crate) fn new(label: String, act: Act) -> Self {
        Self { label, act: Some(act), why: String::new() }
    }
}

impl Menu {
    pub(crate) fn new(title: String, choices: Vec<Choice>) -> Self {
        let at = choices.iter().position(|choice| choice.act.is_some()).unwrap_or_default();
        Self { title, choices, at }
    }
}

/// Fields that are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) kind: FormKind,
    pub(crate) fields: Vec<Field>,
    /// The field in which one types.
    pub(crate) at: usize,
    pub(crate) error: String,
    pub(crate) is_busy: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// The key of its name.
    pub(crate) label: &'static str,
    pub(crate) editor: Editor,
    pub(crate) is_secret: bool,
}

impl Field {
    pub(crate) fn new(label: &'static str, text: &str) -> Self {
        Self { label, editor: Editor::new(text), is_secret: false }
    }

    #[must_use]
    pub(crate) fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }
}

impl Form {
    pub(crate) fn new(kind: FormKind, fields: Vec<Field>) -> Self {
        Self { kind, fields, at: 0, error: String::new(), is_busy: false }
    }

    /// What was typed into a field.
    pub(crate) fn text(&self, field: usize) -> &str {
        self.fields.get(field).map_or("", |field| field.editor.text())
    }

    /// The field in which one types.
    pub(crate) fn field(&mut self) -> Option<&mut Field> {
        self.fields.get_mut(self.at)
    }

    /// Goes to the next field; says whether there was one.
    pub(crate) fn next_field(&mut self) -> bool {
        let is_there = self.at + 1 < self.fields.len();
        self.at += usize::from(is_there);
        is_there
    }

    pub(crate) fn field_before(&mut self) {
        self.at = self.at.saturating_sub(1);
    }
}
