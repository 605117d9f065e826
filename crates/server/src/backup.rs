//! Backups: everything without which a server is not the same one any more, in one file.
//!
//! The running server copies its event log as it is at one moment, and gives it out together with
//! the key and the certificate that it made itself. [`Copies`] is that side; [`BackupFile`] reads
//! such a file, and [`restore`] makes a state directory of it.

mod copying;
mod file;
mod restoring;
#[cfg(test)]
mod tests;

pub(crate) use copying::{Copies, Copy};
pub(crate) use file::{BackupFile, DamageError, Made, UnpackError};
pub(crate) use restoring::restore;

use crate::certificate::{CERTIFICATE, KEY};
use crate::state_dir::EVENT_LOG;

/// The files of a state directory that can be in a backup. The log is always in it.
const NAMES: [&str; 3] = [EVENT_LOG, KEY, CERTIFICATE];
