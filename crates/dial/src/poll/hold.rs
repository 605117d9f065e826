//! The time for which an answer may be held, as the network has taught it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long an answer of a long-poll is held where nothing shortens it: as long as the link itself
/// is silent at the most.
pub const HOLD: Duration = Duration::from_secs(25);
/// The shortest that is asked for: below it a link asks more often than it says something.
const HOLD_MIN: Duration = Duration::from_secs(1);
/// The shortest that a held answer is believed to have been cut: what breaks sooner broke for
/// another reason.
const CUT_MIN: Duration = Duration::from_secs(2);
/// By which part of the longer age two cuts of the same box differ at the most: its timers are
/// coarse, and where it breaks an answer only when that comes, the next cut comes at the end of the
/// shorter hold, which is a quarter sooner.
const LIKE_PART: u32 = 4;
/// Answers that come whole before they are held for longer again: the cuts may have had reasons
/// that are gone.
const WHOLE_MIN: u32 = 10;
/// The most it takes where holding for longer was cut again and again: hours, where a box cuts
/// after half a minute.
const WHOLE_MAX: u32 = 640;

/// The lesson that the requests of one network have taught. Pipes share it.
#[derive(Debug)]
pub(crate) struct Hold(Mutex<Lesson>);

impl Default for Hold {
    fn default() -> Self {
        Self::new(HOLD)
    }
}

impl Hold {
    /// Begins with the time that was kept for the network; nonsense is brought within bounds.
    pub(crate) fn new(known: Duration) -> Self {
        Self(Mutex::new(Lesson::new(known)))
    }

    pub(crate) fn get(&self) -> Duration {
        self.lesson().span
    }

    /// An answer came so long after it was asked for.
    pub(super) fn handle_whole(&self, after: Duration) {
        self.lesson().handle_whole(after);
    }

    /// An answer that was held broke so long after it was asked for.
    pub(super) fn handle_cut(&self, after: Duration) {
        self.lesson().handle_cut(after);
    }

    fn lesson(&self) -> MutexGuard<'_, Lesson> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Lesson {
    /// In whole milliseconds, as it is asked for and kept.
    span: Duration,
    /// When the last answer that broke did so, until one comes that took as long.
    cut: Option<Duration>,
    /// Answers that were held for the whole span since it is as long as it is.
    whole: u32,
    whole_needed: u32,
}

impl Lesson {
    fn new(span: Duration) -> Self {
        Self { span: bounded(span), cut: None, whole: 0, whole_needed: WHOLE_MIN }
    }

    fn handle_whole(&mut self, after: Duration) {
        if self.cut.is_some_and(|cut| after >= cut) {
            self.cut = None;
            self.whole_needed = WHOLE_MIN;
        }
        if after < self.span {
            return;
        }
        self.whole += 1;
        if self.whole >= self.whole_needed {
            self.span = bounded(self.span * 2);
            self.whole = 0;
        }
    }

    /// A box that cuts does so at one age, again and again; one break, or two of any age, may be an
    /// outage. Where a box has taught it before, a cut of its age tells that nothing has changed.
    fn handle_cut(&mut self, after: Duration) {
        if after < CUT_MIN {
            return;
        }
        let is_believed = self.cut.replace(after).is_some_and(|cut| are_alike(cut, after));
        let shorter = bounded(after * 3 / 4);
        if is_believed && shorter < self.span {
            self.span = shorter;
            self.whole = 0;
            self.whole_needed = (self.whole_needed * 2).min(WHOLE_MAX);
        }
    }
}

fn are_alike(one: Duration, other: Duration) -> bool {
    one.abs_diff(other) <= one.max(other) / LIKE_PART
}

fn bounded(span: Duration) -> Duration {
    let millis = span.clamp(HOLD_MIN, HOLD).as_millis();
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    /// So many answers that take as long as they may.
    fn hold_whole(lesson: &mut Lesson, count: u32) {
        for _ in 0..count {
            lesson.handle_whole(lesson.span);
        }
    }

    #[test]
    fn one_break_or_two_of_other_ages_are_no_box_that_cuts() {
        let mut lesson = Lesson::new(HOLD);
        for after in [secs(9), secs(14), secs(7), Duration::from_millis(1_900)] {
            lesson.handle_cut(after);
            assert_eq!(lesson.span, HOLD);
        }
        // Between two outages answers came that had taken longer.
        for _ in 0..3 {
            lesson.handle_cut(secs(20));
            lesson.handle_whole(secs(21));
        }
        assert_eq!(lesson.span, HOLD);
    }

    #[test]
    fn two_cuts_of_like_ages_shorten_it_whatever_comes_sooner_in_between() {
        let mut lesson = Lesson::new(HOLD);
        lesson.handle_cut(secs(20));
        lesson.handle_whole(secs(3));
        lesson.handle_cut(secs(18));
        assert_eq!(lesson.span, Duration::from_millis(13_500));
    }

    #[test]
    fn where_answers_break_when_they_come_each_shortens_it_until_none_does() {
        let mut lesson = Lesson::new(HOLD);
        for late in [secs(25), secs(25), lesson.span * 3 / 4, lesson.span * 9 / 16] {
            lesson.handle_cut(late + Duration::from_millis(20));
        }
        assert_eq!(lesson.span, Duration::from_millis(10_561));
    }

    #[test]
    fn it_grows_again_where_nothing_is_cut_any_more() {
        let mut lesson = Lesson::new(secs(3));
        for span in [6, 12, 24, 25] {
            hold_whole(&mut lesson, WHOLE_MIN - 1);
            assert!(lesson.span < secs(span));
            // An answer that comes sooner says nothing.
            lesson.handle_whole(Duration::ZERO);
            assert!(lesson.span < secs(span));
            hold_whole(&mut lesson, 1);
            assert_eq!(lesson.span, secs(span));
        }
    }

    #[test]
    fn a_box_that_goes_on_cutting_is_tried_less_and_less_often_and_costs_one_answer_each_time() {
        let mut lesson = Lesson::new(HOLD);
        lesson.handle_cut(secs(20));
        lesson.handle_cut(secs(20));
        let mut needed = 0;
        for _ in 0..12 {
            let before = needed;
            needed = 0;
            while lesson.span < secs(20) {
                hold_whole(&mut lesson, 1);
                needed += 1;
            }
            lesson.handle_cut(secs(20));
            assert_eq!(lesson.span, secs(15));
            assert!(needed > before || needed == WHOLE_MAX, "{needed} after {before}");
        }
        assert_eq!(needed, WHOLE_MAX);
    }

    /// Tunnels that are cut every 15 minutes, whatever is said in them.
    #[test]
    fn a_network_that_cuts_connections_by_their_own_age_leaves_it_as_it_was() {
        let mut lesson = Lesson::new(HOLD);
        for tunnel in 0..200 {
            hold_whole(&mut lesson, 35);
            lesson.handle_cut(secs(24 - tunnel % 2));
            assert_eq!(lesson.span, HOLD);
        }
    }
}
