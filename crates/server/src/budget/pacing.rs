//! Commands of seats that come faster than they are decided.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use convene_model::SeatKey;

use super::limits::Limits;
use super::pace::Pace;

/// Seats that are counted at the same time: more than take part in all conferences of a server.
/// More of them are not counted.
const SEATS_MAX: usize = 65_536;
/// Bytes of commands that wait on one link. Where more do, nothing is read from it.
const HELD_BYTES_MAX: usize = 1024 * 1024;

/// The pace of every seat of a server, whatever its link.
#[derive(Debug, Clone)]
pub(crate) struct SeatPaces {
    paces: Arc<Mutex<BTreeMap<SeatKey, SeatPace>>>,
    commands: Rate,
    bytes: Rate,
}

/// The pace of one seat: that of its commands, and that of their bytes.
#[derive(Debug, Clone, Copy, Default)]
struct SeatPace {
    commands: Pace,
    bytes: Pace,
}

/// How much there may be.
#[derive(Debug, Clone, Copy)]
struct Rate {
    of_each: Duration,
    /// As much as may come at once, as the time that it is worth.
    window: Duration,
}

impl Rate {
    fn new(per_second: u32, at_once: u32) -> Self {
        let of_each = Duration::from_secs(1) / per_second.max(1);
        Self { of_each, window: of_each.saturating_mul(at_once) }
    }

    fn worth(self, amount: usize) -> Duration {
        self.of_each.saturating_mul(u32::try_from(amount).unwrap_or(u32::MAX))
    }
}

impl SeatPaces {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            paces: Arc::default(),
            commands: Rate::new(limits.commands_per_second, limits.commands_at_once),
            bytes: Rate::new(limits.command_bytes_per_second, limits.command_bytes_at_once),
        }
    }

    /// When commands of this seat may be decided, if not now.
    fn next(&self, seat: SeatKey, now: Instant) -> Option<Instant> {
        let pace = *self.paces().get(&seat)?;
        pace.commands.next(self.commands.window, now).max(pace.bytes.next(self.bytes.window, now))
    }

    fn charge(&self, seat: SeatKey, size: CommandsSize, now: Instant) {
        let mut paces = self.paces();
        if paces.len() >= SEATS_MAX {
            paces.retain(|_, pace| !pace.is_at_rest(now));
        }
        if paces.len() < SEATS_MAX || paces.contains_key(&seat) {
            let pace = paces.entry(seat).or_default();
            pace.commands.charge(self.commands.worth(size.commands), now);
            pace.bytes.charge(self.bytes.worth(size.bytes), now);
        }
    }

    fn paces(&self) -> MutexGuard<'_, BTreeMap<SeatKey, SeatPace>> {
        self.paces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SeatPace {
    /// Whether it is as that of a seat that was never counted.
    fn is_at_rest(&self, now: Instant) -> bool {
        let is_ahead = |pace: &Pace| pace.next(Duration::ZERO, now).is_some();
        !is_ahead(&self.commands) && !is_ahead(&self.bytes)
    }
}

/// The size of commands that come together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommandsSize {
    pub(crate) commands: usize,
    pub(crate) bytes: usize,
}

/// The commands of one link that wait for their seat's pace. None is refused for it: the credit of
/// the seat is used up meanwhile, so its daemon waits too, and other seats do not notice.
#[derive(Debug)]
pub(crate) struct Pacing<C> {
    paces: SeatPaces,
    /// By the daemon's number for the seat, in the order in which they came.
    held: BTreeMap<u32, VecDeque<Waiting<C>>>,
    bytes: usize,
}

#[derive(Debug)]
struct Waiting<C> {
    seat: SeatKey,
    size: CommandsSize,
    commands: C,
}

impl<C> Pacing<C> {
    pub(crate) fn new(paces: SeatPaces) -> Self {
        Self { paces, held: BTreeMap::new(), bytes: 0 }
    }

    /// Commands came for a seat: gives them if they may be decided now.
    pub(crate) fn handle_commands(
        &mut self,
        (index, seat): (u32, SeatKey),
        size: CommandsSize,
        commands: C,
        now: Instant,
    ) -> Option<C> {
        if !self.held.contains_key(&index) && self.paces.next(seat, now).is_none() {
            self.paces.charge(seat, size, now);
            return Some(commands);
        }
        self.bytes += size.bytes;
        self.held.entry(index).or_default().push_back(Waiting { seat, size, commands });
        None
    }

    /// The seat is closed or asks anew: what waits is not wanted any more, or comes again.
    pub(crate) fn handle_closed(&mut self, index: u32) {
        let dropped = self.held.remove(&index).unwrap_or_default();
        self.bytes -= dropped.iter().map(|waiting| waiting.size.bytes).sum::<usize>();
    }

    /// Whether nothing more is to be read from the link.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes > HELD_BYTES_MAX
    }

    /// The next commands whose time has come.
    pub(crate) fn poll_commands(&mut self, now: Instant) -> Option<C> {
        let paces = &self.paces;
        let is_due = |seat: SeatKey| paces.next(seat, now).is_none();
        let mut fronts = self.held.iter().filter_map(|(index, held)| Some((*index, held.front()?.seat)));
        let (index, seat) = fronts.find(|(_, seat)| is_due(*seat))?;
        let held = self.held.get_mut(&index)?;
        let Waiting { size, commands, .. } = held.pop_front()?;
        if held.is_empty() {
            self.held.remove(&index);
        }
        self.bytes -= size.bytes;
        self.paces.charge(seat, size, now);
        Some(commands)
    }

    /// When [`Pacing::poll_commands`] gives something.
    pub(crate) fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let fronts = self.held.values().filter_map(VecDeque::front);
        fronts.map(|front| self.paces.next(front.seat, now).unwrap_or(now)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: CommandsSize = CommandsSize { commands: 1, bytes: 100 };

    fn paces() -> SeatPaces {
        SeatPaces::new(&Limits { commands_per_second: 20, commands_at_once: 100, ..Limits::default() })
    }

    fn seat(number: u8) -> (u32, SeatKey) {
        (number.into(), SeatKey([number; 32]))
    }

    #[test]
    fn twenty_commands_a_second_are_never_delayed() {
        let mut pacing = Pacing::new(paces());
        let begin = Instant::now();
        for number in 0..10_000 {
            let now = begin + number * Duration::from_millis(50);
            assert_eq!(pacing.handle_commands(seat(1), ONE, number, now), Some(number));
        }
    }

    #[test]
    fn more_waits_in_its_order_and_other_seats_do_not_notice() {
        let mut pacing = Pacing::new(paces());
        let begin = Instant::now();
        let done = (0..1_000).filter_map(|number| pacing.handle_commands(seat(1), ONE, number, begin));
        assert_eq!(done.count(), 101);
        assert_eq!(pacing.handle_commands(seat(2), ONE, 0, begin), Some(0));
        let mut now = begin;
        let mut rest = Vec::new();
        while let Some(due) = pacing.poll_timeout(now) {
            now = now.max(due);
            rest.extend(pacing.poll_commands(now));
        }
        assert_eq!(rest, (101..1_000).collect::<Vec<_>>());
        assert!(now >= begin + Duration::from_secs(44), "20 a second: {:?}", now - begin);
        assert_eq!(pacing.bytes, 0);
    }

    #[test]
    fn p4_a_seat_that_writes_long_messages_says_little_at_once() {
        let (mut pacing, now) = (Pacing::new(SeatPaces::new(&Limits::default())), Instant::now());
        let long = CommandsSize { commands: 8, bytes: 8 * 4_000 };
        let at_once = (0..1_000).filter_map(|_| pacing.handle_commands(seat(1), long, (), now)).count();
        assert!((4..=5).contains(&at_once), "{at_once} frames of 32 kB");
    }

    #[test]
    fn another_link_of_the_seat_is_no_faster_and_bytes_count() {
        let (paces, now) = (paces(), Instant::now());
        let large = CommandsSize { commands: 1, bytes: 10 * 1024 * 1024 };
        assert_eq!(Pacing::new(paces.clone()).handle_commands(seat(1), large, 'a', now), Some('a'));
        let mut pacing = Pacing::new(paces);
        assert_eq!(pacing.handle_commands(seat(1), large, 'b', now), None);
        assert!(pacing.is_full());
        pacing.handle_closed(1);
        assert!(!pacing.is_full() && pacing.poll_timeout(now).is_none());
    }
}
