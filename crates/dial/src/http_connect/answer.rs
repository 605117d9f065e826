//! Reading the head of a proxy's answer (RFC 9112), as leniently as proxies write it.

use httparse::{EMPTY_HEADER, Header, ParserConfig, Response, Status};

use crate::failure::{HttpAnswer, shown};

/// Headers of one answer: long policies and cookies stay far below.
const HEADERS_MAX: usize = 128;
/// Ways to log in that are told by name.
const SCHEMES_MAX: usize = 8;

/// What was read of a head.
#[derive(Debug)]
pub(super) enum Head {
    /// More must be read.
    Partial,
    Whole(HttpAnswer),
    /// It is not the head of an HTTP answer.
    Broken,
}

pub(super) fn read(bytes: &[u8]) -> Head {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut response = Response::new(&mut headers);
    let parsed = ParserConfig::default()
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .parse_response(&mut response, bytes);
    match (parsed, response.code) {
        (Ok(Status::Complete(_)), Some(status)) => Head::Whole(HttpAnswer {
            status,
            server: value(response.headers, "server"),
            via: value(response.headers, "via"),
            agent: value(response.headers, "proxy-agent"),
            schemes: schemes(response.headers),
        }),
        (Ok(Status::Partial), _) => Head::Partial,
        (Ok(Status::Complete(_)), None) | (Err(_), _) => Head::Broken,
    }
}

fn value(headers: &[Header<'_>], name: &str) -> Option<String> {
    let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    Some(shown(&String::from_utf8_lossy(header.value)))
}

/// The names of all challenges in all `Proxy-Authenticate` headers (RFC 9110, section 11.7.1).
fn schemes(headers: &[Header<'_>]) -> Vec<String> {
    let mut schemes = Vec::new();
    for header in headers.iter().filter(|header| header.name.eq_ignore_ascii_case("proxy-authenticate")) {
        for part in unquoted_parts(&String::from_utf8_lossy(header.value)) {
            let (word, rest) = part.split_once(' ').unwrap_or((&part, ""));
            let is_parameter = word.contains('=') || rest.trim_start().starts_with('=');
            if !word.is_empty() && !is_parameter && schemes.len() < SCHEMES_MAX {
                schemes.push(shown(word));
            }
        }
    }
    schemes
}

/// The parts between commas, quoted strings left out.
fn unquoted_parts(value: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted, mut escaped) = (Vec::new(), String::new(), false, false);
    for c in value.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            ',' => parts.push(std::mem::take(&mut part).trim().to_owned()),
            _ => part.push(c),
        }
    }
    parts.push(part.trim().to_owned());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemes_of(values: &[&'static str]) -> Vec<String> {
        let headers: Vec<_> = values
            .iter()
            .map(|value| Header { name: "Proxy-Authenticate", value: value.as_bytes() })
            .collect();
        schemes(&headers)
    }

    #[test]
    fn every_challenge_is_named() {
        let values = [
            "Negotiate",
            "NTLM TlRMTVNTUAAC==",
            "Digest realm=\"a, Basic b\", qop=\"auth\", nonce = \"x\", Basic realm=\"\\\"y\"",
        ];
        assert_eq!(schemes_of(&values), ["Negotiate", "NTLM", "Digest", "Basic"]);
        assert!(schemes_of(&[""]).is_empty());
        assert_eq!(schemes_of(&["A, B, C, D, E, F, G, H, I, J"]).len(), SCHEMES_MAX);
    }
}
