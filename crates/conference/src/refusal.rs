//! Why a command or a seat is refused.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares the refusals with their words and their sentences.
macro_rules! refusals {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $sentence:literal;)*) => {
        /// Why a command or a seat is refused. Travels as its word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Refusal {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)*
            /// A reason of a later version.
            #[serde(other, rename = "other")]
            Other,
        }

        impl Refusal {
            /// All refusals of this version.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)* Self::Other];

            /// The word by which it travels.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* Self::Other => "other" }
            }
        }

        impl fmt::Display for Refusal {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $sentence,)* Self::Other => "refused for a reason of a later version" })
            }
        }
    };
}

refusals! {
    /// The command cannot be read: it is of a later version, or damaged.
    CommandUnknown = "command_unknown", "the command is not known here";
    /// The conference is over.
    ConferenceEnded = "conference_ended", "the conference has ended";
    /// No conference belongs to the join code.
    CodeUnknown = "code_unknown", "no conference belongs to this join link";
    /// The server holds no such conference.
    ConferenceUnknown = "conference_unknown", "the server does not hold this conference";
    /// The seat's proof does not hold.
    ProofInvalid = "proof_invalid", "the seat's proof does not hold";
    /// The server does not know the seat, and it asked for nothing by which it could.
    SeatUnknown = "seat_unknown", "the server does not know this seat";
    /// Another participant has the name.
    NameTaken = "name_taken", "another participant has this name";
    /// The conference is full.
    ConferenceFull = "conference_full", "the conference is full";
    /// The server cannot read the conference's log. Others on it go on.
    ConferenceDamaged = "conference_damaged", "the server cannot read this conference";
    /// The conference was deleted, and stays so.
    ConferenceDeleted = "conference_deleted", "the conference was deleted";
    /// Who wants it is no participant, or left.
    NotParticipant = "not_participant", "only participants may do this";
    /// Only organizers may do that.
    NotOrganizer = "not_organizer", "only organizers may do this";
    /// There is no such room.
    RoomUnknown = "room_unknown", "there is no such room";
    /// The participant may not speak there.
    RoomClosed = "room_closed", "this participant may not speak there";
    /// The message has no visible character.
    TextEmpty = "text_empty", "the message is empty";
    /// The message is over the limit.
    TextTooLong = "text_too_long", "the message is too long";
    /// The message holds control characters.
    TextControl = "text_control", "the message holds control characters";
    /// The command id was used for another command.
    IdReused = "id_reused", "the command id was used for another command";
}
