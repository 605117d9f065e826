//! The methods, their parameters and results, and the notifications.

mod access;
mod catalogue;
mod conference;
mod connection;
mod drafts;
mod hello;
mod links;
mod now;
mod proxy;
mod settings;
mod system;
mod watching;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::rpc::{ErrorCode, ErrorObject};

pub use access::{
    AccessChanged, AccessCheck, AccessCheckParams, AccessCheckRecord, AccessCheckResult, AccessReason,
    AccessStep, AccessStepKind, AccessStepState, AccessVerdict,
};
pub(crate) use catalogue::{Visitor, visit_all};
pub use conference::{
    Act, ActParams, ActResult, After, CommandState, Dismiss, DismissParams, DismissResult,
    EventsNotification, FoldedPoint, Forget, ForgetParams, History, HistoryParams, HistoryResult, Join,
    JoinParams, JoinResult, JoinState, Leave, LeaveParams, LeaveResult, LeaveState, List, ListResult,
    ListedSeat, ReceiptNotification, SeatState, StateNotification, Watch, WatchParams, WatchResult,
};
pub use connection::{
    Connection, ConnectionChanged, ConnectionRetry, ConnectionRoute, ConnectionState, ConnectionWatch,
    Connections, RetryParams, Storage,
};
pub use drafts::{
    DRAFT_KEY_MAX, DRAFT_MAX, DRAFTS_MAX, Draft, DraftChanged, DraftGet, DraftGetParams, DraftGetResult,
    DraftSet, DraftSetParams, DraftSetResult,
};
pub use hello::{API_VERSION, DiscoverMethod, Empty, Hello, HelloParams, HelloResult};
pub use now::{ConferenceNow, PhaseNow};
pub use proxy::{
    ProxyOffer, ProxyOfferParams, ProxyOfferResult, ProxyPassword, ProxyPasswordAnswer, ProxyPasswordParams,
    ProxySource, ProxyTest, ProxyTestResult, ProxyTested, ProxyToken, ProxyTokenAnswer, ProxyTokenParams,
};
pub use settings::{
    HiddenSetting, OwnSettings, SETTINGS_PATCH_MAX, Setting, SettingSource, SettingSourceKind, Settings,
    SettingsChanged, SettingsGet, SettingsPatch, SettingsPatchParams, SettingsWatch,
};
pub use system::{Formats, SystemConnection, SystemStatus, SystemStatusResult};
pub use watching::{
    ClockNotification, DismissedNotification, LostNotification, MayNotification, OutboxNotification,
    PassedOverNotification, Presence, PresenceNotification, PresenceParams, PresenceResult,
    ResetNotification, SeatNotification, Unwatch, UnwatchParams, UnwatchResult,
};

/// A method of the daemon.
pub trait Method {
    /// Its name.
    const NAME: &'static str;
    /// The summary of the method, for the OpenRPC document.
    const SUMMARY: &'static str;
    /// The errors that it may answer with, beside those of any request
    /// ([`ErrorCode::OF_ANY_REQUEST`]).
    const ERRORS: &'static [ErrorCode];
    /// Its parameters: an object; unknown fields are ignored.
    type Params: Serialize + DeserializeOwned + JsonSchema;
    /// Its result.
    type Result: Serialize + DeserializeOwned + JsonSchema;

    /// Whether it says that it may answer with this error.
    fn names(error: &ErrorObject) -> bool {
        error
            .known()
            .is_some_and(|code| Self::ERRORS.contains(&code) || ErrorCode::OF_ANY_REQUEST.contains(&code))
    }
}

/// Something that the daemon says by itself.
pub trait Notification: Serialize + DeserializeOwned + JsonSchema {
    /// Its name.
    const NAME: &'static str;
}

/// Something that the daemon asks a frontend which said in its hello that it answers that.
pub trait Question {
    /// Its name.
    const NAME: &'static str;
    /// The summary of the question, for the OpenRPC document.
    const SUMMARY: &'static str;
    /// Its parameters.
    type Params: Serialize + DeserializeOwned + JsonSchema;
    /// The answer that it wants.
    type Answer: Serialize + DeserializeOwned + JsonSchema;
}

/// Declares a method, and the errors that it may answer with beside those of any request.
macro_rules! method {
    (
        $(#[$doc:meta])* $type:ident, $name:literal, $summary:literal,
        $params:ty => $result:ty, [$($error:ident),*]
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $type {}

        impl $crate::language::Method for $type {
            const NAME: &'static str = $name;
            const SUMMARY: &'static str = $summary;
            const ERRORS: &'static [$crate::rpc::ErrorCode] = &[$($crate::rpc::ErrorCode::$error),*];
            type Params = $params;
            type Result = $result;
        }
    };
}
pub(crate) use method;
