//! The envelopes of JSON-RPC 2.0.

use convene_model::limits::{ERROR_FIELD_BYTES_MAX, REQUEST_ID_BYTES_MAX, REQUEST_PARAMS_BYTES_MAX};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::language::Notification;

/// The `id` of a request, which the asker chooses and the answer repeats.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Id {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// Nothing that would tell its answer from another, and yet an answer is wanted.
    Null,
}

/// A request.
#[derive(Debug)]
pub struct Request {
    /// By which the answer is known. `None`: it has no `id`, and wants no answer.
    pub id: Option<Id>,
    /// The name of the method.
    pub method: String,
    /// Its parameters: an object's JSON.
    pub params: Box<RawValue>,
}

/// Declares the error codes with their numbers and words.
macro_rules! error_codes {
    ($($(#[doc = $doc:literal])* $variant:ident = $number:literal, $word:literal;)*) => {
        /// Why a request failed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ErrorCode { $($(#[doc = $doc])* $variant,)* }

        impl ErrorCode {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Those that may answer any request, whatever its method.
            pub const OF_ANY_REQUEST: &'static [Self] = &[
                Self::InvalidRequest,
                Self::MethodNotFound,
                Self::InvalidParams,
                Self::Starting,
                Self::Stopping,
            ];

            /// The number in `error.code`.
            pub const fn number(self) -> i64 {
                match self { $(Self::$variant => $number),* }
            }

            /// The code of this number; `None` where a later version of the daemon gave it.
            pub fn of(number: i64) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.number() == number)
            }

            /// What it means.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*)),* }
            }

            /// The word in `error.message` and `error.data.code`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

error_codes! {
    /// The line is no JSON.
    ParseError = -32700, "parse_error";
    /// The line is no request.
    InvalidRequest = -32600, "invalid_request";
    /// There is no such method.
    MethodNotFound = -32601, "method_not_found";
    /// The parameters do not fit the method.
    InvalidParams = -32602, "invalid_params";
    /// The join link cannot be read; `reason` says why.
    LinkMalformed = -32001, "link_malformed";
    /// The display name is no name; `reason` says why.
    NameInvalid = -32002, "name_invalid";
    /// This user has no seat in that conference.
    ConferenceUnknown = -32003, "conference_unknown";
    /// The server refused; `refusal` says why.
    Refused = -32004, "refused";
    /// Too many commands wait for their receipt.
    OutboxFull = -32005, "outbox_full";
    /// The command id was used for another command.
    IdReused = -32006, "id_reused";
    /// The command is longer than any valid one.
    CommandTooLarge = -32007, "command_too_large";
    /// The daemon's disk does not take it; nothing was accepted.
    StorageFailed = -32008, "storage_failed";
    /// This user has too many frontends attached.
    TooManyFrontends = -32009, "too_many_frontends";
    /// The frontend did not read what it was told, and is cut.
    FrontendTooSlow = -32010, "frontend_too_slow";
    /// This user has too many seats on that server.
    TooManySeats = -32011, "too_many_seats";
    /// The daemon is going down; ask again.
    Stopping = -32012, "stopping";
    /// The command is no JSON object with a `kind`.
    CommandMalformed = -32013, "command_malformed";
    /// The daemon's configuration cannot be used, for this server or with this change; `reason`
    /// says why.
    ConfigurationInvalid = -32014, "configuration_invalid";
    /// The address of a proxy cannot be used; `reason` says why, and of a setting `setting` which.
    ProxyMalformed = -32015, "proxy_malformed";
    /// The administrator has fixed this; `setting` says which setting of the configuration.
    FixedByPolicy = -32017, "fixed_by_policy";
    /// Only administrators may do that; `command` is what works for them.
    NotPrivileged = -32018, "not_privileged";
    /// The daemon's disk failed, and what came of the request is not known; the same one may be
    /// sent again.
    Unsure = -32019, "unsure";
    /// The seat takes part; it can be left, and then be forgotten.
    StillJoined = -32020, "still_joined";
    /// Seats on several servers are in a conference of this id; `servers` says which, and `seats`
    /// names a seat on each. `ID@SERVER` names one. Where join links to one server name different
    /// keys, that is one name for several servers, and the seats' own names tell them apart.
    ConferenceAmbiguous = -32021, "conference_ambiguous";
    /// The server does not show this log, and none of it was put aside.
    LogUnknown = -32022, "log_unknown";
    /// The daemon has just been started, and has not taken up its seats yet; ask again.
    Starting = -32023, "starting";
    /// A setting cannot have that value; `setting` names it, and `reason` says why. Nothing was
    /// changed.
    SettingInvalid = -32024, "setting_invalid";
    /// Other settings are in effect than the change was made for; nothing was changed.
    SettingsChanged = -32025, "settings_changed";
    /// The draft (`text`), its `key`, the number of `drafts`, or the bytes of `all` of them is over
    /// the limit; `reason` says which. Nothing was changed.
    DraftTooLarge = -32026, "draft_too_large";
    /// The person does not answer this question now.
    Declined = -32016, "declined";
}

/// An error as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorObject {
    /// [`ErrorCode::number`].
    pub code: i64,
    /// The word.
    pub message: String,
    /// `code`: the word; and the fields that go with it.
    #[serde(default)]
    pub data: serde_json::Map<String, serde_json::Value>,
}

impl ErrorObject {
    /// An error without fields.
    pub fn new(code: ErrorCode) -> Self {
        let mut data = serde_json::Map::new();
        data.insert("code".to_owned(), code.as_str().into());
        Self { code: code.number(), message: code.as_str().to_owned(), data }
    }

    /// Adds a field. A text is cut at [`ERROR_FIELD_BYTES_MAX`] bytes.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<serde_json::Value>) -> Self {
        let mut value: serde_json::Value = value.into();
        if let serde_json::Value::String(text) = &mut value
            && text.len() > ERROR_FIELD_BYTES_MAX
        {
            text.truncate(text.floor_char_boundary(ERROR_FIELD_BYTES_MAX));
            text.shrink_to_fit();
        }
        self.data.insert(field.to_owned(), value);
        self
    }

    /// Which one it is; `None` where a later version of the daemon gave it.
    pub fn known(&self) -> Option<ErrorCode> {
        ErrorCode::of(self.code)
    }

    /// A field that is a text.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.data.get(name)?.as_str()
    }
}

impl std::fmt::Display for ErrorObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// Reads a request.
///
/// # Errors
/// The answer to give, with the id if that could be read.
pub fn read_request(line: &str) -> Result<Request, (Option<Id>, ErrorObject)> {
    #[derive(Deserialize)]
    struct Envelope {
        jsonrpc: String,
        // An `id` that is null is one.
        #[serde(default, deserialize_with = "given")]
        id: Option<Id>,
        method: String,
        #[serde(default)]
        params: Option<Box<RawValue>>,
    }
    #[derive(Deserialize)]
    struct JustId {
        #[serde(default)]
        id: Option<Id>,
    }
    let invalid = |id| (id, ErrorObject::new(ErrorCode::InvalidRequest));
    let envelope: Envelope = serde_json::from_str(line).map_err(|error| {
        if error.is_data() {
            invalid(serde_json::from_str(line).map_or(None, |JustId { id }| id).filter(is_short))
        } else {
            (None, ErrorObject::new(ErrorCode::ParseError))
        }
    })?;
    if envelope.id.as_ref().is_some_and(|id| !is_short(id)) {
        return Err(invalid(None));
    }
    if envelope.jsonrpc != "2.0" {
        return Err(invalid(envelope.id));
    }
    let wrong = |reason| ErrorObject::new(ErrorCode::InvalidParams).with("reason", reason);
    let params = match envelope.params {
        None => RawValue::from_string("{}".to_owned()).unwrap_or_default(),
        Some(params) if params.get().len() > REQUEST_PARAMS_BYTES_MAX => {
            return Err((envelope.id, wrong("too long")));
        }
        Some(params) if params.get().starts_with('{') => params,
        Some(_) => return Err((envelope.id, wrong("not an object"))),
    };
    Ok(Request { id: envelope.id, method: envelope.method, params })
}

/// Whether an id may be repeated.
fn is_short(id: &Id) -> bool {
    !matches!(id, Id::Text(text) if text.len() > REQUEST_ID_BYTES_MAX)
}

fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Id>, D::Error> {
    Id::deserialize(deserializer).map(Some)
}

/// A message that one end reads of the other.
#[derive(Debug)]
pub enum Incoming {
    /// The answer to a request.
    Reply(Reply),
    /// Something that the daemon says by itself.
    Notification {
        /// Its name.
        method: String,
        /// Its parameters.
        params: Box<RawValue>,
    },
    /// Something that the daemon asks.
    Question {
        /// By which it knows the answer.
        id: Id,
        /// Its name.
        method: String,
        /// Its parameters.
        params: Box<RawValue>,
    },
}

/// The answer to a request.
#[derive(Debug)]
pub struct Reply {
    /// The `id` of the request.
    pub id: Option<Id>,
    /// The outcome of the request.
    pub result: Result<Box<RawValue>, ErrorObject>,
}

/// Reads what the other end says; `None` where it is neither an answer nor a notification nor a
/// question.
pub fn read_incoming(line: &str) -> Option<Incoming> {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(default)]
        id: Option<Id>,
        #[serde(default)]
        method: Option<String>,
        #[serde(default)]
        params: Option<Box<RawValue>>,
        #[serde(default)]
        result: Option<Box<RawValue>>,
        #[serde(default)]
        error: Option<ErrorObject>,
    }
    let envelope: Envelope = serde_json::from_str(line).ok()?;
    match (envelope.method, envelope.result, envelope.error) {
        (Some(method), None, None) => {
            let params = envelope.params.unwrap_or_default();
            Some(match envelope.id {
                Some(id) => Incoming::Question { id, method, params },
                None => Incoming::Notification { method, params },
            })
        }
        (None, Some(result), None) => Some(Incoming::Reply(Reply { id: envelope.id, result: Ok(result) })),
        (None, None, Some(error)) => Some(Incoming::Reply(Reply { id: envelope.id, result: Err(error) })),
        _ => None,
    }
}

/// A request as a line, without its end.
pub fn request_line(id: &Id, method: &str, params: &impl Serialize) -> String {
    line(&serde_json::json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": json(params) }))
}

/// An answer as a line, without its end.
pub fn result_line(id: &Id, result: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        jsonrpc: &'static str,
        id: &'a Id,
        result: &'a T,
    }
    line(&Envelope { jsonrpc: "2.0", id, result })
}

/// An error as a line, without its end.
pub fn error_line(id: Option<&Id>, error: &ErrorObject) -> String {
    line(&serde_json::json!({ "jsonrpc": "2.0", "id": id, "error": error }))
}

/// A notification as a line, without its end.
pub fn notification_line<N: Notification>(params: &N) -> String {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        jsonrpc: &'static str,
        method: &'static str,
        params: &'a T,
    }
    line(&Envelope { jsonrpc: "2.0", method: N::NAME, params })
}

fn json(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// JSON of what always has one.
fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
