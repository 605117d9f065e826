//! Asking an HTTP proxy for a way to the server: CONNECT (RFC 9110, section 9.3.6).

mod answer;
mod recording;

use async_http_proxy::{http_connect_tokio, http_connect_tokio_with_basic_auth};
use convene_model::limits::HOST_BYTES_MAX;
use convene_model::{Code, Stage};
use convene_reach::Target;
use tokio::io::AsyncReadExt as _;

use self::answer::Head;
use self::recording::Recording;
use crate::dialer::Login;
use crate::failure::{Detail, DialError, HttpAnswer};
use crate::wire::Wire;

/// Interim answers (1xx) that are passed over before the final one.
const INTERIM_MAX: usize = 4;

/// Asks the proxy at the other end of `stream` for a way to `target`, whose name it resolves. When this returns, not one
/// byte behind the answer's head has been read. A login is sent at once (Basic, RFC 7617): whoever configured it
/// configured it for this proxy, and some proxies close the connection after they ask for one.
pub(crate) async fn connect(
    mut stream: Wire,
    target: &Target,
    login: Option<&Login>,
) -> Result<Wire, DialError> {
    let host = bracketed(&target.host).ok_or_else(|| DialError::new(Stage::Dns, Code::NameNotFound))?;
    let mut recording = Recording::new(&mut stream);
    // What the library makes of the answer does not count: it knows one status, 16 headers and UTF-8. The recording reads
    // the head by itself, and below it is read to its end if the library gave up earlier.
    drop(match login {
        Some(Login { user, password }) => {
            let password = password.reveal();
            http_connect_tokio_with_basic_auth(&mut recording, &host, target.port, user, password).await
        }
        None => http_connect_tokio(&mut recording, &host, target.port).await,
    });
    for _ in 0..=INTERIM_MAX {
        let answer = read_head(&mut recording).await?;
        if !(100..200).contains(&answer.status) {
            return judge(answer, login.is_some()).map(|()| stream);
        }
    }
    Err(failed(Code::ProxyBroken))
}

/// The host as CONNECT names it, or `None` if it is neither a name nor an address: nothing else may stand in a request.
pub(crate) fn bracketed(host: &str) -> Option<String> {
    if host.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some(format!("[{host}]"));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    ((1..=HOST_BYTES_MAX).contains(&host.len()) && host.bytes().all(allowed)).then(|| host.to_owned())
}

async fn read_head(recording: &mut Recording<'_>) -> Result<HttpAnswer, DialError> {
    while recording.is_partial() {
        if recording.read_u8().await.is_err() {
            return Err(failed(recording.ended_silently().unwrap_or(Code::ProxyBroken)));
        }
    }
    match recording.take_head() {
        Head::Whole(answer) => Ok(answer),
        Head::Partial | Head::Broken => Err(failed(Code::ProxyBroken)),
    }
}

/// What can be read of an answer's head that may be cut anywhere behind its first line.
pub(crate) fn read_cut_head(bytes: &[u8]) -> Option<HttpAnswer> {
    let whole_lines = bytes.iter().rposition(|byte| *byte == b'\n').and_then(|end| bytes.get(..=end))?;
    read_whole_head(bytes).or_else(|| read_whole_head(&[whole_lines, b"\r\n"].concat()))
}

/// The head of an answer, if these bytes hold a whole one.
pub(crate) fn read_whole_head(bytes: &[u8]) -> Option<HttpAnswer> {
    match answer::read(bytes) {
        Head::Whole(answer) => Some(answer),
        Head::Partial | Head::Broken => None,
    }
}

/// What a proxy's status means (RFC 9110, section 15).
fn judge(answer: HttpAnswer, login_sent: bool) -> Result<(), DialError> {
    let offers_basic = answer.schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
    let code = match answer.status {
        200..=299 => return Ok(()),
        // Tinyproxy answers a wrong login with 401.
        401 | 407 if !offers_basic && !answer.schemes.is_empty() => Code::ProxySchemeUnsupported,
        401 | 407 if login_sent => Code::ProxyLoginRejected,
        401 | 407 => Code::ProxyLoginNeeded,
        502..=504 => Code::ProxyTargetUnreachable,
        // A web server that knows no CONNECT.
        400 | 404 | 405 | 500 | 501 | 505 => Code::ProxyBroken,
        300..=499 => Code::ProxyForbidden,
        _ => Code::ProxyBroken,
    };
    Err(failed(code).with(Some(Detail::Answer(answer))))
}

fn failed(code: Code) -> DialError {
    DialError::new(Stage::Proxy, code)
}
