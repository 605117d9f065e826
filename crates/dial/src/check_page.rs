//! Asking for the server's plain page, and recognising a network's login page that answers in its
//! place.

use std::time::Duration;

use convene_model::{CHECK_BODY, CHECK_PATH, Code, Evidence, Stage, Timestamp};
use httparse::{EMPTY_HEADER, Response, Status};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::failure::{DialError, shown};
use crate::http_connect::authority_of;
use crate::progress::Progress;
use crate::tcp::{self, End, Names};

/// How long everything about one question may take: a login page answers from the next room.
const LIMIT: Duration = Duration::from_secs(3);
/// Bytes of an answer that are read: what matters stands at its beginning.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;
/// Headers of one answer.
const HEADERS_MAX: usize = 64;
/// The status that a login page should have (RFC 6585, section 6).
const LOGIN_REQUIRED: u16 = 511;

/// The answer at the address of the server's plain page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckAnswer {
    /// The server's own page.
    Own {
        /// The server's clock, where the answer tells it.
        date: Option<Timestamp>,
    },
    /// A network's login page.
    Portal {
        /// The evidence that it shows of itself: where to log in stands in [`Evidence::page`].
        seen: Evidence,
        /// Its clock, where the answer tells it.
        date: Option<Timestamp>,
    },
    /// Nothing, or something that says nothing about login pages: not every server has the page.
    Other {
        /// The clock of whoever answered, where the answer tells it.
        date: Option<Timestamp>,
    },
}

/// Asks for the page. Never waits longer than 3 s. Cancel safe.
pub(crate) async fn ask(end: &End<'_>, names: &Names) -> CheckAnswer {
    let answer = timeout(LIMIT, fetch(end, names)).await;
    match answer.unwrap_or_else(|_| Err(DialError::new(Stage::Http, Code::TimedOut))) {
        Ok(answer) => read(&answer, end.host),
        Err(_) => CheckAnswer::Other { date: None },
    }
}

async fn fetch(end: &End<'_>, names: &Names) -> Result<Vec<u8>, DialError> {
    let broken = |_| DialError::new(Stage::Http, Code::Reset);
    let host = authority_of(end.host).ok_or_else(|| DialError::new(Stage::Dns, Code::NameNotFound))?;
    let mut stream = tcp::connect(end, names, &mut Progress::new(None)).await?;
    let request = format!(
        "GET {CHECK_PATH} HTTP/1.1\r\nHost: {host}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    let mut answer = Vec::new();
    // An answer whose end is cut off has said enough.
    drop(stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await);
    Ok(answer)
}

fn read(answer: &[u8], host: &str) -> CheckAnswer {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut response = Response::new(&mut headers);
    let (Ok(Status::Complete(head)), Some(status)) = (response.parse(answer), response.code) else {
        return CheckAnswer::Other { date: None };
    };
    let body = answer.get(head..).unwrap_or_default();
    let value = |name: &str| {
        let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    let date = value("date").and_then(read_date);
    let page = match status {
        200 if contains(body, CHECK_BODY.as_bytes()) => return CheckAnswer::Own { date },
        300..=399 => value("location").filter(|location| leads_elsewhere(location, host)).map(shown),
        200 if contains(&body.to_ascii_lowercase(), b"<html") => Some(format!("http://{host}/")),
        LOGIN_REQUIRED => Some(format!("http://{host}/")),
        _ => None,
    };
    match page {
        Some(page) => {
            let name = value("server").map(shown);
            let seen = Evidence { name, status: Some(status), page: Some(page), ..Evidence::default() };
            CheckAnswer::Portal { seen, date }
        }
        None => CheckAnswer::Other { date },
    }
}

/// Whether a redirection leads to another host: a server that has no such page may well send
/// everybody to its own HTTPS.
fn leads_elsewhere(location: &str, host: &str) -> bool {
    let lower = location.to_ascii_lowercase();
    let rest = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://"));
    let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    authority.is_some_and(|authority| {
        let named = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let named = match named.rsplit_once(':') {
            Some((named, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => named,
            _ => named,
        };
        !named.trim_matches(['[', ']']).eq_ignore_ascii_case(host)
    })
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The moment that a header `Date` tells (RFC 9110, section 5.6.7).
pub(crate) fn read_date(text: &str) -> Option<Timestamp> {
    let moment = httpdate::parse_http_date(text.trim()).ok()?;
    let since = moment.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "conference.test";

    fn page_of(answer: &str) -> Option<String> {
        match read(answer.as_bytes(), HOST) {
            CheckAnswer::Portal { seen, .. } => seen.page,
            CheckAnswer::Own { .. } | CheckAnswer::Other { .. } => None,
        }
    }

    #[test]
    fn the_servers_own_page_tells_its_clock() {
        let answer = format!(
            "HTTP/1.1 200 OK\r\nDate: Fri, 27 Nov 2026 09:00:00 GMT\r\nContent-Length: 21\r\n\r\n{CHECK_BODY}"
        );
        let CheckAnswer::Own { date: Some(date) } = read(answer.as_bytes(), HOST) else { panic!("{answer}") };
        assert_eq!(date.to_string(), "2026-11-27T09:00:00.000Z");
    }

    #[test]
    fn a_login_page_is_recognised_in_every_form() {
        for (answer, page) in [
            (
                "HTTP/1.1 302 Found\r\nLocation: http://login.test/?from=a\r\n\r\n",
                "http://login.test/?from=a",
            ),
            ("HTTP/1.0 307 X\r\nlocation: https://192.0.2.1:8443/\r\n\r\n", "https://192.0.2.1:8443/"),
            (
                "HTTP/1.1 302 X\r\nLocation: http://conference.test@evil.test/\r\n\r\n",
                "http://conference.test@evil.test/",
            ),
            ("HTTP/1.1 511 Network Authentication Required\r\n\r\n", "http://conference.test/"),
            ("HTTP/1.1 200 OK\r\n\r\n<!DOCTYPE html><HTML><title>Welcome</title>", "http://conference.test/"),
        ] {
            assert_eq!(page_of(answer).as_deref(), Some(page), "{answer}");
        }
    }

    #[test]
    fn what_a_web_server_without_the_page_says_is_no_login_page() {
        for answer in [
            "HTTP/1.1 301 Moved\r\nLocation: https://conference.test/v1/check\r\n\r\n",
            "HTTP/1.1 301 Moved\r\nLocation: https://Conference.Test:8443/v1/check\r\n\r\n",
            "HTTP/1.1 302 Moved\r\nLocation: /login\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\n\r\n<html>",
            "HTTP/1.1 403 Forbidden\r\n\r\n<html>",
            "HTTP/1.1 200 OK\r\n\r\nwelcome",
            "SSH-2.0-OpenSSH\r\n",
            "",
        ] {
            assert_eq!(page_of(answer), None, "{answer}");
        }
    }

    #[test]
    fn a_page_is_shown_inert() {
        let page = page_of("HTTP/1.1 302 X\r\nLocation: http://login.test/\u{202e}x\r\n\r\n");
        assert_eq!(page.as_deref(), Some("http://login.test/?x"));
    }
}
