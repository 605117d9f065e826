//! The schemas of the document, as far as they are made from Rust types.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Where a reference to a schema leads.
const SCHEMAS: &str = "#/components/schemas/";

/// A field of an object, or a parameter of a method.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) schema: Schema,
}

/// The look of a value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct Schema {
    /// The contract: one or more sentences, on one line for each paragraph. Empty where there is
    /// none.
    pub(crate) description: String,
    pub(crate) shape: Shape,
    /// Whether `null` may stand in its place, which says the same as leaving the field out.
    pub(crate) nullable: bool,
    /// The value that counts where the field is left out.
    pub(crate) default: Option<Value>,
    /// Examples of it.
    pub(crate) examples: Vec<Value>,
}

/// The form of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Any JSON.
    Any,
    Boolean,
    /// A whole number, with its width such as `uint64` or `int64`, where that is said.
    Integer(Option<String>),
    Number,
    Text,
    /// A text that is exactly this.
    Word(String),
    List(Box<Schema>),
    /// An object whose names are data.
    Map(Box<Schema>),
    /// An object with these fields: those that are required first, as they are declared, then the
    /// others in the order of their names. It has those of the schema `of` too.
    Object {
        of: Option<String>,
        fields: Vec<Field>,
    },
    /// The schema of this name.
    Reference(String),
    /// One of several: words, objects that differ in a word, or values of different forms.
    Choice(Vec<Schema>),
}

impl TryFrom<Value> for Schema {
    type Error = anyhow::Error;

    fn try_from(value: Value) -> Result<Self> {
        read(&value)
    }
}

fn read(value: &Value) -> Result<Schema> {
    if *value == Value::Bool(true) {
        return Ok(plain(Shape::Any));
    }
    let keys = value.as_object().with_context(|| format!("{value} is no schema"))?;
    let mut schema = shape(keys).with_context(|| format!("cannot read the schema {value}"))?;
    if let Some(description) = keys.get("description").and_then(Value::as_str) {
        schema.description = joined(description);
    }
    schema.default = keys.get("default").cloned().or(schema.default);
    if let Some(examples) = keys.get("examples").and_then(Value::as_array) {
        schema.examples.clone_from(examples);
    }
    Ok(schema)
}

fn plain(shape: Shape) -> Schema {
    Schema { description: String::new(), shape, nullable: false, default: None, examples: Vec::new() }
}

/// A comment's lines as paragraphs, each on one line. Links to Rust items are the names alone.
fn joined(description: &str) -> String {
    let paragraphs = description.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    paragraphs.collect::<Vec<_>>().join("\n\n").replace("[`", "`").replace("`]", "`")
}

fn shape(keys: &Map<String, Value>) -> Result<Schema> {
    if let Some(target) = keys.get("$ref").and_then(Value::as_str) {
        let name = target.strip_prefix(SCHEMAS).with_context(|| format!("{target} leads elsewhere"))?;
        return Ok(plain(Shape::Reference(name.to_owned())));
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(several) = keys.get(choice).and_then(Value::as_array) {
            return one_of(several);
        }
    }
    let base = keys.get("allOf").and_then(Value::as_array).map(|parts| only(parts)).transpose()?;
    if let Some(word) = keys.get("const") {
        return Ok(plain(Shape::Word(text(word)?)));
    }
    if let Some(words) = keys.get("enum").and_then(Value::as_array) {
        let words: Result<Vec<Schema>> =
            words.iter().map(|word| Ok(plain(Shape::Word(text(word)?)))).collect();
        return Ok(plain(Shape::Choice(words?)));
    }
    match (base, keys.contains_key("properties")) {
        (Some(base), false) => return Ok(base),
        (Some(Schema { shape: Shape::Reference(name), .. }), true) => {
            return Ok(plain(Shape::Object { of: Some(name), fields: fields(keys)? }));
        }
        (Some(_), true) => bail!("fields beside something that has no name"),
        (None, _) => {}
    }
    let (kind, nullable) = kind(keys)?;
    Ok(Schema { nullable, ..plain(of_kind(kind, keys)?) })
}

/// One of several; one of them may be `null`.
fn one_of(several: &[Value]) -> Result<Schema> {
    let others: Result<Vec<Schema>> = several.iter().filter(|one| !is_null(one)).map(read).collect();
    let mut others = others?;
    let nullable = others.len() < several.len();
    let one = if others.len() == 1 { others.pop() } else { None };
    let schema = one.unwrap_or_else(|| plain(Shape::Choice(others)));
    Ok(Schema { nullable: nullable || schema.nullable, ..schema })
}

fn is_null(one: &Value) -> bool {
    one.get("type").is_some_and(|kind| kind == "null")
}

fn only(parts: &[Value]) -> Result<Schema> {
    match parts {
        [one] => read(one),
        several => bail!("{} schemas at once", several.len()),
    }
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().with_context(|| format!("{value} is no text"))?.to_owned())
}

/// The type, and whether it may be `null`; no type where any JSON is one.
fn kind(keys: &Map<String, Value>) -> Result<(Option<&str>, bool)> {
    let Some(kind) = keys.get("type") else { return Ok((None, false)) };
    let kinds: Vec<&str> = match kind.as_array() {
        Some(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        None => kind.as_str().into_iter().collect(),
    };
    let others: Vec<&str> = kinds.iter().copied().filter(|kind| *kind != "null").collect();
    match others.as_slice() {
        [one] => Ok((Some(*one), others.len() < kinds.len())),
        _ => bail!("the type {kind}"),
    }
}

fn of_kind(kind: Option<&str>, keys: &Map<String, Value>) -> Result<Shape> {
    Ok(match kind {
        None => Shape::Any,
        Some("boolean") => Shape::Boolean,
        Some("integer") => Shape::Integer(keys.get("format").and_then(Value::as_str).map(str::to_owned)),
        Some("number") => Shape::Number,
        Some("string") => Shape::Text,
        Some("array") => {
            Shape::List(Box::new(keys.get("items").map_or_else(|| Ok(plain(Shape::Any)), read)?))
        }
        Some("object") => match values(keys) {
            Some(values) => Shape::Map(Box::new(read(values)?)),
            None => Shape::Object { of: None, fields: fields(keys)? },
        },
        Some(other) => bail!("the type {other}"),
    })
}

/// The schema behind each name of an object whose names are data; numbers as names have a pattern.
fn values(keys: &Map<String, Value>) -> Option<&Value> {
    let patterns = keys.get("patternProperties").and_then(Value::as_object);
    let by_pattern = patterns.and_then(|patterns| patterns.values().next());
    by_pattern.or_else(|| keys.get("additionalProperties").filter(|values| !values.is_boolean()))
}

fn fields(keys: &Map<String, Value>) -> Result<Vec<Field>> {
    let required: Vec<&str> = keys
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut fields = Vec::new();
    for (name, schema) in keys.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let required = required.contains(&name.as_str());
        fields.push(Field { name: name.clone(), required, schema: read(schema)? });
    }
    let place = |field: &Field| required.iter().position(|name| *name == field.name).unwrap_or(usize::MAX);
    fields.sort_by_key(place);
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape_of(value: &Value) -> Shape {
        read(value).unwrap().shape
    }

    #[test]
    fn what_may_be_null_is_what_it_is_otherwise() {
        for nullable in [
            json!({ "type": ["string", "null"] }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
        ] {
            let schema = read(&nullable).unwrap();
            assert_eq!((schema.shape, schema.nullable), (Shape::Text, true), "{nullable}");
        }
        assert!(!read(&json!({ "type": "string" })).unwrap().nullable);
    }

    #[test]
    fn a_reference_keeps_what_is_said_of_the_field() {
        let schema = read(&json!({
            "description": "Which\n[`Cup`] of `[a]`.\n\nOr none.",
            "allOf": [{ "$ref": "#/components/schemas/Cup" }],
        }));
        let schema = schema.unwrap();
        assert_eq!(schema.shape, Shape::Reference("Cup".to_owned()));
        assert_eq!(schema.description, "Which `Cup` of `[a]`.\n\nOr none.");
    }

    #[test]
    fn words_are_a_choice_whichever_way_they_are_listed() {
        let short = shape_of(&json!({ "type": "string", "enum": ["a", "b"] }));
        let long = shape_of(&json!({ "oneOf": [{ "const": "a", "type": "string" }, { "const": "b" }] }));
        assert_eq!(short, long);
    }

    #[test]
    fn objects_whose_names_are_data_are_maps() {
        let number = json!({ "type": "integer", "format": "uint32" });
        let expected = Shape::Map(Box::new(plain(Shape::Integer(Some("uint32".to_owned())))));
        assert_eq!(shape_of(&json!({ "type": "object", "additionalProperties": number })), expected);
        let by_number = json!({ "type": "object", "patternProperties": { "^\\d+$": number }, "additionalProperties": false });
        assert_eq!(shape_of(&by_number), expected);
        let list = shape_of(&json!({ "type": "array", "items": true }));
        assert_eq!(list, Shape::List(Box::new(plain(Shape::Any))));
    }

    #[test]
    fn required_fields_come_first_as_they_are_declared() {
        let schema = json!({
            "type": "object", "required": ["z", "b"],
            "properties": { "a": true, "b": true, "c": { "default": 7, "type": "integer" }, "z": true },
        });
        let Shape::Object { of: None, fields } = shape_of(&schema) else { panic!("no object") };
        assert_eq!(fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["z", "b", "a", "c"]);
        assert_eq!(fields[3].schema.default, Some(json!(7)));
    }

    #[test]
    fn what_no_rust_type_says_is_an_error_that_names_it() {
        for foreign in [
            json!({ "type": ["string", "integer"] }),
            json!({ "type": "tea" }),
            json!({ "$ref": "elsewhere.json" }),
            json!({ "allOf": [true, true] }),
            json!(false),
        ] {
            assert!(read(&foreign).is_err(), "{foreign}");
        }
    }
}
