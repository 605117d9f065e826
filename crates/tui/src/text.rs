//! Text as a terminal shows it: measured, wrapped and cut by what people see as one character.

mod measure;
mod plain;
mod wrap;

pub(crate) use measure::{columns, cut, graphemes, is_right_to_left, width};
pub(crate) use plain::{plain, upper_first};
pub(crate) use wrap::{wrap, wrap_behind};
