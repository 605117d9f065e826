//! Shares of networks, among tasks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use convene_model::{ShareLimit, Shares};

use super::block::Block;

/// Something of which networks have their part.
#[derive(Debug, Clone)]
pub(crate) struct Purse(Arc<Mutex<Shares<Block>>>);

impl Purse {
    pub(crate) fn new(limit: ShareLimit) -> Self {
        Self(Arc::new(Mutex::new(Shares::new(limit))))
    }

    /// Charges the network for as long as what this gives lives. `None` where its part is used up.
    pub(crate) fn take(&self, owner: Block, amount: usize) -> Option<Held> {
        self.shares().take(&owner, amount).then(|| Held { purse: self.clone(), owner, amount })
    }

    /// Whether the network holds more than half of its part.
    pub(crate) fn is_scarce(&self, owner: Block) -> bool {
        self.shares().is_scarce(&owner)
    }

    fn shares(&self) -> MutexGuard<'_, Shares<Block>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An amount that a network is charged with. It is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    purse: Purse,
    owner: Block,
    amount: usize,
}

impl Held {
    /// Holds so much from now on. `false` where that is more than the part of the network, and
    /// nothing changes.
    pub(crate) fn set(&mut self, amount: usize) -> bool {
        let mut shares = self.purse.shares();
        if amount > self.amount {
            if !shares.take(&self.owner, amount - self.amount) {
                return false;
            }
        } else {
            shares.give_back(&self.owner, self.amount - amount);
        }
        drop(shares);
        self.amount = amount;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.purse.shares().give_back(&self.owner, self.amount);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    #[test]
    fn what_is_held_is_given_back_with_its_holder() {
        let purse = Purse::new(ShareLimit { whole: 100, each: 50 });
        let owner = Block::of(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let mut held = purse.take(owner, 40).unwrap();
        assert!(purse.take(owner, 11).is_none());
        assert!(held.set(50) && !held.set(51) && held.set(10));
        drop(held);
        assert!(purse.take(owner, 50).is_some());
    }
}
