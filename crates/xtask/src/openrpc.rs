//! The document of the local API, read: [`PATH`], of which the reference for developers and the
//! clients are made.
//!
//! It is made from the Rust types, so only what those can say is understood; anything else is an
//! error that names it.

mod schema;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;

pub(crate) use schema::{Field, Schema, Shape};

/// Where the document lies.
pub(crate) const PATH: &str = "docs/openrpc.json";

/// The document.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    pub(crate) info: Info,
    pub(crate) methods: Vec<Method>,
    /// Said by the daemon by itself. None has a result or errors.
    #[serde(rename = "x-notifications")]
    pub(crate) notifications: Vec<Method>,
    /// Asked by the daemon, with the answer that it wants as the result.
    #[serde(rename = "x-questions")]
    pub(crate) questions: Vec<Method>,
    /// The words of the errors that any request may be answered with.
    #[serde(rename = "x-errors-of-any-request", default)]
    pub(crate) errors_of_any_request: Vec<String>,
    pub(crate) components: Components,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Info {
    /// The version of the language.
    pub(crate) version: String,
}

/// A method, a notification or a question.
#[derive(Debug, Deserialize)]
pub(crate) struct Method {
    pub(crate) name: String,
    /// One or more sentences.
    #[serde(default)]
    pub(crate) summary: String,
    pub(crate) params: Vec<Field>,
    pub(crate) result: Option<Outcome>,
    #[serde(default)]
    errors: Vec<Reference>,
    #[serde(default)]
    pub(crate) examples: Vec<Pairing>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) schema: Schema,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(rename = "$ref")]
    target: String,
}

/// A request and its answer, or a notification.
#[derive(Debug, Deserialize)]
pub(crate) struct Pairing {
    params: Vec<Example>,
    result: Option<Example>,
}

#[derive(Debug, Deserialize)]
struct Example {
    name: String,
    value: Value,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Components {
    /// By their words.
    #[serde(default)]
    pub(crate) errors: BTreeMap<String, ErrorCode>,
    /// By their names.
    pub(crate) schemas: BTreeMap<String, Schema>,
}

/// A reason for which a request fails.
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorCode {
    /// The number in `error.code`.
    pub(crate) code: i64,
    pub(crate) data: ErrorData,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ErrorData {
    /// The sentence that says what it means.
    pub(crate) summary: String,
    /// The `error.data` of an example.
    pub(crate) example: Option<Value>,
}

impl Document {
    /// Reads the document's text.
    pub(crate) fn read(text: &str) -> Result<Self> {
        serde_json::from_str(text).context(PATH)
    }

    /// The fields of an object, also of one that is named; nothing where it is no object.
    pub(crate) fn fields<'a>(&'a self, schema: &'a Schema) -> Vec<&'a Field> {
        match &schema.shape {
            Shape::Object { of, fields } => {
                let of = of.as_ref().and_then(|name| self.components.schemas.get(name));
                let inherited = of.into_iter().flat_map(|schema| self.fields(schema));
                fields.iter().chain(inherited).collect()
            }
            Shape::Reference(name) => {
                let named = self.components.schemas.get(name);
                named.into_iter().flat_map(|schema| self.fields(schema)).collect()
            }
            Shape::Any
            | Shape::Boolean
            | Shape::Integer(_)
            | Shape::Number
            | Shape::Text
            | Shape::Word(_)
            | Shape::List(_)
            | Shape::Map(_)
            | Shape::Choice(_) => Vec::new(),
        }
    }
}

impl Method {
    /// The words of the errors that it may answer with, those of any request among them.
    pub(crate) fn errors(&self) -> Vec<&str> {
        let words = self.errors.iter().map(|error| error.target.rsplit('/').next());
        words.map(Option::unwrap_or_default).collect()
    }
}

impl Pairing {
    /// The parameters, as they travel.
    pub(crate) fn params(&self) -> Value {
        self.params.iter().map(|param| (param.name.clone(), param.value.clone())).collect()
    }

    /// The result; `None` for a notification.
    pub(crate) fn result(&self) -> Option<&Value> {
        self.result.as_ref().map(|result| &result.value)
    }
}

/// A document with one of each.
#[cfg(test)]
pub(crate) const FIXTURE: &str = include_str!("openrpc/fixture.json");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Document {
        Document::read(FIXTURE).expect("the fixture is a document")
    }

    fn names(fields: &[&Field]) -> Vec<String> {
        fields.iter().map(|field| field.name.clone()).collect()
    }

    #[test]
    fn methods_notifications_and_questions_are_told_apart() {
        let document = document();
        assert_eq!(document.info.version, "7");
        let named = |methods: &[Method]| methods.iter().map(|method| method.name.clone()).collect::<Vec<_>>();
        assert_eq!(named(&document.methods), ["tea.pour"]);
        assert_eq!(named(&document.notifications), ["tea.cold"]);
        assert_eq!(named(&document.questions), ["tea.sugar"]);
        let pour = &document.methods[0];
        assert_eq!(pour.summary, "Pours tea.");
        assert_eq!(pour.errors(), ["pot_empty", "stopping"]);
        assert_eq!(document.errors_of_any_request, ["stopping"]);
        assert_eq!(pour.params.iter().map(|param| param.required).collect::<Vec<_>>(), [true, false]);
        assert!(document.notifications[0].result.is_none());
        let empty = &document.components.errors["pot_empty"];
        assert_eq!(
            (empty.code, empty.data.summary.as_str()),
            (-32001, "The pot is empty; `pot` says which.")
        );
        assert_eq!(empty.data.example, Some(json!({ "code": "pot_empty", "pot": "blue" })));
    }

    #[test]
    fn an_example_is_an_object_of_its_parameters_and_a_result() {
        let document = document();
        let pairing = &document.methods[0].examples[0];
        assert_eq!(pairing.params(), json!({ "cup": { "kind": "mug", "ml": 300 } }));
        assert_eq!(pairing.result(), Some(&json!({ "full": true })));
        assert_eq!(document.notifications[0].examples[0].result(), None);
    }

    #[test]
    fn the_fields_of_a_named_object_are_found_and_those_that_it_takes_over() {
        let document = document();
        let result = document.methods[0].result.as_ref().unwrap();
        assert_eq!(names(&document.fields(&result.schema)), ["full", "spilt"]);
        let Shape::Choice(kinds) = &document.components.schemas["Cup"].shape else { panic!("no choice") };
        assert_eq!(names(&document.fields(&kinds[0])), ["kind", "ml"]);
        assert_eq!(document.fields(&kinds[0])[0].schema.shape, Shape::Word("mug".to_owned()));
        assert_eq!(names(&document.fields(&kinds[1])), ["kind"]);
    }
}
