//! Places for connections and links, the scarce end of which is for those who have proved a seat.

use convene_model::ShareLimit;

use super::block::Block;
use super::purse::{Held, Purse};

/// The part of all places that newcomers leave free: a quarter.
const KEPT_FREE: usize = 4;

/// The places of a server's connections, or of its links.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    all: Purse,
    newcomers: Purse,
}

impl Places {
    /// So many places, of which one network may have `each`.
    pub(crate) fn new(places: usize, each: usize) -> Self {
        let newcomers = places - places / KEPT_FREE;
        Self {
            all: Purse::new(ShareLimit { whole: places, each }),
            newcomers: Purse::new(ShareLimit { whole: newcomers, each }),
        }
    }

    /// A place for one that has proved nothing. `None` where there is none for its network.
    pub(crate) fn enter(&self, owner: Block) -> Option<Place> {
        let newcomer = self.newcomers.take(owner, 1)?;
        Some(Place { _place: self.all.take(owner, 1)?, newcomer: Some(newcomer) })
    }
}

/// The place of one connection or link. It is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _place: Held,
    newcomer: Option<Held>,
}

impl Place {
    /// It carries a seat that is open: it is no newcomer any more.
    pub(crate) fn prove(&mut self) {
        self.newcomer = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(number: u8) -> Block {
        Block::of([10, 0, number, 1].into())
    }

    #[test]
    fn newcomers_leave_a_quarter_to_those_who_have_proved_a_seat() {
        let places = Places::new(100, 100);
        let mut held: Vec<Place> = Vec::new();
        for number in 0..100 {
            held.extend(std::iter::from_fn(|| places.enter(block(number))));
        }
        assert!(held.len() <= 75, "{} newcomers", held.len());
        assert!(places.enter(block(200)).is_none());
        held.iter_mut().take(10).for_each(Place::prove);
        assert!(places.enter(block(200)).is_some());
        drop(held);
        assert!(places.enter(block(0)).is_some());
    }
}
