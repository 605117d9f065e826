//! The family of coming and going: who takes part, under which name and in which role.

mod decide;
mod doors;
pub(crate) mod names;
mod participants;

use std::collections::{BTreeMap, BTreeSet};

use convene_model::{JoinCode, Name, ParticipantId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use decide::{
    add_organizer, join, leave, may_leave, member, organizer, remove_organizer, rename, writer,
};
pub(crate) use doors::{make_link, remove, set_doors};
pub use names::reads_alike;
pub use participants::{Participant, Participants};

/// To take part, or to come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Join {
    /// The wanted display name.
    pub name: Name,
}

/// Someone came, or came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    /// The participant.
    pub participant: ParticipantId,
    /// Under which name. A text, because the limits of a name bind commands and not events.
    pub name: String,
    /// In which role. Logs of format 1 call it `right`.
    #[serde(alias = "right")]
    pub role: Role,
}

/// The codes that open a conference, each with the role that it gives.
pub type Codes = BTreeMap<JoinCode, Role>;

/// An organizer knows these codes. Told to them alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodesTold {
    /// The organizer.
    pub participant: ParticipantId,
    /// The codes.
    pub codes: Codes,
}

/// Codes were replaced: nobody comes in by those that are not among these. For organizers alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodesReplaced {
    /// The organizers.
    pub people: BTreeSet<ParticipantId>,
    /// All codes that open the conference from here on.
    pub codes: Codes,
}

/// A participant has a personal link with this code. Told to them alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkTold {
    /// The participant.
    pub participant: ParticipantId,
    /// The code. Anyone who has it is this participant.
    pub code: JoinCode,
}

/// To bear another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rename {
    /// The wanted display name.
    pub name: Name,
}

/// To make a participant an organizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AddOrganizer {
    /// Whom.
    pub participant: ParticipantId,
}

/// To make an organizer a participant like the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemoveOrganizer {
    /// Whom.
    pub participant: ParticipantId,
}

/// To remove a participant, who cannot come back: the doors are locked, and the codes that this one
/// may know are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remove {
    /// Whom.
    pub participant: ParticipantId,
}

/// A participant bears another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renamed {
    /// Who.
    pub participant: ParticipantId,
    /// The name, a text as in [`Joined`].
    pub name: String,
}

/// A participant has another role. Whoever is no organizer any more leaves the back room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleChanged {
    /// Who.
    pub participant: ParticipantId,
    /// The role.
    pub role: Role,
}

/// Someone left for good, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Left {
    /// The participant.
    pub participant: ParticipantId,
    /// Whether an organizer removed them: they cannot come back. Left out where they went by
    /// themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
}

/// A participant's part in the conference; it says what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Takes part.
    Participant,
    /// Takes part and leads.
    Organizer,
    /// A role of a later version; here it gives what every participant has.
    #[serde(other)]
    Other,
}
