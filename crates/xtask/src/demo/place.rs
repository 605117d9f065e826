//! The directory and the ports of one demo.

use std::fs::{self, DirBuilder};
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// How many ports stand where a real server has 4500 to 4506.
const CONFERENCE_PORTS: u16 = 7;

/// A directory that goes when this goes, and where outputs are kept.
#[derive(Debug)]
pub(super) struct Place {
    directory: PathBuf,
    outputs: PathBuf,
}

impl Place {
    /// Makes the directory, closed to others. It is short, because a socket's path may have 107
    /// bytes.
    pub(super) fn make(keep: Option<&Path>) -> Result<Self> {
        let directory = std::env::temp_dir().join(format!("convene-demo-{}", std::process::id()));
        DirBuilder::new()
            .mode(0o700)
            .create(&directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        let outputs = keep.map_or_else(|| directory.join("out"), Path::to_path_buf);
        let place = Self { directory, outputs };
        fs::create_dir_all(&place.outputs)
            .with_context(|| format!("cannot make {}", place.outputs.display()))?;
        Ok(place)
    }

    /// A path inside the directory.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// An empty file among the outputs.
    pub(super) fn output(&self, name: &str) -> Result<PathBuf> {
        let path = self.outputs.join(name);
        fs::write(&path, "").with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Where a program's log stands among the outputs.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.outputs.join(format!("{name}.log"))
    }

    /// Writes a file inside the directory.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.directory) {
            eprintln!("cannot remove {}: {error}", self.directory.display());
        }
    }
}

/// A range of conference ports and the port that stands for 443, all free a moment ago.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) https: u16,
}

impl Ports {
    /// Looks below the ports that the kernel hands out by itself, from a start that differs between
    /// demos.
    pub(super) fn find() -> Result<Self> {
        let span = usize::from(CONFERENCE_PORTS) + 1;
        let start = usize::try_from(std::process::id())?.wrapping_mul(span);
        (20_000..32_000_u16)
            .step_by(span)
            .cycle()
            .skip(start % 1_500)
            .take(1_500)
            .map(|first| Self { first, last: first + CONFERENCE_PORTS - 1, https: first + CONFERENCE_PORTS })
            .find(|ports| {
                (ports.first..=ports.https).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
            })
            .context("no eight free ports in a row on this machine")
    }
}
