//! A disk that loses its power: which of the writes that were not synced it may hold all the same.
//!
//! A process that is killed cannot choose at that moment, so the choice is made when it writes: a
//! write that survives goes to the real file at once. The file then holds, at each moment, what a
//! power cut might have left.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::iter;
use std::ops::Range;
use std::str::FromStr;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// The least that a disk writes.
const SECTOR_BYTES: usize = 512;

/// A liberty that a disk takes with what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Liberty {
    /// The first writes behind a sync may be there.
    Keep,
    /// As `Keep`, down to single sectors of 512 bytes: of a write, a beginning may be there.
    Tear,
    /// Any writes behind a sync may be there, and earlier ones not; with `Tear`, any sectors.
    Reorder,
    /// A deleted file is there again, as it was last synced, unless its directory was synced too.
    Forget,
}

/// A disk: the liberties that it takes, and the seed of its choices. It is written as a number and
/// words, such as `7,tear,forget`; the words are `keep`, `tear`, `reorder` and `forget`. A number
/// alone is a disk that loses everything that was not synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disk {
    seed: u64,
    liberties: BTreeSet<Liberty>,
}

impl FromStr for Disk {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split(',');
        let seed = words.next().and_then(|seed| seed.parse().ok()).ok_or(())?;
        let liberty = |word| match word {
            "keep" => Ok(Liberty::Keep),
            "tear" => Ok(Liberty::Tear),
            "reorder" => Ok(Liberty::Reorder),
            "forget" => Ok(Liberty::Forget),
            _ => Err(()),
        };
        Ok(Self { seed, liberties: words.map(liberty).collect::<Result<_, _>>()? })
    }
}

impl Disk {
    /// Whether a delete is undone unless the directory is synced behind it.
    pub(crate) fn forgets(&self) -> bool {
        self.liberties.contains(&Liberty::Forget)
    }

    /// The choices for one file. The same seed makes the same choices for a file of the same name
    /// and content; as the content differs after each kill, so do they.
    pub(crate) fn luck(&self, name: &[u8], content: &[u8]) -> Luck {
        let mut hasher = DefaultHasher::new();
        (self.seed, name, content).hash(&mut hasher);
        Luck { disk: self.clone(), rng: StdRng::seed_from_u64(hasher.finish()), is_keeping: true }
    }
}

/// The choices for the writes to one file.
#[derive(Debug)]
pub(crate) struct Luck {
    disk: Disk,
    rng: StdRng,
    /// Whether everything since the last sync survives so far.
    is_keeping: bool,
}

impl Luck {
    /// The pieces of a write that survive a power cut without a sync.
    pub(crate) fn written(&mut self, at: usize, length: usize) -> Vec<Range<usize>> {
        let unit = if self.takes(Liberty::Tear) { SECTOR_BYTES } else { usize::MAX };
        pieces(at, at + length, unit).filter(|_| self.survives()).collect()
    }

    /// Whether a cut survives a power cut without a sync.
    pub(crate) fn truncated(&mut self) -> bool {
        self.survives()
    }

    /// The writes that come now are behind a sync.
    pub(crate) fn synced(&mut self) {
        self.is_keeping = true;
    }

    fn takes(&self, liberty: Liberty) -> bool {
        self.disk.liberties.contains(&liberty)
    }

    fn survives(&mut self) -> bool {
        if self.takes(Liberty::Reorder) {
            return self.rng.random_ratio(1, 2);
        }
        if !self.takes(Liberty::Keep) && !self.takes(Liberty::Tear) {
            return false;
        }
        self.is_keeping = self.is_keeping && self.rng.random_ratio(15, 16);
        self.is_keeping
    }
}

/// A span, cut where a multiple of `unit` lies in it.
fn pieces(start: usize, end: usize, unit: usize) -> impl Iterator<Item = Range<usize>> {
    let next = move |start: usize| (start / unit + 1).saturating_mul(unit).min(end);
    let starts = iter::successors(Some(start), move |start| Some(next(*start)));
    starts.take_while(move |start| *start < end).map(move |start| start..next(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces that survive of ten writes of 1,000 bytes each, and of ten more behind a sync.
    fn survivors(disk: &str) -> [Vec<Range<usize>>; 2] {
        let mut luck = disk.parse::<Disk>().unwrap().luck(b"file", b"");
        [0, 10].map(|first| {
            luck.synced();
            (first..first + 10).flat_map(|number| luck.written(number * 1_000, 1_000)).collect()
        })
    }

    /// Over many seeds.
    fn any(liberties: &str, holds: impl Fn(&[Range<usize>]) -> bool) -> bool {
        (0..50).flat_map(|seed| survivors(&format!("{seed}{liberties}"))).any(|some| holds(&some))
    }

    /// Whether they are all writes from the first on, up to some write.
    fn is_beginning(some: &[Range<usize>]) -> bool {
        some.iter().zip(some.iter().skip(1)).all(|(one, next)| one.end == next.start)
            && some.first().is_none_or(|first| first.start.is_multiple_of(10_000))
    }

    fn is_whole(piece: &Range<usize>) -> bool {
        piece.start.is_multiple_of(1_000) && piece.len() == 1_000
    }

    #[test]
    fn a_seed_alone_keeps_nothing() {
        assert!(!any("", |some| !some.is_empty()));
    }

    #[test]
    fn a_beginning_of_the_writes_is_kept() {
        assert!(!any(",keep", |some| !is_beginning(some) || !some.iter().all(is_whole)));
        assert!(any(",keep", |some| !some.is_empty() && some.len() < 10));
    }

    #[test]
    fn writes_are_torn_between_sectors() {
        assert!(!any(",tear", |some| !is_beginning(some)));
        let is_torn = |end: usize| !end.is_multiple_of(1_000) && end.is_multiple_of(SECTOR_BYTES);
        assert!(any(",tear", |some| some.last().is_some_and(|last| is_torn(last.end))));
    }

    #[test]
    fn later_writes_are_kept_without_earlier_ones() {
        assert!(!any(",reorder", |some| !some.iter().all(is_whole)));
        assert!(any(",reorder", |some| !is_beginning(some)));
        assert!(any(",tear,reorder", |some| !is_beginning(some) && !some.iter().all(is_whole)));
    }

    #[test]
    fn the_same_seed_and_file_have_the_same_luck() {
        assert_eq!(survivors("7,tear,reorder"), survivors("7,tear,reorder"));
        assert_ne!(survivors("7,tear,reorder"), survivors("8,tear,reorder"));
        let disk: Disk = "7,reorder".parse().unwrap();
        let kept = |name, content| {
            let mut luck = disk.luck(name, content);
            (0..50).filter(|_| luck.truncated()).count()
        };
        assert_ne!(kept(b"file", b""), kept(b"file", b"after a kill"));
    }

    #[test]
    fn a_disk_that_is_not_understood_is_refused() {
        for text in ["", "keep", "1,", "1,lose", "-1"] {
            assert!(text.parse::<Disk>().is_err(), "{text}");
        }
        assert!("7,keep,forget".parse::<Disk>().unwrap().forgets());
        assert!(!"7".parse::<Disk>().unwrap().forgets());
    }
}
