//! Mistakes that can be planted in the pure machines, to show that the simulator finds each.
//!
//! The machines name this crate only under their feature `planted`, which no program for users has.
//! There a mistake is one condition, such as `if planted!(GapTaken)`; without the feature it is
//! `if false`. A mistake counts for the thread that planted it, so worlds that are played side by
//! side do not disturb one another.

mod mistakes;

use std::cell::Cell;

pub use mistakes::Planted;

thread_local! {
    static PLANTED: Cell<Option<Planted>> = const { Cell::new(None) };
}

/// Plants a mistake for this thread, in place of the one before; `None` for none.
pub fn plant(planted: Option<Planted>) {
    PLANTED.set(planted);
}

/// Whether this mistake is planted.
pub fn is(planted: Planted) -> bool {
    PLANTED.get() == Some(planted)
}
