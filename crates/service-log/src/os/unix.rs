//! The journal of systemd, in its own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): what goes to
//! it through standard error has no fields. `tracing-journald` puts the fields beside the message
//! and not into it, and `journalctl` then shows errors without their reasons; here the message is
//! the whole line.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::Metadata;

use crate::line::{Line, priority};
use crate::{Environment, number};

/// Where the journal takes entries.
const JOURNAL: &str = "/run/systemd/journal/socket";
/// How long a journal that is busy or stands still holds a service up. The line goes to standard
/// error then.
const BUSY_WAIT_MAX: Duration = Duration::from_secs(1);

/// The journal, for one program.
#[derive(Debug)]
pub(crate) struct Sink {
    name: &'static str,
    socket: UnixDatagram,
    journal: PathBuf,
}

impl Sink {
    /// The journal, where systemd says that standard error leads there and it does
    /// (systemd.exec(5), `JOURNAL_STREAM`): a shell in a service may have led it elsewhere.
    pub(crate) fn of_service(name: &'static str, environment: Environment<'_>) -> Option<Self> {
        let stream = environment("JOURNAL_STREAM")?;
        if !is_stream(&stream, std::io::stderr()) {
            return None;
        }
        Self::to(name, JOURNAL.into()).ok()
    }

    fn to(name: &'static str, journal: PathBuf) -> std::io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(BUSY_WAIT_MAX))?;
        Ok(Self { name, socket, journal })
    }

    /// Writes a line. One that the journal does not take goes to standard error, with the priority
    /// that systemd reads there; if that fails too it is lost.
    pub(crate) fn put(&self, metadata: &Metadata<'_>, line: &Line) {
        if self.send(&self.journal, metadata, line).is_err() {
            let text = format!("<{}>{}\n", priority(*metadata.level()), line.text);
            drop(std::io::stderr().write_all(text.as_bytes()));
        }
    }

    fn send(&self, journal: &Path, metadata: &Metadata<'_>, line: &Line) -> std::io::Result<usize> {
        let mut entry = Vec::new();
        put(&mut entry, "MESSAGE", &line.text);
        put(&mut entry, "PRIORITY", &priority(*metadata.level()).to_string());
        put(&mut entry, "SYSLOG_IDENTIFIER", self.name);
        put(&mut entry, "TARGET", metadata.target());
        if let Some(number) = line.number {
            put(&mut entry, "MESSAGE_ID", &number::message_id(number));
        }
        for (name, value) in &line.fields {
            put(&mut entry, &name.to_ascii_uppercase().replace('.', "_"), value);
        }
        self.socket.send_to(&entry, journal)
    }
}

/// In the form that holds every text, lines of several lines too.
fn put(entry: &mut Vec<u8>, name: &str, value: &str) {
    entry.extend(name.as_bytes());
    entry.push(b'\n');
    entry.extend((value.len() as u64).to_le_bytes());
    entry.extend(value.as_bytes());
    entry.push(b'\n');
}

/// Whether a file is the one that `device:inode` names.
fn is_stream(named: &OsStr, file: impl AsFd) -> bool {
    let Ok(found) = rustix::fs::fstat(file) else { return false };
    named.to_str() == Some(&format!("{}:{}", found.st_dev, found.st_ino))
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::Layer as _;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::start::Lines;

    /// The fields that a journal gets for what `log` does, as text in which lengths are left out.
    fn journalled(log: impl FnOnce()) -> Vec<(String, String)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let journal = UnixDatagram::bind(&path).unwrap();
        let lines = Lines(Sink::to("convened", path).unwrap());
        let subscriber = tracing_subscriber::registry().with(lines.with_filter(crate::filter::usual()));
        tracing::subscriber::with_default(subscriber, log);
        journal.set_nonblocking(true).unwrap();
        let mut bytes = [0; 4_096];
        let length = journal.recv(&mut bytes).unwrap();
        let mut rest = &bytes[..length];
        let mut fields = Vec::new();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (name, after) = (&rest[..end], &rest[end + 1..]);
            let (length, after) = after.split_first_chunk().unwrap();
            let length = usize::try_from(u64::from_le_bytes(*length)).unwrap();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            fields.push((text(name), text(&after[..length])));
            rest = &after[length + 1..];
        }
        fields
    }

    fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
        fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn the_journal_gets_the_whole_line_its_priority_its_fields_and_the_id_of_its_number() {
        let error = std::io::Error::other("two\nlines");
        let fields = journalled(
            || tracing::warn!(number = number::STARTED, server = "a.test", %error, seats = 2, "it failed"),
        );
        assert_eq!(field(&fields, "MESSAGE"), Some("it failed server=\"a.test\" error=two\nlines seats=2"));
        assert_eq!(field(&fields, "PRIORITY"), Some("4"));
        assert_eq!(field(&fields, "SERVER"), Some("a.test"));
        assert_eq!(field(&fields, "ERROR"), Some("two\nlines"));
        assert_eq!(field(&fields, "SYSLOG_IDENTIFIER"), Some("convened"));
        assert_eq!(field(&fields, "MESSAGE_ID"), Some(number::message_id(number::STARTED).as_str()));
    }

    #[test]
    fn a_line_without_a_number_has_no_id() {
        let fields = journalled(|| tracing::info!("it goes on"));
        assert_eq!(field(&fields, "MESSAGE"), Some("it goes on"));
        assert_eq!(field(&fields, "PRIORITY"), Some("6"));
        assert_eq!(field(&fields, "MESSAGE_ID"), None);
    }

    #[test]
    fn a_text_beyond_the_limit_still_arrives() {
        let long = "ü".repeat(1_000_000);
        let dir = tempfile::tempdir().unwrap();
        let journal = UnixDatagram::bind(dir.path().join("socket")).unwrap();
        let lines = Lines(Sink::to("convened", dir.path().join("socket")).unwrap());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            tracing::info!(long, "much");
        });
        journal.set_nonblocking(true).unwrap();
        assert!(journal.recv(&mut [0; 65_536]).unwrap() > 8_192);
    }

    #[test]
    fn only_the_file_that_systemd_names_is_the_journal() {
        let file = tempfile::tempfile().unwrap();
        let found = rustix::fs::fstat(&file).unwrap();
        assert!(is_stream(OsStr::new(&format!("{}:{}", found.st_dev, found.st_ino)), &file));
        assert!(!is_stream(OsStr::new(&format!("{}:{}", found.st_dev, found.st_ino + 1)), &file));
        assert!(!is_stream(OsStr::new("x"), &file));
    }
}
