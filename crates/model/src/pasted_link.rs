//! The join link in whatever was pasted.

use crate::join_link::{JoinLink, JoinLinkError};
use crate::limits::JOIN_LINK_BYTES_MAX;

/// Bytes of a pasted text that are looked at: a long mail with its history.
const PASTED_BYTES_MAX: usize = 200_000;
/// Web addresses of one pasted text that are looked at: more than the footers of a long mail hold.
const ADDRESSES_MAX: usize = 1_000;
/// Bytes of one address that are looked at: so many that one that is too long is told as such.
const ADDRESS_BYTES_MAX: usize = 2 * JOIN_LINK_BYTES_MAX;
/// Characters behind an address that may belong to the sentence around it.
const TAIL: &str = ".,;:!?…)]»“”’";
/// Characters of a tail that are taken off: more than any sentence sets behind a link.
const TAIL_CHARS_MAX: usize = 16;

impl JoinLink {
    /// Finds the join link in a text: the link alone, `convene:` in front of it, or a whole mail
    /// with it, wrapped by a mail program too.
    ///
    /// # Errors
    /// Of several addresses the error tells of that which is most like a join link.
    pub fn find(pasted: &str) -> Result<Self, JoinLinkError> {
        let text = pasted.get(..pasted.floor_char_boundary(PASTED_BYTES_MAX)).unwrap_or_default();
        if text.trim().is_empty() {
            return Err(JoinLinkError::Empty);
        }
        // Mail programs break long lines inside of a link, with `=` at the end or without (RFC
        // 2045).
        let texts = [
            text.to_owned(),
            text.replace("=\r\n", "").replace("=\n", ""),
            text.split(char::is_whitespace).collect::<String>(),
        ];
        let mut problem = JoinLinkError::NoAddress;
        for text in &texts {
            for address in addresses(text).take(ADDRESSES_MAX) {
                match read(address) {
                    Ok(link) => return Ok(link),
                    Err(found) if likeness(found) > likeness(problem) => problem = found,
                    Err(_) => {}
                }
            }
        }
        Err(problem)
    }
}

/// The web addresses in a text, each with what follows up to a blank or a bracket.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    // Only ASCII letters change, so places in both are the same.
    let lower = text.to_ascii_lowercase();
    let is_begin = |at: &usize| {
        lower.get(*at..).is_some_and(|rest| rest.starts_with("https://") || rest.starts_with("http://"))
    };
    let begins: Vec<usize> = lower.match_indices("http").map(|(at, _)| at).filter(is_begin).collect();
    begins.into_iter().map(move |at| {
        let rest = text.get(at..).unwrap_or_default();
        let rest = rest.get(..rest.floor_char_boundary(ADDRESS_BYTES_MAX)).unwrap_or_default();
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"'`|\\^{}".contains(c)).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    })
}

/// Reads an address; the sentence around it may go on right behind it.
fn read(mut address: &str) -> Result<JoinLink, JoinLinkError> {
    let mut read = address.parse::<JoinLink>();
    for _ in 0..TAIL_CHARS_MAX {
        let Some(shorter) = address.strip_suffix(|c: char| TAIL.contains(c)).filter(|_| read.is_err()) else {
            break;
        };
        address = shorter;
        read = address.parse();
    }
    read
}

/// How much what was wrong with is like a join link.
const fn likeness(error: JoinLinkError) -> u8 {
    match error {
        JoinLinkError::Empty | JoinLinkError::NoAddress => 0,
        JoinLinkError::Path => 1,
        JoinLinkError::Host | JoinLinkError::Port | JoinLinkError::TooLong => 2,
        JoinLinkError::Scheme | JoinLinkError::Code | JoinLinkError::Fingerprint | JoinLinkError::Ports => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://conference.example.org/j/AAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn the_link_is_found_in_whatever_was_pasted() {
        for pasted in [
            LINK.to_owned(),
            format!("convene:{LINK}"),
            format!("Dear Anna,\nplease come: <{LINK}>. Thank you!\nhttps://example.org/imprint"),
            format!("see https://example.org/ and ({LINK}), please."),
            format!("{}=\n{}", &LINK[..40], &LINK[40..]),
            format!("{}\r\n  {}", &LINK[..40], &LINK[40..]),
            format!("come: {}?utm_source=mail.", LINK.replace("https", "HTTPS")),
            format!("({}).", LINK.replace(".org", ".org.")),
        ] {
            let found = JoinLink::find(&pasted).map(|link| link.to_string());
            assert_eq!(found, Ok(LINK.to_owned()), "{pasted}");
        }
        let found = JoinLink::find("„https://täst.test/j/AAAAAAAAAAAAAAAAAAAAAA“").map(|link| link.host);
        assert_eq!(found, Ok("xn--tst-qla.test".to_owned()));
    }

    #[test]
    fn the_part_that_is_wrong_is_told() {
        for (pasted, problem) in [
            (" \n", JoinLinkError::Empty),
            ("hello", JoinLinkError::NoAddress),
            ("ftp://example.org/j/x", JoinLinkError::NoAddress),
            ("http://example.org/j/x", JoinLinkError::Scheme),
            ("see https://example.org/imprint.", JoinLinkError::Path),
            ("https://conference.example.org/j/AAAA", JoinLinkError::Code),
            ("https://conference.example.org/j/AAAA and https://example.org/", JoinLinkError::Code),
            ("https://example.org/ and https://con%00ference.test/j/AAAA", JoinLinkError::Host),
            ("https://example.org:65536/j/AAAA", JoinLinkError::Port),
            ("https://a.test/j/AAAAAAAAAAAAAAAAAAAAAA#fp=AAAA", JoinLinkError::Fingerprint),
            ("https://a.test/j/AAAAAAAAAAAAAAAAAAAAAA#ports=9-1", JoinLinkError::Ports),
        ] {
            assert_eq!(JoinLink::find(pasted), Err(problem), "{pasted}");
        }
    }
}
