//! The family of the end. Its command and its event say nothing but their kind, and its part of the
//! state is whether the conference is over.

mod decide;

pub(crate) use decide::{end, may_end};
