//! Seats that are being brought up get more only while the link has room for it.

use convene_model::limits::BATCH_BYTES_MAX;

use super::{Desk, DeskOutput, Opening};
use crate::messages::Wish;

/// Bytes that wait on a link below which seats that are being brought up get more: what a slow path
/// carries in a few seconds, and far below the limit at which a link is cut.
const READY_BELOW: usize = 256 * 1024;

impl<C: Clone + Ord> Desk<C> {
    /// So many bytes wait on the link: seats that are being brought up get more as long as these,
    /// and what was called for and has not come yet, stay below a quarter of a mebibyte. To be
    /// called after every input, and when bytes have left.
    pub fn handle_room(&mut self, bytes_waiting: usize) {
        while bytes_waiting + self.called.len() * BATCH_BYTES_MAX < READY_BELOW
            && let Some(index) = self.hungry.pop_front()
        {
            let seat = self.seats.get(&index);
            if let Some(Opening::Open { at, .. }) = seat.map(|seat| &seat.opening) {
                self.called.insert(index);
                let (conference, wish) = (at.clone(), Wish::Ready { index });
                self.outputs.push_back(DeskOutput::Wish { conference, wish });
            }
        }
    }

    /// The publisher has sent something to a seat, and may have more.
    pub(super) fn fed(&mut self, at: &C, index: u32, more: bool) -> bool {
        let is_open = self.seats.get(&index).is_some_and(|seat| seat.opening.is_open_at(at));
        if is_open {
            self.forget_hunger(index);
            if more {
                self.hungry.push_back(index);
            }
        }
        is_open
    }

    pub(super) fn forget_hunger(&mut self, index: u32) {
        self.called.remove(&index);
        self.hungry.retain(|hungry| *hungry != index);
    }
}
