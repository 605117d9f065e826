//! Join links: `https://HOST[:PORT]/j/CODE[#fp=…,ports=…]`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use url::{Host, ParseError, Url};

use crate::ids::serde_as_text;
use crate::limits::{HOST_BYTES_MAX, JOIN_LINK_BYTES_MAX};

/// The port of a server whose link names none.
const HTTPS_PORT: u16 = 443;
/// Joins the fields of a fragment. A shell takes it as it stands, while the `&` of earlier links,
/// which are read too, cuts a link that nobody has quoted.
const FIELD_SEPARATOR: char = ',';

/// The data with which to reach a server, and to ask there for a conference and a right in it. The
/// link lets its holder in, so `Debug` hides the code; `Display` prints the whole link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinLink {
    /// A DNS name in lower case, an IPv4 address, or an IPv6 address without brackets.
    pub host: String,
    /// The port of the rung `https`.
    pub https_port: u16,
    /// The code, which names the conference and the right that the link gives.
    pub code: JoinCode,
    /// The only key that the server may have; absent where the operating system's trust decides.
    pub fingerprint: Option<Fingerprint>,
    /// The conference ports.
    pub ports: PortRange,
}

/// 128 random bits that name a conference and a right. Anyone who has them is let in: `Debug` does
/// not show them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JoinCode(pub [u8; 16]);

/// The SHA-256 of the subjectPublicKeyInfo (RFC 5280, section 4.1) of a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// A range of ports, both ends included: `4500-4506`, or `4500` for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    first: u16,
    last: u16,
}

/// Why a text is not a join link, or holds none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinLinkError {
    /// There is nothing in it.
    #[error("there is nothing in the text")]
    Empty,
    /// There is no web address in it.
    #[error("there is no web address in the text")]
    NoAddress,
    /// It is longer than any join link.
    #[error("longer than any join link")]
    TooLong,
    /// It does not begin with `https://`.
    #[error("a join link begins with https://")]
    Scheme,
    /// The host is missing or is not a host name or an address.
    #[error("the host is not a host name or an address")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// The path is not `/j/` and a code: some other web page.
    #[error("this is a web address but not a join link: its path is not /j/ and a code")]
    Path,
    /// The code is not 22 characters of base64url.
    #[error("the code is damaged: was the link copied whole?")]
    Code,
    /// The fragment's `fp` is not 43 characters of base64url.
    #[error("the fingerprint is damaged: was the link copied whole?")]
    Fingerprint,
    /// The fragment's `ports` is not a range of ports.
    #[error("the ports are not a range such as 4500-4506")]
    Ports,
}

impl JoinLinkError {
    /// The part of the link that it is about, in a word by which a sentence is found.
    pub const fn part(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NoAddress => "none",
            Self::TooLong => "length",
            Self::Scheme => "scheme",
            Self::Host => "host",
            Self::Port => "port",
            Self::Path => "path",
            Self::Code => "code",
            Self::Fingerprint => "fingerprint",
            Self::Ports => "ports",
        }
    }
}

impl PortRange {
    /// The conference ports of a server whose link names none.
    pub const DEFAULT: Self = Self { first: 4500, last: 4506 };
    /// Ports of one range: more than anyone lists, few enough to open together.
    pub const PORTS_MAX: u16 = 16;

    /// A range of 1 to [`PortRange::PORTS_MAX`] ports, none of them 0; `None` for any other.
    pub fn new(first: u16, last: u16) -> Option<Self> {
        (first > 0 && last >= first && last - first < Self::PORTS_MAX).then_some(Self { first, last })
    }

    /// The lowest port.
    pub fn first(self) -> u16 {
        self.first
    }

    /// The highest port.
    pub fn last(self) -> u16 {
        self.last
    }

    /// The ports, in order.
    pub fn iter(self) -> impl Iterator<Item = u16> {
        self.first..=self.last
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

impl FromStr for PortRange {
    type Err = JoinLinkError;

    fn from_str(text: &str) -> Result<Self, JoinLinkError> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let range = Self::new(parse_port(first)?, parse_port(last)?);
        range.ok_or(JoinLinkError::Ports)
    }
}
serde_as_text!(PortRange);

impl fmt::Debug for JoinCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinCode(…)")
    }
}

impl fmt::Display for JoinCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for JoinCode {
    type Err = JoinLinkError;

    fn from_str(text: &str) -> Result<Self, JoinLinkError> {
        decode(text).map(Self).ok_or(JoinLinkError::Code)
    }
}
serde_as_text!(JoinCode);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = JoinLinkError;

    fn from_str(text: &str) -> Result<Self, JoinLinkError> {
        decode(text).map(Self).ok_or(JoinLinkError::Fingerprint)
    }
}
serde_as_text!(Fingerprint);

impl fmt::Display for JoinLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", bracketed(&self.host))?;
        if self.https_port != HTTPS_PORT {
            write!(f, ":{}", self.https_port)?;
        }
        write!(f, "/j/{}", self.code)?;
        let mut separator = '#';
        if let Some(fingerprint) = self.fingerprint {
            write!(f, "{separator}fp={fingerprint}")?;
            separator = FIELD_SEPARATOR;
        }
        if self.ports != PortRange::DEFAULT {
            write!(f, "{separator}ports={}", self.ports)?;
        }
        Ok(())
    }
}

impl FromStr for JoinLink {
    type Err = JoinLinkError;

    /// Reads an address as a browser does (WHATWG URL, names by UTS 46): what one opens there is
    /// read here, whichever way it is spelled. A user, a password and a query mean nothing.
    fn from_str(text: &str) -> Result<Self, JoinLinkError> {
        if text.len() > JOIN_LINK_BYTES_MAX {
            return Err(JoinLinkError::TooLong);
        }
        let url = Url::parse(text.trim()).map_err(part_of)?;
        // An address without a host is none of a web page.
        let host = own_host(&url.host().ok_or(JoinLinkError::Scheme)?).ok_or(JoinLinkError::Host)?;
        let https_port = url.port().unwrap_or(HTTPS_PORT);
        if https_port == 0 {
            return Err(JoinLinkError::Port);
        }
        let code = url.path().strip_prefix("/j/").ok_or(JoinLinkError::Path)?;
        if url.scheme() != "https" {
            return Err(JoinLinkError::Scheme);
        }
        let code = code.strip_suffix('/').unwrap_or(code).parse()?;
        let mut link = Self { host, https_port, code, fingerprint: None, ports: PortRange::DEFAULT };
        // Programs for mail write some characters of a fragment as `%2C`.
        let fragment = percent_decode_str(url.fragment().unwrap_or_default()).decode_utf8_lossy();
        // A part of the fragment that is not known belongs to a later version and is passed over.
        for part in fragment.split([FIELD_SEPARATOR, '&']) {
            if let Some(value) = part.strip_prefix("fp=") {
                link.fingerprint = Some(value.parse()?);
            } else if let Some(value) = part.strip_prefix("ports=") {
                link.ports = value.parse().map_err(|_| JoinLinkError::Ports)?;
            }
        }
        Ok(link)
    }
}
serde_as_text!(JoinLink);

/// A host as it stands in an address, where a port or a path may follow: an IPv6 address in
/// brackets.
pub fn bracketed(host: &str) -> Cow<'_, str> {
    if host.contains(':') { format!("[{host}]").into() } else { host.into() }
}

/// A DNS name in lower case, an IPv4 address, or an IPv6 address without brackets, however it was
/// written: names with other letters are read by UTS 46, as browsers do. `None` for any other text.
pub fn normal_host(text: &str) -> Option<String> {
    if let Ok(address) = text.parse::<std::net::Ipv6Addr>() {
        return Some(address.to_string());
    }
    own_host(&Host::parse(text).ok()?)
}

/// A host as links hold it. A name's last dot, which says that it is whole, is left out: no name of
/// a link is ever looked up below another one.
fn own_host<S: AsRef<str>>(host: &Host<S>) -> Option<String> {
    match host {
        Host::Domain(name) => {
            let name = name.as_ref();
            let name = name.strip_suffix('.').unwrap_or(name);
            is_host(name).then(|| name.to_ascii_lowercase())
        }
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_string()),
    }
}

/// The part of an address that cannot be read.
fn part_of(error: ParseError) -> JoinLinkError {
    if error == ParseError::RelativeUrlWithoutBase {
        JoinLinkError::Scheme
    } else if error == ParseError::InvalidPort {
        JoinLinkError::Port
    } else {
        JoinLinkError::Host
    }
}

/// Letters, digits and hyphens in labels of 1 to 63 (RFC 1123, section 2.1); an IPv4 address is of
/// that form too.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= HOST_BYTES_MAX && host.split('.').all(label)
}

fn parse_port(text: &str) -> Result<u16, JoinLinkError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(JoinLinkError::Port),
    }
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    (length == N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_link() -> impl Strategy<Value = JoinLink> {
        let host = prop_oneof![
            // A last label of digits would make an IPv4 address of it.
            "([a-z0-9]{1,6}(-[a-z0-9]{1,5})?\\.){0,4}[a-z]{1,12}",
            any::<std::net::Ipv4Addr>().prop_map(|address| address.to_string()),
            any::<std::net::Ipv6Addr>().prop_map(|address| address.to_string()),
        ];
        let ports = (1..=u16::MAX - PortRange::PORTS_MAX, 0..PortRange::PORTS_MAX);
        let fingerprint = proptest::option::of(any::<[u8; 32]>());
        (host, 1..=u16::MAX, any::<[u8; 16]>(), fingerprint, ports).prop_map(
            |(host, https_port, code, fingerprint, (first, more))| JoinLink {
                host,
                https_port,
                code: JoinCode(code),
                fingerprint: fingerprint.map(Fingerprint),
                ports: PortRange::new(first, first + more).unwrap(),
            },
        )
    }

    proptest! {
        #[test]
        fn links_survive_printing_and_parsing(link in any_link()) {
            prop_assert_eq!(link.to_string().parse::<JoinLink>(), Ok(link));
        }

        #[test]
        fn any_text_is_a_link_or_an_error(text in any::<String>(), tail in ".{0,60}") {
            for text in [text, format!("https://{tail}"), format!("https://a/j/{tail}")] {
                if let Ok(link) = text.parse::<JoinLink>() {
                    prop_assert_eq!(link.to_string().parse::<JoinLink>(), Ok(link));
                }
            }
        }
    }

    #[test]
    fn fields_are_joined_by_what_a_shell_leaves_alone_and_earlier_links_are_read() {
        let (code, fingerprint) = (JoinCode([1; 16]), Fingerprint([2; 32]));
        let ports = PortRange::new(5000, 5003).unwrap();
        let link = JoinLink {
            host: "conference.example.org".to_owned(),
            https_port: 8443,
            code,
            fingerprint: Some(fingerprint),
            ports,
        };
        let text = link.to_string();
        let fragment = format!("#fp={fingerprint},ports=5000-5003");
        assert_eq!(text, format!("https://conference.example.org:8443/j/{code}{fragment}"));
        assert!(!text.contains(['&', ';', '|', '<', '>', '(', ')', '$', '*', '?', '\'', '"', '\\', ' ']));
        let earlier = text.replace(',', "&");
        assert_eq!(earlier.parse::<JoinLink>(), Ok(link));
    }

    #[test]
    fn what_is_left_out_is_the_default() {
        let link: JoinLink = "https://Conference.Example.org/j/AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
        assert_eq!(link.host, "conference.example.org");
        assert_eq!((link.https_port, link.ports), (443, PortRange::DEFAULT));
        assert_eq!(link.to_string(), "https://conference.example.org/j/AAAAAAAAAAAAAAAAAAAAAA");
    }

    #[test]
    fn each_damage_has_its_error() {
        let cases = [
            ("http://a/j/AAAAAAAAAAAAAAAAAAAAAA", JoinLinkError::Scheme),
            ("conference.example.org/j/AAAAAAAAAAAAAAAAAAAAAA", JoinLinkError::Scheme),
            ("mailto:anna@example.org", JoinLinkError::Scheme),
            ("https://:443/j/AAAAAAAAAAAAAAAAAAAAAA", JoinLinkError::Host),
            ("https://a b/j/AAAAAAAAAAAAAAAAAAAAAA", JoinLinkError::Host),
            ("https://a../j/AAAAAAAAAAAAAAAAAAAAAA", JoinLinkError::Host),
            ("https://300.1.1.1/j/AAAAAAAAAAAAAAAAAAAAAA", JoinLinkError::Host),
            ("https://a:65536/j/AAAAAAAAAAAAAAAAAAAAAA", JoinLinkError::Port),
            ("https://a:0/j/AAAAAAAAAAAAAAAAAAAAAA", JoinLinkError::Port),
            ("https://a:+1/j/AAAAAAAAAAAAAAAAAAAAAA", JoinLinkError::Port),
            ("https://example.org/", JoinLinkError::Path),
            ("https://example.org/j/AAAA", JoinLinkError::Code),
            ("https://example.org/j/AAAAAAAAAAAAAAAAAAAAAA#fp=AAAA", JoinLinkError::Fingerprint),
            ("https://example.org/j/AAAAAAAAAAAAAAAAAAAAAA#ports=9-1", JoinLinkError::Ports),
            ("https://example.org/j/AAAAAAAAAAAAAAAAAAAAAA#ports=1-9999", JoinLinkError::Ports),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<JoinLink>(), Err(error), "{text}");
        }
        assert_eq!("x".repeat(2_000).parse::<JoinLink>(), Err(JoinLinkError::TooLong));
    }

    #[test]
    fn what_a_browser_opens_is_read() {
        let code = "AAAAAAAAAAAAAAAAAAAAAA";
        for (address, host) in [
            ("https://täst.test/j/CODE", "xn--tst-qla.test"),
            ("https://xn--tst-qla.test/j/CODE", "xn--tst-qla.test"),
            ("https://TA\u{308}ST.test/j/CODE", "xn--tst-qla.test"),
            ("https://straße.test/j/CODE", "xn--strae-oqa.test"),
            ("https://conf。test/j/CODE", "conf.test"),
            ("https://%63onf.test/j/CODE", "conf.test"),
            ("HTTPS://Conf.Test/j/CODE", "conf.test"),
            ("https://conf.test./j/CODE", "conf.test"),
            ("https://conf.test:443/j/CODE/", "conf.test"),
            ("https://conf.test/j/CODE?utm_source=mail&x=/j/#", "conf.test"),
            ("https://anna:pw@conf.test/j/CODE", "conf.test"),
            ("https:\\\\conf.test\\j\\CODE", "conf.test"),
            ("https://conf.test/x/../j/CODE", "conf.test"),
            ("\u{a0} https://conf\n.test/j/CODE\t", "conf.test"),
            ("https://0x7f.1/j/CODE", "127.0.0.1"),
            ("https://[2001:DB8:0::1]/j/CODE", "2001:db8::1"),
        ] {
            let link: JoinLink = address.replace("CODE", code).parse().expect(address);
            assert_eq!((link.host.as_str(), link.https_port), (host, 443), "{address}");
            assert_eq!(link.to_string(), format!("https://{}/j/{code}", bracketed(host)), "{address}");
        }
        let encoded = format!("https://a.test/j/{code}#fp={}%2Cports%3D9-10", Fingerprint([2; 32]));
        let link: JoinLink = encoded.parse().unwrap();
        assert_eq!((link.fingerprint, link.ports.last()), (Some(Fingerprint([2; 32])), 10));
    }

    #[test]
    fn a_host_is_read_as_in_a_link_and_nothing_may_stand_beside_it() {
        for (text, host) in [
            ("täst.TEST.", Some("xn--tst-qla.test")),
            ("2001:db8:0::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("192.0.2.1", Some("192.0.2.1")),
            ("a.test:443", None),
            ("user@a.test", None),
            ("a.test/x", None),
            ("", None),
        ] {
            assert_eq!(normal_host(text).as_deref(), host, "{text}");
        }
    }

    #[test]
    fn the_code_is_not_shown_by_debug() {
        let link: JoinLink = "https://a/j/AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
        assert!(!format!("{link:?}").contains("AAAA"));
    }
}
