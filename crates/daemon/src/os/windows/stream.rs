//! A frontend's connection over a named pipe.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use interprocess::os::windows::named_pipe::pipe_mode::Bytes;
use interprocess::os::windows::named_pipe::tokio::DuplexPipeStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A frontend's connection.
#[derive(Debug)]
pub(crate) struct LocalStream {
    pipe: DuplexPipeStream<Bytes>,
    /// The byte that had to be read to learn who the client is.
    first: Option<u8>,
}

impl LocalStream {
    /// A connection of which `first` was read already.
    pub(super) fn new(pipe: DuplexPipeStream<Bytes>, first: Option<u8>) -> Self {
        Self { pipe, first }
    }
}

impl AsyncRead for LocalStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stream = self.get_mut();
        if buf.remaining() > 0
            && let Some(first) = stream.first.take()
        {
            buf.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut stream.pipe).poll_read(cx, buf)
    }
}

impl AsyncWrite for LocalStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let stream = self.get_mut();
        let written = Pin::new(&mut stream.pipe).poll_write(cx, buf);
        // The bytes that were written belong to the kernel and stay readable after this end is
        // closed. Without this call, dropping the stream would make a thread wait until the client
        // has read everything: for ever, if it does not want to.
        stream.pipe.assume_flushed();
        written
    }

    /// Nothing waits on this side. (Flushing a pipe would wait for the client to read.)
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// A pipe has no half that could be shut; dropping the stream closes it.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
