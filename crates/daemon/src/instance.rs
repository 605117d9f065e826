//! This daemon, as administrators are told of it.

use convene_model::Timestamp;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::os::{Paths, SocketPath};

/// The places where this daemon keeps and finds things, and the time since which it runs.
#[derive(Debug)]
pub(crate) struct Instance {
    /// RFC 3339.
    pub(crate) started: String,
    pub(crate) state: PathBuf,
    pub(crate) socket: SocketPath,
    files: Mutex<Vec<PathBuf>>,
}

impl Instance {
    /// One that starts now, with these configuration files.
    pub(crate) fn new(places: &Paths, files: Vec<PathBuf>) -> Self {
        let Paths { state, socket, .. } = places;
        let started = Timestamp::from(SystemTime::now()).to_string();
        Self { started, state: state.clone(), socket: socket.clone(), files: Mutex::new(files) }
    }

    /// The configuration files that were read, in the order in which they count.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Others were read.
    pub(crate) fn set_files(&self, files: Vec<PathBuf>) {
        *self.files.lock().unwrap_or_else(PoisonError::into_inner) = files;
    }
}
