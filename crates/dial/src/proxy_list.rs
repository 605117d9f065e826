//! Which proxies a place names: a file, a desktop, a user.

mod no_proxy;

use convene_model::Secret;
use convene_proxy_auth::Login;
use convene_reach::{ProxyAddress, ProxyScheme};

use self::no_proxy::NoProxy;
use crate::http_connect::authority_of;

/// Why a proxy's URL is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyUrlError {
    /// Its scheme is none of those that are spoken.
    #[error("a proxy is http://, https://, socks5:// or socks4a:// HOST:PORT")]
    Scheme,
    /// Its host is neither a name nor an address.
    #[error("the proxy's host is not a host name or an address")]
    Host,
    /// Its port is not a number from 1 to 65535.
    #[error("the proxy's port is not a number from 1 to 65535")]
    Port,
    /// Its login is no text in UTF-8, or the user holds a colon, which Basic cannot carry.
    #[error("the proxy's login is no text in UTF-8, or the user holds a colon")]
    Login,
}

/// The proxies that one place names, best first, and the targets that need none of them.
#[derive(Debug, Clone, Default)]
pub struct ProxyList {
    proxies: Vec<(ProxyAddress, Option<Login>)>,
    exceptions: NoProxy,
}

/// The schemes of proxies' URLs, what each means, and the port of one that names none.
const SCHEMES: [(&str, ProxyScheme, u16); 7] = [
    ("http", ProxyScheme::Http, 80),
    ("https", ProxyScheme::Https, 443),
    ("socks5", ProxyScheme::Socks5, 1_080),
    ("socks5h", ProxyScheme::Socks5, 1_080),
    ("socks", ProxyScheme::Socks5, 1_080),
    ("socks4", ProxyScheme::Socks4, 1_080),
    ("socks4a", ProxyScheme::Socks4, 1_080),
];

impl ProxyList {
    /// Takes addresses, best first, and exceptions as `NO_PROXY` spells them (that make no sense
    /// are passed over).
    ///
    /// An address is `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`, the login percent-encoded (a
    /// percent sign alone stands for itself). The scheme is `http` (the default), `https`,
    /// `socks5` or `socks4a`; names always go to the proxy unresolved.
    pub fn new(urls: &[String], exceptions: &[String]) -> Result<Self, ProxyUrlError> {
        let proxies = urls.iter().map(|url| parse(url)).collect::<Result<_, _>>()?;
        Ok(Self { proxies, exceptions: NoProxy::parse(&exceptions.join(",")) })
    }

    /// The same proxies with this user and this password, as far as they are given: each wins over
    /// that of an address.
    pub fn with_login(
        mut self,
        user: Option<&str>,
        password: Option<&Secret>,
    ) -> Result<Self, ProxyUrlError> {
        for (_, login) in &mut self.proxies {
            let (named, shown) = login.take().map(|login| (login.user, login.password)).unzip();
            let password = password.cloned().or(shown).unwrap_or_else(|| Secret::new(""));
            *login = user.map(str::to_owned).or(named).map(|user| Login { user, password });
            if login.as_ref().is_some_and(|login| login.user.contains(':')) {
                return Err(ProxyUrlError::Login);
            }
        }
        Ok(self)
    }
}

/// The proxies of these places for this target, best first; of one that several places name the
/// first word counts.
pub fn candidates(lists: &[ProxyList], host: &str, port: u16) -> Vec<(ProxyAddress, Option<Login>)> {
    let mut found: Vec<(ProxyAddress, Option<Login>)> = Vec::new();
    for list in lists.iter().filter(|list| !list.exceptions.matches(host, port)) {
        for (address, login) in &list.proxies {
            if !found.iter().any(|(known, _)| known == address) {
                found.push((address.clone(), login.clone()));
            }
        }
    }
    found
}

fn parse(url: &str) -> Result<(ProxyAddress, Option<Login>), ProxyUrlError> {
    let url = url.trim();
    let (word, rest) = url.split_once("://").unwrap_or(("http", url));
    let known = SCHEMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(word));
    let (_, scheme, usual_port) = *known.ok_or(ProxyUrlError::Scheme)?;
    let (authority, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // A password with a raw `/`, `?` or `#` would count as a host and its path, and be shown as
    // such.
    if behind.contains('@') {
        return Err(ProxyUrlError::Login);
    }
    let (login, address) = match authority.rsplit_once('@') {
        Some((login, address)) => (Some(parse_login(login)?), address),
        None => (None, authority),
    };
    let (host, port) = split_port(address).ok_or(ProxyUrlError::Host)?;
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(ProxyUrlError::Port)?,
        None => usual_port,
    };
    let host = host.to_ascii_lowercase();
    authority_of(&host).ok_or(ProxyUrlError::Host)?;
    Ok((ProxyAddress { scheme, host, port }, login))
}

/// Splits `HOST`, `HOST:PORT`, `[V6]` or `[V6]:PORT`; a bare IPv6 address is a host.
fn split_port(address: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = address.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        return if port.is_empty() {
            Some((host, None))
        } else {
            Some((host, Some(port.strip_prefix(':')?)))
        };
    }
    match address.split_once(':') {
        Some((_, port)) if port.contains(':') => Some((address, None)),
        Some((host, "")) => Some((host, None)),
        Some((host, port)) => Some((host, Some(port))),
        None => Some((address, None)),
    }
}

/// The login in front of the `@` of an address.
pub(crate) fn parse_login(text: &str) -> Result<Login, ProxyUrlError> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    let user = percent_decoded(user).filter(|user| !user.contains(':')).ok_or(ProxyUrlError::Login)?;
    let password = percent_decoded(password).map(Secret::new).ok_or(ProxyUrlError::Login)?;
    Ok(Login { user, password })
}

/// RFC 3986, section 2.1; a percent sign without two digits behind it stands for itself, as in
/// curl. `None` if it is not UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        let digits = (digit(behind.first()), digit(behind.get(1)));
        match digits {
            (Some(high), Some(low)) if *first == b'%' => {
                bytes.push(u8::try_from(high * 16 + low).ok()?);
                rest = behind.get(2..)?;
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok()
}
