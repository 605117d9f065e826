//! Long texts of one conference, which everyone there is told.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use convene_model::SeatKey;

use super::block::Block;
use super::pace::Pace;

/// As much as is told at once after a rest: what is told meanwhile waits behind it.
const WINDOW: Duration = Duration::from_millis(250);
/// As much of a part as is used at once.
const PART_WINDOW: Duration = Duration::from_secs(1);
/// How often those are forgotten who have sent nothing long for a while.
const LOOK: Duration = Duration::from_millis(250);

/// The pace of a conference: how much time its long texts are worth, and which part of it is whose.
///
/// Each of those who send has an equal part, which does not wait. What no part covers is taken from
/// what the others leave. So a hundred who send without end are slowed down, and somebody who now
/// and then says something long is not.
///
/// Each network from which somebody sends has an equal part as well. One that has used up nothing
/// of its part goes before the others, with half as much again as the conference bears in all: so
/// hundreds who come from few networks make those of their networks wait, and nobody else.
#[derive(Debug, Default)]
pub(super) struct ConferencePace {
    all: Pace,
    parts: BTreeMap<SeatKey, Pace>,
    networks: BTreeMap<Block, Pace>,
    /// That of networks that go before the others.
    first: Pace,
    looked: Option<Instant>,
}

impl ConferencePace {
    /// This seat of this network wants to send something that is worth so much: when its turn is,
    /// if not now. Turns are given in the order in which they are asked for, to everyone one at a
    /// time.
    pub(super) fn reserve(
        &mut self,
        seat: SeatKey,
        network: Block,
        worth: Duration,
        now: Instant,
    ) -> Option<Instant> {
        if self.looked.is_none_or(|looked| now.saturating_duration_since(looked) >= LOOK) {
            self.looked = Some(now);
            self.parts.retain(|_, part| !part.is_at_rest(now));
            self.networks.retain(|_, part| !part.is_at_rest(now));
        }
        let common = self.all.next(WINDOW, now);
        self.all.charge(worth, now);
        let (part, of_part) = part_of(&mut self.parts, seat, worth);
        let own = PART_WINDOW.checked_sub(of_part).map(|window| part.next(window, now));
        part.charge(of_part, now);
        // The sooner of the two: `None` is now.
        let due = own.map_or(common, |own| own.min(common));
        let (part, of_part) = part_of(&mut self.networks, network, worth);
        let is_rested = part.is_at_rest(now);
        part.charge(of_part, now);
        if !is_rested {
            return due;
        }
        let first = self.first.next(WINDOW, now);
        if first >= due {
            return due;
        }
        self.first.charge(2 * worth, now);
        first
    }

    /// A turn that was given is not used.
    pub(super) fn give_back(&mut self, worth: Duration) {
        self.all.give_back(worth);
    }

    /// Whether it is as one that was never charged.
    pub(super) fn is_at_rest(&self, now: Instant) -> bool {
        let mut parts = self.parts.values().chain(self.networks.values()).chain([&self.all, &self.first]);
        parts.all(|part| part.is_at_rest(now))
    }
}

/// The part of this one among all who have one, and what such a worth is in it.
fn part_of<K: Ord + Copy>(parts: &mut BTreeMap<K, Pace>, owner: K, worth: Duration) -> (&mut Pace, Duration) {
    // Counted before the parts are reckoned.
    parts.entry(owner).or_default();
    let of_part = worth.saturating_mul(u32::try_from(parts.len()).unwrap_or(u32::MAX));
    (parts.entry(owner).or_default(), of_part)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const FRAME: Duration = Duration::from_millis(200);

    fn seat(number: u8) -> SeatKey {
        SeatKey([number; 32])
    }

    /// One of so many networks.
    fn network(number: u8) -> Block {
        Block::of(Ipv4Addr::new(10, 0, number, 1).into())
    }

    /// Seats of one network, of which each asks again when its turn was: how many turns they have
    /// until then.
    fn turns(pace: &mut ConferencePace, seats: u8, begin: Instant, end: Instant) -> usize {
        let mut waiting: Vec<(Instant, u8)> = (0..seats).map(|seat| (begin, seat)).collect();
        let mut turns = 0;
        while let Some(first) = waiting.iter().min().copied().filter(|(due, _)| *due < end) {
            waiting.retain(|other| *other != first);
            let (now, number) = first;
            let due = pace.reserve(seat(number), network(1), FRAME, now).unwrap_or(now);
            turns += usize::from(due < end);
            waiting.push((due, number));
        }
        turns
    }

    #[test]
    fn one_alone_has_all_and_many_have_no_more_together() {
        for seats in [1, 100] {
            let begin = Instant::now();
            let end = begin + Duration::from_secs(100);
            let turns = turns(&mut ConferencePace::default(), seats, begin, end);
            // Five a second, and those at once.
            assert!((495..=510).contains(&turns), "{seats} seats: {turns}");
        }
    }

    #[test]
    fn who_sends_no_more_than_an_equal_part_does_not_wait_for_those_who_send_without_end() {
        let (mut pace, begin) = (ConferencePace::default(), Instant::now());
        for second in 0..20 {
            let now = begin + second * Duration::from_secs(1);
            turns(&mut pace, 99, now, now + Duration::from_secs(1));
            assert_eq!(pace.reserve(seat(200), network(1), FRAME / 40, now), None, "{second}");
        }
        let rested = begin + Duration::from_secs(10_000);
        assert!(!pace.is_at_rest(begin) && pace.is_at_rest(rested));
    }

    #[test]
    fn p4_who_sends_now_and_then_from_another_network_does_not_wait() {
        let (mut pace, begin) = (ConferencePace::default(), Instant::now());
        let mut told = 0;
        for round in 0..20 {
            let now = begin + round * Duration::from_secs(5);
            // Each of 16 networks has 10 who send without end.
            told += (0..160_u8)
                .filter(|number| pace.reserve(seat(*number), network(number % 16), FRAME, now).is_none())
                .count();
            // At first all are alike.
            let longest = Duration::from_secs(if round == 0 { 5 } else { 0 });
            let other = pace.reserve(seat(200), network(200), FRAME, now);
            assert!(other.is_none_or(|due| due <= now + longest), "{round}: {other:?}");
            let of_same = pace.reserve(seat(201), network(1), FRAME, now).unwrap();
            assert!(of_same >= now + Duration::from_secs(10), "{round}");
        }
        assert!(told <= 20, "{told} of those who send without end");
    }

    #[test]
    fn a_turn_that_is_not_used_is_the_next_ones() {
        let (mut pace, now) = (ConferencePace::default(), Instant::now());
        let long = 10 * FRAME;
        assert_eq!(pace.reserve(seat(1), network(1), long, now), None);
        let due = pace.reserve(seat(2), network(1), long, now).unwrap();
        pace.give_back(long);
        assert_eq!(pace.reserve(seat(3), network(1), long, now), Some(due));
    }
}
