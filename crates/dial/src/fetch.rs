//! Fetching a small file, such as a proxy configuration, without a proxy.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use convene_model::Secret;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1::Builder;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::dialer::Dialer;
use crate::http_connect::{USER_AGENT, authority_of};
use crate::proxy_list::parse_login;
use crate::tls::Wire;

/// How long all of it may take, redirects included: as long as Chromium waits for a script.
const FETCH_MAX: Duration = Duration::from_secs(300);
/// How long a server may be silent, before its answer and within it: slow ones think for seconds,
/// and one that is silent for longer is dead. A fetch that progresses is not cut.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// Places that one address may send to, one after the other: a change of scheme, of host and of
/// path each, and some more.
const REDIRECTS_MAX: usize = 5;
/// Bytes of an answer's head, as of a proxy's.
const HEAD_BYTES_MAX: usize = 256 * 1024;
/// Headers of an answer: as many as boxes on the way add, many times over.
const HEADERS_MAX: usize = 1_024;
/// Whatever a file is.
const ANY_KIND: &str = "*/*";

/// Why a file was not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It is no `http://` or `https://` address.
    #[error("the address is none of http or https")]
    Address,
    /// Nobody answers there, not in time, or not in HTTP.
    #[error("nothing answers at the address")]
    Unreachable,
    /// The answer has another status than 200.
    #[error("the answer's status is {0}")]
    Status(u16),
    /// The file is longer than wanted, or was cut.
    #[error("the file is longer than wanted, or was cut")]
    Cut,
    /// The file is of another kind than wanted.
    #[error("the file is of another kind than wanted")]
    Kind,
}

/// Where a file lies.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    secured: bool,
    host: String,
    port: u16,
    path: String,
    /// The field `Authorization` (RFC 7617), where the address holds a login.
    authorization: Option<Secret>,
}

impl Dialer {
    /// Fetches a file of at most so many bytes, straight, as long as it progresses, and in at most
    /// 5 minutes. For `https` the system decides whom to trust. A login in the address is shown to
    /// that host alone. Only with `allow_local` this machine or its link is asked, at the address
    /// or wherever it sends to. Cancel safe.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn fetch(&self, url: &str, bytes_max: usize, allow_local: bool) -> Result<Vec<u8>, FetchError> {
        self.fetch_any(url, ANY_KIND, bytes_max, allow_local).await
    }

    /// Likewise, but only a file of this media type, and not from this machine or its link.
    pub(crate) async fn fetch_kind(
        &self,
        url: &str,
        kind: &str,
        bytes_max: usize,
    ) -> Result<Vec<u8>, FetchError> {
        self.fetch_any(url, kind, bytes_max, false).await
    }

    async fn fetch_any(
        &self,
        url: &str,
        kind: &str,
        bytes_max: usize,
        allow_local: bool,
    ) -> Result<Vec<u8>, FetchError> {
        let fetched = timeout(FETCH_MAX, async {
            let mut address = Address::parse(url).ok_or(FetchError::Address)?;
            for _ in 0..=REDIRECTS_MAX {
                match self.fetch_once(&address, kind, bytes_max, allow_local).await? {
                    Fetched::File(file) => return Ok(file),
                    Fetched::Elsewhere(next) => address = next,
                }
            }
            Err(FetchError::Unreachable)
        });
        fetched.await.unwrap_or(Err(FetchError::Unreachable))
    }

    async fn fetch_once(
        &self,
        address: &Address,
        kind: &str,
        bytes_max: usize,
        allow_local: bool,
    ) -> Result<Fetched, FetchError> {
        let to = (address.host.as_str(), address.port);
        let wire = self.dial_plainly(to, address.secured, allow_local).await;
        let wire: Wire = wire.map_err(|_| FetchError::Unreachable)?;
        let mut builder = Builder::new();
        builder.max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
        builder.allow_spaces_after_header_name_in_responses(true);
        builder.allow_obsolete_multiline_headers_in_responses(true).ignore_invalid_headers_in_responses(true);
        let handshake = builder.handshake(TokioIo::new(wire)).await;
        let (mut requests, connection) = handshake.map_err(|_| FetchError::Unreachable)?;
        let mut driver = JoinSet::new();
        driver.spawn(async move { drop(connection.await) });
        let mut request = Request::builder()
            .uri(&address.path)
            .header(header::HOST, address.authority())
            .header(header::ACCEPT, kind)
            .header(header::USER_AGENT, USER_AGENT)
            .body(Empty::<Bytes>::new())
            .map_err(|_| FetchError::Address)?;
        if let Some(authorization) = &address.authorization {
            let mut value = HeaderValue::from_str(authorization.reveal()).map_err(|_| FetchError::Address)?;
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        let answer = progress(requests.send_request(request)).await?.map_err(|_| FetchError::Unreachable)?;
        let (head, body) = answer.into_parts();
        if head.status.is_redirection() {
            let next = head.headers.get(header::LOCATION).map(|next| escaped(next.as_bytes()));
            let next = next.and_then(|next| address.follow(&next));
            return next.map(Fetched::Elsewhere).ok_or(FetchError::Status(head.status.as_u16()));
        }
        if head.status != StatusCode::OK {
            return Err(FetchError::Status(head.status.as_u16()));
        }
        if kind != ANY_KIND && !is_of_kind(&head.headers, kind) {
            return Err(FetchError::Kind);
        }
        let (mut body, mut file) = (Limited::new(body, bytes_max), Vec::new());
        while let Some(frame) = progress(body.frame()).await? {
            let frame = frame.map_err(|_| FetchError::Cut)?;
            file.extend(frame.into_data().unwrap_or_default());
        }
        Ok(Fetched::File(file))
    }
}

/// One step of a fetch, for which the server may be silent no longer than that.
async fn progress<T>(step: impl Future<Output = T>) -> Result<T, FetchError> {
    timeout(SILENCE_MAX, step).await.map_err(|_| FetchError::Unreachable)
}

/// Whether the answer says that it is of this media type (RFC 9110, section 8.3).
fn is_of_kind(headers: &HeaderMap, kind: &str) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|said| said.to_str().ok()).unwrap_or_default();
    said.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(kind)
}

/// Whether this is an `https` address that could be asked for, without a login: one that a network
/// gives could seem to lead elsewhere by that.
pub(crate) fn is_secured(url: &str) -> bool {
    Address::parse(url).is_some_and(|address| address.secured && address.authorization.is_none())
}

enum Fetched {
    File(Vec<u8>),
    Elsewhere(Address),
}

impl Address {
    fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let secured = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let rest = rest.split('#').next().unwrap_or(rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let (authorization, authority) = match authority.rsplit_once('@') {
            Some((login, authority)) => (Some(basic(login)?), authority),
            None => (None, authority),
        };
        let usual = if secured { 443 } else { 80 };
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                (host, port.strip_prefix(':'))
            }
            None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
        };
        let port = port.map_or(Some(usual), |port| port.parse().ok().filter(|port| *port > 0))?;
        let is_path = |byte: u8| byte.is_ascii_graphic();
        authority_of(host).filter(|_| path.bytes().all(is_path))?;
        Some(Self { secured, host: host.to_ascii_lowercase(), port, path, authorization })
    }

    /// Where a redirect leads (RFC 3986, section 5.2.2); never from a secured place to one that is
    /// not.
    fn follow(&self, location: &str) -> Option<Self> {
        let location = location.split('#').next().unwrap_or(location);
        let own_path = self.path.split('?').next().unwrap_or_default();
        let next = if has_scheme(location) {
            Self::parse(location)?
        } else if location.starts_with("//") {
            let scheme = if self.secured { "https" } else { "http" };
            Self::parse(&format!("{scheme}:{location}"))?
        } else {
            let path = match location.chars().next() {
                None => self.path.clone(),
                Some('?') => format!("{own_path}{location}"),
                Some('/') => location.to_owned(),
                Some(_) => {
                    let folder = own_path.rsplit_once('/').map_or("", |(folder, _)| folder);
                    format!("{folder}/{location}")
                }
            };
            Self { path, ..self.clone() }
        };
        let is_same_host = (next.secured, &next.host, next.port) == (self.secured, &self.host, self.port);
        let known = self.authorization.clone().filter(|_| is_same_host);
        let authorization = next.authorization.or(known);
        let next = Self { path: without_dots(&next.path), authorization, ..next };
        (next.secured || !self.secured).then_some(next)
    }

    fn authority(&self) -> String {
        let host = authority_of(&self.host).unwrap_or_default();
        let is_usual = self.port == if self.secured { 443 } else { 80 };
        if is_usual { host } else { format!("{host}:{}", self.port) }
    }
}

/// Whether a reference begins with a scheme (RFC 3986, section 3.1).
fn has_scheme(reference: &str) -> bool {
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_of_scheme)
    })
}

/// A path, whose query stays as it is, without `.` and `..` (RFC 3986, section 5.2.4).
fn without_dots(path: &str) -> String {
    let end = path.find('?').unwrap_or(path.len());
    let (path, query) = path.split_at_checked(end).unwrap_or((path, ""));
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.trim_start_matches('/').split('/') {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    // A path that ends in dots is a folder.
    if matches!(path.rsplit('/').next(), Some("." | "..")) {
        kept.push("");
    }
    format!("/{}{query}", kept.join("/"))
}

/// The text of a header in which an address stands, with everything escaped that no address may
/// hold.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.trim_ascii() {
        if byte.is_ascii_graphic() {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The value of the field that shows this login, as it stands in an address.
fn basic(login: &str) -> Option<Secret> {
    let login = parse_login(login).ok()?;
    let plain = Secret::new(format!("{}:{}", login.user, login.password.reveal()));
    Some(Secret::new(format!("Basic {}", STANDARD.encode(plain.reveal()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_for_its_host_alone_and_not_shown() {
        let address = Address::parse("http://anna:p%40s@s@a.test/proxy.pac").unwrap();
        assert_eq!((address.authority(), &*address.path), ("a.test".to_owned(), "/proxy.pac"));
        assert_eq!(address.authorization.as_ref().map(Secret::reveal), Some("Basic YW5uYTpwQHNAcw=="));
        for there in ["/other.pac", "http://A.test/other.pac"] {
            assert!(address.follow(there).is_some_and(|next| next.authorization.is_some()), "{there}");
        }
        assert!(address.follow("http://b.test/").is_some_and(|next| next.authorization.is_none()));
        assert!(!format!("{address:?}").contains("YW5uYT"));
        assert!(!is_secured("https://a.test@b.test/"));
    }

    #[test]
    fn addresses_are_read_and_foreign_ones_refused() {
        let read = |url| Address::parse(url).map(|it| (it.secured, it.authority(), it.path));
        let of =
            |secured, authority: &str, path: &str| Some((secured, authority.to_owned(), path.to_owned()));
        assert_eq!(read("http://Proxy.test/proxy.pac"), of(false, "proxy.test", "/proxy.pac"));
        assert_eq!(read("https://proxy.test:8443?x#y"), of(true, "proxy.test:8443", "/?x"));
        assert_eq!(read("http://[2001:db8::1]:80/a"), of(false, "[2001:db8::1]", "/a"));
        for foreign in [
            "",
            "ftp://a/b",
            "file:///etc/passwd",
            "http://",
            "http://a b/",
            "http://a/\r\nX: y",
            "http://u:p/q@a/",
        ] {
            assert_eq!(read(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn redirects_lead_on_but_not_out_of_tls() {
        let from = Address::parse("https://a.test/x").unwrap();
        let next = |location| from.follow(location).map(|next| format!("{}{}", next.authority(), next.path));
        assert_eq!(next("/y").as_deref(), Some("a.test/y"));
        assert_eq!(next("https://b.test/z").as_deref(), Some("b.test/z"));
        assert_eq!(next("//b.test/z").as_deref(), Some("b.test/z"));
        assert_eq!(next("http://b.test/z"), None);
        assert_eq!(next("ftp://b.test/z"), None);
        assert_eq!(next("mailto:b"), None);
    }

    /// Those of RFC 3986, section 5.4, that lead to HTTP.
    #[test]
    fn references_are_resolved() {
        let from = Address::parse("http://a/b/c/d;p?q").unwrap();
        for (reference, path) in [
            ("g", "/b/c/g"),
            ("./g", "/b/c/g"),
            ("g/", "/b/c/g/"),
            ("/g", "/g"),
            ("?y", "/b/c/d;p?y"),
            ("g?y", "/b/c/g?y"),
            ("#s", "/b/c/d;p?q"),
            ("g#s", "/b/c/g"),
            ("g?y#s", "/b/c/g?y"),
            (";x", "/b/c/;x"),
            ("g;x", "/b/c/g;x"),
            ("", "/b/c/d;p?q"),
            (".", "/b/c/"),
            ("./", "/b/c/"),
            ("..", "/b/"),
            ("../", "/b/"),
            ("../g", "/b/g"),
            ("../..", "/"),
            ("../../g", "/g"),
            ("../../../g", "/g"),
            ("/./g", "/g"),
            ("/../g", "/g"),
            ("g.", "/b/c/g."),
            ("..g", "/b/c/..g"),
            ("./g/.", "/b/c/g/"),
            ("g/../h", "/b/c/h"),
            ("g;x=1/../y", "/b/c/y"),
            ("g?y/../x", "/b/c/g?y/../x"),
            ("g?at=http://b/", "/b/c/g?at=http://b/"),
        ] {
            let next = from.follow(reference).unwrap();
            assert_eq!((&*next.host, &*next.path), ("a", path), "{reference}");
        }
        assert_eq!(escaped(b" a file\xe9.pac "), "a%20file%E9.pac");
    }
}
