//! The reference: everything in the document for developers, each with an example.

use std::collections::BTreeSet;

use serde_json::Value;

use super::forms::{anchor, cell, code, form, named, table};
use super::layout::lay;
use crate::openrpc::{Document, Field, Method, Outcome, Schema, Shape};

/// The kinds of calls, and how a call of each begins as it travels.
const METHOD: (&str, &str) = ("method", r#"{"jsonrpc":"2.0","id":1,"#);
const NOTIFICATION: (&str, &str) = ("notification", r#"{"jsonrpc":"2.0","#);
const QUESTION: (&str, &str) = ("question", r#"{"jsonrpc":"2.0","id":"question-1","#);

/// The whole reference, as Markdown.
pub(super) fn reference(document: &Document) -> String {
    let named = named(document);
    let calls = |kind, calls: &[Method]| {
        calls.iter().map(|one| call(document, kind, one, &named)).collect::<String>()
    };
    let sections = [
        format!(
            "This is version {} of the language. Below, a field that is not *required* may be left out; \
             behind `no` stands the value that then counts, where there is one. Examples that are too \
             long are broken here into several lines; they travel in one.\n",
            document.info.version
        ),
        format!(
            "### Methods\n\n{}\n{}",
            index(METHOD.0, &document.methods),
            calls(METHOD, &document.methods)
        ),
        format!(
            "### Notifications\n\nThe daemon says these by itself, and nobody answers them.\n\n{}\n{}",
            index(NOTIFICATION.0, &document.notifications),
            calls(NOTIFICATION, &document.notifications)
        ),
        format!(
            "### Questions\n\nThe daemon asks these of a frontend that said in its `hello` that it \
             answers them.\n\n{}",
            calls(QUESTION, &document.questions)
        ),
        commands(document),
        events(document),
        errors(document),
        types(document, &named),
    ];
    sections.join("\n")
}

/// Links to all of one kind.
fn index(kind: &str, calls: &[Method]) -> String {
    let links = calls.iter().map(|Method { name, .. }| format!("[`{name}`](#{})", anchor(kind, name)));
    format!("{}\n", links.collect::<Vec<_>>().join(",\n"))
}

/// A method, a notification or a question.
fn call(document: &Document, (kind, begin): (&str, &str), call: &Method, named: &BTreeSet<String>) -> String {
    let Method { name, summary, params, result, examples, .. } = call;
    let mut text = format!("#### {kind} `{name}`\n\n{summary}\n");
    text.push_str(&table("parameter", &params.iter().collect::<Vec<_>>()));
    if let Some(result) = result {
        text.push_str(&outcome(document, result, named));
        text.push_str(&may_fail_with(document, call));
    }
    for example in examples {
        let begin = format!("{begin}\"method\":\"{name}\",\"params\":");
        text.push_str(&format!("\n```json\n{}\n", spoken(&begin, &example.params())));
        if let Some(result) = example.result() {
            let id = if kind == QUESTION.0 { QUESTION.1 } else { METHOD.1 };
            text.push_str(&format!("{}\n", spoken(&format!("{id}\"result\":"), result)));
        }
        text.push_str("```\n");
    }
    text.push('\n');
    text
}

/// A message whose last field is this value.
fn spoken(begin: &str, value: &Value) -> String {
    format!("{begin}{}}}", lay(value, 0, begin.len() + 1))
}

fn outcome(document: &Document, Outcome { schema }: &Outcome, named: &BTreeSet<String>) -> String {
    let fields = document.fields(schema);
    let is_apart = matches!(&schema.shape, Shape::Reference(name) if named.contains(name));
    if is_apart || schema.shape == Shape::Any {
        format!("\nThe result is {}.\n", form(schema))
    } else if fields.is_empty() {
        "\nThe result is an empty object.\n".to_owned()
    } else {
        table("result", &fields)
    }
}

fn may_fail_with(document: &Document, call: &Method) -> String {
    let is_of_any = |word: &&str| document.errors_of_any_request.iter().any(|one| one == word);
    let (of_any, own): (Vec<&str>, Vec<&str>) = call.errors().into_iter().partition(is_of_any);
    let mut errors: Vec<String> = own.iter().map(|word| format!("`{word}`")).collect();
    if !of_any.is_empty() {
        errors.push("[those of any request](#error-codes)".to_owned());
    }
    format!("\nErrors: {}.\n", errors.join(", "))
}

fn commands(document: &Document) -> String {
    let examples = document.components.schemas.get("Command").map(|schema| schema.examples.as_slice());
    let kinds = kinds(document, "command", "Command", examples.unwrap_or_default(), "/kind");
    let intro = "A participant wants one of these: it is the `body` of `conference.act`. \
                 [CONFERENCE](CONFERENCE.md) tells who may, and what follows.";
    format!("### Commands\n\n{intro}\n\n{kinds}")
}

fn events(document: &Document) -> String {
    let Some(event) = document.components.schemas.get("Event") else { return String::new() };
    let kinds = kinds(document, "event", "Body", &event.examples, "/body/kind");
    let fields = table("field", &document.fields(event));
    format!("### Events\n\n{} Its `body` is of one of the kinds below.\n{fields}\n{kinds}", event.description)
}

/// Each kind that a schema lists, with the examples of it.
fn kinds(document: &Document, what: &str, schema: &str, examples: &[Value], place: &str) -> String {
    let Some(Shape::Choice(several)) = document.components.schemas.get(schema).map(|schema| &schema.shape)
    else {
        return String::new();
    };
    let mut text = String::new();
    for one in several {
        let fields = document.fields(one);
        let Some(kind) = fields.iter().find_map(|field| word(field)) else { continue };
        let others: Vec<&Field> = fields.iter().copied().filter(|field| word(field).is_none()).collect();
        text.push_str(&format!("#### {what} `{kind}`\n\n{}\n{}", one.description, table("field", &others)));
        let of_kind = |example: &&Value| example.pointer(place).is_some_and(|word| word == kind);
        let examples: Vec<String> = examples.iter().filter(of_kind).map(|one| lay(one, 0, 0)).collect();
        text.push_str(&format!("\n```json\n{}\n```\n\n", examples.join("\n")));
    }
    text
}

/// The word that is the value of the field `kind`.
fn word(field: &Field) -> Option<&str> {
    let Shape::Word(word) = &field.schema.shape else { return None };
    (field.name == "kind").then_some(word.as_str())
}

fn errors(document: &Document) -> String {
    let of_any = document.errors_of_any_request.iter().map(|word| format!("`{word}`"));
    let mut text = format!(
        "### Error codes\n\nAny request may be answered with {}.\n\n\
         | word | number | meaning | `error.data`, for example |\n|---|---|---|---|\n",
        of_any.collect::<Vec<_>>().join(", ")
    );
    for (name, error) in &document.components.errors {
        let example = error.data.example.as_ref().map(|example| code(&example.to_string()));
        let (number, meaning, example) =
            (error.code, cell(&error.data.summary), cell(&example.unwrap_or_default()));
        text.push_str(&format!("| `{name}` | {number} | {meaning} | {example} |\n"));
    }
    text
}

/// The schemas to which fields lead, but those that have a section of their own.
fn types(document: &Document, named: &BTreeSet<String>) -> String {
    let mut text = "### Types\n\nAn unknown word, field or kind is one of a later version.\n\n".to_owned();
    for name in named.iter().filter(|name| !["Command", "Event", "Body"].contains(&name.as_str())) {
        if let Some(schema) = document.components.schemas.get(name) {
            let body = body_of(document, schema);
            text.push_str(&format!("#### type `{name}`\n\n{}\n{body}\n", schema.description));
        }
    }
    text
}

fn body_of(document: &Document, schema: &Schema) -> String {
    if let Shape::Choice(several) = &schema.shape {
        let line = |one: &Schema| format!("* {}: {}\n", form(one), one.description);
        format!("\n{}", several.iter().map(line).collect::<String>())
    } else if matches!(schema.shape, Shape::Object { .. }) {
        table("field", &document.fields(schema))
    } else {
        format!("\nIt is: {}.\n", form(schema))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openrpc::FIXTURE;

    #[track_caller]
    fn assert_holds(text: &str, part: &str) {
        assert!(text.contains(part), "{part}\nis missing in\n{text}");
    }

    #[test]
    fn a_method_stands_with_its_sentence_fields_errors_and_example() {
        let text = reference(&Document::read(FIXTURE).unwrap());
        assert_holds(&text, "[`tea.pour`](#method-teapour)");
        assert_holds(&text, "#### method `tea.pour`\n\nPours tea.\n\n| parameter | type |");
        assert_holds(&text, "| result | type |");
        assert_holds(&text, "Errors: `pot_empty`, [those of any request](#error-codes).\n");
        let request =
            r#"{"jsonrpc":"2.0","id":1,"method":"tea.pour","params":{"cup":{"kind":"mug","ml":300}}}"#;
        let answer = r#"{"jsonrpc":"2.0","id":1,"result":{"full":true}}"#;
        assert_holds(&text, &format!("```json\n{request}\n{answer}\n```\n"));
    }

    #[test]
    fn notifications_questions_errors_and_types_are_told() {
        let text = reference(&Document::read(FIXTURE).unwrap());
        assert_holds(&text, r#"{"jsonrpc":"2.0","method":"tea.cold","params":{"since":"noon"}}"#);
        assert_holds(&text, "#### question `tea.sugar`");
        let example = r#"`{"code":"pot_empty","pot":"blue"}`"#;
        assert_holds(
            &text,
            &format!("| `pot_empty` | -32001 | The pot is empty; `pot` says which. | {example} |"),
        );
        assert_holds(&text, "#### type `Cup`\n\nWhat tea is poured into.\n\n* object: A mug.\n");
    }

    #[test]
    fn each_kind_stands_with_its_fields_and_the_examples_of_it() {
        let document = Document::read(FIXTURE).unwrap();
        let examples =
            [serde_json::json!({ "kind": "mug", "ml": 1 }), serde_json::json!({ "kind": "usual" })];
        let text = kinds(&document, "cup", "Cup", &examples, "/kind");
        assert_holds(&text, "#### cup `mug`\n\nA mug.\n\n| field | type |");
        assert_holds(&text, "```json\n{\"kind\":\"mug\",\"ml\":1}\n```");
        assert_holds(&text, "#### cup `usual`\n\nThe usual cup.\n\n```json\n{\"kind\":\"usual\"}\n```");
    }
}
