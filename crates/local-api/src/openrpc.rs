//! The OpenRPC document, made from the types and from [`EXAMPLES`].

#[cfg(test)]
mod tests;

use schemars::transform::Transform;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::language::{API_VERSION, Method, Notification, Question, Visitor, visit_all};
use crate::rpc::ErrorCode;

/// Where the document keeps the schemas of types, as a JSON pointer.
const SCHEMAS: &str = "/components/schemas";

/// The document that `rpc.discover` gives and `convened --openrpc` prints: [`openrpc`] as it is
/// kept in `docs`, which a test compares. A daemon that made it from the types would hold hundreds
/// of kilobytes of code for that.
pub const OPENRPC: &str = include_str!("../../../docs/openrpc.json");

/// An example of everything, by its name: requests with their answers of methods and questions, the
/// parameters of notifications, the `error.data` of errors; and of each kind of command and event.
pub(crate) const EXAMPLES: &str = include_str!("../examples/language.json");

/// The document, made from the types.
pub fn openrpc() -> Value {
    // A type that is named in several places stands once, below `components`.
    let settings = SchemaSettings::draft07().with(|settings| settings.definitions_path = SCHEMAS.into());
    let mut document = Document {
        schemas: settings.into_generator(),
        examples: serde_json::from_str(EXAMPLES).unwrap_or_default(),
        methods: Vec::new(),
        notifications: Vec::new(),
        questions: Vec::new(),
    };
    visit_all(&mut document);
    document.finish()
}

/// The document as far as it is made.
struct Document {
    schemas: SchemaGenerator,
    examples: Value,
    methods: Vec<Value>,
    notifications: Vec<Value>,
    questions: Vec<Value>,
}

impl Visitor for Document {
    fn method<M: Method>(&mut self) {
        let method = json!({
            "name": M::NAME,
            "summary": M::SUMMARY,
            "paramStructure": "by-name",
            "params": params(&self.object::<M::Params>()),
            "result": self.result::<M::Result>(),
            "errors": errors(M::ERRORS, ErrorCode::OF_ANY_REQUEST),
            "examples": self.calls("methods", M::NAME),
        });
        self.methods.push(method);
    }

    fn notification<N: Notification>(&mut self) {
        let object = self.object::<N>();
        let summary = object.get("description").and_then(Value::as_str).unwrap_or_default();
        let notification = json!({
            "name": N::NAME,
            "summary": summary.replace('\n', " "),
            "paramStructure": "by-name",
            "params": params(&object),
            "examples": self.notifications(N::NAME),
        });
        self.notifications.push(notification);
    }

    fn question<Q: Question>(&mut self) {
        let question = json!({
            "name": Q::NAME,
            "summary": Q::SUMMARY,
            "paramStructure": "by-name",
            "params": params(&self.object::<Q::Params>()),
            "result": self.result::<Q::Answer>(),
            "errors": errors(&[ErrorCode::Declined], &[]),
            "examples": self.calls("questions", Q::NAME),
        });
        self.questions.push(question);
    }
}

impl Document {
    /// The schema of a type that travels as an object, with its fields. Of one that is another by a
    /// second name, it is that one's with its own description.
    fn object<T: JsonSchema>(&mut self) -> Value {
        let mut schema = T::json_schema(&mut self.schemas);
        for transform in self.schemas.transforms_mut() {
            Transform::transform(transform, &mut schema);
        }
        let mut schema = schema.to_value();
        let reference = schema.pointer("/allOf/0/$ref").or_else(|| schema.get("$ref"));
        let name = reference.and_then(Value::as_str).and_then(|reference| reference.rsplit('/').next());
        let named = name.and_then(|name| self.schemas.definitions().get(name)).cloned();
        if let (Some(Value::Object(named)), Some(fields)) = (named, schema.as_object_mut()) {
            for (key, value) in named {
                fields.entry(key).or_insert(value);
            }
        }
        schema
    }

    fn result<T: JsonSchema>(&mut self) -> Value {
        json!({ "name": "result", "schema": self.schemas.subschema_for::<T>() })
    }

    /// The example of this name.
    fn example(&self, part: &str, name: &str) -> Option<&Value> {
        self.examples.get(part)?.get(name)
    }

    /// Requests and their answers.
    fn calls(&self, part: &str, name: &str) -> Vec<Value> {
        let calls = self.example(part, name).and_then(Value::as_array).into_iter().flatten();
        calls.map(|call| pairing(name, call.get("params"), call.get("result"))).collect()
    }

    fn notifications(&self, name: &str) -> Vec<Value> {
        let params = self.example("notifications", name);
        params.map(|params| pairing(name, Some(params), None)).into_iter().collect()
    }

    /// The errors by their words.
    fn errors(&self) -> Map<String, Value> {
        let error = |code: &ErrorCode| {
            let data =
                json!({ "summary": code.summary().trim(), "example": self.example("errors", code.as_str()) });
            let error = json!({ "code": code.number(), "message": code.as_str(), "data": data });
            (code.as_str().to_owned(), error)
        };
        ErrorCode::ALL.iter().map(error).collect()
    }

    fn finish(mut self) -> Value {
        let errors = self.errors();
        let mut schemas = self.schemas.take_definitions(true);
        for (kinds, name) in [("commands", "Command"), ("events", "Event")] {
            let examples = self.examples.get(kinds).cloned().unwrap_or_default();
            if let Some(schema) = schemas.get_mut(name).and_then(Value::as_object_mut) {
                schema.insert("examples".to_owned(), examples);
            }
        }
        let of_any_request: Vec<&str> = ErrorCode::OF_ANY_REQUEST.iter().map(|code| code.as_str()).collect();
        json!({
            "openrpc": "1.3.2",
            "info": { "title": "Convene, local API", "version": API_VERSION.to_string() },
            "methods": self.methods,
            "x-notifications": self.notifications,
            "x-questions": self.questions,
            "x-errors-of-any-request": of_any_request,
            "components": { "errors": errors, "schemas": schemas },
        })
    }
}

/// The properties of an object, one by one, as OpenRPC wants them: those that are required first,
/// as they are declared.
fn params(object: &Value) -> Vec<Value> {
    let required: Vec<&str> = object
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let place = |name: &str| required.iter().position(|one| *one == name).unwrap_or(required.len());
    let properties = object.get("properties").and_then(Value::as_object).into_iter().flatten();
    let mut properties: Vec<(&String, &Value)> = properties.collect();
    properties.sort_by_key(|(name, _)| place(name));
    properties
        .into_iter()
        .map(|(name, schema)| {
            json!({ "name": name, "required": required.contains(&name.as_str()), "schema": schema })
        })
        .collect()
}

fn errors(own: &[ErrorCode], others: &[ErrorCode]) -> Vec<Value> {
    let codes = own.iter().chain(others);
    codes.map(|code| json!({ "$ref": format!("#/components/errors/{}", code.as_str()) })).collect()
}

/// An example as OpenRPC wants it.
fn pairing(name: &str, params: Option<&Value>, result: Option<&Value>) -> Value {
    let params = params.and_then(Value::as_object).into_iter().flatten();
    let params: Vec<Value> = params.map(|(name, value)| json!({ "name": name, "value": value })).collect();
    match result {
        Some(result) => {
            json!({ "name": name, "params": params, "result": { "name": "result", "value": result } })
        }
        None => json!({ "name": name, "params": params }),
    }
}
