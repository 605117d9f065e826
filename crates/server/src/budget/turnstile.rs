//! Places in which nobody is to stay, and from which the oldest has to go when they are full.

use std::collections::BTreeMap;

/// Those who are let in for a moment, each with a token by which it can be sent away.
///
/// What counts is the time that somebody stays: anyone is let in, and the oldest silent one of the
/// fullest owner goes for it. So an owner that comes often and stays takes places of its own.
#[derive(Debug)]
pub(super) struct Turnstile<O, T> {
    places: usize,
    each: usize,
    /// In the order in which they came.
    inside: BTreeMap<u64, Guest<O, T>>,
    of_each: BTreeMap<O, usize>,
    next: u64,
}

#[derive(Debug)]
struct Guest<O, T> {
    owner: O,
    is_silent: bool,
    token: T,
}

impl<O: Ord + Copy, T> Turnstile<O, T> {
    pub(super) fn new(places: usize, each: usize) -> Self {
        Self { places, each, inside: BTreeMap::new(), of_each: BTreeMap::new(), next: 0 }
    }

    /// Lets somebody in. Gives its number, and the token of the one that has to go for it.
    pub(super) fn enter(&mut self, owner: O, token: T) -> (u64, Option<T>) {
        let sent_away = if self.of(owner) >= self.each {
            self.oldest(|one| one == owner)
        } else if self.inside.len() >= self.places {
            let weight = |one: O| self.of(one) + usize::from(one == owner);
            let heaviest = self.of_each.keys().map(|one| weight(*one)).max();
            self.oldest(|one| Some(weight(one)) == heaviest)
        } else {
            None
        };
        let sent_away = sent_away.and_then(|number| self.leave(number));
        let number = self.next;
        self.next += 1;
        self.inside.insert(number, Guest { owner, is_silent: true, token });
        *self.of_each.entry(owner).or_insert(0) += 1;
        (number, sent_away)
    }

    /// The one of this number has said something.
    pub(super) fn spoke(&mut self, number: u64) {
        if let Some(guest) = self.inside.get_mut(&number) {
            guest.is_silent = false;
        }
    }

    /// The one of this number goes. Gives its token, unless it has gone before.
    pub(super) fn leave(&mut self, number: u64) -> Option<T> {
        let Guest { owner, token, .. } = self.inside.remove(&number)?;
        if let Some(count) = self.of_each.get_mut(&owner) {
            *count -= 1;
            if *count == 0 {
                self.of_each.remove(&owner);
            }
        }
        Some(token)
    }

    fn of(&self, owner: O) -> usize {
        self.of_each.get(&owner).copied().unwrap_or_default()
    }

    /// The one of these owners that is silent and came first, or else that came first.
    fn oldest(&self, of: impl Fn(O) -> bool) -> Option<u64> {
        let among = self.inside.iter().filter(|(_, guest)| of(guest.owner));
        among.min_by_key(|(number, guest)| (!guest.is_silent, **number)).map(|(number, _)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_comes_often_and_stays_sends_away_its_own() {
        let mut turnstile = Turnstile::new(100, 50);
        let (other, nobody) = turnstile.enter("other", 0);
        assert_eq!(nobody, None);
        let sent_away: Vec<u32> =
            (1..=10_000).filter_map(|number| turnstile.enter("flood", number).1).collect();
        assert_eq!(sent_away, (1..=9_950).collect::<Vec<_>>());
        assert_eq!(turnstile.leave(other), Some(0));
    }

    #[test]
    fn among_many_owners_the_oldest_silent_one_of_the_fullest_goes() {
        let mut turnstile = Turnstile::new(4, 4);
        let first = turnstile.enter(1, "a").0;
        turnstile.enter(1, "b");
        turnstile.enter(2, "c");
        turnstile.enter(3, "d");
        turnstile.spoke(first);
        assert_eq!(turnstile.enter(4, "e").1, Some("b"));
        assert_eq!(turnstile.enter(5, "f").1, Some("c"), "all are alike, and this one is silent");
        assert_eq!(turnstile.enter(3, "g").1, Some("d"));
        assert_eq!(turnstile.leave(first), Some("a"));
        assert_eq!(turnstile.leave(first), None);
        assert_eq!(turnstile.enter(9, "h").1, None);
    }
}
