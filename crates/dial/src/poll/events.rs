//! The answer that does not end: frames as events (HTML, section 9.2, `text/event-stream`), each
//! one line of data.

use bytes::{Buf as _, BytesMut};
use convene_model::limits::FRAME_BYTES_MAX;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::exchange::Exchange;
use crate::frame::{FrameText, PipeError};

/// The bytes before a frame.
const BEFORE: &[u8] = b"data: ";

/// Frames as they come. Dropping it closes the connection.
#[derive(Debug)]
pub(super) struct Events {
    body: Incoming,
    lines: Lines,
    /// Keeps the connection.
    _exchange: Exchange,
}

impl Events {
    pub(super) fn new(body: Incoming, exchange: Exchange) -> Self {
        Self { body, lines: Lines::default(), _exchange: exchange }
    }

    /// The next frame; an error when the answer has ended. Cancel safe.
    pub(super) async fn next(&mut self) -> Result<FrameText, PipeError> {
        loop {
            if let Some(frame) = self.lines.next()? {
                return Ok(frame);
            }
            let piece = self.body.frame().await.and_then(Result::ok).ok_or(PipeError::Closed)?;
            if let Ok(data) = piece.into_data() {
                self.lines.push(&data);
            }
        }
    }
}

/// Lines of which those with data are frames.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    waiting: BytesMut,
    /// So much of it holds no end of a line.
    searched: usize,
}

impl Lines {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// The next frame, if it is whole. Lines that are no data, such as comments, are passed over.
    pub(crate) fn next(&mut self) -> Result<Option<FrameText>, PipeError> {
        loop {
            let new = self.waiting.get(self.searched..).unwrap_or_default();
            let Some(end) = new.iter().position(|byte| *byte == b'\n') else {
                self.searched = self.waiting.len();
                let is_long = self.searched > BEFORE.len() + FRAME_BYTES_MAX + 1;
                return if is_long { Err(PipeError::TooLong) } else { Ok(None) };
            };
            let line = self.waiting.split_to(self.searched + end);
            self.waiting.advance(1);
            self.searched = 0;
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            if let Some(frame) = line.strip_prefix(BEFORE) {
                if frame.len() > FRAME_BYTES_MAX {
                    return Err(PipeError::TooLong);
                }
                return std::str::from_utf8(frame)
                    .map(|frame| Some(frame.into()))
                    .map_err(|_| PipeError::NotText);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<String>, PipeError> {
        let mut lines = Lines::default();
        let mut frames = Vec::new();
        for piece in pieces {
            lines.push(piece);
            while let Some(frame) = lines.next()? {
                frames.push(frame.as_str().to_owned());
            }
        }
        Ok(frames)
    }

    #[test]
    fn frames_are_lines_of_data_however_they_are_cut() {
        let text = b": a comment\ndata: {\"a\":1}\n\nevent: x\r\ndata: b\r\n\r\ndata:none\ndata: \n";
        for cut in 0..text.len() {
            let (one, other) = text.split_at(cut);
            assert_eq!(read(&[one, other]).unwrap(), ["{\"a\":1}", "b", ""], "cut at {cut}");
        }
    }

    #[test]
    fn what_never_ends_or_is_no_text_ends_the_pipe() {
        let long = vec![b'x'; FRAME_BYTES_MAX + 64];
        assert_eq!(read(&[b"data: ", &long]), Err(PipeError::TooLong));
        assert_eq!(read(&[&long]), Err(PipeError::TooLong));
        assert_eq!(read(&[b"data: \xff\n"]), Err(PipeError::NotText));
        let longest = vec![b'x'; FRAME_BYTES_MAX];
        assert_eq!(read(&[b"data: ", &longest, b"\r\n"]).unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_keep_more_than_a_frame(pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..64), 0..32)) {
            let mut lines = Lines::default();
            for piece in pieces {
                lines.push(&piece);
                while let Ok(Some(_)) = lines.next() {}
                prop_assert!(!lines.waiting.contains(&b'\n') || lines.next().is_err());
            }
        }
    }
}
