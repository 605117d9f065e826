//! Reading the head of an HTTP answer (RFC 9112), as leniently as proxies write it.

use convene_proxy_auth::{Challenge, challenges};
use httparse::{EMPTY_HEADER, Header, ParserConfig, Response, Status};

use crate::failure::{HttpAnswer, shown};

/// Bytes of something else that may stand before the status line: browsers look no further.
const SLOP_BYTES_MAX: usize = 4;
/// Ways to log in that are told by name.
const SCHEMES_MAX: usize = 8;

/// The result of reading a head.
#[derive(Debug)]
pub(crate) enum Head {
    /// More must be read.
    Partial,
    Whole(Box<Answer>),
    /// It is not the head of an HTTP answer.
    Broken,
}

/// An answer to CONNECT.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The statements of the answer about the proxy.
    pub(crate) seen: HttpAnswer,
    /// The ways to log in that it offers.
    pub(crate) challenges: Vec<Challenge>,
    /// The body that follows the head, if the answer is a refusal.
    pub(crate) body: Body,
    /// Whether the connection can be used for another request.
    pub(crate) keeps_connection: bool,
}

/// The rule by which the end of a body is known (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    Length(u64),
    Chunked,
    UntilClose,
}

/// Reads a head. Its limit is that of the bytes that the caller gives: there is none for headers.
pub(crate) fn read(bytes: &[u8]) -> Head {
    let mut parts = bytes.trim_ascii_start().splitn(2, |byte| *byte == b'\n');
    let (Some(line), Some(rest)) = (parts.next(), parts.next()) else { return Head::Partial };
    let Some((is_old, status)) = status_line(line) else { return Head::Broken };
    // The library takes two versions and one blank, so it gets a line that it knows.
    let head = [b"HTTP/1.1 200\r\n".as_slice(), rest].concat();
    let mut headers = vec![EMPTY_HEADER; rest.split(|byte| *byte == b'\n').count()];
    let mut response = Response::new(&mut headers);
    let parsed = ParserConfig::default()
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .parse_response(&mut response, &head);
    match parsed {
        Ok(Status::Complete(_)) => Head::Whole(Box::new(answer(status, is_old, response.headers))),
        Ok(Status::Partial) => Head::Partial,
        Err(_) => Head::Broken,
    }
}

/// Whether the version is older than 1.1, and the status, as browsers read the line: any version or
/// none, in any case, any number of blanks, and a line without a number says yes.
fn status_line(line: &[u8]) -> Option<(bool, u16)> {
    let begins = |at: &usize| {
        let word = line.get(*at..).and_then(|rest| rest.split_first_chunk::<4>());
        word.is_some_and(|(word, rest)| {
            word.eq_ignore_ascii_case(b"HTTP")
                && rest.first().is_none_or(|next| *next == b'/' || next.is_ascii_whitespace())
        })
    };
    let begin = (0..=SLOP_BYTES_MAX).find(begins)?;
    let line = String::from_utf8_lossy(line.get(begin..)?);
    let mut words = line.split_ascii_whitespace();
    let version = words.next().and_then(|word| word.get(5..)).and_then(|version| {
        let (major, minor) = version.split_once('.')?;
        Some((major.parse::<u8>().ok()?, minor.parse::<u8>().ok()?))
    });
    let digits = words.next().map(|word| {
        let end = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        word.get(..end).unwrap_or_default()
    });
    let status = match digits {
        None | Some("") => 200,
        Some(digits) => digits.parse::<u16>().ok().filter(|status| (100..=999).contains(status))?,
    };
    Some((version.is_none_or(|version| version < (1, 1)), status))
}

/// Reads as much as it can of an answer's head that may be cut anywhere behind its first line.
pub(crate) fn read_cut(bytes: &[u8]) -> Option<HttpAnswer> {
    let whole_lines = bytes.iter().rposition(|byte| *byte == b'\n').and_then(|end| bytes.get(..=end))?;
    read_whole(bytes).or_else(|| read_whole(&[whole_lines, b"\r\n"].concat()))
}

/// The head of an answer, if these bytes hold a whole one.
pub(crate) fn read_whole(bytes: &[u8]) -> Option<HttpAnswer> {
    match read(bytes) {
        Head::Whole(answer) => Some(answer.seen),
        Head::Partial | Head::Broken => None,
    }
}

fn answer(status: u16, is_old: bool, headers: &[Header<'_>]) -> Answer {
    let challenges = challenges(all(headers, "proxy-authenticate"));
    let schemes = challenges.iter().take(SCHEMES_MAX).map(|challenge| shown(&challenge.name)).collect();
    let says = |name, word: &str| {
        let mut values = all(headers, name).flat_map(|value| value.split(|byte| *byte == b','));
        values.any(|value| value.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    };
    let told = |word| says("connection", word) || says("proxy-connection", word);
    let body = if says("transfer-encoding", "chunked") {
        Body::Chunked
    } else {
        let mut lengths = all(headers, "content-length");
        // Of two lengths nobody knows which one holds (RFC 9112, section 6.3).
        let length = lengths.next().filter(|first| lengths.all(|other| other == *first));
        let length = length.and_then(|length| std::str::from_utf8(length).ok()?.trim().parse().ok());
        length.map_or(Body::UntilClose, Body::Length)
    };
    // Old proxies keep a connection only where they say so (RFC 9112, section 9.3).
    let keeps = !told("close") && (!is_old || told("keep-alive"));
    Answer {
        seen: HttpAnswer {
            status,
            server: value(headers, "server"),
            via: value(headers, "via"),
            agent: value(headers, "proxy-agent"),
            schemes,
        },
        challenges,
        body,
        keeps_connection: keeps && body != Body::UntilClose,
    }
}

fn value(headers: &[Header<'_>], name: &str) -> Option<String> {
    all(headers, name).next().map(|value| shown(&String::from_utf8_lossy(value)))
}

fn all<'a>(headers: &'a [Header<'a>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_whole(head: &str) -> Answer {
        match read(format!("{head}\r\n\r\n").as_bytes()) {
            Head::Whole(answer) => *answer,
            Head::Partial | Head::Broken => panic!("{head}"),
        }
    }

    #[test]
    fn whether_another_request_can_follow_is_read_as_old_and_new_proxies_say_it() {
        for (head, body, keeps) in [
            ("HTTP/1.1 407 x\r\nContent-Length: 12", Body::Length(12), true),
            ("HTTP/1.1 407 x\r\nContent-Length: 12\r\nConnection: Close", Body::Length(12), false),
            ("HTTP/1.1 407 x\r\nContent-Length: 12\r\nProxy-Connection: close", Body::Length(12), false),
            ("HTTP/1.1 407 x\r\nTransfer-Encoding: gzip, chunked", Body::Chunked, true),
            ("HTTP/1.1 407 x", Body::UntilClose, false),
            ("HTTP/1.0 407 x\r\nContent-Length: 0", Body::Length(0), false),
            ("HTTP/1.0 407 x\r\nContent-Length: 0\r\nProxy-Connection: keep-alive", Body::Length(0), true),
            ("HTTP/0.9 407 x\r\nContent-Length: 0", Body::Length(0), false),
            ("HTTP/1.2 407 x\r\nContent-Length: 0", Body::Length(0), true),
            ("HTTP/1.1 407 x\r\nContent-Length: many", Body::UntilClose, false),
            ("HTTP/1.1 407 x\r\nContent-Length: 3\r\nContent-Length: 3", Body::Length(3), true),
            ("HTTP/1.1 407 x\r\nContent-Length: 3\r\nContent-Length: 4", Body::UntilClose, false),
        ] {
            let answer = read_whole(head);
            assert_eq!((answer.body, answer.keeps_connection), (body, keeps), "{head}");
        }
    }

    #[test]
    fn status_lines_are_read_as_browsers_read_them() {
        for (line, read) in [
            ("HTTP/1.1 200 OK", Some((false, 200))),
            ("HTTP/1.1  200", Some((false, 200))),
            ("HTTP/1.1\t407   Login", Some((false, 407))),
            ("HTTP/1.2 200", Some((false, 200))),
            ("HTTP/2 200", Some((true, 200))),
            ("HTTP/3.0 200", Some((false, 200))),
            ("HTTP/1.0 403 No", Some((true, 403))),
            ("http/1.1 200 ok", Some((false, 200))),
            ("\u{1}xHTTP/1.1 200", Some((false, 200))),
            ("HTTP/1.1 200OK", Some((false, 200))),
            ("HTTP/1.1", Some((false, 200))),
            ("HTTP/1.1 Connection established", Some((false, 200))),
            ("HTTP 407 Login", Some((true, 407))),
            ("HTTP", Some((true, 200))),
            ("HTTP/1.1 20", None),
            ("HTTP/1.1 99999 x", None),
            ("before HTTP/1.1 200", None),
            ("HTTPS is needed", None),
            ("SSH-2.0-x", None),
            ("", None),
        ] {
            assert_eq!(status_line(line.as_bytes()), read, "{line}");
        }
    }

    #[test]
    fn no_number_of_headers_is_too_large() {
        let head = format!("HTTP/1.1 200 OK\r\n{}Via: last", "X-Policy: yes\r\n".repeat(5_000));
        assert_eq!(read_whole(&head).seen.via.as_deref(), Some("last"));
    }

    #[test]
    fn every_challenge_is_named() {
        let many = "A, B, C, D, E, F, G, H, I, J";
        let head = format!("HTTP/1.1 407 x\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: {many}");
        let answer = read_whole(&head);
        assert_eq!(answer.seen.schemes.len(), SCHEMES_MAX);
        assert_eq!((answer.seen.schemes[0].as_str(), answer.challenges.len()), ("NTLM", 11));
    }
}
