//! Printed output: one line of JSON, or lines for people.

use std::io::{self, Write as _};

use convene_model::SeatName;
pub(crate) use convene_model::inert;
use serde::Serialize;
use serde_json::{Map, Value};

/// Prints one line, and lets whoever reads it have it at once.
pub(crate) fn line(text: &str) -> io::Result<()> {
    #[cfg(test)]
    if heard::takes(text) {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Prints one JSON object as a line.
pub(crate) fn json(value: &impl Serialize) -> io::Result<()> {
    line(&serde_json::to_string(value).unwrap_or_default())
}

/// Says on standard error why the command failed. Where nobody reads that, the exit code says it
/// alone.
pub(crate) fn complain(why: &str) {
    drop(writeln!(io::stderr(), "convene: {why}"));
}

/// An event as one flat object: what its body says stands beside what all events have.
pub(crate) fn flat(conference: &SeatName, event: &Value) -> Value {
    let mut line = Map::new();
    line.insert("conference".to_owned(), conference_of(conference).into());
    for (key, value) in event.as_object().into_iter().flatten() {
        match (key.as_str(), value.as_object()) {
            ("body", Some(body)) => line.extend(body.clone()),
            _ => {
                line.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(line)
}

/// The conference's id, as far as the name tells it.
pub(crate) fn conference_of(name: &SeatName) -> String {
    match name {
        SeatName::Conference(conference) | SeatName::At(conference, _) => conference.to_string(),
        SeatName::Number(_) => name.to_string(),
    }
}

/// A test that listens has what this thread prints.
#[cfg(test)]
pub(crate) mod heard {
    use std::cell::RefCell;

    thread_local! {
        static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
    }

    /// Listens from now on.
    #[cfg(unix)]
    pub(crate) fn begin() {
        HEARD.set(Some(String::new()));
    }

    /// Listens no more, and gives what was printed.
    #[cfg(unix)]
    pub(crate) fn end() -> String {
        HEARD.take().unwrap_or_default()
    }

    /// Takes a line, where a test listens.
    pub(super) fn takes(text: &str) -> bool {
        HEARD.with_borrow_mut(|heard| {
            if let Some(heard) = heard {
                heard.push_str(text);
                heard.push('\n');
            }
            heard.is_some()
        })
    }
}

#[cfg(test)]
mod tests {
    use convene_model::ConferenceId;

    use super::*;

    #[test]
    fn an_event_becomes_one_flat_line() {
        let event = serde_json::json!({"seq": 5, "at": "t", "by": "p1", "body": {"kind": "said", "room": "plenary", "text": "x"}});
        let line = flat(&SeatName::Conference(ConferenceId::from_random(1)), &event);
        assert_eq!(
            (line["seq"].as_u64(), line["kind"].as_str(), line["text"].as_str()),
            (Some(5), Some("said"), Some("x"))
        );
        assert!(line.get("body").is_none());
    }
}
