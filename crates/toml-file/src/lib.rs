//! Reading a TOML file with errors that a person can act on: file, line, column, and for an unknown key the nearest known one.

mod read;

pub use read::{TomlFileError, load, parse};
