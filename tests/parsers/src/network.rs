//! The bytes that boxes on the way send.

use std::net::IpAddr;

use convene_dial::parsers;
use convene_model::Secret;
use convene_proxy_auth::{Entropy, Login, Negotiation, Site, challenges};
use convene_reach::ProxyScheme;

/// Longest text of a stranger that is shown (see `convene_model::Evidence`), in characters.
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

/// The whole answer of an HTTP proxy, interim answers and the page of a refusal included: what is
/// behind it is left to who comes next.
pub(crate) fn connect_answer(bytes: &[u8]) {
    for with_login in [false, true] {
        assert_leaves_the_rest(bytes, |bytes| parsers::connect_answer(bytes, with_login));
    }
}

/// The answer of a SOCKS proxy: likewise.
pub(crate) fn socks_answer(bytes: &[u8]) {
    for scheme in [ProxyScheme::Socks4, ProxyScheme::Socks5] {
        for with_login in [false, true] {
            assert_leaves_the_rest(bytes, |bytes| parsers::socks_answer(bytes, scheme, with_login));
        }
    }
}

/// The answer of a name server: some addresses of the family that was asked for, or none.
pub(crate) fn name_answer(bytes: &[u8]) {
    let addresses = parsers::name_answer(bytes).unwrap_or_default();
    assert!(addresses.len() <= 8 && addresses.iter().all(IpAddr::is_ipv4));
}

/// The name servers and the suffixes that a network's DHCP server names: what is made of them says
/// the same again.
pub(crate) fn resolv_conf(bytes: &[u8]) {
    let (servers, suffixes) = parsers::resolv_conf(&String::from_utf8_lossy(bytes));
    let servers_again = servers.iter().map(|server| format!("nameserver {server}\n"));
    let again = servers_again.chain([format!("search {}\n", suffixes.join(" "))]).collect::<String>();
    assert_eq!(parsers::resolv_conf(&again), (servers, suffixes));
}

/// A reader of an answer needs all of what it reads, and nothing behind it.
fn assert_leaves_the_rest<'a>(bytes: &'a [u8], ask: impl Fn(&'a [u8]) -> Option<&'a [u8]>) {
    let Some(left) = ask(bytes) else { return };
    let (answer, rest) = bytes.split_at(bytes.len() - left.len());
    assert_eq!(rest, left, "what is left is not what was behind the answer");
    assert_eq!(ask(answer), Some(&[][..]), "the answer alone is read otherwise");
    if let Some((_, short)) = answer.split_last() {
        assert_eq!(ask(short), None, "the answer was whole before its last byte");
    }
}

/// The answer of a PAC script: what is printed again means the same.
pub(crate) fn pac_answer(bytes: &[u8]) {
    let answer = String::from_utf8_lossy(bytes);
    for candidate in convene_pac::candidates(&answer) {
        if let convene_pac::Candidate::Proxy(proxy) = candidate {
            assert!(!proxy.host.is_empty() && proxy.port > 0, "{proxy}");
            assert_inert(&proxy.to_string()[..proxy.to_string().len().min(SHOWN_CHARS_MAX)]);
        }
    }
}

/// A proxy that refuses again and again, each line a `Proxy-Authenticate`, an empty line between
/// two answers: the login ends, no line's end gets into a header, and the password is shown in no
/// way that is not asked for.
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

/// The statement of a network about its login page: a page that is shown is secured, short and
/// inert.
pub(crate) fn portal_api(bytes: &[u8]) {
    if let Some(page) = parsers::portal_api(bytes) {
        assert!(page.to_ascii_lowercase().starts_with("https://"), "{page:?}");
        assert_inert(&page);
    }
}

/// A router's announcement as the kernel passes it on: an address that is asked is secured and one
/// word.
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
