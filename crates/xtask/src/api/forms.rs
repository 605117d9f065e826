//! The forms of values in words, and tables of fields.

use std::collections::BTreeSet;

use crate::openrpc::{Document, Field, Schema, Shape};

/// The form of a value, for a cell of a table.
pub(super) fn form(schema: &Schema) -> String {
    let form = match &schema.shape {
        Shape::Any => "any JSON".to_owned(),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Integer(width) => match width {
            Some(width) if width.starts_with('u') => "integer from 0".to_owned(),
            Some(_) | None => "integer".to_owned(),
        },
        Shape::Number => "number".to_owned(),
        Shape::Text => "string".to_owned(),
        Shape::Word(word) => format!("`\"{word}\"`"),
        Shape::List(one) => format!("array of {}", form(one)),
        Shape::Map(one) => format!("object, by name: {}", form(one)),
        Shape::Object { .. } => "object".to_owned(),
        Shape::Reference(name) => link(name),
        Shape::Choice(several) => several.iter().map(form).collect::<Vec<_>>().join(" or "),
    };
    if schema.nullable { format!("{form} or `null`") } else { form }
}

/// A link to where the schema of this name is described.
fn link(name: &str) -> String {
    match name {
        "Command" => "[command](#commands)".to_owned(),
        "Event" | "Body" => "[event](#events)".to_owned(),
        name => format!("[{name}](#{})", anchor("type", name)),
    }
}

/// The anchor of a heading such as "type `Connection`", as renderers of Markdown make it.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c));
    format!("{kind}-{}", kept.flat_map(char::to_lowercase).collect::<String>())
}

/// A table of fields, behind an empty line; nothing where there is none.
pub(super) fn table(what: &str, fields: &[&Field]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let mut text = format!("\n| {what} | type | required | meaning |\n|---|---|---|---|\n");
    for Field { name, required, schema } in fields {
        let default = schema.default.as_ref().map(|default| format!("no: `{default}`"));
        let required = if *required { "yes".to_owned() } else { default.unwrap_or_else(|| "no".to_owned()) };
        let (form, meaning) = (form(schema), cell(&schema.description));
        text.push_str(&format!("| `{name}` | {form} | {required} | {meaning} |\n"));
    }
    text
}

/// A text in one cell of a table.
pub(super) fn cell(text: &str) -> String {
    text.replace("\n\n", " ").replace('|', "\\|")
}

/// A text that stands as it is, also where it holds backticks.
pub(super) fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// The names of the schemas that have to be described apart: those to which a parameter or a field
/// leads. The fields of a result stand with its method.
pub(super) fn named(document: &Document) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let Document { methods, notifications, questions, .. } = document;
    for call in methods.iter().chain(notifications).chain(questions) {
        let results = call.result.iter().flat_map(|result| document.fields(&result.schema));
        for field in call.params.iter().chain(results) {
            note(document, &field.schema, &mut names);
        }
    }
    names
}

fn note(document: &Document, schema: &Schema, names: &mut BTreeSet<String>) {
    match &schema.shape {
        Shape::Reference(name) => {
            let named = document.components.schemas.get(name).filter(|_| names.insert(name.clone()));
            if let Some(named) = named {
                note(document, named, names);
            }
        }
        Shape::Object { .. } => {
            for field in document.fields(schema) {
                note(document, &field.schema, names);
            }
        }
        Shape::List(one) | Shape::Map(one) => note(document, one, names),
        Shape::Choice(several) => several.iter().for_each(|one| note(document, one, names)),
        Shape::Any | Shape::Boolean | Shape::Integer(_) | Shape::Number | Shape::Text | Shape::Word(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openrpc::FIXTURE;

    #[test]
    fn a_table_says_form_need_and_meaning_of_each_field() {
        let document = Document::read(FIXTURE).unwrap();
        let pour = &document.methods[0];
        let params: Vec<&Field> = pour.params.iter().collect();
        let rows = "| `cup` | [Cup](#type-cup) | yes |  |\n| `slowly` | boolean | no: `false` |  |\n";
        assert!(table("parameter", &params).ends_with(rows), "{}", table("parameter", &params));
        let result = table("result", &document.fields(&pour.result.as_ref().unwrap().schema));
        assert!(result.contains("| `full` | boolean | yes | Whether it is full. |"), "{result}");
        assert!(result.contains("| `spilt` | integer from 0 or `null` | no |"), "{result}");
        assert_eq!(table("parameter", &[]), "");
    }

    #[test]
    fn only_that_is_described_apart_to_which_a_field_leads() {
        let document = Document::read(FIXTURE).unwrap();
        assert_eq!(named(&document), BTreeSet::from(["Cup".to_owned()]));
    }

    #[test]
    fn anchors_are_those_of_headings() {
        assert_eq!(anchor("notification", "conference.passed_over"), "notification-conferencepassed_over");
    }
}
