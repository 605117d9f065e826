//! Reading the head of an HTTP answer (RFC 9112), as leniently as proxies write it.

use convene_proxy_auth::{Challenge, challenges};
use httparse::{EMPTY_HEADER, Header, ParserConfig, Response, Status};

use crate::failure::{HttpAnswer, shown};

/// Headers of one answer: long policies and cookies stay far below.
const HEADERS_MAX: usize = 128;
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

pub(crate) fn read(bytes: &[u8]) -> Head {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut response = Response::new(&mut headers);
    let parsed = ParserConfig::default()
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .parse_response(&mut response, bytes);
    match (parsed, response.code) {
        (Ok(Status::Complete(_)), Some(status)) => {
            Head::Whole(Box::new(answer(status, response.version, response.headers)))
        }
        (Ok(Status::Partial), _) => Head::Partial,
        (Ok(Status::Complete(_)), None) | (Err(_), _) => Head::Broken,
    }
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

fn answer(status: u16, version: Option<u8>, headers: &[Header<'_>]) -> Answer {
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
    let keeps = !told("close") && (version != Some(0) || told("keep-alive"));
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
            ("HTTP/1.1 407 x\r\nContent-Length: many", Body::UntilClose, false),
            ("HTTP/1.1 407 x\r\nContent-Length: 3\r\nContent-Length: 3", Body::Length(3), true),
            ("HTTP/1.1 407 x\r\nContent-Length: 3\r\nContent-Length: 4", Body::UntilClose, false),
        ] {
            let answer = read_whole(head);
            assert_eq!((answer.body, answer.keeps_connection), (body, keeps), "{head}");
        }
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
