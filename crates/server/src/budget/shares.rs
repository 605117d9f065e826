//! Places or bytes that many owners share.

use std::collections::BTreeMap;

/// The size of something that is shared, and of the part that one owner may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) whole: usize,
    pub(crate) each: usize,
}

/// The amounts that each owner holds.
///
/// No owner holds more than `each`, nor more than is left free when it takes: one alone has a half,
/// two have a third each. So there is always room for the next one, whatever the others do.
#[derive(Debug)]
pub(super) struct Shares<O> {
    share: Share,
    held: BTreeMap<O, usize>,
    total: usize,
}

impl<O: Ord + Copy> Shares<O> {
    pub(super) fn new(share: Share) -> Self {
        Self { share, held: BTreeMap::new(), total: 0 }
    }

    /// Charges the owner; whether that is within its part. Where it is not, nothing changes.
    pub(super) fn take(&mut self, owner: O, amount: usize) -> bool {
        let held = self.held.get(&owner).copied().unwrap_or_default();
        let free = self.share.whole.saturating_sub(self.total);
        let after = held.saturating_add(amount);
        let may = amount == 0 || after <= self.share.each.min(free);
        if may && amount > 0 {
            self.held.insert(owner, after);
            self.total += amount;
        }
        may
    }

    /// The owner holds so much less. An owner that holds nothing is forgotten.
    pub(super) fn give_back(&mut self, owner: O, amount: usize) {
        let held = self.held.get(&owner).copied().unwrap_or_default();
        let given = amount.min(held);
        self.total -= given;
        if held == given {
            self.held.remove(&owner);
        } else {
            self.held.insert(owner, held - given);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes until there is no more; the amount that was had.
    fn taken(shares: &mut Shares<u8>, owner: u8) -> usize {
        std::iter::from_fn(|| shares.take(owner, 1).then_some(())).count()
    }

    #[test]
    fn whoever_takes_all_that_it_can_leaves_room_for_the_next_one() {
        let mut shares = Shares::new(Share { whole: 1_000, each: 1_000 });
        assert_eq!([1, 2, 3].map(|owner| taken(&mut shares, owner)), [500, 250, 125]);
        assert!((10..16).all(|owner| shares.take(owner, 1)));
    }

    #[test]
    fn an_owner_has_its_own_limit_and_gets_back_what_it_gave() {
        let mut shares = Shares::new(Share { whole: 1_000, each: 10 });
        assert!(shares.take(1, 10) && !shares.take(1, 1) && shares.take(1, 0), "nothing is always had");
        shares.give_back(1, 4);
        assert!(!shares.take(1, 5) && shares.take(1, 4));
        shares.give_back(1, 10);
        assert!(shares.held.is_empty() && shares.total == 0, "who holds nothing is forgotten");
        shares.give_back(1, 10);
        assert_eq!(shares.total, 0);
    }
}
