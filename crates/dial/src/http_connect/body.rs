//! Reading the page that comes with a refusal to its end, so that the next request can follow.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::head::Body;

/// Bytes of a page that are read for it: pages of proxies have 3 to 8 KiB. Behind a longer one a
/// new connection is quicker.
const PAGE_BYTES_MAX: u64 = 64 * 1024;
/// Bytes of the line in front of a chunk: a length, and extensions that nobody writes.
const LINE_BYTES_MAX: usize = 128;
/// Lines behind the last chunk.
const TRAILERS_MAX: usize = 16;

/// Reads the body, and says whether its end was found. Bytes behind it are not read.
pub(super) async fn drain<R: AsyncRead + Unpin>(from: &mut R, body: Body) -> bool {
    match body {
        Body::Length(length) => skip(from, length, PAGE_BYTES_MAX).await.is_some(),
        Body::Chunked => drain_chunks(from).await.is_some(),
        Body::UntilClose => false,
    }
}

/// Passes over so many bytes; gives what is left of `room`.
async fn skip<R: AsyncRead + Unpin>(from: &mut R, length: u64, room: u64) -> Option<u64> {
    let left = room.checked_sub(length)?;
    let copied = tokio::io::copy(&mut from.take(length), &mut tokio::io::sink()).await.ok()?;
    (copied == length).then_some(left)
}

/// RFC 9112, section 7.1.
async fn drain_chunks<R: AsyncRead + Unpin>(from: &mut R) -> Option<()> {
    let mut room = PAGE_BYTES_MAX;
    loop {
        let line = line(from).await?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(digits, 16).ok()?;
        if length == 0 {
            break;
        }
        room = skip(from, length, room).await?;
        line_end(from).await?;
    }
    for _ in 0..TRAILERS_MAX {
        if line(from).await?.is_empty() {
            return Some(());
        }
    }
    None
}

async fn line_end<R: AsyncRead + Unpin>(from: &mut R) -> Option<()> {
    line(from).await?.is_empty().then_some(())
}

async fn line<R: AsyncRead + Unpin>(from: &mut R) -> Option<String> {
    let mut line = Vec::new();
    while line.len() < LINE_BYTES_MAX {
        match from.read_u8().await.ok()? {
            b'\n' => return Some(String::from_utf8_lossy(&line).trim_end().to_owned()),
            byte => line.push(byte),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that are left behind the body, if its end was found.
    async fn left(body: Body, bytes: &str) -> Option<String> {
        let mut from = bytes.as_bytes();
        let found = drain(&mut from, body).await;
        found.then(|| String::from_utf8_lossy(from).into_owned())
    }

    #[tokio::test]
    async fn a_body_is_read_to_its_end_and_no_further() {
        assert_eq!(left(Body::Length(3), "abcNEXT").await.as_deref(), Some("NEXT"));
        assert_eq!(left(Body::Length(0), "NEXT").await.as_deref(), Some("NEXT"));
        let chunks = "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nNEXT";
        assert_eq!(left(Body::Chunked, chunks).await.as_deref(), Some("NEXT"));
    }

    #[tokio::test]
    async fn a_body_without_an_end_or_too_long_is_given_up() {
        let endless = format!("{}{}", "ffff\r\n", "x".repeat(0xffff));
        let long_line = "0".repeat(1_000);
        for (body, bytes) in [
            (Body::UntilClose, "abc"),
            (Body::Length(9), "abc"),
            (Body::Length(PAGE_BYTES_MAX + 1), "abc"),
            (Body::Chunked, "3\r\nab"),
            (Body::Chunked, "x\r\n"),
            (Body::Chunked, "-1\r\n"),
            (Body::Chunked, "3\r\nabcdef"),
            (Body::Chunked, &endless),
            (Body::Chunked, &long_line),
        ] {
            assert_eq!(left(body, bytes).await, None, "{body:?}");
        }
    }
}
