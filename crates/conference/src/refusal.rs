//! Why a command or a seat is refused.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares the refusals with their words and their sentences.
macro_rules! refusals {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $sentence:literal;)*) => {
        /// Why a command or a seat is refused. Travels as its word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
    /// The daemon keeps as much of the conference, or of all conferences of this user, as it may.
    SeatFull = "seat_full", "no more of this conference is kept here";
    /// The seat's proof does not hold.
    ProofInvalid = "proof_invalid", "the seat's proof does not hold";
    /// The server does not know the seat, and it asked for nothing by which it could.
    SeatUnknown = "seat_unknown", "the server does not know this seat";
    /// An organizer replaced the keys of the participant, this one among them.
    KeyReplaced = "key_replaced", "this device's key was replaced";
    /// An organizer removed the participant.
    Removed = "removed", "this participant was removed";
    /// Organizers replaced the code of the join link.
    CodeReplaced = "code_replaced", "this join link was replaced by another one";
    /// Organizers have locked the doors: nobody comes in anew until they open them.
    DoorsLocked = "doors_locked", "no newcomers are let in now";
    /// The participant takes part on as many devices as one may.
    TooManyDevices = "too_many_devices", "this participant has as many devices as one may";
    /// As many participants have a personal link as may.
    TooManyLinks = "too_many_links", "there are as many personal links as there may be";
    /// Another participant has the name, or one that reads like it.
    NameTaken = "name_taken", "another participant has this name, or one that reads like it";
    /// The name reads like one of a role, such as "Moderator".
    NameOfRole = "name_of_role", "this name reads like one of a role";
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
    /// The conference is not open yet: people meet in the foyer until then.
    NotOpenYet = "not_open_yet", "the conference is not open yet";
    /// The name of a room is empty, longer than a line may be, or holds control characters.
    RoomNameInvalid = "room_name_invalid", "a room's name is one line";
    /// An open room has this name.
    RoomNameTaken = "room_name_taken", "another room has this name";
    /// The conference has as many rooms as it may.
    TooManyRooms = "too_many_rooms", "the conference has as many rooms as it may";
    /// One of those who are meant takes no part in the conference, or is the one who asks.
    PersonUnknown = "person_unknown", "nobody else in the conference is meant by this";
    /// There are as many café tables as there may be.
    TooManyTables = "too_many_tables", "there are as many tables as there may be";
    /// No more people fit at the table.
    TableFull = "table_full", "no more people fit at this table";
    /// The participant was not asked to the table, or it is gone.
    NotAsked = "not_asked", "this participant was not asked to such a table";
    /// The participant was asked to several tables.
    TableAmbiguous = "table_ambiguous", "this participant was asked to several tables";
    /// The participant sits at no table.
    NotAtTable = "not_at_table", "this participant sits at no table";
    /// No phase runs.
    NoPhase = "no_phase", "no phase runs now";
    /// The number of minutes is zero, or more than a day.
    MinutesInvalid = "minutes_invalid", "from 1 to 1,440 minutes are possible";
    /// The conference has as many organizers as it may.
    TooManyOrganizers = "too_many_organizers", "the conference has as many organizers as it may";
    /// Nobody else would lead the conference.
    LastOrganizer = "last_organizer", "nobody else would lead the conference";
    /// A ballot is open already.
    BallotOpen = "ballot_open", "another ballot is open";
    /// The question or an option is no line, or there are fewer than two options or too many.
    BallotInvalid = "ballot_invalid", "a ballot is a line, and two to ten different lines to choose from";
    /// The conference has as many ballots as it may.
    TooManyBallots = "too_many_ballots", "the conference has as many ballots as it may";
    /// No ballot is open, or there is none of this number.
    NoBallot = "no_ballot", "there is no such ballot";
    /// The ballot is closed.
    BallotClosed = "ballot_closed", "the ballot is closed";
    /// The ballot has no such option.
    OptionUnknown = "option_unknown", "the ballot has no such option";
    /// The message has no visible character.
    TextEmpty = "text_empty", "the message is empty";
    /// The message is over the limit.
    TextTooLong = "text_too_long", "the message is too long";
    /// The message holds control characters.
    TextControl = "text_control", "the message holds control characters";
    /// The conference holds as much as it may.
    ConferenceFullOfData = "conference_full_of_data", "the conference holds as much text as it may";
    /// The participant has added as much as one may.
    ParticipantFullOfData = "participant_full_of_data", "this participant has written as much as one may";
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
            Self::CodeUnknown
                | Self::NameTaken
                | Self::NameOfRole
                | Self::ConferenceFull
                | Self::ConferenceEnded
        );
        matches!(self, Self::ConferenceDeleted) || ends_newcomers && !was_participant
    }
}
