//! Why a command ends, as exit code and message.

use convene_local_api::{ErrorCode, ErrorObject};
use convene_local_client::{AttachmentError, CallError, ConnectError};
use convene_model::inert;
use convene_wording::Wording;

use crate::os;

/// Done.
pub(crate) const DONE: u8 = 0;
/// Refused or failed.
pub(crate) const FAILED: u8 = 1;
/// The command line cannot be understood.
pub(crate) const USAGE: u8 = 2;
/// The daemon does not answer.
pub(crate) const NO_DAEMON: u8 = 3;
/// The server was not reached, so far.
pub(crate) const NO_SERVER: u8 = 4;

/// The end of a command that has nothing more to print.
#[derive(Debug)]
pub(crate) enum Stop {
    /// There is no daemon to talk to.
    Connect(ConnectError),
    /// A call has no result.
    Call(CallError),
    /// The user's own input cannot be used.
    Usage(String),
    /// The events behind this one are not here yet.
    NotAllHere {
        /// The last one that was shown.
        after: u64,
    },
    /// The result was printed; it is one that scripts must tell apart.
    Code(u8),
    /// The reader of our output has gone.
    OutputGone,
}

impl From<ConnectError> for Stop {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<AttachmentError> for Stop {
    fn from(error: AttachmentError) -> Self {
        match error {
            AttachmentError::Connect(error) => Self::Connect(error),
            AttachmentError::Call(error) => Self::Call(error),
        }
    }
}

impl From<std::io::Error> for Stop {
    fn from(_: std::io::Error) -> Self {
        Self::OutputGone
    }
}

impl Stop {
    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Connect(_)
            | Self::Call(CallError::Broken(_) | CallError::NotTaken | CallError::Starting) => NO_DAEMON,
            Self::Call(CallError::Refused(error)) if is_usage(error) => USAGE,
            Self::Call(CallError::Refused(_) | CallError::Malformed) | Self::OutputGone => FAILED,
            Self::Usage(_) => USAGE,
            Self::NotAllHere { .. } => NO_SERVER,
            Self::Code(code) => *code,
        }
    }

    /// The message for standard error, with advice on what to do about it.
    pub(crate) fn message(&self, wording: &Wording) -> Option<String> {
        match self {
            Self::Connect(error) => {
                Some(format!("{}\n{}", unconnected(error, wording), wording.word(os::NO_DAEMON)))
            }
            Self::Call(CallError::Refused(error)) => Some(refused(error, wording)),
            Self::Call(CallError::Starting) => Some(wording.word(ErrorCode::Starting.as_str())),
            Self::Call(CallError::Broken(_) | CallError::NotTaken) => Some(wording.about("stop-broken", &[])),
            Self::Call(CallError::Malformed) => Some(wording.about("stop-malformed", &[])),
            Self::Usage(message) => Some(message.clone()),
            Self::NotAllHere { after } => Some(format!("{} (--after {after})", wording.word("not_all_here"))),
            Self::Code(_) | Self::OutputGone => None,
        }
    }
}

/// Why there is no daemon to talk to.
fn unconnected(error: &ConnectError, wording: &Wording) -> String {
    match error {
        ConnectError::NotRunning { tried, source } => {
            let is_closed = source.kind() == std::io::ErrorKind::PermissionDenied;
            let key = if is_closed { "stop-not_open" } else { "stop-not_running" };
            let places: Vec<String> = tried.iter().map(|path| path.display().to_string()).collect();
            wording.about(key, &[("places", &places.join(", "))])
        }
        ConnectError::Impostor { path, user } => {
            wording.about("stop-impostor", &[("place", &path.display().to_string()), ("user", user)])
        }
        ConnectError::Foreign { path, .. } => {
            wording.about("stop-foreign", &[("place", &path.display().to_string())])
        }
    }
}

fn is_usage(error: &ErrorObject) -> bool {
    matches!(
        error.known(),
        Some(
            ErrorCode::LinkMalformed
                | ErrorCode::NameInvalid
                | ErrorCode::CommandMalformed
                | ErrorCode::InvalidParams
                | ErrorCode::ProxyMalformed
                | ErrorCode::SettingInvalid
        )
    )
}

fn refused(error: &ErrorObject, wording: &Wording) -> String {
    let word = error.field("refusal").unwrap_or(&error.message);
    let part = error.field("part").filter(|_| error.known() == Some(ErrorCode::LinkMalformed));
    let about_part = part.map(|part| wording.about(&format!("page-link-{part}"), &[]));
    // A part of a later version has no sentence here.
    let about_part = about_part.filter(|sentence| !sentence.is_empty());
    let sentence = about_part.unwrap_or_else(|| wording.word(word));
    let servers = texts(error, "servers");
    if !servers.is_empty() {
        let seats = texts(error, "seats");
        return if seats.len() > servers.len() {
            format!("{}: {}", wording.about("stop-two_keys", &[]), seats.join(", "))
        } else {
            format!("{sentence}: {}", servers.join(", "))
        };
    }
    if let Some(command) = error.field("command") {
        return format!("{sentence}\n  {}", inert(command));
    }
    let about: Vec<String> = named(error).iter().filter_map(|name| error.field(name)).map(inert).collect();
    if about.is_empty() { sentence } else { format!("{sentence} ({})", about.join(": ")) }
}

/// A field that is a list of texts.
fn texts(error: &ErrorObject, field: &str) -> Vec<String> {
    let list = error.data.get(field).and_then(serde_json::Value::as_array);
    list.into_iter().flatten().filter_map(|text| Some(inert(text.as_str()?))).collect()
}

/// The fields that belong behind the sentence. That about a link, a name or a proxy says all that a
/// person needs: the daemon's reason is in the words of its programs.
fn named(error: &ErrorObject) -> &'static [&'static str] {
    match error.known() {
        Some(ErrorCode::LinkMalformed | ErrorCode::NameInvalid | ErrorCode::ProxyMalformed) => &[],
        Some(ErrorCode::InvalidParams) if error.field("field").is_some() => &["field"],
        Some(_) | None => &["setting", "reason"],
    }
}
