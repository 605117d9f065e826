//! What boxes on the way say.

use convene_dial::parsers;

/// Longest text of a stranger that is shown (see `convene_model::Seen`), in characters.
const SHOWN_CHARS_MAX: usize = 200;

/// A certificate: whatever it says, what is shown of it is short and inert.
pub(crate) fn certificate(bytes: &[u8]) {
    for text in parsers::certificate(bytes, "conference.test") {
        assert_inert(&text);
    }
}

/// The head of an HTTP answer: likewise.
pub(crate) fn http_head(bytes: &[u8]) {
    for text in parsers::http_head(bytes) {
        assert_inert(&text);
    }
}

fn assert_inert(text: &str) {
    assert!(text.chars().count() <= SHOWN_CHARS_MAX, "{} characters are shown", text.chars().count());
    assert!(!text.chars().any(char::is_control), "a control character is shown: {text:?}");
}
