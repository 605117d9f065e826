//! Names and times as people say them: rooms, phases, and the clock where somebody is.

use std::collections::BTreeMap;

use convene_model::{RoomId, Timestamp};
use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::sentences::Wording;

impl Wording {
    /// The name of a room. `names` are its names by language; without them it is a room that every
    /// conference has, or a café table. `languages` are those of the conference, best first: one
    /// of them is taken where the room has no name in this one.
    pub fn room(
        &self,
        id: &RoomId,
        names: Option<&BTreeMap<String, String>>,
        languages: &[String],
    ) -> String {
        if let Some(names) = names {
            let languages = [self.language().tag()].into_iter().chain(languages.iter().map(String::as_str));
            let named = languages.filter_map(|language| names.get(language)).next();
            return named.or_else(|| names.values().next()).cloned().unwrap_or_else(|| id.to_string());
        }
        let number =
            id.as_str().strip_prefix('t').filter(|number| number.bytes().all(|b| b.is_ascii_digit()));
        match number {
            Some(number) => self.about("room-table", &[("number", number)]),
            None => self.named("room", id.as_str()),
        }
    }

    /// The name of a phase of this kind, with its round where there are several.
    pub fn phase(&self, kind: &str, round: u32, rounds: u32) -> String {
        let kind = self.named("phase", kind);
        if rounds < 2 {
            return kind;
        }
        let (round, rounds) = (round.to_string(), rounds.to_string());
        self.about("phase-round", &[("phase", &kind), ("round", &round), ("rounds", &rounds)])
    }

    /// A moment by the clock of a zone: `10:42` where that is the day of `now`, `yesterday 16:05`,
    /// otherwise with its date.
    pub fn clock(&self, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
        let [at, now] = [at, now].map(|moment| in_zone(moment, zone));
        let (day, today) = (at.date(), now.date());
        let key = if day == today {
            "clock-today"
        } else if today.yesterday().is_ok_and(|yesterday| day == yesterday) {
            "clock-yesterday"
        } else if today.tomorrow().is_ok_and(|tomorrow| day == tomorrow) {
            "clock-tomorrow"
        } else if day.year() == today.year() {
            "clock-day"
        } else {
            "clock-year"
        };
        let time = at.strftime("%H:%M").to_string();
        let [number, month, year] = [day.day().to_string(), day.month().to_string(), day.year().to_string()];
        let fields = [("time", time.as_str()), ("day", &number), ("count", &month), ("year", &year)];
        self.about(key, &fields)
    }
}

pub(crate) fn in_zone(moment: Timestamp, zone: &TimeZone) -> Zoned {
    let moment = jiff::Timestamp::from_millisecond(moment.as_millis()).unwrap_or_default();
    moment.to_zoned(zone.clone())
}

#[cfg(test)]
mod tests {
    use jiff::tz::offset;

    use super::*;
    use crate::Language;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_told_by_the_clock_of_the_zone_and_by_its_day_where_that_is_another() {
        let now = at("2026-11-29T22:30:00Z");
        let zone = TimeZone::fixed(offset(2));
        for (moment, german, english) in [
            ("2026-11-30T08:42:59Z", "10:42", "10:42"),
            ("2026-11-29T21:59:00Z", "gestern 23:59", "yesterday 23:59"),
            ("2026-11-30T22:00:00Z", "morgen 00:00", "tomorrow 00:00"),
            ("2026-03-01T07:05:00Z", "1. März, 09:05", "1 March, 09:05"),
            ("2025-12-31T21:00:00Z", "31. Dezember 2025, 23:00", "31 December 2025, 23:00"),
            ("2025-12-31T22:00:00Z", "1. Januar, 00:00", "1 January, 00:00"),
        ] {
            let told = |language| Wording::new(language).clock(at(moment), now, &zone);
            assert_eq!(told(Language::De), german, "{moment}");
            assert_eq!(told(Language::En), english, "{moment}");
        }
    }

    #[test]
    fn a_room_is_named_in_the_persons_language_or_else_in_one_of_the_conference() {
        let german = Wording::new(Language::De);
        let room: RoomId = "r2".parse().unwrap();
        let names = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(language, name)| ((*language).to_owned(), (*name).to_owned())).collect()
        };
        let both = names(&[("de", "Raum A"), ("en", "Room A")]);
        assert_eq!(german.room(&room, Some(&both), &[]), "Raum A");
        let others = names(&[("en", "Room A"), ("fr", "Salle A")]);
        assert_eq!(german.room(&room, Some(&others), &["fr".to_owned()]), "Salle A");
        assert_eq!(german.room(&room, Some(&names(&[("*", "Garten")])), &[]), "Garten");
        assert_eq!(german.room(&RoomId::PLENARY, None, &[]), "Plenum");
        assert_eq!(german.room(&"t3".parse().unwrap(), None, &[]), "Tisch 3");
    }

    #[test]
    fn a_phase_of_several_rounds_says_which_it_is() {
        let english = Wording::new(Language::En);
        assert_eq!(english.phase("workshops", 2, 3), "workshops 2 of 3");
        assert_eq!(english.phase("opening", 1, 1), "opening");
    }
}
