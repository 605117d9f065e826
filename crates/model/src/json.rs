//! JSON that is carried without being looked into.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// One JSON value as its text: checked once, where it enters, and passed on from there as it is. A
/// clone shares the text. Two are equal when their texts are, so `1` and `1.0` differ.
///
/// Invariant: the text is valid JSON and holds no line break, so that it can stand on a line of the
/// local API. (Between tokens a line break means the same as a space, and inside of a string JSON
/// writes it as `\n`.)
#[derive(Clone)]
pub struct Json(Arc<RawValue>);

impl Json {
    /// Checks a text.
    ///
    /// # Errors
    /// It is not exactly one JSON value.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text.to_owned()).map(Self::from_raw)
    }

    /// Writes a value as JSON.
    ///
    /// # Errors
    /// The value has no form in JSON, such as a map whose keys are no strings.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(Self::from_raw)
    }

    /// Takes a value that serde has checked already.
    pub fn from_raw(raw: Box<RawValue>) -> Self {
        if !raw.get().contains(['\n', '\r']) {
            return Self(raw.into());
        }
        let line = raw.get().replace(['\n', '\r'], " ");
        Self(RawValue::from_string(line).unwrap_or(raw).into())
    }

    /// The text.
    pub fn get(&self) -> &str {
        self.0.get()
    }
}

impl AsRef<str> for Json {
    fn as_ref(&self) -> &str {
        self.get()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for Json {}

impl PartialOrd for Json {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Json {
    fn cmp(&self, other: &Self) -> Ordering {
        self.get().cmp(other.get())
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::deserialize(deserializer).map(Self::from_raw)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_passed_on_as_it_came() {
        let frame = r#"{"events":[ {"b" : 1.50,"a":"\u00e4"} ,null]}"#;
        let events: std::collections::BTreeMap<String, Vec<Json>> = serde_json::from_str(frame).unwrap();
        assert_eq!(events["events"][0].get(), r#"{"b" : 1.50,"a":"\u00e4"}"#);
        let again = serde_json::to_string(&events).unwrap();
        assert_eq!(again, r#"{"events":[{"b" : 1.50,"a":"\u00e4"},null]}"#);
        let value: serde_json::Value = serde_json::from_str(&again).unwrap();
        assert!(serde_json::from_value::<Json>(value).is_ok());
    }

    #[test]
    fn only_one_value_is_json() {
        for text in ["", "{", "1 2", "{\"a\":\"\n\"}", "nul"] {
            assert!(Json::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(Json::parse(" 1 ").unwrap(), Json::of(&1).unwrap());
        assert!(Json::parse("1").unwrap() < Json::parse("2").unwrap());
    }

    #[test]
    fn it_stands_on_one_line() {
        let text = Json::parse("{\r\n \"a\":\n\"x\\ny\" }").unwrap();
        assert_eq!(text.get(), "{   \"a\": \"x\\ny\" }");
    }

    proptest! {
        #[test]
        fn any_text_is_json_or_an_error(text in "[\\[\\]{}\":,0-9a-z\\n\\r -]{0,12}") {
            let value = serde_json::from_str::<serde_json::Value>(&text);
            match Json::parse(&text) {
                Ok(json) => {
                    prop_assert!(!json.get().contains(['\n', '\r']));
                    prop_assert_eq!(serde_json::from_str::<serde_json::Value>(json.get()).ok(), value.ok());
                }
                Err(_) => prop_assert!(value.is_err()),
            }
        }
    }
}
