//! Display names.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;
use unicode_properties::UnicodeEmoji as _;
use unicode_script::{Script, UnicodeScript as _};

use crate::ids::serde_as_text;
use crate::limits::NAME_CHARS_MAX;
use crate::text::is_invisible;

/// A participant's display name: NFC, 1 to [`NAME_CHARS_MAX`] characters, no control character, no
/// white space but single ASCII spaces within, and no invisible character but where writing needs
/// it: joiners in scripts that use them and within emoji, and the selector that makes an emoji of a
/// character.
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
        let chars: Vec<char> = name.chars().collect();
        let foreign = |(at, c): (usize, &char)| {
            *c != ' ' && (c.is_whitespace() || is_invisible(*c)) && !is_needed(&chars, at)
        };
        let spaced = name.starts_with(' ') || name.ends_with(' ') || name.contains("  ");
        if spaced || chars.iter().enumerate().any(foreign) {
            return Err(NameError::Invisible);
        }
        Ok(Self(name))
    }
}
serde_as_text!(Name);

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// Shows the character before it as an emoji.
const EMOJI_SELECTOR: char = '\u{fe0f}';
/// The canonical combining class of viramas, which join consonants (Unicode, table 4-3).
const VIRAMA: u8 = 9;

/// Whether writing needs the invisible character at this place. Joiners: RFC 5892, appendices A.1
/// and A.2 (letters are known by their scripts, which is a little wider than by their joining
/// types), and UTS 51, section 2.3 for emoji.
fn is_needed(chars: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|at| chars.get(at)) else { return false };
    let after = chars.get(at + 1);
    match chars.get(at) {
        Some(&(ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER))
            if canonical_combining_class(*before) == VIRAMA =>
        {
            true
        }
        Some(&ZERO_WIDTH_NON_JOINER) => {
            let is_mark = |c: &&char| canonical_combining_class(**c) != 0;
            let letter = chars.get(..at).and_then(|before| before.iter().rev().find(|c| !is_mark(c)));
            letter.is_some_and(|c| is_joining(*c)) && after.is_some_and(|c| is_joining(*c))
        }
        Some(&ZERO_WIDTH_JOINER) => {
            let is_part = |c: char| c == EMOJI_SELECTOR || is_emoji(c);
            is_part(*before) && after.is_some_and(|c| is_emoji(*c))
        }
        Some(&EMOJI_SELECTOR) => is_emoji(*before),
        Some(_) | None => false,
    }
}

/// Whether the letter belongs to a script whose letters join each other.
fn is_joining(c: char) -> bool {
    matches!(
        c.script(),
        Script::Adlam
            | Script::Arabic
            | Script::Hanifi_Rohingya
            | Script::Mandaic
            | Script::Mongolian
            | Script::Nko
            | Script::Syriac
    )
}

/// Digits and signs of ASCII that begin emoji of keys are left out.
fn is_emoji(c: char) -> bool {
    !c.is_ascii() && c.is_emoji_char()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_composed() {
        let name: Name = "Jo\u{308}rg".parse().unwrap();
        assert_eq!(name.as_str(), "Jörg");
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
    fn joiners_stand_where_writing_needs_them_and_nowhere_else() {
        for text in [
            // Persian: the letters on both sides do not join.
            "\u{639}\u{644}\u{6cc}\u{200c}\u{631}\u{636}\u{627}",
            // Sinhala and Devanagari: behind a virama.
            "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}",
            "\u{930}\u{94d}\u{200c}\u{92f}",
            // A family, a heart in the middle of two people, a flag.
            "Mia \u{1f469}\u{200d}\u{1f467}",
            "\u{1f469}\u{200d}\u{2764}\u{fe0f}\u{200d}\u{1f468}",
            "\u{1f3f3}\u{fe0f}\u{200d}\u{1f308}",
            "\u{1f469}\u{1f3fd}\u{200d}\u{1f4bb}",
        ] {
            assert_eq!(text.parse::<Name>().unwrap().as_str(), text);
        }
        for text in [
            "An\u{200d}na",
            "An\u{200c}na",
            "Anna\u{200d}",
            "\u{200d}Anna",
            "Anna\u{fe0f}",
            "1\u{fe0f}",
            "\u{639}\u{200d}\u{644}",
            "\u{639}\u{200c}",
            "\u{1f469}\u{200d}",
            "\u{2764}\u{fe0f}\u{fe0f}",
        ] {
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
