//! Strangers who speak HTTP, and leave half done what they began.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use convene_model::limits::FRAME_BYTES_MAX;
use convene_model::{PollRequest, SessionId};
use native_tls::{TlsConnector, TlsStream};

/// How long a server may take for an answer, and for taking what is written.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Bytes of the longest body that a server takes.
const BODY_BYTES: usize = 2 * FRAME_BYTES_MAX;
/// An upgrade to a WebSocket (RFC 6455, section 1.3).
const UPGRADE: &str = "GET /v1/link HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                       Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
/// The head of a masked frame of text whose length is in the eight bytes behind it (RFC 6455,
/// section 5.2).
const LONG_TEXT: [u8; 2] = [0x81, 0xff];

/// A connection whose owner does not care whose certificate it is shown.
pub type Secured = TlsStream<TcpStream>;

/// Opens a connection.
///
/// # Errors
/// When the server does not take it.
pub fn secured(address: SocketAddr) -> Result<Secured> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    stream.set_write_timeout(Some(ANSWER_MAX))?;
    connector()?.connect("localhost", stream).map_err(|error| anyhow!("TLS: {error}"))
}

/// Made once: each reads the system's certificates, which takes as long as ten connections do.
fn connector() -> Result<&'static TlsConnector> {
    static MADE: OnceLock<TlsConnector> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made);
    }
    let connector = TlsConnector::builder()
        .danger_accept_invalid_certs(true)
        .danger_accept_invalid_hostnames(true)
        .build()?;
    Ok(MADE.get_or_init(|| connector))
}

/// Half of the longest batch for a session that nobody has, and the status that the server gives
/// before any of it came.
///
/// # Errors
/// When it does not take the connection, or says nothing.
pub fn half_batch(address: SocketAddr, session: [u8; 16]) -> Result<(Secured, u16)> {
    let mut stream = secured(address)?;
    let request = PollRequest::Up { session: SessionId(session), number: 1 };
    let head = format!("POST {request} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {BODY_BYTES}\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let status = status(&head_of(&mut stream)?)?;
    // A server that has answered need not take it.
    drop(stream.write_all(&vec![b' '; BODY_BYTES / 2]));
    Ok((stream, status))
}

/// A WebSocket on which three quarters of the longest frame came, as far as the server took them.
///
/// # Errors
/// When the server does not upgrade the connection.
pub fn part_of_a_frame(address: SocketAddr) -> Result<Secured> {
    let mut stream = secured(address)?;
    stream.write_all(UPGRADE.as_bytes())?;
    let status = status(&head_of(&mut stream)?)?;
    ensure!(status == 101, "no upgrade, but {status}");
    let length = u64::try_from(FRAME_BYTES_MAX)?.to_be_bytes();
    let mask = [0_u8; 4];
    stream.write_all(&[&LONG_TEXT[..], &length, &mask].concat())?;
    // It may be cut meanwhile.
    drop(stream.write_all(&vec![b' '; FRAME_BYTES_MAX / 4 * 3]));
    Ok(stream)
}

/// Whether the server has cut a connection; each of its last words may take `limit`.
///
/// # Errors
/// When the limit cannot be set.
pub fn is_cut(stream: &mut Secured, limit: Duration) -> Result<bool> {
    stream.get_ref().set_read_timeout(Some(limit))?;
    loop {
        match stream.read(&mut [0; 64]) {
            Ok(0) => return Ok(true),
            // Its last words.
            Ok(_) => {}
            Err(error) => return Ok(!matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)),
        }
    }
}

/// Begins so many sessions in one breath on one connection: the statuses.
///
/// # Errors
/// When the server does not take the connection, or does not answer.
pub fn sessions(address: SocketAddr, count: usize) -> Result<Vec<u16>> {
    let mut stream = secured(address)?;
    let open = PollRequest::Open;
    let request = |is_last: bool| {
        let connection = if is_last { "close" } else { "keep-alive" };
        format!(
            "POST {open} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let requests: String = (1..=count).map(|number| request(number == count)).collect();
    stream.write_all(requests.as_bytes())?;
    let mut answers = String::new();
    stream.read_to_string(&mut answers)?;
    answers.split("HTTP/1.1 ").skip(1).map(status_of).collect()
}

/// The head of an answer.
fn head_of(stream: &mut Secured) -> Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).context("no answer")?;
        head.extend(byte);
    }
    Ok(String::from_utf8(head)?)
}

/// The status in the head of an answer.
fn status(head: &str) -> Result<u16> {
    status_of(head.strip_prefix("HTTP/1.1 ").context("this is not HTTP")?)
}

/// The status with which this begins.
fn status_of(answer: &str) -> Result<u16> {
    Ok(answer.get(..3).context("no status")?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_an_answer_is_read() {
        assert_eq!(status("HTTP/1.1 410 Gone\r\n\r\n").unwrap(), 410);
        for other in ["HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 ab", "HTTP/1.1 2", ""] {
            status(other).unwrap_err();
        }
    }
}
