//! Reading a TOML file with errors that a person can act on: file, line, column, for an unknown key
//! the nearest known one, and for a table or a list of the wrong shape how the right one is
//! written. Values can be made a text of TOML again. Programs read the other files that people name
//! through [`read_plain`].

mod explain;
mod plain;
mod read;

pub use plain::read_plain;
pub use read::{TomlFile, TomlFileError, load, parse, text_of};
