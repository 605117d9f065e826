//! Which lines are wanted.

use std::ffi::OsStr;

use tracing_subscriber::filter::{LevelFilter, Targets};

/// The value of `CONVENE_LOG` is no filter.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what:?} is no level: write off, error, warn, info, debug or trace, or ROOM=LEVEL, separated by commas"
)]
pub(crate) struct NoFilter {
    /// The part that cannot be read.
    what: String,
}

/// Reads a list of levels and of `room=level`.
///
/// # Errors
/// A word without a level is taken for a mistyped level: as the name of a room it would silence
/// all others.
pub(crate) fn read(wanted: &OsStr) -> Result<Targets, NoFilter> {
    let wanted = wanted.to_string_lossy();
    let is_level = |word: &str| !word.is_empty() && word.parse::<LevelFilter>().is_ok();
    let is_readable = |part: &str| match part.split_once('=') {
        Some((room, level)) => !room.is_empty() && is_level(level),
        None => is_level(part),
    };
    match wanted.split(',').find(|part| !is_readable(part)) {
        Some(part) => Err(NoFilter { what: part.to_owned() }),
        None => wanted.parse().map_err(|_| NoFilter { what: wanted.into_owned() }),
    }
}

/// The filter that an administrator wants.
pub(crate) fn usual() -> Targets {
    Targets::new().with_default(LevelFilter::INFO)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn levels_and_levels_of_rooms_are_read() {
        assert!(read(OsStr::new("debug")).unwrap().would_enable("any", &Level::DEBUG));
        let filter = read(OsStr::new("warn,convened=trace")).unwrap();
        assert!(filter.would_enable("convened::store", &Level::TRACE));
        assert!(!filter.would_enable("other", &Level::INFO));
        assert!(!read(OsStr::new("off")).unwrap().would_enable("any", &Level::ERROR));
    }

    #[test]
    fn a_word_that_is_no_level_is_named() {
        for (wanted, wrong) in [("debgu", "debgu"), ("info,convened", "convened"), ("", ""), ("a=b", "a=b")] {
            assert_eq!(read(OsStr::new(wanted)).unwrap_err(), NoFilter { what: wrong.to_owned() });
        }
    }
}
