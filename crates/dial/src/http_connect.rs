//! Asking an HTTP proxy for a way to the server: CONNECT (RFC 9110, section 9.3.6).

mod body;
mod recording;

use convene_model::limits::HOST_BYTES_MAX;
use convene_model::{Code, Stage, bracketed};
use convene_proxy_auth::Challenge;
use convene_reach::Target;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

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
    let mut recording = Recording::new(&mut wire);
    let request = request(&format!("{host}:{}", target.port), authorization);
    // A proxy that closes while it is asked shows that below.
    drop(recording.write_all(&request).await);
    drop(recording.flush().await);
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

/// The request. It says who asks (RFC 9110, section 10.1.5), without which some proxies refuse; old
/// proxies keep the connection for the next leg only if they are asked to.
fn request(authority: &str, authorization: Option<&[u8]>) -> Vec<u8> {
    let head = format!(
        "CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {USER_AGENT}\r\nProxy-Connection: Keep-Alive\r\n"
    );
    let login = authorization.map(|login| [b"Proxy-Authorization: ".as_slice(), login, b"\r\n"].concat());
    [head.as_bytes(), &login.unwrap_or_default(), b"\r\n"].concat()
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
