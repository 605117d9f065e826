//! A SQLite file that one process has for itself.
//!
//! A program locks the [`SqliteFile`], looks which form its tables have, and then opens connections
//! to it: one that writes, as durably as SQLite can, and others that read. A file of another
//! program or of a later version is told by name ([`OpenError`]) and left as it is.

mod error;
mod file;
mod form;
#[cfg(test)]
mod tests;

pub use error::OpenError;
pub use file::{Kind, SqliteFile, detail, private_file};
