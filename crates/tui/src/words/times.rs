//! Times as people read them, in their own zone.

use convene_model::Timestamp;
use jiff::Zoned;

use super::Words;

/// From so many milliseconds on they are told in seconds.
const SECOND_MS: u64 = 1_000;

impl Words {
    /// "10:42"
    pub(crate) fn clock(&self, at: Timestamp) -> String {
        self.wording.clock(at, at, &self.zone)
    }

    /// "10:42" today, "yesterday 16:05", "3 December, 16:05".
    pub(crate) fn moment(&self, at: Timestamp, now: Timestamp) -> String {
        self.wording.clock(at, now, &self.zone)
    }

    /// "today", "yesterday", "3 December", "3 December 2025".
    pub(crate) fn day(&self, at: Timestamp, now: Timestamp) -> String {
        let (day, today) = (self.zoned(at).date(), self.zoned(now).date());
        if day == today {
            return self.say("tui-today");
        }
        if today.yesterday().is_ok_and(|yesterday| yesterday == day) {
            return self.say("tui-yesterday");
        }
        let (number, month, year) = (day.day().to_string(), day.month().to_string(), day.year().to_string());
        let key = if day.year() == today.year() { "tui-day" } else { "tui-day-of-year" };
        self.with(key, &[("day", &number), ("count", &month), ("year", &year)])
    }

    /// Whether two moments are on one day here.
    pub(crate) fn is_same_day(&self, one: Timestamp, other: Timestamp) -> bool {
        self.zoned(one).date() == self.zoned(other).date()
    }

    /// How long something took.
    pub(crate) fn span(&self, ms: u64) -> String {
        if ms < SECOND_MS {
            return self.with("page-ms", &[("count", &ms.to_string())]);
        }
        let tenths = ms.saturating_add(50) / 100;
        self.with("page-seconds", &[("count", &format!("{}.{}", tenths / 10, tenths % 10))])
    }

    fn zoned(&self, at: Timestamp) -> Zoned {
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
        at.to_zoned(self.zone.clone())
    }
}

#[cfg(test)]
mod tests {
    use convene_wording::Language;
    use jiff::tz::TimeZone;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_those_of_the_person() {
        let zone = || TimeZone::fixed(jiff::tz::offset(2));
        let [english, german] = [Language::En, Language::De].map(|language| Words::new(language, zone()));
        let now = at("2026-12-01T21:30:00Z");
        for (moment, in_english, in_german) in [
            ("2026-11-30T22:00:00Z", "today", "heute"),
            ("2026-11-30T21:59:00Z", "yesterday", "gestern"),
            ("2026-11-23T10:00:00Z", "23 November", "23. November"),
            ("2025-12-01T10:00:00Z", "1 December 2025", "1. Dezember 2025"),
        ] {
            assert_eq!(english.day(at(moment), now), in_english);
            assert_eq!(german.day(at(moment), now), in_german);
        }
        assert_eq!(english.clock(at("2026-12-01T08:42:59Z")), "10:42");
    }

    #[test]
    fn spans_are_told_in_the_unit_that_fits() {
        let words = Words::new(Language::En, TimeZone::UTC);
        assert_eq!([12, 999, 1_000, 3_049].map(|ms| words.span(ms)), ["12 ms", "999 ms", "1.0 s", "3.0 s"]);
    }
}
