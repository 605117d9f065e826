//! Places, bytes or other things that many owners share.

use std::collections::BTreeMap;

/// The most of something that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareLimit {
    /// By all together.
    pub whole: usize,
    /// By one of them.
    pub each: usize,
}

impl ShareLimit {
    /// Whether one may hold so much while the others hold that: no more than its limit, nor than
    /// stays free beside it. One alone has a half, two have a third each, so there is always room
    /// for the next one, whatever the others do.
    pub fn allows(self, own: usize, others: usize) -> bool {
        own <= self.most(others)
    }

    /// How much more one may hold that holds so much while the others hold that.
    pub fn room(self, own: usize, others: usize) -> usize {
        self.most(others).saturating_sub(own)
    }

    fn most(self, others: usize) -> usize {
        self.each.min(self.whole.saturating_sub(others) / 2)
    }
}

/// The amounts that each owner holds, within a limit.
#[derive(Debug)]
pub struct Shares<O> {
    limit: ShareLimit,
    held: BTreeMap<O, usize>,
    total: usize,
}

impl<O: Ord + Clone> Shares<O> {
    /// Nobody holds anything yet.
    pub fn new(limit: ShareLimit) -> Self {
        Self { limit, held: BTreeMap::new(), total: 0 }
    }

    /// The owner holds so much more, if that is within the limit. Where it is not, nothing changes;
    /// nothing more is always had.
    pub fn take(&mut self, owner: &O, amount: usize) -> bool {
        if amount == 0 {
            return true;
        }
        let held = self.held.get(owner).copied().unwrap_or_default();
        let after = held.saturating_add(amount);
        let may = self.limit.allows(after, self.total - held);
        if may {
            self.held.insert(owner.clone(), after);
            self.total += amount;
        }
        may
    }

    /// The owner holds so much less. An owner that holds nothing is forgotten.
    pub fn give_back(&mut self, owner: &O, amount: usize) {
        let Some(held) = self.held.get_mut(owner) else { return };
        let given = amount.min(*held);
        *held -= given;
        self.total -= given;
        if *held == 0 {
            self.held.remove(owner);
        }
    }

    /// Whether the owner holds more than half of what it may.
    pub fn is_scarce(&self, owner: &O) -> bool {
        let held = self.held.get(owner).copied().unwrap_or_default();
        held > self.limit.most(self.total - held) / 2
    }

    /// The sum of all owners.
    pub fn total(&self) -> usize {
        self.total
    }

    /// The number of owners that hold something.
    pub fn owners(&self) -> usize {
        self.held.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_scarce_beyond_the_half() {
        let mut shares = Shares::new(ShareLimit { whole: 100, each: 40 });
        assert!(shares.take(&1, 20) && !shares.is_scarce(&1));
        assert!(shares.take(&1, 1) && shares.is_scarce(&1) && !shares.is_scarce(&2));
    }

    /// Takes until there is no more; the amount that was had.
    fn taken(shares: &mut Shares<u8>, owner: u8) -> usize {
        std::iter::from_fn(|| shares.take(&owner, 1).then_some(())).count()
    }

    #[test]
    fn whoever_takes_all_that_it_can_leaves_room_for_the_next_one() {
        let mut shares = Shares::new(ShareLimit { whole: 1_000, each: 1_000 });
        assert_eq!([1, 2, 3].map(|owner| taken(&mut shares, owner)), [500, 250, 125]);
        assert!((10..16).all(|owner| shares.take(&owner, 1)));
        assert_eq!((shares.total(), shares.owners()), (881, 9));
    }

    #[test]
    fn the_room_of_one_is_what_it_may_still_take() {
        let limit = ShareLimit { whole: 1_000, each: 300 };
        for (own, others) in [(0, 0), (299, 0), (300, 0), (400, 0), (0, 600), (150, 700), (1, 2_000)] {
            let room = limit.room(own, others);
            assert!(!limit.allows(own + room + 1, others), "{own} of {others}");
            assert!(room == 0 || limit.allows(own + room, others), "{own} of {others}");
        }
        assert_eq!(limit.room(100, 700), 50);
    }

    #[test]
    fn an_owner_has_its_own_limit_and_gets_back_what_it_gave() {
        let mut shares = Shares::new(ShareLimit { whole: 1_000, each: 10 });
        assert!(shares.take(&1, 10) && !shares.take(&1, 1) && shares.take(&1, 0), "nothing is always had");
        shares.give_back(&1, 4);
        assert!(!shares.take(&1, 5) && shares.take(&1, 4));
        shares.give_back(&1, 10);
        assert_eq!((shares.total(), shares.owners()), (0, 0), "who holds nothing is forgotten");
        shares.give_back(&1, 10);
        assert_eq!(shares.total(), 0);
    }
}
