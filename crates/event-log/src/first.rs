//! The log as the engines keep it until they have the duties of [`crate::EventLog`].

pub mod contract;
mod errors;
mod log;
mod memory;

pub use errors::{AppendError, CreateError, ReadError, StorageError};
pub use log::{EventLog, Head};
pub use memory::MemoryLog;
