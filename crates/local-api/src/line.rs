//! Lines out of bytes. A line that is too long or no UTF-8 costs itself and nothing behind it.

use convene_model::limits::LOCAL_LINE_BYTES_MAX;

/// Bytes that a connection may keep beyond those that came.
const SPARE_BYTES: usize = 64 * 1024;

/// Why a line is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// It has more than [`LOCAL_LINE_BYTES_MAX`] bytes.
    #[error("a line has at most {LOCAL_LINE_BYTES_MAX} bytes")]
    TooLong,
    /// It is not UTF-8.
    #[error("a line is UTF-8")]
    NotUtf8,
}

/// Cuts a stream of bytes into lines. Holds at most one line and one chunk.
#[derive(Debug, Default)]
pub struct LineDecoder {
    buffer: Vec<u8>,
    /// Up to where there is no end of a line.
    searched: usize,
    /// The rest of a line that is too long is being passed over.
    skipping: bool,
}

impl LineDecoder {
    /// Takes the next bytes. [`LineDecoder::next_line`] must be drained before more are given.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next line without its end (`\n` or `\r\n`); `None` until more bytes come. Empty lines
    /// are passed over.
    pub fn next_line(&mut self) -> Option<Result<String, LineError>> {
        loop {
            let rest = self.buffer.get(self.searched..).unwrap_or_default();
            let Some(end) = rest.iter().position(|byte| *byte == b'\n').map(|at| at + self.searched) else {
                return self.wait();
            };
            let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
            self.searched = 0;
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            if std::mem::take(&mut self.skipping) {
                return Some(Err(LineError::TooLong));
            }
            if line.len() > LOCAL_LINE_BYTES_MAX {
                return Some(Err(LineError::TooLong));
            }
            if !line.is_empty() {
                return Some(String::from_utf8(line).map_err(|_| LineError::NotUtf8));
            }
        }
    }

    /// The bytes of a line that is not whole.
    pub fn held_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// There is no whole line. The bytes of a line that is too long already need not be kept.
    fn wait(&mut self) -> Option<Result<String, LineError>> {
        if self.skipping || self.buffer.len() > LOCAL_LINE_BYTES_MAX + 1 {
            self.skipping = true;
            self.buffer.clear();
        }
        self.searched = self.buffer.len();
        if self.buffer.is_empty() {
            // An idle connection holds no memory for its longest line.
            self.buffer = Vec::new();
        } else if self.buffer.capacity() > SPARE_BYTES.max(4 * self.buffer.len()) {
            // A long line that has gone does not keep its memory.
            self.buffer.shrink_to(2 * self.buffer.len());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(decoder: &mut LineDecoder, bytes: &[u8]) -> Vec<Result<String, LineError>> {
        decoder.push(bytes);
        std::iter::from_fn(|| decoder.next_line()).collect()
    }

    #[test]
    fn a_bad_line_costs_itself_and_nothing_behind_it() {
        let mut decoder = LineDecoder::default();
        assert_eq!(lines(&mut decoder, b"one\n\xff\xfe\nthr"), [Ok("one".into()), Err(LineError::NotUtf8)]);
        assert_eq!(lines(&mut decoder, b"ee\r\n\n"), [Ok("three".into())]);
        for _ in 0..40 {
            assert_eq!(lines(&mut decoder, &[b'x'; 64 * 1024]), []);
            assert!(decoder.buffer.len() <= LOCAL_LINE_BYTES_MAX + 64 * 1024 + 1, "memory is bounded");
        }
        assert_eq!(lines(&mut decoder, b"x\nnext\n"), [Err(LineError::TooLong), Ok("next".into())]);
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() {
        let mut decoder = LineDecoder::default();
        let mut line = vec![b'a'; LOCAL_LINE_BYTES_MAX];
        line.push(b'\n');
        assert_eq!(lines(&mut decoder, &line)[0].as_ref().map(String::len), Ok(LOCAL_LINE_BYTES_MAX));
        line.insert(0, b'a');
        assert_eq!(lines(&mut decoder, &line), [Err(LineError::TooLong)]);
    }

    proptest! {
        #[test]
        fn however_bytes_are_cut_the_lines_are_the_same(
            texts in proptest::collection::vec("[^\n\r]{1,40}", 0..10),
            cuts in proptest::collection::vec(1_usize..20, 1..40),
        ) {
            let bytes: Vec<u8> = texts.iter().flat_map(|text| format!("{text}\n").into_bytes()).collect();
            let mut decoder = LineDecoder::default();
            let (mut rest, mut got, mut cuts) = (bytes.as_slice(), Vec::new(), cuts.into_iter().cycle());
            while !rest.is_empty() {
                let (now, later) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
                got.extend(lines(&mut decoder, now));
                rest = later;
            }
            prop_assert_eq!(got, texts.into_iter().map(Ok).collect::<Vec<_>>());
        }
    }
}
