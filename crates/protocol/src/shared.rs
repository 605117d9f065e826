//! Parts that several frames have in common, and frames that are put together from texts.

use convene_model::{ConferenceId, LogId, TermStart};

use crate::server::To;

/// A frame of events without its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventsHead<'a> {
    /// In which conference.
    pub conference: ConferenceId,
    /// In which log.
    pub log: LogId,
    /// For which seats.
    pub to: &'a To,
    /// The cursor in front of the list.
    pub after: u64,
    /// The cursor behind it.
    pub through: u64,
    /// Every term that begins between the two.
    pub terms: &'a [TermStart],
}

/// A frame of events as it travels, from the JSON of each. Nothing is parsed.
pub fn events_text<I: IntoIterator<Item: AsRef<str>>>(head: &EventsHead<'_>, events: I) -> String {
    let EventsHead { conference, log, to, after, through, terms } = head;
    let to = serde_json::to_string(to).unwrap_or_default();
    let terms = match terms {
        [] => String::new(),
        some => format!(r#""terms":{},"#, serde_json::to_string(some).unwrap_or_default()),
    };
    let mut text = format!(
        r#"{{"events":{{"conference":"{conference}","log":"{log}","to":{to},"after":{after},"through":{through},{terms}"list":["#
    );
    push_list(&mut text, events);
    text
}

/// A page of the past as it travels, from the JSON of each event. Nothing is parsed.
pub fn history_text<I: IntoIterator<Item: AsRef<str>>>(
    index: u32,
    after: u64,
    through: u64,
    events: I,
) -> String {
    let mut text = format!(r#"{{"history":{{"index":{index},"after":{after},"through":{through},"list":["#);
    push_list(&mut text, events);
    text
}

fn push_list<I: IntoIterator<Item: AsRef<str>>>(text: &mut String, events: I) {
    for (place, event) in events.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(event.as_ref());
    }
    text.push_str("]}}");
}

/// Serde by way of `Display` and `FromStr`.
macro_rules! text_id {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use text_id;

/// 32 bytes as unpadded base64url.
pub(crate) mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn decoded<E: serde::de::Error>(text: &str) -> Result<[u8; 32], E> {
        let mut bytes = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(32) => Ok(bytes),
            _ => Err(E::custom("not 32 bytes of base64url")),
        }
    }

    pub(super) fn encoded(bytes: [u8; 32]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(crate) fn serialize<S: Serializer>(
        bytes: &Option<[u8; 32]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        bytes.map(encoded).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<[u8; 32]>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.as_deref().map(decoded).transpose()
    }
}

/// Lists of 32 bytes each as unpadded base64url.
pub(crate) mod base64_list {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::base64_bytes::{decoded, encoded};

    pub(crate) fn serialize<S: Serializer>(list: &[[u8; 32]], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().copied().map(encoded))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<[u8; 32]>, D::Error> {
        Vec::<String>::deserialize(deserializer)?.iter().map(|text| decoded(text)).collect()
    }
}

/// A join code as unpadded base64url.
pub(crate) mod base64_code {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use convene_model::JoinCode;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(code: &JoinCode, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(code.0))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<JoinCode, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 16];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(16) => Ok(JoinCode(bytes)),
            _ => Err(D::Error::custom("not a join code")),
        }
    }
}
