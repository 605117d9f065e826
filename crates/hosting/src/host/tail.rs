//! The latest events, ready to be sent again.

use std::collections::VecDeque;
use std::sync::Arc;

use convene_conference::Audience;

/// Bytes of events that are kept: a reconnect after a minute is served without the log.
const TAIL_BYTES_MAX: usize = 2 * 1024 * 1024;

#[derive(Debug)]
struct Item {
    seq: u64,
    audience: Audience,
    text: Arc<str>,
}

#[derive(Debug, Default)]
pub(super) struct Tail {
    items: VecDeque<Item>,
    bytes: usize,
    /// All events above this number are here.
    from: u64,
}

impl Tail {
    pub(super) fn push(&mut self, seq: u64, audience: Audience, text: Arc<str>) {
        self.bytes += text.len();
        self.items.push_back(Item { seq, audience, text });
        while self.bytes > TAIL_BYTES_MAX
            && let Some(oldest) = self.items.pop_front()
        {
            self.bytes -= oldest.text.len();
            self.from = oldest.seq;
        }
    }

    /// The events above `after` up to `through`; `None` where they are not all here.
    pub(super) fn span(
        &self,
        after: u64,
        through: u64,
    ) -> Option<impl Iterator<Item = (u64, Audience, &Arc<str>)>> {
        (after >= self.from).then(|| {
            let start = self.items.partition_point(|item| item.seq <= after);
            self.items
                .range(start..)
                .take_while(move |item| item.seq <= through)
                .map(|item| (item.seq, item.audience, &item.text))
        })
    }
}
