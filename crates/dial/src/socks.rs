//! Asking a SOCKS proxy for a way to the server: SOCKS 5 (RFC 1928, logins by RFC 1929) and SOCKS
//! 4a. Names go to the proxy unresolved, and resolved where it does not take names.

use std::io;
use std::sync::Arc;

use convene_model::{Code, Stage};
use convene_proxy_auth::Login;
use convene_reach::{ProxyAddress, ProxyScheme, Target};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_socks::Error;
use tokio_socks::tcp::{Socks4Stream, Socks5Stream};

use crate::failure::{DialError, code_of_broken};
use crate::logins::{Logins, Turn};
use crate::tls::Wire;

/// Bytes of a user's name in SOCKS 4, whose requests the library writes in 513 bytes: 10 of its own
/// and a host's 253.
const SOCKS4_USER_BYTES_MAX: usize = 250;

/// Bytes of a user's name and of a password in SOCKS 5, which are not empty either (RFC 1929,
/// section 2).
const SOCKS5_BYTES_MAX: usize = 255;
/// And in HTTP, whose proxies take no long headers: more than anybody types.
const HTTP_BYTES_MAX: usize = 1_024;

/// Whether a proxy of this scheme can be shown the login at all. A user with a colon is another one
/// in Basic (RFC 7617, section 2).
pub fn carries(scheme: ProxyScheme, Login { user, password }: &Login) -> bool {
    let password = password.reveal();
    match scheme {
        ProxyScheme::Http | ProxyScheme::Https => {
            !user.is_empty() && !user.contains(':') && user.len().max(password.len()) <= HTTP_BYTES_MAX
        }
        ProxyScheme::Socks4 => (1..=SOCKS4_USER_BYTES_MAX).contains(&user.len()) && !user.contains('\0'),
        ProxyScheme::Socks5 => {
            [user.as_str(), password].iter().all(|text| (1..=SOCKS5_BYTES_MAX).contains(&text.len()))
        }
    }
}

/// Whether a proxy that failed so with a name may want an address: not all of SOCKS 4 know 4a, by
/// which it takes names, and some of SOCKS 5 resolve nothing.
pub(crate) fn may_want_an_address(scheme: ProxyScheme, code: Code) -> bool {
    match scheme {
        ProxyScheme::Socks4 => matches!(code, Code::SocksFailed | Code::Closed | Code::Reset),
        ProxyScheme::Socks5 => code == Code::SocksAddressUnsupported,
        ProxyScheme::Http | ProxyScheme::Https => false,
    }
}

/// Asks the proxy at the other end of `stream` for a way to `target`, with the login that is known
/// for whom. When this returns, not one byte of the target's was read: every reply is read by its
/// exact length.
pub(crate) async fn connect(
    stream: Wire,
    (logins, whose): (&Arc<Logins>, &str),
    proxy: &ProxyAddress,
    target: &Target,
) -> Result<Wire, DialError> {
    let turn = logins.turn(whose, proxy).await.filter(Turn::allows_clear);
    let is_rejected = turn.as_ref().is_some_and(Turn::is_rejected);
    let login = turn.as_ref().and_then(Turn::login).cloned();
    let login_offered = login.is_some();
    let asked = match (turn, login) {
        (Some(turn), Some(login)) => {
            let showing = log_on(stream, Arc::clone(logins), proxy.clone(), target.clone(), login);
            let shown = logins.show(turn, showing).await;
            shown.ok_or_else(|| DialError::new(Stage::Proxy, Code::TimedOut))?.1
        }
        _ => ask(stream, proxy.scheme, target, None).await,
    };
    asked.map_err(|error| {
        let code = code_of(&error, login_offered);
        let is_again = is_rejected && code == Code::ProxyLoginNeeded;
        DialError::new(Stage::Proxy, if is_again { Code::ProxyLoginRejected } else { code })
    })
}

/// Asks with a login. That the proxy rejects it is noted.
async fn log_on(
    stream: Wire,
    logins: Arc<Logins>,
    proxy: ProxyAddress,
    target: Target,
    login: Login,
) -> Result<Wire, Error> {
    let asked = ask(stream, proxy.scheme, &target, Some(&login)).await;
    // No other error says that a password was shown; SOCKS 4 knows none.
    if let Err(Error::PasswordAuthFailure(_)) = asked {
        logins.reject(&proxy, &login);
    }
    asked
}

/// The conversation with the proxy.
pub(crate) async fn ask<Stream: AsyncRead + AsyncWrite + Unpin>(
    stream: Stream,
    scheme: ProxyScheme,
    target: &Target,
    login: Option<&Login>,
) -> Result<Stream, Error> {
    let to = (target.host.as_str(), target.port);
    match (scheme, login) {
        (ProxyScheme::Socks4, None) => {
            Socks4Stream::connect_with_socket(stream, to).await.map(Socks4Stream::into_inner)
        }
        (ProxyScheme::Socks4, Some(login)) if !carries(scheme, login) => {
            Err(Error::InvalidAuthValues("a user of SOCKS 4 is short, and ends with a zero"))
        }
        (ProxyScheme::Socks4, Some(Login { user, .. })) => {
            let asked = Socks4Stream::connect_with_userid_and_socket(stream, to, user).await;
            asked.map(Socks4Stream::into_inner)
        }
        (_, None) => Socks5Stream::connect_with_socket(stream, to).await.map(Socks5Stream::into_inner),
        (_, Some(Login { user, password })) => {
            let password = password.reveal();
            let asked = Socks5Stream::connect_with_password_and_socket(stream, to, user, password).await;
            asked.map(Socks5Stream::into_inner)
        }
    }
}

/// The code for an error. A proxy that takes none of the ways to log in that it was offered wants
/// one, or another.
fn code_of(error: &Error, login_offered: bool) -> Code {
    match error {
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Code::ProxyBroken,
        Error::Io(error) => code_of_broken(error.kind()),
        Error::ProxyServerUnreachable => Code::Closed,
        Error::NoAcceptableAuthMethods | Error::AuthorizationRequired if login_offered => {
            Code::ProxySchemeUnsupported
        }
        Error::NoAcceptableAuthMethods | Error::AuthorizationRequired => Code::ProxyLoginNeeded,
        Error::PasswordAuthFailure(_)
        | Error::InvalidAuthValues(_)
        | Error::InvalidUserIdAuthFailure
        | Error::IdentdAuthFailure => Code::ProxyLoginRejected,
        Error::GeneralSocksServerFailure => Code::SocksFailed,
        Error::ConnectionNotAllowedByRuleset => Code::SocksForbidden,
        Error::NetworkUnreachable => Code::SocksNetworkUnreachable,
        Error::HostUnreachable => Code::SocksHostUnreachable,
        Error::ConnectionRefused => Code::SocksTargetRefused,
        Error::TtlExpired => Code::SocksTtlExpired,
        Error::CommandNotSupported => Code::SocksCommandUnsupported,
        Error::AddressTypeNotSupported => Code::SocksAddressUnsupported,
        Error::ParseError(_)
        | Error::InvalidTargetAddress(_)
        | Error::InvalidResponseVersion
        | Error::UnknownAuthMethod
        | Error::UnknownError
        | Error::InvalidReservedByte
        | Error::UnknownAddressType => Code::ProxyBroken,
    }
}
