//! The family of coming and going: who takes part, under which name and in which role.

mod decide;
mod participants;

use convene_model::{Name, ParticipantId};
use serde::{Deserialize, Serialize};

pub(crate) use decide::{join, leave};
pub use participants::{Participant, Participants};

/// To take part, or to come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The wanted display name.
    pub name: Name,
}

/// Someone came, or came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The participant.
    pub participant: ParticipantId,
    /// Under which name. A text, because the limits of a name bind commands and not events.
    pub name: String,
    /// In which role. Logs of format 1 call it `right`.
    #[serde(alias = "right")]
    pub role: Role,
}

/// Someone left for good, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The participant.
    pub participant: ParticipantId,
}

/// A participant's part in the conference; it says what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
