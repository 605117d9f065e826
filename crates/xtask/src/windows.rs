//! What is made for Windows, in a Debian of its own.

pub(crate) mod debian;
mod limit;
pub(crate) mod msi;
mod target;
