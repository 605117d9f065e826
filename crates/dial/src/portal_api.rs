//! Asking a network itself whether it wants a login first (RFC 8908), where it announces whom to
//! ask (RFC 8910).

use std::time::Duration;

use convene_model::Evidence;
use serde::Deserialize;
use tokio::time::timeout;

use crate::check_page::CheckAnswer;
use crate::dialer::Dialer;
use crate::failure::shown;
use crate::fetch::is_secured;

/// How long the answer may take: a user who has logged in is to be joined within 5 s, and a
/// network's own box is in the next room.
const LIMIT: Duration = Duration::from_secs(3);
/// The media type of the answer (RFC 8908, section 4). An answer of another type is none of this
/// interface.
const KIND: &str = "application/captive+json";
/// Bytes of an answer: a dozen keys.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// The network's statement about this machine (RFC 8908, section 5). The keys that are not here say
/// how long a login lasts and what the place has to offer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Captivity {
    /// Whether it must log in first.
    captive: bool,
    /// Where.
    #[serde(rename = "user-portal-url")]
    page: Option<String>,
}

impl Dialer {
    /// Whether a network's login page stands in the way, and what it shows of itself: by what
    /// answers in the place of the server's plain page, and by what the network says at the address
    /// that it announces, if it does. That one must be `https`, and the system decides whom to
    /// trust there; else it says nothing. Takes at most 3 s, and no proxy. Cancel safe.
    pub async fn ask_portal(&self, host: &str, announced: Option<&str>) -> Option<Evidence> {
        let (answer, told) = tokio::join!(self.ask_check_page(host), self.ask_network(announced));
        let found = match answer {
            CheckAnswer::Portal { seen, .. } => Some(seen),
            CheckAnswer::Own { .. } | CheckAnswer::Other { .. } => None,
        };
        match told {
            Some(Captivity { captive: true, page }) => {
                let found = found.unwrap_or_default();
                Some(Evidence { page: page.or(found.page), ..found })
            }
            // A box behind the one that was asked may want a login all the same.
            Some(Captivity { captive: false, .. }) | None => found,
        }
    }

    async fn ask_network(&self, announced: Option<&str>) -> Option<Captivity> {
        let address = announced.filter(|address| is_secured(address))?;
        match timeout(LIMIT, self.fetch_kind(address, KIND, ANSWER_BYTES_MAX)).await {
            Ok(Ok(answer)) => read(&answer),
            Ok(Err(error)) => {
                tracing::debug!(?error, "the network's portal interface says nothing");
                None
            }
            Err(_) => None,
        }
    }
}

/// The answer, its page inert. A page that is not secured is none (RFC 8908, section 5).
pub(crate) fn read(answer: &[u8]) -> Option<Captivity> {
    let Captivity { captive, page } = serde_json::from_slice(answer).ok()?;
    Some(Captivity { captive, page: page.filter(|page| is_secured(page)).map(|page| shown(page.trim())) })
}

#[cfg(feature = "parsers")]
impl Captivity {
    pub(crate) fn into_page(self) -> Option<String> {
        self.page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(answer: &str) -> Option<(bool, Option<String>)> {
        read(answer.as_bytes()).map(|told| (told.captive, told.page))
    }

    #[test]
    fn a_network_says_whether_and_where_to_log_in() {
        let page = Some("https://login.test/?a=b".to_owned());
        let answer = r#"{"captive": true, "user-portal-url": "https://login.test/?a=b",
            "venue-info-url": "https://shop.test/", "seconds-remaining": 326, "can-extend-session": true}"#;
        assert_eq!(read_text(answer), Some((true, page.clone())));
        let padded = r#"{"captive": true, "user-portal-url": " https://login.test/?a=b\n"}"#;
        assert_eq!(read_text(padded), Some((true, page)));
        assert_eq!(read_text(r#"{"captive": false}"#), Some((false, None)));
    }

    #[test]
    fn a_page_that_is_not_secured_is_left_out() {
        for page in ["http://login.test/", "javascript:alert(1)", "https://", "https://a b/", "file:///etc"] {
            let answer = format!(r#"{{"captive": true, "user-portal-url": "{page}"}}"#);
            assert_eq!(read_text(&answer), Some((true, None)), "{page}");
        }
    }

    #[test]
    fn what_does_not_say_whether_says_nothing() {
        for answer in
            ["", "{}", "[]", "null", r#"{"captive": "yes"}"#, r#"{"user-portal-url": "https://a/"}"#]
        {
            assert_eq!(read_text(answer), None, "{answer}");
        }
    }
}
