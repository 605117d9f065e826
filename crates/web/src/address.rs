//! The address at which the page is served, and what a request must say of it.

use std::net::SocketAddr;

use hyper::Request;
use hyper::header::{self, HeaderMap, HeaderName};

/// The bridge's own address. No other name of it is known: one that leads here may be another
/// page's (DNS rebinding).
#[derive(Debug, Clone)]
pub(crate) struct Address {
    socket: SocketAddr,
    /// As `Host` names it.
    host: String,
    /// As `Origin` names it.
    origin: String,
}

impl Address {
    /// Where the bridge listens.
    pub(crate) fn new(socket: SocketAddr) -> Self {
        Self { socket, host: socket.to_string(), origin: format!("http://{socket}") }
    }

    pub(crate) fn socket(&self) -> SocketAddr {
        self.socket
    }

    /// The origin of the page.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The origin of its WebSockets.
    pub(crate) fn websocket_origin(&self) -> String {
        format!("ws://{}", self.host)
    }

    /// Whether a request is meant for this address, and no other page had it sent.
    pub(crate) fn is_meant<B>(&self, request: &Request<B>) -> bool {
        let headers = request.headers();
        request.uri().authority().is_none()
            && only(headers, header::HOST) == Some(self.host.as_str())
            && (self.is_from_page(request) || !headers.contains_key(header::ORIGIN))
    }

    /// Whether the page itself had a request sent. Browsers say so of all that changes something,
    /// and of WebSockets.
    pub(crate) fn is_from_page<B>(&self, request: &Request<B>) -> bool {
        only(request.headers(), header::ORIGIN) == Some(self.origin.as_str())
    }
}

/// The value of a header that stands there once.
pub(crate) fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        Address::new("127.0.0.1:4711".parse().unwrap())
    }

    fn request(uri: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn only_this_very_address_is_meant() {
        assert!(address().is_meant(&request("/", &[("host", "127.0.0.1:4711")])));
        for host in ["localhost:4711", "127.0.0.1", "127.0.0.1:80", "evil.test:4711", "127.0.0.1:4711."] {
            assert!(!address().is_meant(&request("/", &[("host", host)])), "{host}");
        }
        assert!(!address().is_meant(&request("/", &[])));
        let twice = [("host", "127.0.0.1:4711"), ("host", "127.0.0.1:4711")];
        assert!(!address().is_meant(&request("/", &twice)));
        let absolute = request("http://127.0.0.1:4711/", &[("host", "127.0.0.1:4711")]);
        assert!(!address().is_meant(&absolute));
    }

    #[test]
    fn another_page_is_known_by_its_origin() {
        let from = |origin: &str| request("/", &[("host", "127.0.0.1:4711"), ("origin", origin)]);
        assert!(address().is_meant(&from("http://127.0.0.1:4711")));
        assert!(address().is_from_page(&from("http://127.0.0.1:4711")));
        for origin in ["http://127.0.0.1:4712", "https://127.0.0.1:4711", "http://localhost:4711", "null", ""]
        {
            assert!(!address().is_meant(&from(origin)) && !address().is_from_page(&from(origin)), "{origin}");
        }
        let silent = request("/", &[("host", "127.0.0.1:4711")]);
        assert!(!address().is_from_page(&silent), "one that says nothing is not the page");
    }
}
