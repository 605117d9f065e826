//! Conferences: joining, watching, acting, leaving.

use convene_conference::{Command, Event, May, Refusal, View};
use convene_model::{
    Attempt, CommandId, ConferenceId, Fingerprint, Json, LogId, ParticipantId, Point, Remedy, SeatName,
    TermId, Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::now::ConferenceNow;
use super::{Empty, Notification, Storage, method};

/// With what to join.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JoinParams {
    /// The join link, alone or in a text around it.
    pub link: String,
    /// The display name.
    pub name: String,
    /// The log to turn to, where the seat is `not_here_now` because the server shows this one
    /// (`other_log`). What was known so far is put aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogId>,
    /// How long to wait for the server, in milliseconds.
    #[serde(default)]
    pub wait_ms: u64,
}

impl std::fmt::Debug for JoinParams {
    /// The link lets its holder in, and the name is nobody else's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinParams").field("wait_ms", &self.wait_ms).finish_non_exhaustive()
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JoinResult {
    /// The conference, once the server has named it.
    pub conference: Option<ConferenceId>,
    /// Who one is in it.
    pub participant: Option<ParticipantId>,
    /// Whether one is in.
    pub state: JoinState,
    /// Why the server does not open the conference now, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Refusal>")]
    pub code: Option<String>,
    /// What failed so far, where one is not in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// Who inspects TLS on the way in use, as the certificate there names its issuer; nobody
    /// vouches for it. Left out where nobody does, or the policy allows it silently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspected_by: Option<String>,
}

/// Whether one is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JoinState {
    /// One is.
    Joined,
    /// The daemon goes on trying.
    Joining,
    /// The server does not open the conference now. The daemon goes on trying.
    NotHereNow,
}

/// All seats of this user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListResult {
    /// In the order in which they were taken.
    pub conferences: Vec<ListedSeat>,
}

/// One seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListedSeat {
    /// The seat's own name, such as `s12`: for `conference.forget` and `conference.leave`.
    pub seat: SeatName,
    /// The conference, once the server has named it.
    pub conference: Option<ConferenceId>,
    /// The server's host name.
    pub server: String,
    /// The only key that the server may have, as the join link named it; a link for others names it
    /// too. Left out where the operating system's trust decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// The display name.
    pub name: String,
    /// The conference's title, once it is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Who one is.
    pub participant: Option<ParticipantId>,
    /// How it stands.
    pub state: SeatState,
    /// Why the server refused, or does not open it now; `removed`, where an organizer removed the
    /// participant who `left`.
    #[schemars(with = "Option<Refusal>")]
    pub code: Option<String>,
    /// The log that the server shows in place of the one that the seat knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_log: Option<LogId>,
    /// Which side is to be updated, while the server and the daemon speak no common version:
    /// `update_program` is this one. Left out otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// Commands without a receipt.
    pub waiting: u64,
    /// The number of the last log entry that is known here.
    pub cursor: u64,
    /// What goes on there now, while the participant takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<ConferenceNow>,
    /// Why the daemon can store nothing, and so neither takes nor receives anything. Left out while
    /// all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
}

/// How a seat stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeatState {
    /// The server has not answered yet.
    Joining,
    /// It is a participant's.
    Joined,
    /// The participant left, or an organizer removed them: then `code` is `removed`, and they
    /// cannot come back.
    Left,
    /// The server refused.
    Refused,
    /// The server does not have the conference now, and says nothing final: the daemon goes on
    /// asking.
    NotHereNow,
}

/// What to watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WatchParams {
    /// Which conference.
    pub conference: SeatName,
    /// Begin behind this; left out, with the state as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
    /// Whether to tell the state too: the answer holds it, and each change of it comes as merge
    /// patches beside the events. For frontends that do not fold events themselves.
    #[serde(default, skip_serializing_if = "is_false")]
    pub state: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Behind what to begin to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum After {
    /// A number. Where a restored backup made it void, what is told may not fit to what was told
    /// before, and nobody says so.
    Number(u64),
    /// What was told. Where it is void, or was folded by code of another level, a
    /// `conference.reset` follows the answer, and says where the watch goes on.
    Folded(FoldedPoint),
}

/// How far a frontend is: the number and the term that it was told last, and the level that the
/// watch named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoldedPoint {
    /// The number.
    pub number: u64,
    /// The term of the entry with that number.
    pub term: TermId,
    /// The level with which states are folded.
    pub level: u32,
}

/// Where watching begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WatchResult {
    /// Which conference.
    pub conference: SeatName,
    /// Who one is.
    pub participant: Option<ParticipantId>,
    /// Which incarnation of the log the numbers count in.
    pub log: Option<LogId>,
    /// How the seat stands.
    pub seat: SeatState,
    /// Why the server refused the seat, or does not open it now; `removed`, where an organizer
    /// removed the participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Refusal>")]
    pub code: Option<String>,
    /// The log that the server shows in place of the one that the seat knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_log: Option<LogId>,
    /// Milliseconds by which the server's clock is ahead of this machine's, once it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<i64>,
    /// What is known here now.
    pub cursor: u64,
    /// The events above this number follow as notifications, without a gap.
    pub after: u64,
    /// The term of the entry with that number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<TermId>,
    /// The level with which the daemon folds states.
    #[serde(default)]
    pub level: u32,
    /// The conference at `cursor`, where the watch begins with it or wants it: `public` is what
    /// everyone may know, and `own` what only this participant may know.
    #[schemars(with = "Option<View<'static>>")]
    pub state: Option<Json>,
    /// What the participant may do now, in a watch that wants the state of a seat that takes part;
    /// changes follow as `conference.may`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may: Option<May>,
    /// In how many parts the state follows as `conference.state`, before anything else is told;
    /// left out where `state` holds it. That is so where one line could not: in conferences of
    /// thousands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<u64>,
}

/// A part of the state, behind the answer of `conference.watch`, or in a watch that wants the state
/// wherever patches cannot tell its change: behind `conference.passed_over`, `conference.reset` and
/// `conference.events` without `patches`. All that was told before is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StateNotification {
    /// Which conference.
    pub conference: SeatName,
    /// Which part, from 0, in order.
    pub part: u64,
    /// Of how many.
    pub parts: u64,
    /// A piece of text; all of them together are the state's JSON.
    pub data: String,
}

impl Notification for StateNotification {
    const NAME: &'static str = "conference.state";
}

/// Events, without a gap to those before.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct EventsNotification {
    /// Which conference.
    pub conference: SeatName,
    /// The number before them.
    pub after: u64,
    /// Now everything up to here is told.
    pub through: u64,
    /// The term of the entry with that number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<TermId>,
    /// In order, as the server wrote them.
    #[schemars(with = "Vec<Event>")]
    pub events: Vec<Json>,
    /// In a watch that wants the state: a merge patch (RFC 7396) for each entry of these events, in
    /// order, which make of the state before them the state behind them. Left out where the state
    /// that was told, or one that follows as `conference.state`, has these events already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<serde_json::Value>>")]
    pub patches: Option<Vec<Json>>,
}

impl Notification for EventsNotification {
    const NAME: &'static str = "conference.events";
}

/// A command has its receipt.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptNotification {
    /// Which conference.
    pub conference: SeatName,
    /// Which command, and what became of it.
    #[serde(flatten)]
    pub result: ActResult,
    /// A refused command, which is kept until it is dismissed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Command>")]
    pub body: Option<Json>,
}

impl Notification for ReceiptNotification {
    const NAME: &'static str = "conference.receipt";
}

/// Which part of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryParams {
    /// Which conference.
    pub conference: SeatName,
    /// Events above this number.
    #[serde(default)]
    pub after: u64,
    /// Up to this one; left out, up to the last one that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<u64>,
    /// Whether the page is to hold the last events of these; otherwise it holds the first.
    #[serde(default)]
    pub newest: bool,
    /// At most so many, and the rest of the last entry.
    #[serde(default = "default_limit")]
    pub limit: u64,
    /// How long to wait where what comes next was passed over and has to be fetched from the
    /// server, in milliseconds.
    #[serde(default)]
    pub wait_ms: u64,
}

fn default_limit() -> u64 {
    100
}

/// A page of the past.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct HistoryResult {
    /// In order.
    #[schemars(with = "Vec<Event>")]
    pub events: Vec<Json>,
    /// The page holds everything above this number. Who reads the newest first goes on with it as
    /// `through`.
    #[serde(default)]
    pub after: u64,
    /// And up to this one. Who reads the oldest first goes on with it as `after`. Where both are
    /// the same and the page is not complete, what comes next is not here yet.
    pub through: u64,
    /// Whether nothing more of what was asked for is known. A page that was cut, or ends where
    /// something was passed over, is not complete.
    pub complete: bool,
}

/// What is wanted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ActParams {
    /// In which conference.
    pub conference: SeatName,
    /// The command's name: any UUID. The same one is the same command, however often it comes.
    pub id: CommandId,
    /// The command, such as `{"kind":"say","text":"…"}`.
    #[schemars(with = "Command")]
    pub body: Json,
    /// Where its author saw the conference: number and term as a watch told them. Left out, where
    /// the daemon is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Point>,
    /// How long to wait for the receipt, in milliseconds.
    #[serde(default)]
    pub wait_ms: u64,
}

/// The outcome of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActResult {
    /// Which.
    pub command: CommandId,
    /// How it stands.
    pub state: CommandState,
    /// The number of its log entry.
    pub seq: Option<u64>,
    /// Why it was refused.
    #[schemars(with = "Option<Refusal>")]
    pub code: Option<String>,
    /// When the conference opens, where that is why (`not_open_yet`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Timestamp>,
}

/// How a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CommandState {
    /// It holds.
    Accepted,
    /// It is safe in the outbox, and will be decided.
    Queued,
    /// It does not hold.
    Refused,
    /// It held, and a backup of the server that was restored does not have it. Its text is kept,
    /// and may be sent again with the same id.
    Lost,
    /// The daemon's disk failed, and whether the command is in the outbox is not known: the same
    /// one, with the same id, may be sent again.
    Unsure,
}

/// Which command, whose text came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DismissParams {
    /// In which conference.
    pub conference: SeatName,
    /// Which.
    pub id: CommandId,
}

/// Whether its text was kept until now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DismissResult {
    /// Whether there was such a text.
    pub dismissed: bool,
}

/// What to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeaveParams {
    /// Which conference, or the name of a seat that is in none yet.
    pub conference: SeatName,
    /// How long to wait for the server, in milliseconds.
    #[serde(default)]
    pub wait_ms: u64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeaveResult {
    /// How it stands.
    pub state: LeaveState,
}

/// How leaving stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LeaveState {
    /// Everyone knows.
    Left,
    /// The server will be told.
    Queued,
}

/// What to forget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForgetParams {
    /// Which seat: its own name, or its conference.
    pub seat: SeatName,
}

method!(
    /// Joins.
    Join, "conference.join", "Joins a conference. Answers as soon as one is in, is refused, or it is known why not; the daemon goes on trying.", JoinParams => JoinResult,
    [
        LinkMalformed, NameInvalid, Refused, TooManySeats, LogUnknown, ConfigurationInvalid, OutboxFull,
        StorageFailed, Unsure
    ]
);
method!(
    /// Lists.
    List, "conference.list", "Lists this user's seats.", Empty => ListResult,
    []
);
method!(
    /// Watches.
    Watch, "conference.watch", "Gives the state, or nothing behind `after`, and then every event and receipt, the outbox, and how the seat stands.", WatchParams => WatchResult,
    [ConferenceUnknown, ConferenceAmbiguous, StorageFailed]
);
method!(
    /// Reads the past.
    History, "conference.history", "Gives a page of the past, the oldest or the newest events first, and says whether there is more. What was passed over is fetched from the server.", HistoryParams => HistoryResult,
    [ConferenceUnknown, ConferenceAmbiguous, StorageFailed]
);
method!(
    /// Acts.
    Act, "conference.act", "Wants something. When this answers `accepted` or `queued` it is safe, whatever is killed.", ActParams => ActResult,
    [
        ConferenceUnknown, ConferenceAmbiguous, CommandMalformed, CommandTooLarge, IdReused, OutboxFull,
        Refused, StorageFailed
    ]
);
method!(
    /// Dismisses.
    Dismiss, "conference.dismiss", "Lets the text of a refused or lost command go.", DismissParams => DismissResult,
    [ConferenceUnknown, ConferenceAmbiguous, StorageFailed, Unsure]
);
method!(
    /// Leaves.
    Leave, "conference.leave", "Leaves a conference; what is known of it stays readable. A seat that is in none yet is given up and removed.", LeaveParams => LeaveResult,
    [ConferenceUnknown, ConferenceAmbiguous, Refused, OutboxFull, StillJoined, StorageFailed, Unsure]
);
method!(
    /// Forgets.
    Forget, "conference.forget", "Removes a seat that takes part no more, or never did, with its key and all that is kept of its conference.", ForgetParams => Empty,
    [ConferenceUnknown, ConferenceAmbiguous, StillJoined, StorageFailed, Unsure]
);
