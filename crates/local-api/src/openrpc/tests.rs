//! Everything in the language has an example, and each example is as the types write it.

use std::collections::BTreeSet;

use convene_conference::{Command, Event};
use serde::{Serialize, de::DeserializeOwned};

use super::*;
use crate::rpc::ErrorObject;

/// Reads every example as the type that it is of.
struct Reader {
    /// Those that were not read yet.
    examples: Value,
    faults: Vec<String>,
}

impl Reader {
    fn new() -> Self {
        Self { examples: serde_json::from_str(EXAMPLES).expect("the examples are JSON"), faults: Vec::new() }
    }

    /// Takes an example out; `null` where there is none.
    fn take(&mut self, part: &str, name: &str) -> Value {
        let examples = self.examples.get_mut(part).and_then(Value::as_object_mut);
        examples.and_then(|examples| examples.remove(name)).unwrap_or_default()
    }

    /// Notes where an example is not what its type writes.
    fn read<T: Serialize + DeserializeOwned>(&mut self, name: &str, example: &Value) {
        let read = serde_json::from_str::<T>(&example.to_string());
        let written = read.and_then(|read| serde_json::to_string(&read));
        match written.and_then(|text| serde_json::from_str::<Value>(&text)) {
            Ok(written) if written == *example => {}
            Ok(written) => self.faults.push(format!("{name}: {example} is written as {written}")),
            Err(error) => self.faults.push(format!("{name}: {example}: {error}")),
        }
    }

    fn read_calls<P, R>(&mut self, part: &str, name: &str)
    where
        P: Serialize + DeserializeOwned,
        R: Serialize + DeserializeOwned,
    {
        let calls = self.take(part, name);
        let calls = calls.as_array().map(Vec::as_slice).unwrap_or_default();
        if calls.is_empty() {
            self.faults.push(format!("{name} has no example"));
        }
        for call in calls {
            self.read::<P>(name, &call["params"]);
            self.read::<R>(name, &call["result"]);
        }
    }

    /// Reads examples of kinds, and says which kinds they are of.
    fn read_kinds<T: Serialize + DeserializeOwned>(&mut self, part: &str, kind: &str) -> BTreeSet<String> {
        let examples = self.examples[part].take();
        let mut kinds = BTreeSet::new();
        for example in examples.as_array().expect("a list") {
            self.read::<T>(part, example);
            kinds.insert(example.pointer(kind).and_then(Value::as_str).expect("a kind").to_owned());
        }
        kinds
    }
}

impl Visitor for Reader {
    fn method<M: Method>(&mut self) {
        self.read_calls::<M::Params, M::Result>("methods", M::NAME);
    }

    fn notification<N: Notification>(&mut self) {
        let example = self.take("notifications", N::NAME);
        self.read::<N>(N::NAME, &example);
    }

    fn question<Q: Question>(&mut self) {
        self.read_calls::<Q::Params, Q::Answer>("questions", Q::NAME);
    }
}

#[test]
fn methods_notifications_and_questions_have_examples_and_nothing_else_has() {
    let mut reader = Reader::new();
    visit_all(&mut reader);
    assert!(reader.faults.is_empty(), "{:#?}", reader.faults);
    for part in ["methods", "notifications", "questions"] {
        assert_eq!(reader.examples[part], json!({}), "{part}");
    }
}

/// The kinds that a schema lists.
fn kinds(document: &Value, schema: &str) -> BTreeSet<String> {
    let listed = document["components"]["schemas"][schema]["oneOf"].as_array().expect("a choice");
    let kind = |one: &Value| one["properties"]["kind"]["const"].as_str().expect("a kind").to_owned();
    listed.iter().map(kind).collect()
}

#[test]
fn every_kind_of_command_and_of_event_has_an_example() {
    let (mut reader, document) = (Reader::new(), openrpc());
    assert_eq!(reader.read_kinds::<Command>("commands", "/kind"), kinds(&document, "Command"));
    assert_eq!(reader.read_kinds::<Event>("events", "/body/kind"), kinds(&document, "Body"));
    assert!(reader.faults.is_empty(), "{:#?}", reader.faults);
}

#[test]
fn every_error_has_an_example() {
    let mut reader = Reader::new();
    for code in ErrorCode::ALL {
        let data = reader.take("errors", code.as_str());
        assert_eq!(data["code"], code.as_str(), "{}", code.as_str());
        let error = json!({ "code": code.number(), "message": code.as_str(), "data": data });
        reader.read::<ErrorObject>(code.as_str(), &error);
    }
    assert!(reader.faults.is_empty(), "{:#?}", reader.faults);
    assert_eq!(reader.examples["errors"], json!({}));
}

#[test]
fn a_notification_that_has_another_types_fields_has_parameters() {
    let document = openrpc();
    let told = document["x-notifications"].as_array().expect("a list");
    let changed = told.iter().find(|one| one["name"] == "connection.changed").expect("it is told");
    let names: Vec<&str> =
        changed["params"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["number", "connections"]);
    assert_eq!(changed["summary"], "Something about the connections changed.");
}

#[test]
fn a_method_lists_its_errors_and_those_of_any_request() {
    let document = openrpc();
    let methods = document["methods"].as_array().expect("a list");
    let forget = methods.iter().find(|one| one["name"] == "conference.forget").expect("it is there");
    let errors = forget["errors"].as_array().expect("a list");
    for word in ["still_joined", "starting"] {
        assert!(errors.contains(&json!({ "$ref": format!("#/components/errors/{word}") })), "{word}");
    }
    assert!(!errors.contains(&json!({ "$ref": "#/components/errors/outbox_full" })));
}
