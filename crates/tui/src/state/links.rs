//! Join links: found in whatever was pasted, and made for those who are to be invited.

use convene_conference::{Own, Role};
use convene_local_api::{Connection, ListedSeat};
use convene_model::{JoinLink, JoinLinkError};

/// Bytes of a pasted text that are looked at: a long mail with its history.
const PASTED_MAX: usize = 200_000;

/// Why there is no join link in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkProblem {
    /// Nothing was typed.
    Empty,
    /// There is no web address in it.
    None,
    /// There are web addresses, and none of them is a join link.
    Other,
    /// There is a join link, and it is not whole.
    Damaged,
}

impl LinkProblem {
    /// The key of its sentence.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Empty => "page-link-empty",
            Self::None => "page-link-none",
            Self::Other => "page-link-other",
            Self::Damaged => "page-link-damaged",
        }
    }
}

/// Finds the join link in a text: the link alone, `convene:` in front of it, or a whole mail with
/// it, wrapped by a mail program too. The daemon has the last word.
pub(crate) fn find_link(pasted: &str) -> Result<JoinLink, LinkProblem> {
    let text = pasted.get(..pasted.floor_char_boundary(PASTED_MAX)).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(LinkProblem::Empty);
    }
    // Mail programs break long lines inside of a link, with `=` at the end or without (RFC 2045).
    let texts = [
        text.to_owned(),
        text.replace("=\r\n", "").replace("=\n", ""),
        text.split(char::is_whitespace).collect::<String>(),
    ];
    let mut problem = LinkProblem::None;
    for text in &texts {
        for (at, _) in text.match_indices("https://") {
            let address = text.get(at..).unwrap_or_default();
            match read_link(address) {
                Ok(link) => return Ok(link),
                Err(found) => problem = worse(problem, found),
            }
        }
    }
    Err(if problem == LinkProblem::None && text.contains("://") { LinkProblem::Other } else { problem })
}

/// A damaged join link says most.
fn worse(one: LinkProblem, other: LinkProblem) -> LinkProblem {
    if one == LinkProblem::Damaged { one } else { other }
}

/// Reads an address at the beginning of a text.
fn read_link(text: &str) -> Result<JoinLink, LinkProblem> {
    let end = text.find(|c: char| c.is_whitespace() || "<>\"'`|\\^{}".contains(c)).unwrap_or(text.len());
    let mut address = text.get(..end).unwrap_or_default();
    loop {
        match address.parse::<JoinLink>() {
            Ok(link) => return Ok(link),
            Err(error) => {
                // The sentence around it may go on right behind it.
                let Some((at, _)) = address.char_indices().next_back().filter(|(_, c)| is_tail(*c)) else {
                    return Err(problem_of(error));
                };
                address = address.get(..at).unwrap_or_default();
            }
        }
    }
}

fn is_tail(c: char) -> bool {
    ".,;:!?…)]»“”’/".contains(c)
}

fn problem_of(error: JoinLinkError) -> LinkProblem {
    match error {
        JoinLinkError::Scheme | JoinLinkError::Host | JoinLinkError::Port | JoinLinkError::Path => {
            LinkProblem::Other
        }
        JoinLinkError::TooLong | JoinLinkError::Code | JoinLinkError::Fingerprint | JoinLinkError::Ports => {
            LinkProblem::Damaged
        }
    }
}

/// The links that an organizer knows, for participants first; none, while the server's ports are
/// not known.
pub(crate) fn invitations(
    own: &Own,
    seat: &ListedSeat,
    connection: Option<&Connection>,
) -> Vec<(Role, JoinLink)> {
    let (Some(codes), Some(connection)) = (own.codes(), connection) else { return Vec::new() };
    let link = |code| JoinLink {
        host: seat.server.clone(),
        https_port: connection.https_port,
        code,
        fingerprint: seat.fingerprint,
        ports: connection.ports,
    };
    let mut links: Vec<(Role, JoinLink)> =
        codes.by_code.iter().map(|(code, role)| (*role, link(*code))).collect();
    links.sort_by_key(|(role, _)| *role);
    links
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
        ] {
            assert_eq!(find_link(&pasted).map(|link| link.to_string()), Ok(LINK.to_owned()), "{pasted}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_text_is_told() {
        for (pasted, problem) in [
            (" \n", LinkProblem::Empty),
            ("hello", LinkProblem::None),
            ("http://example.org/j/x", LinkProblem::Other),
            ("see https://example.org/imprint.", LinkProblem::Other),
            ("https://conference.example.org/j/AAAA", LinkProblem::Damaged),
            ("https://conference.example.org/j/AAAA and https://example.org/", LinkProblem::Damaged),
        ] {
            assert_eq!(find_link(pasted), Err(problem), "{pasted}");
        }
    }
}
