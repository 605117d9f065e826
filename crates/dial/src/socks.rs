//! Asking a SOCKS proxy for a way to the server: SOCKS 5 (RFC 1928, logins by RFC 1929) and SOCKS 4a. Names go to the proxy
//! unresolved.

use std::io;

use convene_model::{Code, Stage};
use convene_proxy_auth::Login;
use convene_reach::{ProxyAddress, ProxyScheme, Target};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_socks::Error;
use tokio_socks::tcp::{Socks4Stream, Socks5Stream};

use crate::failure::{DialError, code_of_broken};
use crate::logins::{Logins, Turn};
use crate::wire::Wire;

/// Bytes of a user's name in SOCKS 4, whose requests the library writes in 513 bytes: 10 of its own and a host's 253.
const SOCKS4_USER_BYTES_MAX: usize = 250;

/// Asks the proxy at the other end of `stream` for a way to `target`, with the login that is known for whom. When this returns, not one
/// byte of the target's was read: every reply is read by its exact length.
pub(crate) async fn connect(
    stream: Wire,
    (logins, whose): (&Logins, &str),
    proxy: &ProxyAddress,
    target: &Target,
) -> Result<Wire, DialError> {
    let turn = logins.turn(whose, proxy).await.filter(Turn::allows_clear);
    let login = turn.as_ref().and_then(Turn::login);
    let asked = ask(stream, proxy.scheme, target, login).await;
    asked.map_err(|error| {
        let mut code = code_of(&error, login.is_some());
        if let Some(turn) = &turn {
            // No other error says that a password was shown; SOCKS 4 knows none.
            if let Error::PasswordAuthFailure(_) = error {
                logins.reject(proxy, turn);
            } else if code == Code::ProxyLoginNeeded && turn.is_rejected() {
                code = Code::ProxyLoginRejected;
            }
        }
        DialError::new(Stage::Proxy, code)
    })
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
        (ProxyScheme::Socks4, Some(Login { user, .. }))
            if user.len() > SOCKS4_USER_BYTES_MAX || user.contains('\0') =>
        {
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

/// What went wrong. A proxy that takes none of the ways to log in that it was offered wants one, or another.
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
