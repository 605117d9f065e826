//! Commands that come faster than they are decided.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use convene_model::SeatKey;

use super::block::Block;
use super::conference_pace::ConferencePace;
use super::limits::Limits;
use super::pace::Pace;
use super::purse::{Held, Purse};

/// Seats that are counted at the same time, and conferences: more than there are on a server. More
/// of them are not counted.
const SEATS_MAX: usize = 65_536;
const CONFERENCES_MAX: usize = 16_384;
/// Bytes of commands that wait on one link. Where more do, nothing is read from it.
const HELD_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a command that is not long, such as a message of some 450 letters: of these, a
/// conference bears as many as its seats may send. A message as people write them must never be
/// long: it would wait for its turn behind those of all who send long ones without end.
pub(crate) const SHORT_BYTES: usize = 512;

/// The pace of every seat of a server, whatever its link, and of every conference.
#[derive(Debug, Clone)]
pub(crate) struct Paces {
    paces: Arc<Mutex<Owners>>,
    commands: Rate,
    bytes: Rate,
    told_bytes_per_second: u32,
}

#[derive(Debug, Default)]
struct Owners {
    seats: BTreeMap<SeatKey, SeatPace>,
    conferences: BTreeMap<u64, ConferencePace>,
}

/// The pace of one seat: that of its commands, and that of their bytes.
#[derive(Debug, Clone, Copy, Default)]
struct SeatPace {
    commands: Pace,
    bytes: Pace,
}

/// Who sends commands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender {
    /// The daemon's number for the seat.
    pub(crate) index: u32,
    pub(crate) seat: SeatKey,
    /// The number of the task that runs its conference.
    pub(crate) conference: u64,
    /// Links that are told what is said there.
    pub(crate) readers: usize,
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

impl Paces {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            paces: Arc::default(),
            commands: Rate::new(limits.commands_per_second, limits.commands_at_once),
            bytes: Rate::new(limits.command_bytes_per_second, limits.command_bytes_at_once),
            told_bytes_per_second: limits.told_bytes_per_second,
        }
    }

    /// Commands of this seat, which came from this network, are to be decided: when their turn is,
    /// if not now.
    fn reserve(&self, sender: Sender, network: Block, size: CommandsSize, now: Instant) -> Option<Instant> {
        let mut paces = self.paces();
        let (seats, seat) = (&mut paces.seats, sender.seat);
        let own = counted(seats, seat, SEATS_MAX, |seat| seat.is_at_rest(now)).and_then(|seat| {
            let next = seat.commands.next(self.commands.window, now);
            let next = next.max(seat.bytes.next(self.bytes.window, now));
            seat.commands.charge(self.commands.worth(size.commands), now);
            seat.bytes.charge(self.bytes.worth(size.bytes), now);
            next
        });
        if size.long == 0 {
            return own;
        }
        let (conferences, at) = (&mut paces.conferences, sender.conference);
        let conference = counted(conferences, at, CONFERENCES_MAX, |pace| pace.is_at_rest(now));
        let worth = self.told_worth(sender, size);
        own.max(conference.and_then(|pace| pace.reserve(seat, network, worth, now)))
    }

    /// A turn that was given is not used.
    fn give_back(&self, sender: Sender, size: CommandsSize) {
        if let Some(conference) = self.paces().conferences.get_mut(&sender.conference) {
            conference.give_back(self.told_worth(sender, size));
        }
    }

    /// What it is worth to tell everyone in the conference of what is long in these commands.
    fn told_worth(&self, sender: Sender, size: CommandsSize) -> Duration {
        let told = size.long.saturating_mul(sender.readers.max(1));
        Duration::from_secs_f64(told as f64 / f64::from(self.told_bytes_per_second.max(1)))
    }

    fn paces(&self) -> MutexGuard<'_, Owners> {
        self.paces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SeatPace {
    /// Whether it is as that of a seat that was never counted.
    fn is_at_rest(&self, now: Instant) -> bool {
        self.commands.is_at_rest(now) && self.bytes.is_at_rest(now)
    }
}

/// The pace of one owner among so many; `None` where there is no room for it.
fn counted<K: Ord, P: Default>(
    paces: &mut BTreeMap<K, P>,
    owner: K,
    max: usize,
    is_at_rest: impl Fn(&P) -> bool,
) -> Option<&mut P> {
    if paces.len() >= max {
        paces.retain(|_, pace| !is_at_rest(pace));
    }
    (paces.len() < max || paces.contains_key(&owner)).then(|| paces.entry(owner).or_default())
}

/// The size of commands that come together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommandsSize {
    pub(crate) commands: usize,
    pub(crate) bytes: usize,
    /// Those by which each is longer than [`SHORT_BYTES`].
    pub(crate) long: usize,
}

impl CommandsSize {
    /// The size of commands of so many bytes.
    pub(crate) fn of(commands: impl Iterator<Item = usize>) -> Self {
        let none = Self { commands: 0, bytes: 0, long: 0 };
        commands.fold(none, |size, bytes| Self {
            commands: size.commands + 1,
            bytes: size.bytes + bytes,
            long: size.long + bytes.saturating_sub(SHORT_BYTES),
        })
    }
}

/// The commands of one link that wait for their pace. None is refused for it: the credit of the
/// seat is used up meanwhile, so its daemon waits too, and other seats do not notice.
#[derive(Debug)]
pub(crate) struct Pacing<C> {
    paces: Paces,
    /// By the daemon's number for the seat, in the order in which they came.
    waiting: BTreeMap<u32, VecDeque<Waiting<C>>>,
    bytes: usize,
    /// The network that is charged with these bytes, and of what it has its part.
    owner: Block,
    purse: Purse,
    held: Option<Held>,
}

/// The first one of each seat has its turn; the next one gets one then.
#[derive(Debug)]
struct Waiting<C> {
    due: Instant,
    sender: Sender,
    size: CommandsSize,
    commands: C,
}

impl<C> Pacing<C> {
    pub(super) fn new(paces: Paces, purse: Purse, owner: Block) -> Self {
        Self { paces, waiting: BTreeMap::new(), bytes: 0, owner, purse, held: None }
    }

    /// Commands came for a seat: gives them if they may be decided now.
    ///
    /// # Errors
    /// When the network has no more room for what waits. The link takes nothing more and is to end:
    /// its daemon comes back, and sends them again.
    pub(crate) fn handle_commands(
        &mut self,
        sender: Sender,
        size: CommandsSize,
        commands: C,
        now: Instant,
    ) -> Result<Option<C>, NoRoom> {
        let due = if self.waiting.contains_key(&sender.index) {
            // Given when it is the first one.
            now
        } else {
            match self.paces.reserve(sender, self.owner, size, now) {
                Some(due) => due,
                None => return Ok(Some(commands)),
            }
        };
        if !self.hold(self.bytes + size.bytes) {
            if !self.waiting.contains_key(&sender.index) {
                self.paces.give_back(sender, size);
            }
            return Err(NoRoom);
        }
        let waiting = Waiting { due, sender, size, commands };
        self.waiting.entry(sender.index).or_default().push_back(waiting);
        Ok(None)
    }

    /// The seat is closed or asks anew: what waits is not wanted any more, or comes again.
    pub(crate) fn handle_closed(&mut self, index: u32) {
        let dropped = self.waiting.remove(&index).unwrap_or_default();
        if let Some(first) = dropped.front() {
            self.paces.give_back(first.sender, first.size);
        }
        self.hold(self.bytes - dropped.iter().map(|waiting| waiting.size.bytes).sum::<usize>());
    }

    /// Whether nothing more is to be read from the link. It has room for a frame of which a part
    /// was read before.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes > HELD_BYTES_MAX || (self.bytes > 0 && self.purse.is_scarce(self.owner))
    }

    /// The next commands whose time has come.
    pub(crate) fn poll_commands(&mut self, now: Instant) -> Option<C> {
        let mut firsts = self.waiting.values().filter_map(VecDeque::front);
        let index = firsts.find(|first| first.due <= now)?.sender.index;
        let waiting = self.waiting.get_mut(&index)?;
        let Waiting { size, commands, .. } = waiting.pop_front()?;
        match waiting.front_mut() {
            Some(next) => {
                next.due = self.paces.reserve(next.sender, self.owner, next.size, now).unwrap_or(now);
            }
            None => drop(self.waiting.remove(&index)),
        }
        self.hold(self.bytes - size.bytes);
        Some(commands)
    }

    /// When [`Pacing::poll_commands`] gives something.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.waiting.values().filter_map(VecDeque::front).map(|first| first.due).min()
    }

    /// Holds so much from now on. `false` where the network may not, and nothing changes.
    fn hold(&mut self, bytes: usize) -> bool {
        let may = match &mut self.held {
            Some(held) => held.set(bytes),
            None => {
                self.held = self.purse.take(self.owner, bytes);
                self.held.is_some()
            }
        };
        if may {
            self.bytes = bytes;
        }
        may
    }
}

impl<C> Drop for Pacing<C> {
    fn drop(&mut self) {
        for first in self.waiting.values().filter_map(VecDeque::front) {
            self.paces.give_back(first.sender, first.size);
        }
    }
}

/// The network has no more room for commands that wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoRoom;

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use convene_model::ShareLimit;

    use super::*;

    const ONE: CommandsSize = CommandsSize { commands: 1, bytes: 100, long: 0 };
    const LONG: CommandsSize = CommandsSize { commands: 8, bytes: 8 * 4_000, long: 8 * 3_744 };
    const ROOM: ShareLimit = ShareLimit { whole: 100 * 1024 * 1024, each: 50 * 1024 * 1024 };

    fn limits() -> Limits {
        Limits { commands_per_second: 20, commands_at_once: 100, ..Limits::default() }
    }

    fn pacing<C>(paces: Paces) -> Pacing<C> {
        Pacing::new(paces, Purse::new(ROOM), Block::of(IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }

    fn sender(number: u8) -> Sender {
        Sender { index: number.into(), seat: SeatKey([number; 32]), conference: 1, readers: 100 }
    }

    /// How many times such commands of this sender are decided without waiting.
    fn at_once(pacing: &mut Pacing<()>, sender: Sender, size: CommandsSize, now: Instant) -> usize {
        (0..1_000).filter(|_| pacing.handle_commands(sender, size, (), now) == Ok(Some(()))).count()
    }

    #[test]
    fn twenty_commands_a_second_are_never_delayed() {
        let mut pacing = pacing(Paces::new(&limits()));
        let begin = Instant::now();
        for number in 0..10_000 {
            let now = begin + number * Duration::from_millis(50);
            assert_eq!(pacing.handle_commands(sender(1), ONE, number, now), Ok(Some(number)));
        }
    }

    #[test]
    fn more_waits_in_its_order_and_other_seats_do_not_notice() {
        let mut pacing = pacing(Paces::new(&limits()));
        let begin = Instant::now();
        let mut send = |number| pacing.handle_commands(sender(1), ONE, number, begin).unwrap();
        assert_eq!((0..1_000).filter_map(&mut send).count(), 101);
        assert_eq!(pacing.handle_commands(sender(2), ONE, 0, begin), Ok(Some(0)));
        let mut now = begin;
        let mut rest = Vec::new();
        while let Some(due) = pacing.poll_timeout() {
            now = now.max(due);
            rest.extend(pacing.poll_commands(now));
        }
        assert_eq!(rest, (101..1_000).collect::<Vec<_>>());
        assert!(now >= begin + Duration::from_secs(44), "20 a second: {:?}", now - begin);
        assert_eq!(pacing.bytes, 0);
    }

    #[test]
    fn p4_a_seat_that_writes_long_messages_says_little_at_once() {
        let mut pacing = pacing(Paces::new(&Limits::default()));
        let alone = Sender { readers: 1, ..sender(1) };
        let frames = at_once(&mut pacing, alone, LONG, Instant::now());
        assert!((4..=5).contains(&frames), "{frames} frames of 32 kB");
    }

    #[test]
    fn p4_long_messages_of_many_wait_for_those_who_are_told_and_short_ones_do_not() {
        let (mut pacing, begin) = (pacing(Paces::new(&Limits::default())), Instant::now());
        let frames: usize = (1..=60).map(|seat| at_once(&mut pacing, sender(seat), LONG, begin)).sum();
        // 100 readers, who are told 3 MB of each: 4 MiB at once, and the parts of the first ones.
        assert!((5..=12).contains(&frames), "{frames}");
        for number in 0..100 {
            let now = begin + number * Duration::from_millis(20);
            assert_eq!(pacing.handle_commands(sender(99), ONE, (), now), Ok(Some(())), "{number}");
        }
        let elsewhere = Sender { conference: 2, readers: 1, ..sender(100) };
        assert_eq!(at_once(&mut pacing, elsewhere, LONG, begin), 5);
        let (mut now, mut rest) = (begin, 0);
        while let Some(due) = pacing.poll_timeout() {
            now = now.max(due);
            rest += usize::from(pacing.poll_commands(now).is_some());
        }
        // Each frame is as much as is told in 180 ms. What waits elsewhere waits for its seat.
        assert!(rest > 500 && now > begin + Duration::from_secs(100), "{rest} in {:?}", now - begin);
    }

    #[test]
    fn commands_are_long_by_what_is_above_a_short_one() {
        let size = CommandsSize::of([100, SHORT_BYTES, SHORT_BYTES + 7].into_iter());
        assert_eq!((size.commands, size.bytes, size.long), (3, 2 * SHORT_BYTES + 107, 7));
    }

    #[test]
    fn another_link_of_the_seat_is_no_faster_and_bytes_count() {
        let (paces, now) = (Paces::new(&limits()), Instant::now());
        let large = CommandsSize { commands: 1, bytes: 10 * 1024 * 1024, long: 0 };
        assert_eq!(pacing(paces.clone()).handle_commands(sender(1), large, 'a', now), Ok(Some('a')));
        let mut pacing = pacing(paces);
        assert_eq!(pacing.handle_commands(sender(1), large, 'b', now), Ok(None));
        assert!(pacing.is_full());
        pacing.handle_closed(1);
        assert!(!pacing.is_full() && pacing.poll_timeout().is_none());
    }

    #[test]
    fn nothing_is_read_where_something_waits_and_little_room_is_left_for_it() {
        let (paces, now) = (Paces::new(&limits()), Instant::now());
        let (purse, owner) = (Purse::new(ROOM), Block::of(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let _others = purse.take(owner, ROOM.each / 2).unwrap();
        let mut pacing = Pacing::new(paces, purse, owner);
        let sent: usize =
            (0..102).filter(|_| pacing.handle_commands(sender(1), ONE, (), now) == Ok(None)).count();
        assert!(sent == 1 && pacing.is_full());
        let due = pacing.poll_timeout().unwrap();
        assert!(pacing.poll_commands(due).is_some() && !pacing.is_full());
    }

    #[test]
    fn what_waits_is_charged_to_the_network_and_given_back() {
        let (paces, now) = (Paces::new(&limits()), Instant::now());
        let (purse, owner) = (Purse::new(ROOM), Block::of(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let large = CommandsSize { commands: 1, bytes: 30 * 1024 * 1024, long: 0 };
        let mut pacing = Pacing::new(paces.clone(), purse.clone(), owner);
        assert_eq!(pacing.handle_commands(sender(1), large, 'a', now), Ok(Some('a')));
        assert_eq!(pacing.handle_commands(sender(1), large, 'b', now), Ok(None));
        let mut other = Pacing::new(paces, purse, owner);
        assert_eq!(other.handle_commands(sender(1), large, 'c', now), Err(NoRoom));
        drop(pacing);
        assert_eq!(other.handle_commands(sender(1), large, 'c', now), Ok(None));
    }
}
