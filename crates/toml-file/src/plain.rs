//! Reading files that end.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Reads a plain file of at most this many bytes. Anything else that has a path is refused without
/// a wait: a pipe or a device may never say anything, and may never end. Links are followed.
///
/// # Errors
/// When it cannot be read, is no plain file, or is longer.
pub fn read_plain(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut options = File::options();
    options.read(true);
    // Otherwise opening a pipe waits for one who writes, before its kind can be looked at.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = options.open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::other("it is not a plain file"));
    }
    let too_long =
        |bytes: u64| io::Error::other(format!("its {bytes} bytes are too many for what it should hold"));
    if about.len() > bytes_max {
        return Err(too_long(about.len()));
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile.
    let count = file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    if count as u64 > bytes_max { Err(too_long(count as u64)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_ends_is_read_and_not_beyond_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read_plain(&path, 5).unwrap(), b"12345");
        assert!(read_plain(&path, 4).unwrap_err().to_string().contains("5 bytes are too many"));
        assert!(read_plain(dir.path(), 4).is_err());
        assert!(read_plain(&dir.path().join("absent"), 4).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_and_a_device_are_refused_without_a_wait() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        for path in [pipe.as_path(), Path::new("/dev/zero")] {
            assert!(read_plain(path, 4).unwrap_err().to_string().contains("not a plain file"));
        }
    }
}
