//! Notifications of a watch beside events and receipts, and its end.

use convene_conference::{Command, May, Refusal};
use convene_model::{CommandId, Json, LogId, ParticipantId, SeatName, TermId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Notification, SeatState, method};

/// The seat stands otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeatNotification {
    /// Which conference.
    pub conference: SeatName,
    /// How it stands.
    pub seat: SeatState,
    /// Why the server refused, or does not open it now; `removed`, where an organizer removed the
    /// participant.
    #[schemars(with = "Option<Refusal>")]
    pub code: Option<String>,
    /// The log that the server shows in place of the one that the seat knows: `conference.join`
    /// with `log` turns to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_log: Option<LogId>,
}

impl Notification for SeatNotification {
    const NAME: &'static str = "conference.seat";
}

/// The participant may do other things than before. Told in a watch that wants the state, behind
/// the events or the seat that changed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MayNotification {
    /// Which conference.
    pub conference: SeatName,
    /// What they may do now; left out where the seat takes part no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may: Option<May>,
}

impl Notification for MayNotification {
    const NAME: &'static str = "conference.may";
}

/// A command waits in the outbox until its receipt. One may be told more than once; its id says
/// that it is the same.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OutboxNotification {
    /// Which conference.
    pub conference: SeatName,
    /// Which command.
    pub command: CommandId,
    /// The command.
    #[schemars(with = "Command")]
    pub body: Json,
}

impl Notification for OutboxNotification {
    const NAME: &'static str = "conference.outbox";
}

/// A command that was accepted is in the conference no more, because a backup of the server was
/// restored that does not hold it. Nothing sends it again by itself; `conference.act` may, with the
/// same id. The text is kept until it is dismissed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LostNotification {
    /// Which conference.
    pub conference: SeatName,
    /// Which command.
    pub command: CommandId,
    /// The command.
    #[schemars(with = "Command")]
    pub body: Json,
}

impl Notification for LostNotification {
    const NAME: &'static str = "conference.lost";
}

/// The text of a refused or lost command was let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DismissedNotification {
    /// Which conference.
    pub conference: SeatName,
    /// Which command.
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
    pub conference: SeatName,
    /// The number before it.
    pub after: u64,
    /// The last number of it; what is told next lies above.
    pub through: u64,
    /// The term of the entry with that number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<TermId>,
}

impl Notification for PassedOverNotification {
    const NAME: &'static str = "conference.passed_over";
}

/// What was told above a number is void, because a backup of the server was restored, or the state
/// that was folded so far is not what this daemon folds. The watch goes on from that number; a
/// state has to be watched anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResetNotification {
    /// Which conference.
    pub conference: SeatName,
    /// The number from which it goes on.
    pub cursor: u64,
    /// The term of the entry with that number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<TermId>,
}

impl Notification for ResetNotification {
    const NAME: &'static str = "conference.reset";
}

/// The server's clock was seen again, and is ahead by another span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClockNotification {
    /// Which conference.
    pub conference: SeatName,
    /// Milliseconds by which it is ahead of this machine's.
    pub offset_ms: i64,
}

impl Notification for ClockNotification {
    const NAME: &'static str = "conference.clock";
}

/// Other participants are connected than before. "Takes part" (joined and has not left) is another
/// thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresenceNotification {
    /// Which conference.
    pub conference: SeatName,
    /// Everyone who is connected now. Left out where that is not known, because this machine is not
    /// connected itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<Vec<ParticipantId>>,
}

impl Notification for PresenceNotification {
    const NAME: &'static str = "conference.presence";
}

/// Whose presence to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresenceParams {
    /// Which conference.
    pub conference: SeatName,
}

/// The participants who are connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresenceResult {
    /// Everyone who is connected now. Left out where that is not known, because this machine is not
    /// connected itself, or has not heard it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<Vec<ParticipantId>>,
}

method!(
    /// Tells who is connected.
    Presence, "conference.presence", "Tells which participants of a conference are connected. A watch tells it too, and each change.", PresenceParams => PresenceResult,
    [ConferenceUnknown, ConferenceAmbiguous]
);

/// Which watches to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnwatchParams {
    /// Which conference.
    pub conference: SeatName,
}

/// Whether it was watched until now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnwatchResult {
    /// Whether this connection watched it.
    pub ended: bool,
}

method!(
    /// Watches no more.
    Unwatch, "conference.unwatch", "Ends this connection's watches of a conference. Behind the answer nothing more is told of it.", UnwatchParams => UnwatchResult,
    []
);
