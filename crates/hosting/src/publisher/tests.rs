//! A publisher, told entry by entry, with seats that take its frames as daemons do.

mod coming_and_going;
mod following;
mod history;
mod logs;
mod random;
mod receipts;
mod replays;
mod room;
mod seat;
mod snapshots;
mod world;
mod writing;
