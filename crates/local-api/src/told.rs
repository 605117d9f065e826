//! What the daemon says by itself, read.

use convene_model::SeatName;
use serde_json::value::RawValue;

use crate::language::{
    AccessChanged, ClockNotification, ConnectionChanged, DismissedNotification, DraftChanged,
    EventsNotification, LostNotification, MayNotification, Notification as _, OutboxNotification,
    PassedOverNotification, PresenceNotification, ReceiptNotification, ResetNotification, SeatNotification,
    SettingsChanged, StateNotification,
};

/// A notification.
#[derive(Debug, Clone)]
pub enum Told {
    /// Something about the connections changed.
    Connections(ConnectionChanged),
    /// An access check went on.
    Access(AccessChanged),
    /// The settings are others.
    Settings(Box<SettingsChanged>),
    /// A draft was set by another frontend.
    Draft(DraftChanged),
    /// A part of a state.
    State(StateNotification),
    /// Events happened.
    Events(EventsNotification),
    /// The participant may do other things than before.
    May(MayNotification),
    /// A command has its receipt.
    Receipt(ReceiptNotification),
    /// A command waits for its receipt.
    Outbox(OutboxNotification),
    /// A command that was accepted is in the conference no more.
    Lost(LostNotification),
    /// The text of a command was let go.
    Dismissed(DismissedNotification),
    /// The seat stands otherwise.
    Seat(SeatNotification),
    /// Too much was missed to be told event by event.
    PassedOver(PassedOverNotification),
    /// What was told above a number is void.
    Reset(ResetNotification),
    /// The server's clock was seen anew.
    Clock(ClockNotification),
    /// Other participants are connected than before.
    Presence(PresenceNotification),
    /// Something that only a later version of this language knows: its name and its parameters.
    Other(String, Box<RawValue>),
}

impl Told {
    /// Reads a notification of this name.
    ///
    /// # Errors
    /// When the name is known and the parameters are not those of its kind.
    pub fn read(method: &str, params: &RawValue) -> Result<Self, serde_json::Error> {
        let text = params.get();
        match method {
            ConnectionChanged::NAME => serde_json::from_str(text).map(Self::Connections),
            AccessChanged::NAME => serde_json::from_str(text).map(Self::Access),
            SettingsChanged::NAME => serde_json::from_str(text).map(Self::Settings),
            DraftChanged::NAME => serde_json::from_str(text).map(Self::Draft),
            MayNotification::NAME => serde_json::from_str(text).map(Self::May),
            StateNotification::NAME => serde_json::from_str(text).map(Self::State),
            EventsNotification::NAME => serde_json::from_str(text).map(Self::Events),
            ReceiptNotification::NAME => serde_json::from_str(text).map(Self::Receipt),
            OutboxNotification::NAME => serde_json::from_str(text).map(Self::Outbox),
            LostNotification::NAME => serde_json::from_str(text).map(Self::Lost),
            DismissedNotification::NAME => serde_json::from_str(text).map(Self::Dismissed),
            SeatNotification::NAME => serde_json::from_str(text).map(Self::Seat),
            PassedOverNotification::NAME => serde_json::from_str(text).map(Self::PassedOver),
            ResetNotification::NAME => serde_json::from_str(text).map(Self::Reset),
            ClockNotification::NAME => serde_json::from_str(text).map(Self::Clock),
            PresenceNotification::NAME => serde_json::from_str(text).map(Self::Presence),
            _ => Ok(Self::Other(method.to_owned(), params.to_owned())),
        }
    }

    /// Which conference it is about, as the watch named it; `None` where it is about none, or that
    /// is not known.
    pub fn conference(&self) -> Option<&SeatName> {
        match self {
            Self::State(told) => Some(&told.conference),
            Self::Events(told) => Some(&told.conference),
            Self::May(told) => Some(&told.conference),
            Self::Draft(told) => Some(&told.conference),
            Self::Receipt(told) => Some(&told.conference),
            Self::Outbox(told) => Some(&told.conference),
            Self::Lost(told) => Some(&told.conference),
            Self::Dismissed(told) => Some(&told.conference),
            Self::Seat(told) => Some(&told.conference),
            Self::PassedOver(told) => Some(&told.conference),
            Self::Reset(told) => Some(&told.conference),
            Self::Clock(told) => Some(&told.conference),
            Self::Presence(told) => Some(&told.conference),
            Self::Connections(_) | Self::Access(_) | Self::Settings(_) | Self::Other(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use convene_model::ConferenceId;
    use serde_json::json;

    use super::*;

    fn read(method: &str, params: &serde_json::Value) -> Result<Told, serde_json::Error> {
        Told::read(method, &serde_json::value::to_raw_value(params)?)
    }

    #[test]
    fn a_known_kind_is_read_and_one_of_a_later_version_is_passed_on() {
        let conference = SeatName::Conference(ConferenceId::from_random(1));
        let reset = read("conference.reset", &json!({ "conference": conference, "cursor": 7 })).unwrap();
        assert!(matches!(&reset, Told::Reset(reset) if reset.cursor == 7), "{reset:?}");
        assert_eq!(reset.conference(), Some(&conference));
        let later = read("conference.later", &json!({ "x": 1 })).unwrap();
        assert!(
            matches!(&later, Told::Other(name, raw) if name == "conference.later" && raw.get() == r#"{"x":1}"#)
        );
        assert_eq!(later.conference(), None);
        assert!(read("conference.reset", &json!({})).is_err());
    }
}
