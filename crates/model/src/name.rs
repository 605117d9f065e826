//! Display names.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization as _;

use crate::ids::serde_as_text;
use crate::limits::NAME_CHARS_MAX;
use crate::text::is_invisible;

/// A participant's display name: NFC, 1 to [`NAME_CHARS_MAX`] characters, no control character, no
/// invisible one, no white space but single ASCII spaces within.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Why a text is not a display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing is left of it.
    #[error("a name needs at least one character")]
    Empty,
    /// It is longer than [`NAME_CHARS_MAX`] characters after normalisation.
    #[error("a name has at most {NAME_CHARS_MAX} characters")]
    TooLong,
    /// It holds a character that cannot be seen or that passes for a space.
    #[error("a name holds no control characters and no white space but single spaces")]
    Invisible,
}

impl Name {
    /// The name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which two names are the same: compatibility-composed (NFKC) and in lower
    /// case.
    pub fn key(&self) -> String {
        Self::key_of(&self.0)
    }

    /// The same of a text that may break today's limits, such as a name in an event of a later
    /// version.
    pub fn key_of(text: &str) -> String {
        text.nfkc().flat_map(char::to_lowercase).nfkc().collect()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        // A character has at most 18 bytes of combining marks in any name that exists; a longer
        // text need not be normalised.
        if text.len() > NAME_CHARS_MAX * 32 {
            return Err(NameError::TooLong);
        }
        let name: String = text.nfc().collect();
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if name.chars().count() > NAME_CHARS_MAX {
            return Err(NameError::TooLong);
        }
        let foreign = |c: char| c != ' ' && (c.is_whitespace() || is_invisible(c));
        if name.contains(foreign) || name.starts_with(' ') || name.ends_with(' ') || name.contains("  ") {
            return Err(NameError::Invisible);
        }
        Ok(Self(name))
    }
}
serde_as_text!(Name);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_composed() {
        let name: Name = "Jo\u{308}rg".parse().unwrap();
        assert_eq!(name.as_str(), "Jörg");
        assert_eq!(name.key(), "J\u{d6}RG".parse::<Name>().unwrap().key());
    }

    #[test]
    fn confusable_white_space_and_control_characters_are_refused() {
        for text in [
            "a\u{a0}b",
            "a\u{2003}b",
            "a\u{200b}b",
            "a\u{feff}",
            "a\tb",
            "a\nb",
            "a\u{1b}[31m",
            " a",
            "a ",
            "a  b",
        ] {
            assert_eq!(text.parse::<Name>(), Err(NameError::Invisible), "{text:?}");
        }
        for text in ["a\u{202e}b", "a\u{2066}b", "\u{2800}", "\u{3164}", "a\u{ad}b"] {
            assert_eq!(text.parse::<Name>(), Err(NameError::Invisible), "{text:?}");
        }
    }

    #[test]
    fn the_limit_counts_characters() {
        assert_eq!("".parse::<Name>(), Err(NameError::Empty));
        assert!("ä".repeat(NAME_CHARS_MAX).parse::<Name>().is_ok());
        assert_eq!("ä".repeat(NAME_CHARS_MAX + 1).parse::<Name>(), Err(NameError::TooLong));
        assert!("o\u{308}".repeat(NAME_CHARS_MAX).parse::<Name>().is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_a_name_or_an_error(text in any::<String>()) {
            if let Ok(name) = text.parse::<Name>() {
                prop_assert_eq!(name.as_str().parse::<Name>().unwrap(), name);
            }
        }
    }
}
