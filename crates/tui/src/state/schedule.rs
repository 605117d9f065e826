//! The phases with their times: as planned, as they were, and as they will be from now on.

use convene_conference::{Phase, Public};
use convene_model::Timestamp;

pub(crate) const MINUTE_MS: i64 = 60_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) begins: Timestamp,
    pub(crate) ends: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    Over,
    Running,
    Coming,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timed<'a> {
    pub(crate) number: u32,
    pub(crate) phase: &'a Phase,
    /// Planned times; none, where the conference has no start.
    pub(crate) planned: Option<Span>,
    /// Actual times, or those that follow from the phase that runs.
    pub(crate) actual: Option<Span>,
    pub(crate) course: Course,
}

/// All phases, in order.
pub(crate) fn timed(public: &Public) -> Vec<Timed<'_>> {
    let schedule = public.schedule();
    let current = schedule.current().map(|(number, _)| number);
    let (mut planned_end, mut expected_end) = (public.settings().start, schedule.opens());
    let phases = schedule.phases().iter().map(|(number, phase)| {
        let minutes = i64::from(phase.minutes);
        let lasting = |begins| Span { begins, ends: later(begins, minutes * MINUTE_MS) };
        let planned = planned_end.map(lasting);
        planned_end = planned.map(|span| span.ends);
        let actual = match phase.began {
            Some(begins) => Some(Span { begins, ends: phase.ends.unwrap_or_else(|| lasting(begins).ends) }),
            None => expected_end.map(lasting),
        };
        expected_end = actual.map_or(expected_end, |span| Some(span.ends));
        let course = if current == Some(*number) {
            Course::Running
        } else if phase.began.is_some() {
            Course::Over
        } else {
            Course::Coming
        };
        Timed { number: *number, phase, planned, actual, course }
    });
    phases.collect()
}

/// The phase that runs.
pub(crate) fn running<'a>(phases: &'a [Timed<'a>]) -> Option<&'a Timed<'a>> {
    phases.iter().find(|timed| timed.course == Course::Running)
}

/// The phase that comes next.
pub(crate) fn coming<'a>(phases: &'a [Timed<'a>]) -> Option<&'a Timed<'a>> {
    phases.iter().find(|timed| timed.course == Course::Coming)
}

impl Timed<'_> {
    /// Whether it does not run as it was planned: to the minute, as times are shown.
    pub(crate) fn is_moved(&self) -> bool {
        let (Some(planned), Some(actual)) = (self.planned, self.actual) else { return false };
        let differ =
            |one: Timestamp, other: Timestamp| (one.as_millis() - other.as_millis()).abs() >= MINUTE_MS;
        differ(planned.begins, actual.begins) || differ(planned.ends, actual.ends)
    }
}

/// So many milliseconds later, or earlier.
pub(crate) fn later(at: Timestamp, ms: i64) -> Timestamp {
    Timestamp::from_millis(at.as_millis().saturating_add(ms))
}

/// How much is left, as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    Minutes(usize),
    /// In the last minute.
    Seconds(usize),
}

pub(crate) fn left(ends: Timestamp, now: Timestamp) -> Left {
    // A second, or a minute, that has begun counts.
    let seconds = (ends.as_millis() - now.as_millis()).max(0).saturating_add(999) / 1_000;
    let seconds = usize::try_from(seconds).unwrap_or_default();
    if seconds < 60 { Left::Seconds(seconds) } else { Left::Minutes(seconds.div_ceil(60)) }
}

/// When what is told of the time left is another thing.
pub(crate) fn next_change(ends: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let rest = ends.as_millis() - now.as_millis();
    if rest <= 0 {
        return None;
    }
    let unit = if rest <= MINUTE_MS { 1_000 } else { MINUTE_MS };
    Some(later(now, (rest - 1) % unit + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn the_rest_is_told_in_minutes_and_in_the_last_one_in_seconds() {
        for (rest, told) in [
            (0, Left::Seconds(0)),
            (1, Left::Seconds(1)),
            (59_000, Left::Seconds(59)),
            (59_001, Left::Minutes(1)),
            (60_000, Left::Minutes(1)),
            (60_001, Left::Minutes(2)),
            (1_380_000, Left::Minutes(23)),
        ] {
            assert_eq!(left(at(rest), at(0)), told, "{rest}");
        }
        assert_eq!(left(at(0), at(5_000)), Left::Seconds(0), "a phase that is over has nothing left");
    }

    #[test]
    fn the_screen_is_drawn_again_just_when_that_changes() {
        for rest in [1, 999, 1_000, 1_001, 59_999, 60_000, 60_001, 119_999, 120_000, 7_200_001] {
            let next = next_change(at(rest), at(0)).unwrap();
            let before = Timestamp::from_millis(next.as_millis() - 1);
            assert_eq!(left(at(rest), before), left(at(rest), at(0)), "{rest}");
        }
        assert_eq!(next_change(at(0), at(0)), None);
    }
}
