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
    /// The kind of the command is of a later version, or the command is damaged.
    CommandUnknown = "command_unknown", "the command is not known here";
    /// The kind of the command is known, and a field is missing or of another form.
    CommandInvalid = "command_invalid", "the command lacks a field, or one has another form";
    /// The conference is over.
    ConferenceEnded = "conference_ended", "the conference has ended";
    /// No conference belongs to the join code.
    CodeUnknown = "code_unknown", "no conference belongs to this join link";
    /// The server holds no such conference.
    ConferenceUnknown = "conference_unknown", "the server does not hold this conference";
    /// The server cannot read the conference's log; its other conferences run.
    ConferenceDamaged = "conference_damaged", "the server cannot read this conference";
    /// The conference was deleted for good.
    ConferenceDeleted = "conference_deleted", "the conference was deleted";
    /// A newer program wrote into the conference's log what this server cannot fold.
    ConferenceOfLaterVersion = "conference_of_later_version", "this conference needs a newer server";
    /// The server holds the conference, and its log does not answer now.
    NotHereNow = "not_here_now", "the server cannot open this conference now";
    /// The server shows another log of the conference than the one that the seat knows.
    OtherLog = "other_log", "the server shows another log of this conference";
    /// The seat's proof does not hold.
    ProofInvalid = "proof_invalid", "the seat's proof does not hold";
    /// The server does not know the seat, and it asked for nothing by which it could.
    SeatUnknown = "seat_unknown", "the server does not know this seat";
    /// An organizer replaced the keys of the participant, this one among them.
    KeyReplaced = "key_replaced", "this device's key was replaced";
    /// An organizer removed the participant.
    Removed = "removed", "this participant was removed";
    /// Another participant has the name.
    NameTaken = "name_taken", "another participant has this name";
    /// The conference has as many participants, or as many organizers, as it may.
    ConferenceFull = "conference_full", "the conference is full";
    /// The one who wants it is no participant, or has left.
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
    /// The command names something by its id, and its author saw a part of the log that a restored
    /// backup does not hold: the id may stand for something else now.
    LogChanged = "log_changed", "a backup was restored after this was written";
    /// The command would make more happen than one log entry may hold.
    EntryTooLarge = "entry_too_large", "the command would make too much happen at once";
}

impl Refusal {
    /// Whether it ends the seat that asks to be opened: its key and outbox may go, and its replica
    /// stays readable. Everything else means "try again later". Whether the seat ever was a
    /// participant's matters: a conference that was joined once is ended for a seat only by being
    /// deleted.
    ///
    /// `code_unknown` is final only once it is answered again ten minutes later
    /// ([`CODE_UNKNOWN_FINAL_AFTER`](convene_model::limits::CODE_UNKNOWN_FINAL_AFTER)); the caller
    /// keeps that time.
    pub const fn is_final(self, was_participant: bool) -> bool {
        let ends_newcomers = matches!(
            self,
            Self::CodeUnknown | Self::NameTaken | Self::ConferenceFull | Self::ConferenceEnded
        );
        matches!(self, Self::ConferenceDeleted) || ends_newcomers && !was_participant
    }
}
