//! A service has no standard error on Windows: all lines go to a file, and those for which somebody
//! may wait to the event log.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::windows::io::AsRawHandle as _;
use std::path::PathBuf;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use widestring::U16CString;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::EventLog::{
    EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE, RegisterEventSourceW, ReportEventW,
};

use crate::Environment;
use crate::line::Line;

/// At this size a new file is begun. The one before is kept, so that twice as much is the most.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Warnings and errors that have no number of their own.
const UNNUMBERED: u16 = 1;

/// The file and the event log, for one program.
#[derive(Debug)]
pub(crate) struct Sink {
    file: Mutex<LogFile>,
    events: Option<EventSource>,
}

impl Sink {
    /// None where there is a standard error, or where the file cannot be written.
    pub(crate) fn of_service(name: &'static str, environment: Environment<'_>) -> Option<Self> {
        if !io::stderr().as_raw_handle().is_null() {
            return None;
        }
        let folder = PathBuf::from(environment("ProgramData")?).join(r"Convene\log");
        let file = LogFile::open(folder.join(format!("{name}.log"))).ok()?;
        Some(Self { file: Mutex::new(file), events: EventSource::register(name) })
    }

    /// Writes a line. A line that the disk does not take is lost: there is nowhere to say so.
    pub(crate) fn put(&self, metadata: &Metadata<'_>, line: &Line) {
        let level = *metadata.level();
        let mut text = String::new();
        if SystemTime.format_time(&mut Writer::new(&mut text)).is_err() {
            text.push('-');
        }
        text.push_str(&format!(" {level:>5} {}: {}\r\n", metadata.target(), line.text));
        drop(self.file.lock().unwrap_or_else(PoisonError::into_inner).put(&text));
        let number = line.number.or_else(|| (level <= Level::WARN).then_some(UNNUMBERED));
        if let (Some(number), Some(events)) = (number, &self.events) {
            events.report(level, number, &line.text);
        }
    }
}

/// Tells the event log of an error, as the source with this name, without starting a log.
pub fn report_error(name: &str, number: u16, text: &str) {
    if let Some(events) = EventSource::register(name) {
        events.report(Level::ERROR, number, text);
    }
}

/// A file that does not grow beyond [`FILE_BYTES_MAX`].
#[derive(Debug)]
struct LogFile {
    path: PathBuf,
    file: File,
    length: u64,
}

impl LogFile {
    fn open(path: PathBuf) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().append(true).create(true).open(&path)?;
        let length = file.metadata()?.len();
        Ok(Self { path, file, length })
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        if self.length + text.len() as u64 > FILE_BYTES_MAX {
            fs::rename(&self.path, self.path.with_extension("1.log"))?;
            *self = Self::open(self.path.clone())?;
        }
        self.file.write_all(text.as_bytes())?;
        self.length += text.len() as u64;
        Ok(())
    }
}

/// The event log, as the source with the program's name.
#[derive(Debug)]
struct EventSource(HANDLE);

#[expect(unsafe_code, reason = "the event log is reached by handle")]
// SAFETY: the system lets any thread report by this handle, and it lives as long as the process.
unsafe impl Send for EventSource {}
#[expect(unsafe_code, reason = "the event log is reached by handle")]
// SAFETY: as above; reports do not change the handle.
unsafe impl Sync for EventSource {}

impl EventSource {
    fn register(name: &str) -> Option<Self> {
        let name = U16CString::from_str(name).ok()?;
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: the name ends with a zero and outlives the call.
        let handle = unsafe { RegisterEventSourceW(ptr::null(), name.as_ptr()) };
        (!handle.is_null()).then_some(Self(handle))
    }

    fn report(&self, level: Level, number: u16, text: &str) {
        let kind = match level {
            Level::ERROR => EVENTLOG_ERROR_TYPE,
            Level::WARN => EVENTLOG_WARNING_TYPE,
            _ => EVENTLOG_INFORMATION_TYPE,
        };
        let text = U16CString::from_str_truncate(text);
        let texts = [text.as_ptr()];
        #[expect(unsafe_code, reason = "a call of the system's")]
        // SAFETY: one text that ends with a zero is handed over, and no data; both outlive the
        // call. A report that fails is lost.
        unsafe {
            ReportEventW(
                self.0,
                kind,
                0,
                u32::from(number),
                ptr::null_mut(),
                1,
                0,
                texts.as_ptr(),
                ptr::null(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_is_put_aside_and_a_new_one_begun() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log").join("convened.log");
        let mut file = LogFile::open(path.clone()).unwrap();
        file.length = FILE_BYTES_MAX - 3;
        file.put("old").unwrap();
        file.put("new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_to_string(path.with_extension("1.log")).unwrap(), "old");
    }
}
