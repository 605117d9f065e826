//! Identifiers. Each prints as text that needs no escaping in JSON, in a URL or in a shell.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Text that is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind}")]
pub struct IdError {
    /// The kind of id that was expected, for the message.
    pub kind: &'static str,
}

/// Serde by way of `Display` and `FromStr`.
macro_rules! serde_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string" })
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_as_text;

/// A conference, the same everywhere: ten characters `a`–`z`, `2`–`7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConferenceId([u8; 10]);

impl ConferenceId {
    const ALPHABET: &'static [u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

    /// Makes an identifier of 50 random bits; the upper bits of `random` are not used.
    pub fn from_random(random: u64) -> Self {
        let mut rest = random;
        Self(std::array::from_fn(|_| {
            let letter = Self::ALPHABET.get((rest & 31) as usize).copied().unwrap_or(b'a');
            rest >>= 5;
            letter
        }))
    }
}

impl fmt::Display for ConferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&byte| fmt::Write::write_char(f, char::from(byte)))
    }
}

impl FromStr for ConferenceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let bytes: [u8; 10] = text.as_bytes().try_into().map_err(|_| IdError { kind: "conference id" })?;
        if bytes.iter().all(|byte| Self::ALPHABET.contains(byte)) {
            Ok(Self(bytes))
        } else {
            Err(IdError { kind: "conference id" })
        }
    }
}
serde_as_text!(ConferenceId);

/// The way in which a person names one of their seats: by its conference, by its conference and
/// server, such as `abcdefghij@conference.example.org`, where two servers claim the conference, or
/// by its number with the daemon, such as `s12`, where there is no conference yet or where two
/// seats are in the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SeatName {
    /// By the conference.
    Conference(ConferenceId),
    /// By the conference and the server's host name, with its port where that is not enough.
    At(ConferenceId, String),
    /// By the number.
    Number(u64),
}

/// Characters of a server's name: a host name has at most 253, and a port follows.
const SERVER_CHARS_MAX: usize = 259;

impl fmt::Display for SeatName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conference(conference) => conference.fmt(f),
            Self::At(conference, server) => write!(f, "{conference}@{server}"),
            Self::Number(number) => write!(f, "s{number}"),
        }
    }
}

impl FromStr for SeatName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = IdError { kind: "conference id or seat" };
        if let Some((conference, server)) = text.split_once('@') {
            let is_name = (1..=SERVER_CHARS_MAX).contains(&server.len())
                && server.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@');
            let conference = conference.parse().ok().filter(|_| is_name);
            return conference.map(|one| Self::At(one, server.to_ascii_lowercase())).ok_or(error);
        }
        if let Ok(conference) = text.parse() {
            return Ok(Self::Conference(conference));
        }
        let digits = text.strip_prefix('s').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let number = digits.and_then(|digits| digits.parse().ok());
        number.map(Self::Number).ok_or(error)
    }
}
serde_as_text!(SeatName);

/// Numbers that print behind a letter, such as `p1`.
macro_rules! numbered_id {
    ($(#[$doc:meta])* $name:ident, $letter:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $letter, self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { kind: $kind };
                let digits = text.strip_prefix($letter).ok_or_else(|| error.clone())?;
                if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.starts_with('0') {
                    return Err(error);
                }
                digits.parse().map(Self).map_err(|_| error)
            }
        }
        serde_as_text!($name);
    };
}

numbered_id!(
    /// A participant of one conference, numbered by the order of joining, from 1: `p1`.
    ParticipantId, 'p', "participant id"
);
numbered_id!(
    /// A ballot of one conference, numbered by the order of opening, from 1: `b1`.
    BallotId, 'b', "ballot id"
);
numbered_id!(
    /// An option of one ballot, numbered from 1: `o1`.
    OptionId, 'o', "option id"
);

/// A room of a conference: 1 to 32 characters `a`–`z`, `0`–`9`, `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId(std::borrow::Cow<'static, str>);

impl RoomId {
    /// The room in which everyone meets.
    pub const PLENARY: Self = Self(std::borrow::Cow::Borrowed("plenary"));
    /// Around the conference; never documented.
    pub const FOYER: Self = Self(std::borrow::Cow::Borrowed("foyer"));
    /// The wall of news.
    pub const NEWS: Self = Self(std::borrow::Cow::Borrowed("news"));
    /// The organizers' back room; never documented.
    pub const ORGANIZERS: Self = Self(std::borrow::Cow::Borrowed("organizers"));

    /// The rooms that every conference has.
    pub const FIXED: [Self; 4] = [Self::PLENARY, Self::FOYER, Self::NEWS, Self::ORGANIZERS];

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RoomId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        // Thousands stand in the rooms that every conference has: those take no memory of their
        // own.
        if let Some(fixed) = Self::FIXED.iter().find(|fixed| fixed.as_str() == text) {
            return Ok(fixed.clone());
        }
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=32).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(std::borrow::Cow::Owned(text.to_owned())))
        } else {
            Err(IdError { kind: "room id" })
        }
    }
}
serde_as_text!(RoomId);

/// A command, named by the frontend that wants it: any UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub Uuid);

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CommandId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Uuid::parse_str(text).map(Self).map_err(|_| IdError { kind: "command id (a UUID)" })
    }
}
serde_as_text!(CommandId);

/// Random numbers that print as unpadded base64url.
macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut bytes = [0; $bytes];
                match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
                    Ok($bytes) => Ok(Self(bytes)),
                    _ => Err(IdError { kind: $kind }),
                }
            }
        }
        serde_as_text!($name);
    };
}

random_id!(
    /// One link: a daemon's conversation with a server, over however many pipes.
    LinkId, 16, "link id"
);
random_id!(
    /// One incarnation of a conference's log; restoring a backup makes a new one.
    LogId, 8, "log id"
);
random_id!(
    /// The time in which one process is a conference's only writer.
    TermId, 16, "term id"
);
random_id!(
    /// The random bytes that a server gives each pipe to sign. It never gives the same ones twice.
    Nonce, 16, "nonce"
);
random_id!(
    /// A pipe whose carrier is made of single requests. Anyone who knows it has the pipe: a secret,
    /// and never logged.
    SessionId, 16, "session id"
);
random_id!(
    /// The public half (Ed25519) of a seat's key: it names the seat and proves nothing by itself.
    SeatKey, 32, "seat key"
);

impl TermId {
    /// The term of the entries before a log's first term: the log's id, then zeros.
    pub fn of_log(log: LogId) -> Self {
        let mut bytes = [0; 16];
        for (byte, of_log) in bytes.iter_mut().zip(log.0) {
            *byte = of_log;
        }
        Self(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_printing_and_parsing() {
        let conference = ConferenceId::from_random(0x1234_5678_9abc_def0);
        assert_eq!(conference.to_string().parse(), Ok(conference));
        assert_eq!(ParticipantId(17).to_string().parse(), Ok(ParticipantId(17)));
        let at = SeatName::At(conference, "conference.example.org:8443".to_owned());
        for name in [SeatName::Conference(conference), at, SeatName::Number(1), SeatName::Number(u64::MAX)] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        let link = LinkId([7; 16]);
        assert_eq!(link.to_string().parse(), Ok(link));
        assert_eq!(serde_json::to_string(&SeatKey([0; 32])).unwrap().len(), 45);
    }

    #[test]
    fn foreign_text_is_refused() {
        for text in ["", "p0", "p", "p01", "p-1", "p4294967296", "x1"] {
            assert!(text.parse::<ParticipantId>().is_err(), "{text}");
        }
        for text in ["", "Plenary", "a b", "ä", &"x".repeat(33)] {
            assert!(text.parse::<RoomId>().is_err(), "{text}");
        }
        for text in [
            "",
            "s",
            "s-1",
            "12",
            "saaaaaaaa",
            "s18446744073709551616",
            "aaaaaaaaaa@",
            "a@b",
            "aaaaaaaaaa@a b",
        ] {
            assert!(text.parse::<SeatName>().is_err(), "{text}");
        }
        assert!("aaaaaaaaa1".parse::<ConferenceId>().is_err());
        assert!("AAAA".parse::<LinkId>().is_err());
        assert!("not-a-uuid".parse::<CommandId>().is_err());
    }
}
