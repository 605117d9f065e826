//! The OpenRPC document holds to the specification, so that generators of clients can read it.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::path::Path;

use jsonschema::{Draft, Registry};
use serde_json::{Map, Value, json};

fn specification(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specification").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
}

/// Where a document breaks the specification.
fn faults(document: &Value) -> Vec<String> {
    let json_schema = specification("json-schema.json");
    let registry = Registry::new().draft(Draft::Draft7).add("https://meta.json-schema.tools", &json_schema);
    let registry = registry.and_then(|registry| registry.prepare()).expect("a schema");
    let options = jsonschema::options().with_draft(Draft::Draft7).with_registry(&registry);
    let validator = options.build(&specification("openrpc.json")).expect("a schema");
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// All values with this key, however deep.
fn all<'a>(key: &str, within: &'a Value, found: &mut Vec<&'a Value>) {
    match within {
        Value::Object(fields) => {
            found.extend(fields.get(key));
            fields.values().for_each(|value| all(key, value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| all(key, value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_document_is_valid_openrpc() {
    assert_eq!(faults(&convene_local_api::openrpc()), [] as [String; 0]);
}

#[test]
fn a_document_that_is_none_is_noticed() {
    let mut document = convene_local_api::openrpc();
    document["components"]["errors"] = json!([]);
    assert_eq!(faults(&document).len(), 1);
}

#[test]
fn notifications_and_questions_are_described_as_methods_are() {
    let mut document = convene_local_api::openrpc();
    for said in ["x-notifications", "x-questions"] {
        document["methods"] = document[said].clone();
        assert_eq!(faults(&document), [] as [String; 0], "{said}");
    }
}

#[test]
fn parameters_go_by_name_and_every_name_is_given_once() {
    let document = convene_local_api::openrpc();
    for said in ["methods", "x-notifications", "x-questions"] {
        // A frontend may ask for what it is also told.
        let mut names = BTreeSet::new();
        for method in document[said].as_array().unwrap() {
            assert_eq!(method["paramStructure"], "by-name", "{method}");
            assert!(names.insert(method["name"].as_str().unwrap().to_owned()), "{method}");
            let params = method["params"].as_array().unwrap();
            let given: BTreeSet<&str> = params.iter().filter_map(|param| param["name"].as_str()).collect();
            assert_eq!(given.len(), params.len(), "{method}");
        }
    }
}

/// The schema of an object that has these parameters, and no others.
fn object(method: &Value) -> Value {
    let params = method["params"].as_array().expect("a list");
    let name = |param: &Value| param["name"].as_str().expect("a name").to_owned();
    let properties: Map<String, Value> =
        params.iter().map(|param| (name(param), param["schema"].clone())).collect();
    let required: Vec<String> = params.iter().filter(|param| param["required"] == true).map(name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Where a value is not as a schema of the document says.
fn unfit(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let schema = json!({ "allOf": [schema], "components": document["components"] });
    let validator = jsonschema::options().with_draft(Draft::Draft7).build(&schema).expect("a schema");
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_example_is_as_the_document_says() {
    let document = convene_local_api::openrpc();
    let mut examples: Vec<(Value, Value)> = Vec::new();
    for said in ["methods", "x-notifications", "x-questions"] {
        for method in document[said].as_array().unwrap() {
            for example in method["examples"].as_array().unwrap() {
                let params = example["params"].as_array().unwrap().iter();
                let params: Map<String, Value> = params
                    .map(|param| (param["name"].as_str().unwrap().to_owned(), param["value"].clone()))
                    .collect();
                examples.push((object(method), params.into()));
                if let Some(result) = example.get("result") {
                    examples.push((method["result"]["schema"].clone(), result["value"].clone()));
                }
            }
        }
    }
    for kinds in ["Command", "Event"] {
        let schema = &document["components"]["schemas"][kinds];
        let listed = schema["examples"].as_array().unwrap().iter();
        examples.extend(listed.map(|example| (schema.clone(), example.clone())));
    }
    for (schema, example) in examples {
        assert_eq!(unfit(&document, &schema, &example), [] as [String; 0], "{example}");
    }
    let nothing = json!({ "type": "object", "required": ["$ref"] });
    assert_eq!(unfit(&document, &nothing, &json!({})).len(), 1, "what does not fit is noticed");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = convene_local_api::openrpc();
    let mut references = Vec::new();
    all("$ref", &document, &mut references);
    for reference in references {
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
        assert!(pointer.and_then(|pointer| document.pointer(pointer)).is_some(), "{reference}");
    }
}
