//! Asking an HTTP proxy for a way to the server: CONNECT (RFC 9110, section 9.3.6).

mod body;
mod recording;

use async_http_proxy::http_connect_tokio;
use convene_model::limits::HOST_BYTES_MAX;
use convene_model::{Code, Stage, bracketed};
use convene_proxy_auth::Challenge;
use convene_reach::Target;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};

use self::recording::Recording;
use crate::failure::{Detail, DialError, HttpAnswer};
use crate::head::{Answer, Head};
use crate::tls::Wire;

/// Interim answers (1xx) that are passed over before the final one.
const INTERIM_MAX: usize = 4;

/// The product that asks, for proxies and for servers of scripts.
pub(crate) const USER_AGENT: &str = concat!("Convene/", env!("CARGO_PKG_VERSION"));

/// The outcome of one request.
#[derive(Debug)]
pub(crate) enum Leg<Stream = Wire> {
    /// The way is open. Not one byte behind the answer's head has been read.
    Open(Stream),
    /// The proxy wants a login.
    Login(Wanted<Stream>),
}

/// The proxy wants a login.
#[derive(Debug)]
pub(crate) struct Wanted<Stream = Wire> {
    pub(crate) challenges: Vec<Challenge>,
    pub(crate) answer: HttpAnswer,
    /// The connection, if another request may follow on it.
    pub(crate) wire: Option<Stream>,
}

/// Asks the proxy at the other end of `wire` for a way to `target`, whose name it resolves; with a
/// login where there is one to show.
pub(crate) async fn ask<Stream: AsyncRead + AsyncWrite + Unpin>(
    mut wire: Stream,
    target: &Target,
    authorization: Option<&[u8]>,
) -> Result<Leg<Stream>, DialError> {
    let host = authority_of(&target.host).ok_or_else(|| DialError::new(Stage::Dns, Code::NameNotFound))?;
    let mut recording = Recording::new(&mut wire, lines(authorization));
    // The library's reading of the answer does not count: it knows one status, 16 headers, 4 KiB
    // and UTF-8. The recording reads the head by itself, and below it is read to its end if the
    // library gave up earlier. A proxy that closes while it is asked shows that below too.
    drop(http_connect_tokio(&mut recording, &host, target.port).await);
    for _ in 0..=INTERIM_MAX {
        let answer = read_head(&mut recording).await?;
        if !(100..200).contains(&answer.seen.status) {
            return judge(answer, wire).await;
        }
    }
    Err(failed(Code::ProxyBroken))
}

/// The host as CONNECT names it, or `None` if it is neither a name nor an address: nothing else may
/// stand in a request.
pub(crate) fn authority_of(host: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_name = || (1..=HOST_BYTES_MAX).contains(&host.len()) && host.bytes().all(allowed);
    (host.parse::<std::net::Ipv6Addr>().is_ok() || is_name()).then(|| bracketed(host).into_owned())
}

/// The lines that the library leaves out: it does not say who asks (RFC 9110, section 10.1.5),
/// without which some proxies refuse, and knows no way to log in but one.
fn lines(authorization: Option<&[u8]>) -> Vec<u8> {
    let agent = format!("User-Agent: {USER_AGENT}\r\n").into_bytes();
    let login = authorization.map(|login| [b"Proxy-Authorization: ".as_slice(), login, b"\r\n"].concat());
    [agent, login.unwrap_or_default()].concat()
}

async fn read_head<Stream: AsyncRead + Unpin>(
    recording: &mut Recording<'_, Stream>,
) -> Result<Answer, DialError> {
    while recording.is_partial() {
        if recording.read_u8().await.is_err() {
            return Err(failed(recording.ended_silently().unwrap_or(Code::ProxyBroken)));
        }
    }
    match recording.take_head() {
        Head::Whole(answer) => Ok(*answer),
        Head::Partial | Head::Broken => Err(failed(Code::ProxyBroken)),
    }
}

/// Judges the status that a proxy answers (RFC 9110, section 15).
async fn judge<Stream: AsyncRead + Unpin>(
    answer: Answer,
    mut wire: Stream,
) -> Result<Leg<Stream>, DialError> {
    let code = match answer.seen.status {
        200..=299 => return Ok(Leg::Open(wire)),
        // Tinyproxy answers a wrong login with 401.
        401 | 407 => {
            let kept = answer.keeps_connection && body::drain(&mut wire, answer.body).await;
            let wire = kept.then_some(wire);
            return Ok(Leg::Login(Wanted { challenges: answer.challenges, answer: answer.seen, wire }));
        }
        502..=504 => Code::ProxyTargetUnreachable,
        // A web server that knows no CONNECT.
        400 | 404 | 405 | 500 | 501 | 505 => Code::ProxyBroken,
        300..=499 => Code::ProxyForbidden,
        _ => Code::ProxyBroken,
    };
    Err(failed(code).with(Some(Detail::Answer(answer.seen))))
}

fn failed(code: Code) -> DialError {
    DialError::new(Stage::Proxy, code)
}
