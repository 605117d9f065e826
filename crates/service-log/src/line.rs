//! One line of the log, apart from where it goes.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Level};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

/// The field that holds a line's number. It is told apart from the text.
const NUMBER: &str = "number";
/// The field that holds what a line says.
const MESSAGE: &str = "message";
/// The longest value that is written out: a line has few, so that a whole one stays far below what
/// a datagram holds.
const VALUE_BYTES_MAX: usize = 4_096;

/// One line.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// The message, and then the fields as `name=value`.
    pub(crate) text: String,
    /// The fields by themselves.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// By which number monitoring knows it.
    pub(crate) number: Option<u16>,
}

impl Line {
    /// The line of an event.
    pub(crate) fn of(event: &Event<'_>) -> Self {
        let mut line = Self::default();
        event.record(&mut line);
        line
    }

    fn push(&mut self, name: &'static str, value: String, quoted: impl fmt::Display) {
        let value = cut(value);
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        if name == MESSAGE {
            self.text.push_str(&value);
            return;
        }
        self.text.push_str(name);
        self.text.push('=');
        let shown = cut(quoted.to_string());
        self.text.push_str(&shown);
        self.fields.push((name, value));
    }
}

impl Visit for Line {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == NUMBER {
            self.number = u16::try_from(value).ok();
        } else {
            self.push(field.name(), value.to_string(), value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field.name(), value.to_owned(), format_args!("{value:?}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        self.push(field.name(), value.clone(), value);
    }
}

fn cut(mut value: String) -> String {
    if value.len() > VALUE_BYTES_MAX {
        value.truncate(value.floor_char_boundary(VALUE_BYTES_MAX));
        value.push('…');
    }
    value
}

/// Writes lines on standard error as everywhere else: without their numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts;

impl<'writer> FormatFields<'writer> for Texts {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut line = Line::default();
        fields.record(&mut line);
        writer.write_str(&line.text)
    }
}

/// syslog's number of a level, which the journal and standard error under systemd understand.
#[cfg_attr(windows, expect(dead_code, reason = "Windows has types of its own"))]
pub(crate) fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}
