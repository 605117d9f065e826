//! The OpenRPC document, made from the types.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::language::{
    API_VERSION, AccessChanged, AccessCheck, Act, ClockNotification, ConnectionChanged, ConnectionRetry,
    ConnectionWatch, DiscoverMethod, Dismiss, DismissedNotification, DraftChanged, DraftGet, DraftSet,
    EventsNotification, Forget, Hello, History, Join, Leave, List, LostNotification, MayNotification, Method,
    Notification, OutboxNotification, PassedOverNotification, Presence, PresenceNotification, ProxyOffer,
    ProxyPassword, ProxyTest, ProxyToken, Question, ReceiptNotification, ResetNotification, SeatNotification,
    SettingsChanged, SettingsGet, SettingsPatch, SettingsWatch, StateNotification, SystemStatus, Unwatch,
    Watch,
};
use crate::rpc::ErrorCode;

/// Where the document keeps the schemas of types, as a JSON pointer.
const SCHEMAS: &str = "/components/schemas";

/// The document that `rpc.discover` gives and `convened --openrpc` prints: [`openrpc`] as it is
/// kept in `docs`, which a test compares. A daemon that made it from the types would hold hundreds
/// of kilobytes of code for that.
pub const OPENRPC: &str = include_str!("../../../docs/openrpc.json");

/// The document, made from the types.
pub fn openrpc() -> Value {
    // A type that is named in several places stands once, below `components`.
    let settings = SchemaSettings::draft07().with(|settings| settings.definitions_path = SCHEMAS.into());
    let mut schemas = settings.into_generator();
    let methods = [
        method::<DiscoverMethod>(&mut schemas),
        method::<Hello>(&mut schemas),
        method::<ConnectionWatch>(&mut schemas),
        method::<ConnectionRetry>(&mut schemas),
        method::<AccessCheck>(&mut schemas),
        method::<SettingsGet>(&mut schemas),
        method::<SettingsPatch>(&mut schemas),
        method::<SettingsWatch>(&mut schemas),
        method::<SystemStatus>(&mut schemas),
        method::<ProxyOffer>(&mut schemas),
        method::<ProxyTest>(&mut schemas),
        method::<Join>(&mut schemas),
        method::<List>(&mut schemas),
        method::<Watch>(&mut schemas),
        method::<Unwatch>(&mut schemas),
        method::<Presence>(&mut schemas),
        method::<History>(&mut schemas),
        method::<Act>(&mut schemas),
        method::<Dismiss>(&mut schemas),
        method::<DraftGet>(&mut schemas),
        method::<DraftSet>(&mut schemas),
        method::<Leave>(&mut schemas),
        method::<Forget>(&mut schemas),
    ];
    let notifications = [
        notification::<ConnectionChanged>(&mut schemas),
        notification::<AccessChanged>(&mut schemas),
        notification::<SettingsChanged>(&mut schemas),
        notification::<StateNotification>(&mut schemas),
        notification::<EventsNotification>(&mut schemas),
        notification::<MayNotification>(&mut schemas),
        notification::<ReceiptNotification>(&mut schemas),
        notification::<OutboxNotification>(&mut schemas),
        notification::<LostNotification>(&mut schemas),
        notification::<DismissedNotification>(&mut schemas),
        notification::<SeatNotification>(&mut schemas),
        notification::<PassedOverNotification>(&mut schemas),
        notification::<ResetNotification>(&mut schemas),
        notification::<ClockNotification>(&mut schemas),
        notification::<PresenceNotification>(&mut schemas),
        notification::<DraftChanged>(&mut schemas),
    ];
    let questions = [question::<ProxyPassword>(&mut schemas), question::<ProxyToken>(&mut schemas)];
    let errors: Map<String, Value> = ErrorCode::ALL
        .iter()
        .map(|code| {
            let summary = code.summary().trim();
            let data = json!({ "summary": summary });
            let error = json!({ "code": code.number(), "message": code.as_str(), "data": data });
            (code.as_str().to_owned(), error)
        })
        .collect();
    json!({
        "openrpc": "1.3.2",
        "info": { "title": "Convene, local API", "version": API_VERSION.to_string() },
        "methods": methods,
        "x-notifications": notifications,
        "x-questions": questions,
        "components": { "errors": errors, "schemas": schemas.take_definitions(true) },
    })
}

fn method<M: Method>(schemas: &mut SchemaGenerator) -> Value {
    json!({
        "name": M::NAME,
        "summary": M::SUMMARY,
        "paramStructure": "by-name",
        "params": params(&schema::<M::Params>(schemas)),
        "result": { "name": "result", "schema": schema::<M::Result>(schemas) },
    })
}

fn question<Q: Question>(schemas: &mut SchemaGenerator) -> Value {
    json!({
        "name": Q::NAME,
        "summary": Q::SUMMARY,
        "paramStructure": "by-name",
        "params": params(&schema::<Q::Params>(schemas)),
        "result": { "name": "result", "schema": schema::<Q::Answer>(schemas) },
    })
}

fn notification<N: Notification>(schemas: &mut SchemaGenerator) -> Value {
    json!({ "name": N::NAME, "paramStructure": "by-name", "params": params(&schema::<N>(schemas)) })
}

/// The properties of an object, one by one, as OpenRPC wants them.
fn params(object: &Value) -> Vec<Value> {
    let required = object.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|one| one == name));
    let properties = object.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .map(|(name, schema)| json!({ "name": name, "required": is_required(name), "schema": schema }))
        .collect()
}

fn schema<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    let mut schema = serde_json::to_value(T::json_schema(schemas)).unwrap_or_default();
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("$schema");
    }
    schema
}
