//! WebSocket frames (RFC 6455, section 5) as a server reads and writes them, without a socket.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io::{Cursor, IoSlice};

use bytes::{Buf as _, Bytes, BytesMut};
use convene_model::limits::FRAME_BYTES_MAX;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::pipe::PipeError;

/// Bytes of a control frame's content (RFC 6455, section 5.5).
const CONTROL_BYTES_MAX: usize = 125;
/// Bytes of the longest head of a frame that is not masked.
const HEAD_BYTES_MAX: usize = 10;
/// Frames that are written together: as many as one call of the system takes, each with its head.
pub(super) const TOGETHER_MAX: usize = 32;
/// Bytes that are taken up to be written together: what TLS takes at once. More would only wait in
/// two places.
const TOGETHER_BYTES_MAX: usize = 64 * 1024;

/// A message of a client's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Text(Utf8Bytes),
    Ping(Bytes),
    Farewell,
}

/// Bytes that came, on their way to being frames. Holds no memory while nothing is under way.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    raw: BytesMut,
    /// The beginning of a text whose end has not come.
    begun: Option<BytesMut>,
}

impl Inbox {
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
    }

    /// Bytes that came and are not said yet.
    pub(super) fn bytes(&self) -> usize {
        self.raw.len() + self.begun.as_ref().map_or(0, BytesMut::len)
    }

    /// The next thing that was said; `None` if more bytes must come first. A frame that is too long
    /// is refused on its head.
    pub(super) fn next(&mut self) -> Result<Option<Said>, PipeError> {
        while let Some((opcode, is_final, content)) = self.next_frame()? {
            match opcode {
                OpCode::Control(Control::Ping) => return Ok(Some(Said::Ping(content.freeze()))),
                OpCode::Control(Control::Close) => return Ok(Some(Said::Farewell)),
                OpCode::Control(Control::Pong | Control::Reserved(_)) => {}
                OpCode::Data(_) => {
                    let whole = match self.begun.take() {
                        Some(mut begun) => {
                            begun.extend_from_slice(&content);
                            begun
                        }
                        None => content,
                    };
                    if is_final {
                        let text = Utf8Bytes::try_from(whole.freeze()).map_err(|_| PipeError::NotText)?;
                        return Ok(Some(Said::Text(text)));
                    }
                    self.begun = Some(whole);
                }
            }
        }
        Ok(None)
    }

    fn next_frame(&mut self) -> Result<Option<(OpCode, bool, BytesMut)>, PipeError> {
        let mut cursor = Cursor::new(self.raw.as_ref());
        let parsed = FrameHeader::parse(&mut cursor).map_err(|_| PipeError::Protocol)?;
        let Some((head, length)) = parsed else { return Ok(None) };
        let content_at = usize::try_from(cursor.position()).map_err(|_| PipeError::TooLong)?;
        let length = usize::try_from(length).map_err(|_| PipeError::TooLong)?;
        // Clients mask every frame that they send, and no extension was agreed on (RFC 6455,
        // sections 5.1 and 5.2).
        let Some(mask) = head.mask.filter(|_| !(head.rsv1 || head.rsv2 || head.rsv3)) else {
            return Err(PipeError::Protocol);
        };
        match (head.opcode, &self.begun) {
            (OpCode::Control(_), _) if !head.is_final || length > CONTROL_BYTES_MAX => {
                return Err(PipeError::Protocol);
            }
            (OpCode::Data(Data::Binary), _) => return Err(PipeError::NotText),
            (OpCode::Data(Data::Text), Some(_)) | (OpCode::Data(Data::Continue), None) => {
                return Err(PipeError::Protocol);
            }
            (OpCode::Data(Data::Text | Data::Continue | Data::Reserved(_)) | OpCode::Control(_), _) => {}
        }
        let begun = self.begun.as_ref().map_or(0, BytesMut::len);
        if length > FRAME_BYTES_MAX - begun {
            return Err(PipeError::TooLong);
        }
        if self.raw.len() < content_at + length {
            return Ok(None);
        }
        self.raw.advance(content_at);
        let mut content = self.raw.split_to(length);
        if self.raw.is_empty() {
            self.raw = BytesMut::new();
        }
        unmask(&mut content, mask);
        Ok(Some((head.opcode, head.is_final, content)))
    }
}

fn unmask(content: &mut [u8], mask: [u8; 4]) {
    let mut chunks = content.chunks_exact_mut(4);
    for chunk in &mut chunks {
        for (byte, key) in chunk.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(mask) {
        *byte ^= key;
    }
}

/// Frames under way to the socket, each a head of its own and a text that is shared with all other
/// recipients.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    frames: VecDeque<Outgoing>,
    /// Bytes of all frames.
    bytes: usize,
    /// Bytes of the first frame that are written.
    written: usize,
}

#[derive(Debug)]
struct Outgoing {
    head: [u8; HEAD_BYTES_MAX],
    head_length: usize,
    content: Bytes,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether one more frame may be written together with those that are here.
    pub(super) fn has_room(&self) -> bool {
        self.frames.len() < TOGETHER_MAX && self.bytes < TOGETHER_BYTES_MAX
    }

    pub(super) fn text(&mut self, text: Utf8Bytes) -> Result<(), PipeError> {
        if text.len() > FRAME_BYTES_MAX {
            return Err(PipeError::TooLong);
        }
        self.push(OpCode::Data(Data::Text), text.into())
    }

    pub(super) fn control(&mut self, control: Control, content: Bytes) -> Result<(), PipeError> {
        self.push(OpCode::Control(control), content)
    }

    fn push(&mut self, opcode: OpCode, content: Bytes) -> Result<(), PipeError> {
        let header = FrameHeader { opcode, ..FrameHeader::default() };
        let length = u64::try_from(content.len()).map_err(|_| PipeError::TooLong)?;
        let mut head = [0; HEAD_BYTES_MAX];
        header.format(length, &mut head.as_mut_slice()).map_err(|_| PipeError::TooLong)?;
        let head_length = header.len(length);
        self.bytes += head_length + content.len();
        self.frames.push_back(Outgoing { head, head_length, content });
        Ok(())
    }

    /// Fills the slices with the bytes that are to be written, in order. Returns the number of
    /// slices that are filled.
    pub(super) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>; 2 * TOGETHER_MAX]) -> usize {
        let mut skip = self.written;
        let mut filled = 0;
        let parts = self.frames.iter().flat_map(|frame| [frame.head(), &frame.content]);
        for part in parts {
            let rest = part.get(skip..).unwrap_or_default();
            skip = skip.saturating_sub(part.len());
            if let Some(slice) = slices.get_mut(filled).filter(|_| !rest.is_empty()) {
                *slice = IoSlice::new(rest);
                filled += 1;
            }
        }
        filled
    }

    /// So many more bytes are written.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.written += bytes;
        while let Some(length) =
            self.frames.front().map(Outgoing::len).filter(|length| self.written >= *length)
        {
            self.frames.pop_front();
            self.written -= length;
            self.bytes -= length;
        }
    }
}

impl Outgoing {
    fn head(&self) -> &[u8] {
        self.head.get(..self.head_length).unwrap_or_default()
    }

    fn len(&self) -> usize {
        self.head_length + self.content.len()
    }
}
