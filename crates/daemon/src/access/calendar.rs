//! Which checks are due because a conference opens within a day.

use std::collections::BTreeSet;
use std::time::Duration;

use convene_model::Timestamp;

use crate::registry::Opening;

/// How long before a conference opens the access is checked: on the day before there is time to
/// write to an administrator.
const BEFORE: Duration = Duration::from_secs(24 * 60 * 60);
/// Over how long the machines of one conference spread their checks: each opens a dozen
/// connections, and hundreds must not do so in the same second.
const SPREAD: Duration = Duration::from_secs(60 * 60);

/// The conferences that open, and what was done about them.
#[derive(Debug)]
pub(super) struct Calendar {
    /// How much later than others this machine checks.
    later: Duration,
    /// Those for which a check was begun, or was there.
    done: BTreeSet<Opening>,
}

impl Calendar {
    /// `part` of the spread, from 0 to 1, is this machine's own.
    pub(super) fn new(part: f64) -> Self {
        Self { later: SPREAD.mul_f64(part.clamp(0.0, 1.0)), done: BTreeSet::new() }
    }

    /// Gives the conferences for which a check is due now, each once, and when to ask again where
    /// nothing changes. `checked` says when the last check of that server began.
    pub(super) fn due(
        &mut self,
        openings: &BTreeSet<Opening>,
        checked: impl Fn(&Opening) -> Option<Timestamp>,
        now: Timestamp,
    ) -> (Vec<Opening>, Option<Timestamp>) {
        self.done.retain(|opening| openings.contains(opening));
        let (mut due, mut next) = (Vec::new(), None::<Timestamp>);
        for opening in openings.iter().filter(|opening| opening.opens > now) {
            let day_before = minus(opening.opens, BEFORE);
            let at = Timestamp::from_millis(day_before.as_millis().saturating_add(millis(self.later)));
            if now < at {
                next = Some(next.map_or(at, |next| next.min(at)));
            } else if self.done.insert(opening.clone())
                && checked(opening).is_none_or(|began| began < day_before)
            {
                due.push(opening.clone());
            }
        }
        (due, next)
    }
}

fn minus(at: Timestamp, before: Duration) -> Timestamp {
    Timestamp::from_millis(at.as_millis().saturating_sub(millis(before)))
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use convene_model::PortRange;

    use super::*;
    use crate::store::ServerAddress;

    const HOUR: i64 = 60 * 60 * 1_000;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_millis(hour * HOUR)
    }

    fn opening(host: &str, opens: i64) -> Opening {
        let server = ServerAddress {
            host: host.to_owned(),
            https_port: 443,
            ports: PortRange::DEFAULT,
            fingerprint: None,
        };
        Opening { opens: hour(opens), user: "anna".to_owned(), server }
    }

    #[test]
    fn a_check_is_due_once_on_the_day_before_and_not_where_one_was_made_meanwhile() {
        let mut calendar = Calendar::new(0.0);
        let openings =
            BTreeSet::from([opening("a.test", 100), opening("b.test", 110), opening("c.test", 60)]);
        let at = |calendar: &mut Calendar, now| {
            let checked = |opening: &Opening| (opening.server.host == "b.test").then(|| hour(90));
            let (due, next) = calendar.due(&openings, checked, hour(now));
            let hosts: Vec<_> = due.into_iter().map(|opening| opening.server.host).collect();
            (hosts, next)
        };
        let none = Vec::<String>::new();
        assert_eq!(at(&mut calendar, 70), (none.clone(), Some(hour(76))), "one has opened already");
        assert_eq!(at(&mut calendar, 80), (vec!["a.test".to_owned()], Some(hour(86))));
        assert_eq!(at(&mut calendar, 91), (none.clone(), None), "b was checked when it was the day before");
        assert_eq!(at(&mut calendar, 95), (none.clone(), None), "each once");
        assert_eq!(at(&mut calendar, 101), (none, None));
    }

    #[test]
    fn a_check_of_longer_ago_does_not_count_and_one_that_is_moved_is_another() {
        let mut calendar = Calendar::new(0.0);
        let due = |calendar: &mut Calendar, opens| {
            let openings = BTreeSet::from([opening("a.test", opens)]);
            calendar.due(&openings, |_| Some(hour(50)), hour(90)).0.len()
        };
        assert_eq!(due(&mut calendar, 100), 1);
        assert_eq!(due(&mut calendar, 100), 0);
        assert_eq!(due(&mut calendar, 110), 1);
    }

    #[test]
    fn machines_spread_their_checks_over_an_hour() {
        for (part, later) in [(0.0, 0), (0.5, HOUR / 2), (1.0, HOUR), (7.0, HOUR)] {
            let openings = BTreeSet::from([opening("a.test", 100)]);
            let (due, next) = Calendar::new(part).due(&openings, |_| None, hour(70));
            let expected = Timestamp::from_millis(76 * HOUR + later);
            assert_eq!((due.len(), next), (0, Some(expected)));
        }
    }
}
