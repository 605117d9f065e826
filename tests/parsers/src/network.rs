//! What boxes on the way say.

use convene_dial::parsers;
use convene_model::Secret;
use convene_proxy_auth::{Entropy, Login, Negotiation, Site, challenges};

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

/// What a PAC script answers: what is printed again means the same.
pub(crate) fn pac_answer(bytes: &[u8]) {
    let answer = String::from_utf8_lossy(bytes);
    for candidate in convene_pac::candidates(&answer) {
        if let convene_pac::Candidate::Proxy(proxy) = candidate {
            assert!(!proxy.host.is_empty() && proxy.port > 0, "{proxy}");
            assert_inert(&proxy.to_string()[..proxy.to_string().len().min(SHOWN_CHARS_MAX)]);
        }
    }
}

/// A proxy that refuses again and again, each line a `Proxy-Authenticate`, an empty line between two answers: the login ends, no
/// line's end gets into a header, and the password is shown in no way that is not asked for.
pub(crate) fn proxy_login(bytes: &[u8]) {
    let login = Login { user: "LAB\\anna".to_owned(), password: Secret::new("secret") };
    let site = Site {
        host: "proxy.test".to_owned(),
        authority: "conference.test:443".to_owned(),
        end_point: None,
        allows_basic: false,
        has_tickets: false,
    };
    let mut negotiation = Negotiation::new(Some(login), site);
    let entropy = Entropy { random: [7; 16], unix_seconds: 1_700_000_000 };
    for answer in bytes.split(|byte| *byte == 0) {
        let offered = challenges(answer.split(|byte| *byte == b'\n'));
        let next = negotiation.handle_refusal(&offered, &entropy);
        if matches!(next, convene_proxy_auth::Next::Failed(_)) {
            return;
        }
        let shown = negotiation.authorization().unwrap_or_default();
        assert!(!shown.iter().any(|byte| b"\r\n".contains(byte)), "a line's end in a header");
        assert!(!shown.starts_with(b"Basic"), "Basic was not allowed");
    }
}

/// What a network says about its login page: a page that is shown is secured, short and inert.
pub(crate) fn portal_api(bytes: &[u8]) {
    if let Some(page) = parsers::portal_api(bytes) {
        assert!(page.to_ascii_lowercase().starts_with("https://"), "{page:?}");
        assert_inert(&page);
    }
}

/// A router's announcement as the kernel passes it on: an address that is asked is secured and one word.
#[cfg(target_os = "linux")]
pub(crate) fn portal_announcement(bytes: &[u8]) {
    if let Some(address) = parsers::portal_announcement(bytes) {
        assert!(address.to_ascii_lowercase().starts_with("https://"), "{address:?}");
        assert!(address.len() <= 255 && address.bytes().all(|byte| byte.is_ascii_graphic()), "{address:?}");
    }
}

/// There are none elsewhere.
#[cfg(not(target_os = "linux"))]
pub(crate) fn portal_announcement(_: &[u8]) {}

fn assert_inert(text: &str) {
    assert!(text.chars().count() <= SHOWN_CHARS_MAX, "{} characters are shown", text.chars().count());
    assert!(!text.chars().any(char::is_control), "a control character is shown: {text:?}");
}
