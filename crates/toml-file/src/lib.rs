//! Reading a TOML file with errors that a person can act on: file, line, column, for an unknown key
//! the nearest known one, and for a table or a list of the wrong shape how the right one is
//! written. Values can be made a text of TOML again.

mod explain;
mod read;

pub use read::{TomlFile, TomlFileError, load, parse, text_of};
