//! Checks of a command's body that need no server.

use convene_conference::Command;
use convene_local_api::{ErrorCode, ErrorObject};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

/// Checks a command's body. A kind that this version does not know passes: the server may.
///
/// # Errors
/// The answer to give: it is no command at all, or a field of a known one is missing or wrong.
pub(super) fn check(body: &str) -> Result<(), ErrorObject> {
    if serde_json::from_str::<Command>(body).is_ok() {
        return Ok(());
    }
    let malformed = || ErrorObject::new(ErrorCode::CommandMalformed);
    let fields: Map<String, Value> = serde_json::from_str(body).map_err(|_| malformed())?;
    let kind = fields.get("kind").and_then(Value::as_str).ok_or_else(malformed)?;
    if !is_known(kind) {
        return Ok(());
    }
    let Err(reason) = read(&fields) else { return Ok(()) };
    let mut error = ErrorObject::new(ErrorCode::InvalidParams);
    if let Some(field) = missing(&reason).or_else(|| wrong(&fields, &reason)) {
        error = error.with("field", field);
    }
    Err(error.with("reason", reason))
}

fn read(fields: &Map<String, Value>) -> Result<Command, String> {
    Command::deserialize(Value::Object(fields.clone())).map_err(|error| error.to_string())
}

/// Whether this version has such a command: a body with nothing but the kind is then refused for
/// its fields, or not at all.
fn is_known(kind: &str) -> bool {
    let bare = Command::deserialize(json!({ "kind": kind }));
    bare.map_or_else(|error| !error.to_string().starts_with("unknown variant"), |_| true)
}

/// The field that is missing, which the decoder names.
fn missing(reason: &str) -> Option<&str> {
    reason.strip_prefix("missing field `")?.strip_suffix('`')
}

/// The field whose value is wrong, which the decoder does not name: without it, the fault is
/// another.
fn wrong<'a>(fields: &'a Map<String, Value>, reason: &str) -> Option<&'a str> {
    let is_it = |name: &str| {
        let mut without = fields.clone();
        without.remove(name);
        read(&without).err().as_deref() != Some(reason)
    };
    fields.keys().map(String::as_str).find(|name| *name != "kind" && is_it(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(body: &str) -> (String, Option<String>) {
        let error = check(body).unwrap_err();
        (error.message.clone(), error.field("field").map(str::to_owned))
    }

    #[test]
    fn commands_that_are_sound_or_of_a_later_version_pass() {
        for body in [
            r#"{"kind":"say","text":"x"}"#,
            r#"{"kind":"say","text":"","room":"foyer","later":1}"#,
            r#"{"kind":"leave"}"#,
            r#"{"kind":"of_a_later_version","text":7}"#,
        ] {
            assert_eq!(check(body), Ok(()), "{body}");
        }
    }

    #[test]
    fn a_field_that_is_missing_or_wrong_is_named() {
        let field = |name: &str| ("invalid_params".to_owned(), Some(name.to_owned()));
        assert_eq!(refused(r#"{"kind":"say"}"#), field("text"));
        assert_eq!(refused(r#"{"kind":"say","room":"foyer"}"#), field("text"));
        assert_eq!(refused(r#"{"kind":"say","text":7}"#), field("text"));
        assert_eq!(refused(r#"{"kind":"say","text":"x","room":["foyer"]}"#), field("room"));
        assert_eq!(refused(r#"{"kind":"join","name":""}"#), field("name"));
    }

    #[test]
    fn what_is_no_object_with_a_kind_is_no_command() {
        for body in ["[1]", "7", "{}", r#"{"kind":7}"#, r#"{"text":"x"}"#] {
            assert_eq!(refused(body), ("command_malformed".to_owned(), None), "{body}");
        }
    }
}
