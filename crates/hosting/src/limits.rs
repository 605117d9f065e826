//! How much a conference may hold.

/// Bytes by which one participant may make a log grow: a message every three seconds for a whole
/// day.
const PARTICIPANT_BYTES: u64 = 8 * 1024 * 1024;
/// Bytes to which the log of one conference may grow: 500 people who each send a thousand messages
/// and more.
const CONFERENCE_BYTES: u64 = 512 * 1024 * 1024;
/// The first mark, in percent: time enough to end a conference, or to let it hold more.
const NEARLY_FULL_PERCENT: u32 = 80;
/// The last one.
const FULL_PERCENT: u32 = 100;

/// The limits of what a conference holds, in bytes of its log. Past them nothing is written in it
/// any more; everything else goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataLimits {
    /// Of all that happens in a conference.
    pub conference: u64,
    /// Of the commands of one participant, from all devices.
    pub participant: u64,
}

impl Default for DataLimits {
    fn default() -> Self {
        Self { conference: CONFERENCE_BYTES, participant: PARTICIPANT_BYTES }
    }
}

impl DataLimits {
    /// The last mark that a conference of this size has passed, in percent; 0 before the first.
    pub(crate) fn mark(self, bytes: u64) -> u32 {
        let nearly = u128::from(self.conference) * u128::from(NEARLY_FULL_PERCENT) / u128::from(FULL_PERCENT);
        if bytes >= self.conference {
            FULL_PERCENT
        } else if u128::from(bytes) >= nearly {
            NEARLY_FULL_PERCENT
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_passed_at_its_edge() {
        let limits = DataLimits { conference: 1_000, participant: 1 };
        let marks = [0, 799, 800, 999, 1_000, u64::MAX].map(|bytes| limits.mark(bytes));
        assert_eq!(marks, [0, 0, 80, 80, 100, 100]);
        let largest = DataLimits { conference: u64::MAX, participant: 1 };
        assert_eq!((largest.mark(u64::MAX - 1), largest.mark(1)), (80, 0));
    }
}
