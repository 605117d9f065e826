//! Reading challenges as leniently as proxies write them (RFC 9110, section 11).

/// Challenges of one answer: proxies offer three or four.
const CHALLENGES_MAX: usize = 16;
/// Parameters of one challenge: Digest has nine.
const PARAMETERS_MAX: usize = 32;
/// Bytes of one token or value: an NTLM challenge with a long list of names takes three thousand.
const VALUE_BYTES_MAX: usize = 16 * 1024;

/// One way to log in that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Its scheme, as the proxy wrote it.
    pub name: String,
    /// Its scheme in lower case.
    pub scheme: String,
    /// The text that follows the scheme in one piece (`token68`), as NTLM and Negotiate have it.
    pub token: Option<String>,
    parameters: Vec<(String, Vec<u8>)>,
}

impl Challenge {
    /// The value of a parameter, whatever the case of its name; unquoted. It need not be UTF-8.
    pub(crate) fn parameter(&self, name: &str) -> Option<&[u8]> {
        let found = self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_slice())
    }

    /// A parameter that is one word.
    pub(crate) fn word(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.parameter(name)?).ok()
    }
}

/// All challenges of all headers, in their order; what makes no sense is passed over.
pub fn challenges<H: AsRef<[u8]>>(headers: impl IntoIterator<Item = H>) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    for header in headers {
        // A parameter belongs to the last scheme of its own header.
        let begin = found.len();
        for part in parts(header.as_ref()) {
            read_part(part, &mut found, begin);
        }
    }
    found.truncate(CHALLENGES_MAX);
    found
}

/// One part between commas: a scheme, a scheme with what belongs to it, or a parameter of the
/// scheme before.
fn read_part(part: &[u8], found: &mut Vec<Challenge>, begin: usize) {
    if part.is_empty() || found.len() > CHALLENGES_MAX {
        return;
    }
    if let Some(parameter) = parameter(part) {
        if let Some(last) = found.get_mut(begin..).and_then(<[_]>::last_mut)
            && last.parameters.len() < PARAMETERS_MAX
        {
            last.parameters.push(parameter);
        }
        return;
    }
    let end = part.iter().position(u8::is_ascii_whitespace).unwrap_or(part.len());
    let (scheme, rest) = part.split_at_checked(end).unwrap_or((part, &[]));
    let Some(scheme) = word(scheme) else { return };
    let rest = rest.trim_ascii();
    // Only a token ends in `=`; a parameter has its value behind it.
    let first = if rest.ends_with(b"=") { None } else { parameter(rest) };
    let token = first.is_none().then(|| token(rest)).flatten();
    found.push(Challenge {
        name: scheme.to_owned(),
        scheme: scheme.to_ascii_lowercase(),
        token,
        parameters: first.into_iter().collect(),
    });
}

/// `name=value` or `name="value"`, with spaces around the sign.
fn parameter(part: &[u8]) -> Option<(String, Vec<u8>)> {
    let at = part.iter().position(|byte| *byte == b'=')?;
    let (name, value) = part.split_at_checked(at)?;
    let name = word(name.trim_ascii())?;
    let value = value.get(1..)?.trim_ascii();
    (value.len() <= VALUE_BYTES_MAX).then(|| (name.to_owned(), unquoted(value)))
}

fn unquoted(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value.strip_prefix(b"\"") else { return value.to_vec() };
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    let mut plain = Vec::with_capacity(inner.len());
    let mut escaped = false;
    for &byte in inner {
        if byte == b'\\' && !escaped {
            escaped = true;
        } else {
            escaped = false;
            plain.push(byte);
        }
    }
    plain
}

fn token(bytes: &[u8]) -> Option<String> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let fits = !bytes.is_empty() && bytes.len() <= VALUE_BYTES_MAX && bytes.iter().all(is_token);
    fits.then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// A token of HTTP (RFC 9110, section 5.6.2).
fn word(bytes: &[u8]) -> Option<&str> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    (!bytes.is_empty() && bytes.iter().all(is_word)).then(|| std::str::from_utf8(bytes).ok()).flatten()
}

/// The parts between commas that stand outside of quotes.
fn parts(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    let split = move |byte: &u8| {
        match *byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return true,
            _ => {}
        }
        false
    };
    header.split(split).map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(headers: &[&'static str]) -> Vec<Challenge> {
        challenges(headers.iter().map(|header| header.as_bytes()))
    }

    fn schemes(headers: &[&'static str]) -> Vec<String> {
        read(headers).into_iter().map(|challenge| challenge.scheme).collect()
    }

    #[test]
    fn every_challenge_is_found_in_one_header_or_many() {
        let headers = [
            "Negotiate",
            "NTLM TlRMTVNTUAACAAAAAAAAADgAAAA=",
            "Digest realm=\"a, Basic b\", qop=\"auth,auth-int\", nonce = \"x\", Basic realm=\"\\\"y\\\\\"",
        ];
        let found = read(&headers);
        assert_eq!(
            found.iter().map(|one| one.scheme.as_str()).collect::<Vec<_>>(),
            ["negotiate", "ntlm", "digest", "basic"]
        );
        assert_eq!(found[0].token, None);
        assert_eq!(found[1].token.as_deref(), Some("TlRMTVNTUAACAAAAAAAAADgAAAA="));
        assert_eq!(found[2].parameter("REALM"), Some(&b"a, Basic b"[..]));
        assert_eq!((found[2].word("qop"), found[2].word("nonce")), (Some("auth,auth-int"), Some("x")));
        assert_eq!(found[3].word("realm"), Some("\"y\\"));
    }

    #[test]
    fn a_short_token_with_padding_is_a_token() {
        for token in ["TlRM", "TlRMTQ==", "TlRMTQA="] {
            let found = challenges([format!("Negotiate {token}, NTLM")]);
            assert_eq!(found[0].token.as_deref(), Some(token));
            assert_eq!(found.len(), 2);
        }
    }

    #[test]
    fn what_makes_no_sense_is_passed_over() {
        assert_eq!(schemes(&["", ", ,", "realm=\"x\""]), Vec::<String>::new());
        assert_eq!(schemes(&["DIGEST  Realm=x,nonce=y", "ntlm"]), ["digest", "ntlm"]);
        assert_eq!(schemes(&["Basic realm=\"never closed, NTLM"]), ["basic"]);
        assert_eq!(
            schemes(&["Basic realm=x", "nonce=y, NTLM"]),
            ["basic", "ntlm"],
            "a parameter without a scheme"
        );
        let latin = challenges([&b"Digest realm=\"caf\xe9\""[..]]);
        assert_eq!(latin[0].parameter("realm"), Some(&b"caf\xe9"[..]));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_grow(headers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..40)) {
            let found = challenges(headers.iter().map(Vec::as_slice));
            prop_assert!(found.len() <= CHALLENGES_MAX);
        }
    }
}
