//! Where everything stands on the screen: the same for those who draw it and for the keys that move
//! in it.

mod areas;
mod entries;
mod row;
mod talk;
mod talk_rows;

pub(crate) use areas::{areas, banner_rows, dialog_room, first_place};
pub(crate) use entries::entry_rows;
pub(crate) use row::{Paint, Row};
pub(crate) use talk::TalkRows;
