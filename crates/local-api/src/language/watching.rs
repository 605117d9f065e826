//! Notifications of a watch beside events and receipts, and its end.

use convene_model::{CommandId, ConferenceId, LogId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Notification, SeatState, method};

/// The seat stands otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeatNotification {
    /// Which conference.
    #[schemars(with = "String")]
    pub conference: ConferenceId,
    /// How it stands.
    pub seat: SeatState,
    /// Why the server refused.
    pub code: Option<String>,
}

impl Notification for SeatNotification {
    const NAME: &'static str = "conference.seat";
}

/// A command waits in the outbox until its receipt. One may be told more than once; its id says
/// that it is the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OutboxNotification {
    /// Which conference.
    #[schemars(with = "String")]
    pub conference: ConferenceId,
    /// Which command.
    #[schemars(with = "String")]
    pub command: CommandId,
    /// The command.
    #[schemars(with = "serde_json::Value")]
    pub body: Box<RawValue>,
}

impl Notification for OutboxNotification {
    const NAME: &'static str = "conference.outbox";
}

/// The text of a refused command was let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DismissedNotification {
    /// Which conference.
    #[schemars(with = "String")]
    pub conference: ConferenceId,
    /// Which command.
    #[schemars(with = "String")]
    pub command: CommandId,
}

impl Notification for DismissedNotification {
    const NAME: &'static str = "conference.dismissed";
}

/// Too much was missed to be told event by event: the watch goes on behind it. `conference.history`
/// gives what lies there, and a watch that begins anew without `after` the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PassedOverNotification {
    /// Which conference.
    #[schemars(with = "String")]
    pub conference: ConferenceId,
    /// The number before it.
    pub after: u64,
    /// The last number of it; what is told next lies above.
    pub through: u64,
}

impl Notification for PassedOverNotification {
    const NAME: &'static str = "conference.passed_over";
}

/// Everything that was known of the conference is void, and its numbers too: watch again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResetNotification {
    /// Which conference.
    #[schemars(with = "String")]
    pub conference: ConferenceId,
    /// Which incarnation of the log the numbers count in from now on.
    #[schemars(with = "Option<String>")]
    pub log: Option<LogId>,
    /// The number from which it goes on there.
    pub cursor: u64,
}

impl Notification for ResetNotification {
    const NAME: &'static str = "conference.reset";
}

/// The server's clock was seen again, and is ahead by another span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClockNotification {
    /// Which conference.
    #[schemars(with = "String")]
    pub conference: ConferenceId,
    /// Milliseconds by which it is ahead of this machine's.
    pub offset_ms: i64,
}

impl Notification for ClockNotification {
    const NAME: &'static str = "conference.clock";
}

/// Which watches to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnwatchParams {
    /// Which conference.
    #[schemars(with = "String")]
    pub conference: ConferenceId,
}

/// Whether it was watched until now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnwatchResult {
    /// Whether this connection watched it.
    pub ended: bool,
}

method!(
    /// Watches no more.
    Unwatch, "conference.unwatch", "Ends this connection's watches of a conference. Behind the answer nothing more is told of it.", UnwatchParams => UnwatchResult
);
