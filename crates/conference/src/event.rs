//! Things that happened.

use convene_model::{CommandId, ParticipantId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::access::{AccessTold, AccessesTold};
use crate::attendance::{CodesReplaced, CodesTold, Joined, Left, LinkTold, Renamed, RoleChanged};
use crate::ballots::{BallotClosed, BallotOpened, Turnout, Voted};
use crate::filling::Filled;
use crate::phases::{Began, PhaseBegan, PhaseEnded, PhaseMoved, Scheduled};
use crate::rooms::{RoomAdded, RoomClosed, Went};
use crate::settings::Opened;
use crate::tables::{AskedToTable, SatDown, StoodUp, TableDeclined};
use crate::talk::Said;

/// Something that happened. `(seq, step)` orders events; gaps mean nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The number of its log entry, from 1. All events of an entry bear the same.
    pub seq: u64,
    /// Its place in its entry, from 1. Written from the second event on.
    #[serde(default = "first_step", skip_serializing_if = "is_first_step")]
    pub step: u32,
    /// The server's time, for people: it may lie before that of an earlier event.
    pub at: Timestamp,
    /// The participant who did it; absent where the server or its operator did it, and in public
    /// events of a secret act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ParticipantId>,
    /// The command that it came of; absent where `by` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandId>,
    /// The rest.
    pub body: Body,
}

fn first_step() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_first_step(step: &u32) -> bool {
    *step <= 1
}

/// The event itself, without who and when. Travels as `{"kind":"said",…}`.
///
/// Reading never fails: a kind of a later version, and a known kind of another form, read as
/// [`Body::Unknown`]. That keeps nothing of the text, so callers keep the text itself, and fold it
/// again once they know more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Self", tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// The conference began to exist.
    Opened(Opened),
    /// Someone came, or came back.
    Joined(Joined),
    /// Someone left, or was removed.
    Left(Left),
    /// Someone said something.
    Said(Said),
    /// The conference is over: nothing happens in it any more.
    Ended,
    /// A participant bears another name.
    Renamed(Renamed),
    /// A participant has another role.
    RoleChanged(RoleChanged),
    /// The codes that open the conference. For an organizer alone.
    CodesTold(CodesTold),
    /// A participant stands in another room.
    Went(Went),
    /// A room was added.
    RoomAdded(RoomAdded),
    /// A room was closed.
    RoomClosed(RoomClosed),
    /// People were asked to a table. For those whom it concerns.
    AskedToTable(AskedToTable),
    /// A participant does not come to a table. For those whom it concerns.
    TableDeclined(TableDeclined),
    /// A participant sits down at a table.
    SatDown(SatDown),
    /// A participant stands up from their table.
    StoodUp(StoodUp),
    /// The conference has a schedule.
    Scheduled(Scheduled),
    /// The conference opens.
    Began(Began),
    /// A phase begins.
    PhaseBegan(PhaseBegan),
    /// A phase ends.
    PhaseEnded(PhaseEnded),
    /// The phase that runs is to end at another time.
    PhaseMoved(PhaseMoved),
    /// A ballot was opened.
    BallotOpened(BallotOpened),
    /// Somebody voted. For them alone.
    Voted(Voted),
    /// So many have voted.
    Turnout(Turnout),
    /// A ballot was closed.
    BallotClosed(BallotClosed),
    /// An access check went so. For organizers, and for the one whose it is.
    AccessTold(AccessTold),
    /// The access checks that are known. For an organizer alone.
    AccessesTold(AccessesTold),
    /// Codes were replaced. For organizers alone.
    CodesReplaced(CodesReplaced),
    /// A participant has a personal link. For them alone.
    LinkTold(LinkTold),
    /// No newcomers are let in.
    DoorsLocked,
    /// Newcomers are let in again.
    DoorsOpened,
    /// The conference holds so much of the data that it may hold.
    Filled(Filled),
    /// Of a later version.
    #[serde(other)]
    #[schemars(skip)]
    Unknown,
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The function that serde derives for `remote = "Self"`, which knows the fields.
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let mut strictly = serde_json::Deserializer::from_str(text.get());
        Ok(Self::deserialize(&mut strictly).unwrap_or(Self::Unknown))
    }
}
