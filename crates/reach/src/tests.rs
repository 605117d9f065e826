//! Behaviour of the whole ladder, on a clock that the tests hold.

mod carriers;
mod chances;
mod combinations;
mod connected;
mod memory;
mod portal;
mod records;
mod rounds;
mod timetable;
mod world;
