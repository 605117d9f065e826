//! The language between the daemon and its frontends: JSON-RPC 2.0, one object per line, over a
//! local socket.
//!
//! * `language` holds the methods: what is asked ([`Method`]), what is answered, and what the
//!   daemon says by itself ([`Notification`]). The OpenRPC document ([`openrpc`]) is made from
//!   these types.
//! * `rpc` reads and writes the envelopes, [`LineDecoder`] the lines.
//! * [`Told`] is what the daemon says by itself, read.
//! * [`Mirror`] is a watch as its frontend knows it: how far it was told, and the state.
//! * [`spellings`] reads the proxy settings of desktops and systems, which frontends offer to the
//!   daemon.
//!
//! `convene-local-client` speaks it over the socket.

mod language;
mod line;
mod mirror;
mod named_pipe;
mod openrpc;
mod rpc;
pub mod spellings;
#[cfg(test)]
mod tests;
mod told;

pub use language::{
    API_VERSION, AccessChanged, AccessCheck, AccessCheckParams, AccessCheckRecord, AccessCheckResult,
    AccessReason, AccessStep, AccessStepKind, AccessStepState, AccessVerdict, Act, ActParams, ActResult,
    After, ClockNotification, CommandState, ConferenceNow, Connection, ConnectionChanged, ConnectionRetry,
    ConnectionRoute, ConnectionState, ConnectionWatch, Connections, DRAFT_KEY_MAX, DRAFT_MAX, DRAFTS_MAX,
    DiscoverMethod, Dismiss, DismissParams, DismissResult, DismissedNotification, Draft, DraftChanged,
    DraftGet, DraftGetParams, DraftGetResult, DraftSet, DraftSetParams, DraftSetResult, Empty,
    EventsNotification, FoldedPoint, Forget, ForgetParams, Formats, Hello, HelloParams, HelloResult,
    HiddenSetting, History, HistoryParams, HistoryResult, Join, JoinParams, JoinResult, JoinState, Leave,
    LeaveParams, LeaveResult, LeaveState, List, ListResult, ListedSeat, LostNotification, MayNotification,
    Method, Notification, OutboxNotification, OwnSettings, PassedOverNotification, PhaseNow, Presence,
    PresenceNotification, PresenceParams, PresenceResult, ProxyOffer, ProxyOfferParams, ProxyOfferResult,
    ProxyPassword, ProxyPasswordAnswer, ProxyPasswordParams, ProxySource, ProxyTest, ProxyTestResult,
    ProxyTested, ProxyToken, ProxyTokenAnswer, ProxyTokenParams, Question, ReceiptNotification,
    ResetNotification, RetryParams, SETTINGS_PATCH_MAX, SeatNotification, SeatState, Setting, SettingSource,
    SettingSourceKind, Settings, SettingsChanged, SettingsGet, SettingsPatch, SettingsPatchParams,
    SettingsWatch, StateNotification, Storage, SystemConnection, SystemStatus, SystemStatusResult, Unwatch,
    UnwatchParams, UnwatchResult, Watch, WatchParams, WatchResult,
};
pub use line::{LineDecoder, LineError};
pub use mirror::{Change, Gap, Mirror};
pub use named_pipe::{PIPE_CLIENT_RIGHTS, SERVICE_SID};
pub use openrpc::{OPENRPC, openrpc};
pub use rpc::{
    ErrorCode, ErrorObject, Id, Incoming, Reply, Request, error_line, notification_line, read_incoming,
    read_request, request_line, result_line,
};
pub use told::Told;
