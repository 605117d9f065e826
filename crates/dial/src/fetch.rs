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
use crate::http_connect::authority_of;
use crate::proxy_list::parse_login;
use crate::tls::Wire;

/// How long all of it may take: who waits for it waits for a race.
const FETCH_MAX: Duration = Duration::from_secs(5);
/// Places that one address may send to.
const REDIRECTS_MAX: usize = 3;
/// Bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
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
    /// Fetches a file of at most so many bytes, straight, in at most 5 s. For `https` the system
    /// decides whom to trust. A login in the address is shown to that host alone. Cancel safe.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn fetch(&self, url: &str, bytes_max: usize) -> Result<Vec<u8>, FetchError> {
        self.fetch_kind(url, ANY_KIND, bytes_max).await
    }

    /// Likewise, but only a file of this media type.
    pub(crate) async fn fetch_kind(
        &self,
        url: &str,
        kind: &str,
        bytes_max: usize,
    ) -> Result<Vec<u8>, FetchError> {
        let fetched = timeout(FETCH_MAX, async {
            let mut address = Address::parse(url).ok_or(FetchError::Address)?;
            for _ in 0..=REDIRECTS_MAX {
                match self.fetch_once(&address, kind, bytes_max).await? {
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
    ) -> Result<Fetched, FetchError> {
        let wire = self.dial_plainly(&address.host, address.port, address.secured).await;
        let wire: Wire = wire.map_err(|_| FetchError::Unreachable)?;
        let handshake = Builder::new().max_buf_size(HEAD_BYTES_MAX).handshake(TokioIo::new(wire)).await;
        let (mut requests, connection) = handshake.map_err(|_| FetchError::Unreachable)?;
        let mut driver = JoinSet::new();
        driver.spawn(async move { drop(connection.await) });
        let mut request = Request::builder()
            .uri(&address.path)
            .header(header::HOST, address.authority())
            .header(header::ACCEPT, kind)
            .body(Empty::<Bytes>::new())
            .map_err(|_| FetchError::Address)?;
        if let Some(authorization) = &address.authorization {
            let mut value = HeaderValue::from_str(authorization.reveal()).map_err(|_| FetchError::Address)?;
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        let answer = requests.send_request(request).await.map_err(|_| FetchError::Unreachable)?;
        let (head, body) = answer.into_parts();
        if head.status.is_redirection() {
            let next = head.headers.get(header::LOCATION).and_then(|next| next.to_str().ok());
            let next = next.and_then(|next| address.follow(next));
            return next.map(Fetched::Elsewhere).ok_or(FetchError::Status(head.status.as_u16()));
        }
        if head.status != StatusCode::OK {
            return Err(FetchError::Status(head.status.as_u16()));
        }
        if kind != ANY_KIND && !is_of_kind(&head.headers, kind) {
            return Err(FetchError::Kind);
        }
        let body = Limited::new(body, bytes_max).collect().await.map_err(|_| FetchError::Cut)?;
        Ok(Fetched::File(body.to_bytes().to_vec()))
    }
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

    /// Where a redirect leads; never from a secured place to one that is not.
    fn follow(&self, location: &str) -> Option<Self> {
        let next = if location.starts_with('/') && !location.starts_with("//") {
            Self { path: location.to_owned(), ..self.clone() }
        } else {
            Self::parse(location)?
        };
        (next.secured || !self.secured).then_some(next)
    }

    fn authority(&self) -> String {
        let host = authority_of(&self.host).unwrap_or_default();
        let is_usual = self.port == if self.secured { 443 } else { 80 };
        if is_usual { host } else { format!("{host}:{}", self.port) }
    }
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
        assert!(address.follow("/other.pac").is_some_and(|next| next.authorization.is_some()));
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
        assert_eq!(next("http://b.test/z"), None);
        assert_eq!(next("//b.test/z"), None);
    }
}
