//! A connection that is read byte by byte, each byte kept, and not beyond the head of an answer. To
//! a request it adds lines.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use convene_model::Code;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::failure::code_of_broken;
use crate::head::{self, Head};

/// Bytes of an answer's head, interim answers included: as many as Chromium takes, so that no proxy
/// serves the browser and not us.
const HEAD_BYTES_MAX: usize = 256 * 1024;

/// Gives its reader one byte at a time, so that no buffer takes what belongs to TLS, and reads the
/// head by itself. Where the head is whole or broken, its reader meets the end. Beyond 256 KiB it
/// fails. A request that is written to it goes out when it is flushed, with further lines.
pub(super) struct Recording<'a, Stream> {
    inner: &'a mut Stream,
    /// The lines that the request does not have yet.
    lines: Vec<u8>,
    /// What is still to be sent of the request, which is as long as a name and a login may be.
    request: Vec<u8>,
    bytes: Vec<u8>,
    /// Where in `bytes` the present head begins: behind the interim answers.
    begin: usize,
    /// Where in `bytes` the present line begins.
    line: usize,
    head: Head,
    broken: Option<Code>,
}

impl<'a, Stream> Recording<'a, Stream> {
    /// `lines`, each with its end, are added to the request.
    pub(super) fn new(inner: &'a mut Stream, lines: Vec<u8>) -> Self {
        let (request, bytes) = (Vec::new(), Vec::new());
        Self { inner, lines, request, bytes, begin: 0, line: 0, head: Head::Partial, broken: None }
    }

    /// Takes the head as far as it was read. Bytes that are read from now on belong to another
    /// head.
    pub(super) fn take_head(&mut self) -> Head {
        (self.begin, self.line) = (self.bytes.len(), self.bytes.len());
        std::mem::replace(&mut self.head, Head::Partial)
    }

    /// Whether more must be read before the head is whole or known to be broken.
    pub(super) fn is_partial(&self) -> bool {
        matches!(self.head, Head::Partial)
    }

    /// The code for the end of the connection, if it ended before the first byte.
    pub(super) fn ended_silently(&self) -> Option<Code> {
        self.broken.filter(|_| self.bytes.is_empty())
    }

    fn keep(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte != b'\n' {
            return;
        }
        let line = self.bytes.get(self.line..).unwrap_or_default();
        let (is_first, is_blank) = (self.line == self.begin, matches!(line, b"\n" | b"\r\n"));
        self.line = self.bytes.len();
        if is_first && is_blank {
            // Blank lines in front belong to no head.
            self.begin = self.line;
        } else if is_first || is_blank {
            // The first line shows whether it is a head at all, and a blank one ends it: between
            // them there is nothing to look for, however many lines there are.
            self.head = match head::read(self.bytes.get(self.begin..).unwrap_or_default()) {
                Head::Partial if is_blank => Head::Broken,
                head @ (Head::Partial | Head::Whole(_) | Head::Broken) => head,
            };
        }
    }
}

impl<Stream: AsyncRead + Unpin> AsyncRead for Recording<'_, Stream> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.is_partial() {
            return Poll::Ready(Ok(()));
        }
        if self.bytes.len() >= HEAD_BYTES_MAX {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the answer's head has no end",
            )));
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        if let Err(error) = ready!(Pin::new(&mut *self.inner).poll_read(cx, &mut one)) {
            self.broken.get_or_insert_with(|| code_of_broken(error.kind()));
            return Poll::Ready(Err(error));
        }
        match one.filled().first() {
            Some(byte) => self.keep(*byte),
            None => {
                self.broken.get_or_insert(Code::Closed);
            }
        }
        buffer.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl<Stream: AsyncWrite + Unpin> AsyncWrite for Recording<'_, Stream> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.request.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.request.ends_with(b"\r\n\r\n") {
            // In front of the blank line.
            this.request.truncate(this.request.len() - 2);
            this.request.append(&mut this.lines);
            this.request.extend_from_slice(b"\r\n");
        }
        while !this.request.is_empty() {
            match ready!(Pin::new(&mut *this.inner).poll_write(cx, &this.request)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(sent) => drop(this.request.drain(..sent)),
                Err(error) => {
                    this.broken.get_or_insert_with(|| code_of_broken(error.kind()));
                    return Poll::Ready(Err(error));
                }
            }
        }
        Pin::new(&mut *this.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.inner).poll_shutdown(cx)
    }
}
