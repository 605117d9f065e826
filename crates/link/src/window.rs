//! Data frames on their way out: numbered, kept until acknowledged.

use std::collections::VecDeque;

use convene_model::limits::CONNECTION_QUEUE_BYTES_MAX;

/// The other end takes frames more slowly than they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {CONNECTION_QUEUE_BYTES_MAX} bytes of frames wait on one connection")]
pub struct QueueFull;

/// The other end acknowledges what was never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NeverSent;

#[derive(Debug)]
pub(crate) struct Window<T> {
    /// Those without an acknowledgement; the first has the number `acknowledged + 1`.
    frames: VecDeque<(T, usize)>,
    bytes: usize,
    acknowledged: u64,
    given: u64,
}

impl<T: Clone> Window<T> {
    pub(crate) fn new() -> Self {
        Self { frames: VecDeque::new(), bytes: 0, acknowledged: 0, given: 0 }
    }

    /// Takes a frame of so many bytes. A frame that is refused was not numbered.
    pub(crate) fn push(&mut self, frame: T, bytes: usize) -> Result<(), QueueFull> {
        if self.bytes + bytes > CONNECTION_QUEUE_BYTES_MAX {
            return Err(QueueFull);
        }
        self.bytes += bytes;
        self.frames.push_back((frame, bytes));
        Ok(())
    }

    /// The next frame to give out, with its number.
    pub(crate) fn next(&mut self) -> Option<(u64, T)> {
        let place = usize::try_from(self.given - self.acknowledged).ok()?;
        let (frame, _) = self.frames.get(place)?;
        self.given += 1;
        Some((self.given, frame.clone()))
    }

    /// The other end has taken everything up to this number. Says whether that was news.
    pub(crate) fn acknowledge(&mut self, received: u64) -> Result<bool, NeverSent> {
        if received > self.last() {
            return Err(NeverSent);
        }
        let news = received > self.acknowledged;
        while self.acknowledged < received {
            if let Some((_, bytes)) = self.frames.pop_front() {
                self.bytes -= bytes;
            }
            self.acknowledged += 1;
        }
        self.given = self.given.max(self.acknowledged);
        if self.frames.is_empty() {
            // An idle link holds no memory for the traffic of its busiest minute.
            self.frames.shrink_to(0);
        }
        Ok(news)
    }

    /// Everything that is not acknowledged will be given out again.
    pub(crate) fn rewind(&mut self) {
        self.given = self.acknowledged;
    }

    /// Whether frames were given out that are not acknowledged.
    pub(crate) fn is_waiting(&self) -> bool {
        self.given > self.acknowledged
    }

    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// The number of the last frame that was given out since the last rewind.
    pub(crate) fn given(&self) -> u64 {
        self.given
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    fn last(&self) -> u64 {
        self.acknowledged + self.frames.len() as u64
    }
}
